"use strict";
(() => {
  const links = [...document.querySelectorAll("a.zoom")];
  const viewer = document.getElementById("viewer");
  const large = viewer.querySelector("img");
  let at = 0;
  const gone = (link) => {
    // The rules changed while the page was open: the place stays, the picture does not.
    if (viewer.open && links[at] === link) viewer.close();
    link.closest(".ph").replaceChildren(document.getElementById("gone").content.cloneNode(true));
    links.splice(links.indexOf(link), 1);
    if (!links.length) location.reload();
  };
  // An answer that is over is asked for once somebody looks: a forgotten tab does not open links by itself.
  const over = () => {
    if (document.visibilityState === "visible") location.reload();
    else document.addEventListener("visibilitychange", () => location.reload(), { once: true });
  };
  const show = (index) => {
    at = (index + links.length) % links.length;
    const link = links[at];
    large.src = link.dataset.large;
    large.alt = link.querySelector("img").alt;
    if (!viewer.open) viewer.showModal();
  };
  for (const link of links) {
    link.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey) return;
      event.preventDefault();
      show(links.indexOf(link));
    });
    link.querySelector("img").addEventListener("error", () => gone(link));
  }
  large.addEventListener("error", () => { viewer.close(); location.reload(); });
  for (const button of viewer.querySelectorAll(".step")) {
    button.addEventListener("click", () => show(at + Number(button.dataset.step)));
  }
  viewer.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") show(at - 1);
    if (event.key === "ArrowRight") show(at + 1);
  });
  viewer.addEventListener("click", (event) => { if (event.target === viewer) viewer.close(); });
  let touched = 0;
  viewer.addEventListener("touchstart", (event) => { touched = event.touches[0].clientX; }, { passive: true });
  viewer.addEventListener("touchend", (event) => {
    const moved = event.changedTouches[0].clientX - touched;
    if (Math.abs(moved) > 48) show(at + (moved < 0 ? 1 : -1));
  }, { passive: true });
  viewer.addEventListener("close", () => { large.removeAttribute("src"); });
  const news = new EventSource("news");
  news.addEventListener("message", (event) => {
    const shown = new Set(JSON.parse(event.data));
    const names = new Set([...shown].map((look) => look.split(".")[0]));
    for (const link of links.filter((one) => !shown.has(one.dataset.look))) {
      gone(link);
      // It looks otherwise: others are made unrecognisable on it by now.
      if (names.has(link.dataset.look.split(".")[0])) over();
    }
  });
  news.addEventListener("over", () => { news.close(); over(); });
  // A page that comes back from the browser's memory is old: what it shows is asked for again.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
})();

"use strict";
(() => {
  const AT_ONCE = 2;
  const words = Object.fromEntries([...document.getElementById("words").content.querySelectorAll("[data-word]")].map((one) => [one.dataset.word, one.textContent]));
  const list = document.getElementById("sent");
  const drop = document.getElementById("drop");
  const queue = [];
  let busy = 0;
  const say = (row, state) => {
    row.dataset.state = state;
    row.querySelector(".how").textContent = words[state] || words.again;
  };
  const send = ({ file, row }) => {
    busy += 1;
    say(row, "sending");
    const request = new XMLHttpRequest();
    const bar = row.querySelector("progress");
    request.upload.addEventListener("progress", (event) => { bar.value = event.lengthComputable ? (100 * event.loaded) / event.total : 0; });
    request.addEventListener("loadend", () => {
      busy -= 1;
      if (request.status === 204) {
        bar.value = 100;
        say(row, "done");
      } else {
        say(row, `status_${request.status}`);
        if (request.status === 410 || request.status === 404) queue.splice(0).forEach((one) => say(one.row, "status_410"));
      }
      next();
    });
    request.open("PUT", `files?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.send(file);
  };
  const next = () => {
    while (busy < AT_ONCE && queue.length) send(queue.shift());
  };
  const add = (files) => {
    for (const file of files) {
      const row = document.getElementById("row").content.cloneNode(true).firstElementChild;
      row.querySelector(".name").textContent = file.name;
      row.querySelector("progress").setAttribute("aria-label", file.name);
      list.append(row);
      // What says of itself that it is something else is not sent: it would take the place of a photo until it is refused. Phones say
      // nothing, or no more than "bytes", of kinds they do not know.
      if (file.type && file.type !== "application/octet-stream" && !file.type.startsWith("image/")) {
        say(row, "status_415");
        continue;
      }
      say(row, "waiting");
      queue.push({ file, row });
    }
    next();
  };
  const input = document.getElementById("files");
  input.addEventListener("change", () => { add(input.files); input.value = ""; });
  for (const kind of ["dragenter", "dragover"]) addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
  for (const kind of ["dragleave", "drop"]) addEventListener(kind, (event) => { event.preventDefault(); drop.classList.remove("over"); });
  addEventListener("drop", (event) => add(event.dataTransfer.files));
  addEventListener("beforeunload", (event) => { if (busy || queue.length) event.preventDefault(); });
})();

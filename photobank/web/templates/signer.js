// The signer's pages work without this, but for the selfie. With it: a signature drawn with a finger, a count of what is ticked.
(() => {
  const SIDE = 1600;

  // A picture as large as it needs to be, without what the camera wrote into it; as it is where the browser cannot read it.
  async function smaller(file) {
    try {
      const bitmap = await createImageBitmap(file);
      const factor = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(bitmap.width * factor);
      canvas.height = Math.round(bitmap.height * factor);
      canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      return (await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9))) || file;
    } catch {
      return file;
    }
  }

  function selfie(box) {
    const input = box.querySelector("input[type=file]"), said = box.querySelector("[aria-live]"), words = box.dataset;
    box.hidden = false;
    const tell = (text, wrong) => {
      said.textContent = text;
      said.classList.toggle("wrong", wrong);
    };
    input.addEventListener("change", async () => {
      const [file] = input.files;
      if (!file) return;
      box.setAttribute("aria-busy", "true");
      tell(words.busy, false);
      try {
        const body = await smaller(file);
        const answer = await fetch(words.to, { method: "POST", body, headers: { "X-Form-Token": words.selfie } });
        if (answer.status === 204) return location.assign(words.done);
        tell(answer.status === 422 ? await answer.text() : words[answer.status] || words.other, true);
      } catch {
        tell(words.other, true);
      }
      box.removeAttribute("aria-busy");
      input.value = "";
    });
  }

  document.querySelector("[data-focus]")?.focus();

  const taking = document.querySelector("[data-selfie]");
  if (taking) selfie(taking);
  const form = document.getElementById("sign");
  if (!form) return;
  // On a tablet that staff hand over nothing but this page is to be seen.
  if ("kiosk" in form.dataset) addEventListener("click", () => document.documentElement.requestFullscreen?.().catch(() => {}), { once: true });
  const part = (name) => form.querySelector(`[data-${name}]`);
  const [pad, canvas, tip, clear, drawn, typed, modes, count] =
    ["pad", "canvas", "tip", "clear", "drawn", "typed", "drawing", "count"].map(part);
  const WIDTH = canvas.width, HEIGHT = canvas.height;
  let lines = [], line = null, drawing = true;
  try { lines = JSON.parse(drawn.value || "[]"); } catch { /* nothing that can be drawn */ }

  function draw() {
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, WIDTH, HEIGHT);
    Object.assign(pen, { strokeStyle: getComputedStyle(canvas).color, lineWidth: 4, lineCap: "round", lineJoin: "round" });
    for (const one of lines) {
      pen.beginPath();
      one.forEach(([x, y], at) => (at ? pen.lineTo(x, y) : pen.moveTo(x, y)));
      pen.stroke();
    }
    tip.hidden = lines.length > 0;
    clear.hidden = !lines.length;
    drawn.value = drawing && lines.length ? JSON.stringify(lines) : "";
  }

  const spot = (event) => {
    const box = canvas.getBoundingClientRect();
    const at = (value, start, size, most) => Math.max(0, Math.min(most, Math.round(((value - start) / size) * most)));
    return [at(event.clientX, box.left, box.width, WIDTH), at(event.clientY, box.top, box.height, HEIGHT)];
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (lines.length >= 60) return;
    canvas.setPointerCapture(event.pointerId);
    line = [spot(event)];
    lines.push(line);
    draw();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!line) return;
    const [x, y] = spot(event), [a, b] = line[line.length - 1];
    if (Math.hypot(x - a, y - b) < 3 || lines.reduce((sum, one) => sum + one.length, 0) >= 4000) return;
    line.push([x, y]);
    draw();
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { line = null; });
  clear.addEventListener("click", () => { lines = []; draw(); });

  function choose(mode) {
    drawing = mode === "draw";
    pad.hidden = !drawing;
    typed.hidden = drawing;
    for (const button of modes.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    draw();
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  modes.hidden = false;
  modes.addEventListener("click", (event) => event.target.dataset.mode && choose(event.target.dataset.mode));
  choose(typed.querySelector("input").value ? "type" : "draw");

  const tell = () => {
    const chosen = form.querySelectorAll("input[name=uses]:checked").length;
    count.textContent = count.dataset.words.replace("{chosen}", chosen).replace("{of}", form.dataset.offered);
    count.hidden = false;
  };
  form.addEventListener("change", tell);
  tell();
})();

// Hands files to a few workers: `digest(file)` and `thumbnail(file)`. Digests go before pictures, and what scrolled away is not drawn.
const WORKERS = 2;
const PICTURES = 600; // kept drawn; what is older is drawn again when it comes back into view

const idle = [];
const waiting = { digest: [], thumbnail: [] };
const running = new Map();
let made = 0;
let serial = 0;

function worker() {
  if (idle.length) return idle.pop();
  if (made >= WORKERS) return null;
  made += 1;
  const one = new Worker(new URL("./upload_reader.js", import.meta.url), { type: "module" });
  const end = (id, finish) => {
    const job = running.get(id);
    running.delete(id);
    idle.push(one);
    if (job) finish(job);
    next();
  };
  one.onmessage = ({ data }) => end(data.id, (job) => (data.failed ? job.failed(Object.assign(new Error(data.failed), { name: data.failed })) : job.done(data.result)));
  one.onerror = () => {
    // It could not be loaded or ran out of memory: its file counts as unreadable here, and another worker takes its place.
    one.terminate();
    made -= 1;
    [...running].filter(([, job]) => job.worker === one).forEach(([id, job]) => {
      running.delete(id);
      job.failed(new Error("worker"));
    });
    next();
  };
  return one;
}

function next() {
  while (waiting.digest.length || waiting.thumbnail.length) {
    const one = worker();
    if (!one) return;
    // Of pictures the newest first: that is what is in view now.
    const job = waiting.digest.shift() || waiting.thumbnail.pop();
    const id = (serial += 1);
    running.set(id, { ...job, worker: one });
    one.postMessage({ id, what: job.what, file: job.file });
  }
}

function ask(what, file) {
  return new Promise((done, failed) => {
    waiting[what].push({ what, file, done, failed });
    next();
  });
}

export const digest = (file) => ask("digest", file);

// ── pictures by entry: an object URL, "" when this browser cannot show the kind (an icon stands in), undefined while nobody knows ──
const pictures = new Map();
const wanted = new Set();
const listeners = new Set();

export const subscribePictures = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
export const pictureOf = (key) => pictures.get(key);

export async function wantPicture(key, file) {
  if (pictures.has(key) || wanted.has(key)) return;
  wanted.add(key);
  let url = "";
  try {
    url = URL.createObjectURL(await ask("thumbnail", file));
  } catch {
    url = ""; // HEIC in most browsers, or what is no picture at all
  }
  wanted.delete(key);
  pictures.set(key, url);
  for (const old of pictures.keys()) {
    if (pictures.size <= PICTURES) break;
    forgetPicture(old);
  }
  listeners.forEach((listener) => listener());
}

export function forgetPicture(key) {
  const url = pictures.get(key);
  if (url) URL.revokeObjectURL(url);
  pictures.delete(key);
}

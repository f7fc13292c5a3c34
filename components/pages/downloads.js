// Downloads of this tab: one after the other over HTTP, each decided by the server at that moment. No React in here, so that they go on
// when one leaves the page.
import { send } from "$/public/external/components/http/http.js";

const listeners = new Set();
let snapshot = { total: 0, done: 0, failed: [], running: false, use: "", selection: null };
const queue = [];

const publish = (values) => {
  snapshot = { ...snapshot, ...values };
  listeners.forEach((listener) => listener());
};
export const subscribe = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
export const getSnapshot = () => snapshot;
export const dismiss = () => publish({ total: 0, done: 0, failed: [] });

function nameFrom(response) {
  const header = response.headers.get("Content-Disposition") || "";
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(header);
  const plain = /filename="?([^";]+)"?/i.exec(header);
  try {
    return encoded ? decodeURIComponent(encoded[1]) : plain ? plain[1] : "photo";
  } catch {
    return "photo";
  }
}

function save(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}

async function one({ id, use, preset, format, redacted }) {
  const result = await send("POST", `/api/v1/assets/${id}/downloads`, { preset, use, format, redacted });
  if (!result.ok) {
    publish({ failed: [...snapshot.failed, { id, use, problem: result.problem, wait: result.wait }] });
    return;
  }
  try {
    save(await result.response.blob(), nameFrom(result.response));
    publish({ done: snapshot.done + 1 });
  } catch {
    // Cut off in the middle: the connection, or a consent that ended while the file was on its way.
    publish({ failed: [...snapshot.failed, { id, use, problem: { code: "unavailable" } }] });
  }
}

async function run() {
  if (snapshot.running) return;
  publish({ running: true });
  while (queue.length) await one(queue.shift());
  publish({ running: false });
}

export function download(ids, use, preset, format, redacted) {
  if (!snapshot.running) publish({ total: 0, done: 0, failed: [] });
  ids.forEach((id) => queue.push({ id, use, preset, format, redacted }));
  publish({ total: snapshot.total + ids.length, use });
  run();
}

// The button "download" of a selection bar; its other actions are for the server.
export function downloadSelection(name, ids, use) {
  if (name === "download") publish({ selection: { ids, use } });
}
export const closeSelection = () => publish({ selection: null });

// The browser fetches the ZIP by itself, like any file: it goes on when one leaves the page.
export function fetchZip(file) {
  const link = document.createElement("a");
  link.href = file;
  link.download = "";
  document.body.append(link);
  link.click();
  link.remove();
}

// What this browser remembers of an upload, so that a reload, a crash or a closed tab loses nothing: in IndexedDB, per account.
//
//   files   a row per file: its name, size, date, SHA-256, how far it is, where its upload goes on
//   copies  the bytes of files that are not sent yet, sealed with AES-GCM under a key that only the server gives, to their sender, while
//           the batch is open; nothing here can be read by who is signed out (docs/adr/0020-files-that-survive-a-reload.md)
//   roots   folders that the browser lets us open again (Chromium), so that their files need no copy
//
// Without a secure context (plain http) there is no sealing and so no copies: then the same files are chosen again.
const NAME = "photobank-upload";
const LONGEST = 128 * 1024 * 1024; // a copy is sealed in memory
const MOST = 2 * 1024 ** 3;
const SHARE = 0.4; // of the room that the browser still has
const DAYS = 7; // as long as the server keeps what arrived

let opening = null;
const keys = new Map();

function open() {
  if (opening) return opening;
  opening = new Promise((done, failed) => {
    const request = window.indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("files", { keyPath: "key" });
      request.result.createObjectStore("copies", { keyPath: "key" });
      request.result.createObjectStore("roots", { keyPath: "id" });
    };
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  opening.catch(() => {}); // private windows of some browsers have none: then nothing is remembered
  return opening;
}

async function work(stores, mode, todo) {
  const db = await open();
  return new Promise((done, failed) => {
    const transaction = db.transaction(stores, mode);
    let result;
    transaction.oncomplete = () => done(result);
    transaction.onerror = transaction.onabort = () => failed(transaction.error || new Error("aborted"));
    todo(transaction, (value) => { result = value; });
  });
}

const all = (store) => work([store], "readonly", (transaction, give) => {
  const request = transaction.objectStore(store).getAll();
  request.onsuccess = () => give(request.result);
});
const one = (store, key) => work([store], "readonly", (transaction, give) => {
  const request = transaction.objectStore(store).get(key);
  request.onsuccess = () => give(request.result);
});

// ── rows: written together, a few times a second, however many change ──
const changed = new Map();
let writing = null;
export function keepRow(row) {
  changed.set(row.key, row);
  if (!writing) writing = setTimeout(flush, 250);
}
export async function flush() {
  clearTimeout(writing);
  writing = null;
  const rows = [...changed.values()];
  changed.clear();
  if (!rows.length) return;
  try {
    await work(["files"], "readwrite", (transaction) => rows.forEach((row) => transaction.objectStore("files").put(row)));
  } catch {
    // Storage is full or switched off: the upload goes on, only a reload would need the files again.
  }
}

export async function forget(list) {
  list.forEach((key) => changed.delete(key));
  try {
    await work(["files", "copies"], "readwrite", (transaction) => list.forEach((key) => ["files", "copies"].forEach((store) => transaction.objectStore(store).delete(key))));
  } catch {
    // as above
  }
}

export async function dropCopy(key) {
  try {
    await work(["copies"], "readwrite", (transaction) => transaction.objectStore("copies").delete(key));
  } catch {
    // as above
  }
}

// The rows of this account. What another account left in this browser, and what is older than the server keeps it, is removed.
export async function recall(owner) {
  try {
    const rows = await all("files");
    const oldest = Date.now() - DAYS * 86_400_000;
    const stale = rows.filter((row) => row.owner !== owner || row.added < oldest);
    if (stale.length) await forget(stale.map((row) => row.key));
    const gone = new Set(stale.map((row) => row.key));
    const here = rows.filter((row) => !gone.has(row.key));
    const held = new Set(here.map((row) => row.root).filter(Boolean));
    const roots = await all("roots");
    await work(["roots"], "readwrite", (transaction) => roots.filter((root) => !held.has(root.id)).forEach((root) => transaction.objectStore("roots").delete(root.id)));
    return here.sort((a, b) => a.order - b.order);
  } catch {
    return [];
  }
}

// ── copies ──
export async function useKey(batch, base64) {
  if (!window.crypto?.subtle || keys.has(batch)) return;
  const raw = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  keys.set(batch, await window.crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]));
}
export const hasKey = (batch) => keys.has(batch);
export const canSeal = () => Boolean(window.crypto?.subtle);

async function room() {
  const told = (await navigator.storage?.estimate?.()) || {};
  return Math.min(MOST, Math.max(0, (told.quota || 0) - (told.usage || 0)) * SHARE);
}

// True when the file is kept; false when it does not fit, or cannot be sealed here.
export async function keepCopy(batch, key, file) {
  const sealing = keys.get(batch);
  if (!sealing || file.size > LONGEST || file.size > (await room())) return false;
  try {
    const iv = window.crypto.getRandomValues(new Uint8Array(12));
    const bound = new TextEncoder().encode(`${batch}/${key}`);
    const sealed = await window.crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: bound }, sealing, await file.arrayBuffer());
    await work(["copies"], "readwrite", (transaction) => transaction.objectStore("copies").put({ key, iv, sealed: new Blob([sealed]) }));
    return true;
  } catch {
    return false;
  }
}

export async function openCopy(batch, row) {
  const sealing = keys.get(batch);
  if (!sealing) return null;
  try {
    const copy = await one("copies", row.key);
    const bound = new TextEncoder().encode(`${batch}/${row.key}`);
    const bytes = await window.crypto.subtle.decrypt({ name: "AES-GCM", iv: copy.iv, additionalData: bound }, sealing, await copy.sealed.arrayBuffer());
    return new File([bytes], row.name, { type: row.type, lastModified: row.modified });
  } catch {
    return null; // it was never written whole, or the browser threw it away: the file is asked for again
  }
}

// ── folders that may be opened again ──
export async function keepRoot(handle) {
  const id = `r${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
  try {
    await work(["roots"], "readwrite", (transaction) => transaction.objectStore("roots").put({ id, handle }));
    return id;
  } catch {
    return "";
  }
}

export async function rootsOf(ids) {
  try {
    return (await Promise.all(ids.map((id) => one("roots", id)))).filter(Boolean);
  } catch {
    return [];
  }
}

export async function openFromRoot(handle, row) {
  try {
    const parts = row.path.split("/").slice(1);
    let folder = handle;
    for (const part of parts.slice(0, -1)) folder = await folder.getDirectoryHandle(part);
    const file = await (await folder.getFileHandle(parts[parts.length - 1])).getFile();
    return file.size === row.size && file.lastModified === row.modified ? file : null;
  } catch {
    return null;
  }
}

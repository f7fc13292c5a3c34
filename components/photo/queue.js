// The upload queue of this tab: hashes, asks whether the file is already here, sends over tus, four at a time. No React in here, so that
// it goes on when one leaves the page. What tus has begun can be resumed after a reload by choosing the same file again.
import * as tus from "tus-js-client";
import { csrf, read } from "./common.jsx";

const ENDPOINT = "/api/v1/uploads";
const AT_ONCE = 4;
const HASH_AT_ONCE = 2;
const HASH_LIMIT = 256 * 1024 * 1024; // the browser's digest wants the file in memory; larger files are compared by the server
const CHUNK = 8 * 1024 * 1024;
const RETRY = [0, 1000, 3000, 5000, 10000, 20000, 30000, 60000];
const REFUSED = new Set([400, 403, 413, 415, 422]);

const listeners = new Set();
let serial = 0;
let entries = [];
let snapshot = { entries, paused: false, unfinished: [], rate: 0, online: true };
let paused = false;
let unfinished = [];
let pending = 0;
const meter = [];

const publish = () => {
  if (pending) return;
  pending = requestAnimationFrame(() => {
    pending = 0;
    snapshot = { entries, paused, unfinished, rate: rate(), online: navigator.onLine };
    listeners.forEach((listener) => listener());
  });
};
const change = (key, values) => {
  entries = entries.map((entry) => (entry.key === key ? { ...entry, ...values } : entry));
  publish();
};
const find = (key) => entries.find((entry) => entry.key === key);
const count = (...states) => entries.filter((entry) => states.includes(entry.status)).length;

export const subscribe = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
export const getSnapshot = () => snapshot;

function rate() {
  const now = Date.now();
  while (meter.length && now - meter[0].at > 8000) meter.shift();
  if (meter.length < 2) return 0;
  const span = (meter[meter.length - 1].at - meter[0].at) / 1000;
  return span > 0.5 ? meter.slice(1).reduce((sum, one) => sum + one.bytes, 0) / span : 0;
}

// ── adding ──
export function add(files, { folderId, use } = {}) {
  const known = new Set(entries.filter((entry) => entry.status !== "removed").map((entry) => `${entry.name}:${entry.size}:${entry.modified}`));
  const fresh = [...files]
    .filter((file) => !known.has(`${file.name}:${file.size}:${file.lastModified}`))
    .map((file) => ({
      key: `u${(serial += 1)}`, file, name: file.name, size: file.size, modified: file.lastModified, status: "waiting", sent: 0, percent: 0,
      folderId: folderId || "", use: use || "", decision: "ask", preview: null, assetId: null, existing: null, reason: null, hashed: false,
    }));
  if (!fresh.length) return;
  entries = [...entries, ...fresh];
  publish();
  fresh.forEach(picture);
  pump();
}

// ── thumbnails, one after the other: decoding is heavy ──
let drawing = Promise.resolve();
function picture(entry) {
  drawing = drawing.then(async () => {
    if (!find(entry.key)) return;
    try {
      const bitmap = await createImageBitmap(entry.file, { resizeWidth: 320, resizeQuality: "medium", imageOrientation: "from-image" });
      const canvas = document.createElement("canvas");
      canvas.width = bitmap.width;
      canvas.height = bitmap.height;
      canvas.getContext("2d").drawImage(bitmap, 0, 0);
      bitmap.close();
      const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.8));
      change(entry.key, { preview: URL.createObjectURL(blob) });
    } catch {
      change(entry.key, { preview: "" }); // a kind this browser cannot show, such as HEIC: an icon stands in
    }
  });
}

// ── the steps of one file ──
function pump() {
  if (paused) return;
  while (count("hashing", "asking") < HASH_AT_ONCE) {
    const next = entries.find((entry) => entry.status === "waiting" && !entry.hashed);
    if (!next) break;
    compare(next);
  }
  while (count("sending", "retrying") < AT_ONCE) {
    const next = entries.find((entry) => entry.status === "waiting" && entry.hashed);
    if (!next) break;
    send(next);
  }
}

async function compare(entry) {
  change(entry.key, { status: "hashing" });
  let sha256 = null;
  try {
    if (window.crypto?.subtle && entry.size <= HASH_LIMIT) {
      const digest = await window.crypto.subtle.digest("SHA-256", await entry.file.arrayBuffer());
      sha256 = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    }
  } catch {
    change(entry.key, { status: "rejected", reason: "rejections.damaged", hashed: true });
    return pump();
  }
  let existing = null;
  if (sha256 && entry.decision === "ask") {
    const twin = entries.find((other) => other.key !== entry.key && other.sha256 === sha256 && !["rejected", "removed", "failed"].includes(other.status));
    if (twin) existing = { id: twin.assetId, title: twin.name, clearance: {} };
    else {
      try {
        const found = await read(`/api/v1/assets/by-hash/${sha256}${entry.use ? `?use=${entry.use}` : ""}`);
        existing = found ? (found.items ? found.items[0] : found) || null : null;
      } catch {
        existing = null; // the server asks again when the upload begins
      }
    }
  }
  if (!find(entry.key)) return pump();
  change(entry.key, { sha256, hashed: true, ...(existing ? { status: "here", existing } : { status: "waiting" }) });
  return pump();
}

function send(entry) {
  change(entry.key, { status: "sending" });
  let last = entry.sent || 0;
  const metadata = { filename: entry.name, filetype: entry.file.type || "application/octet-stream", on_duplicate: entry.decision };
  if (entry.folderId) metadata.folder_id = entry.folderId;
  if (entry.sha256) metadata.sha256 = entry.sha256;
  const upload = new tus.Upload(entry.file, {
    endpoint: ENDPOINT,
    chunkSize: CHUNK,
    retryDelays: RETRY,
    metadata,
    removeFingerprintOnSuccess: true,
    onBeforeRequest: (request) => {
      request.setHeader("X-CSRF-Token", csrf());
      request.getUnderlyingObject().withCredentials = true;
    },
    onAfterResponse: (request, response) => {
      const assetId = response.getHeader("Photobank-Asset");
      if (assetId && find(entry.key)?.assetId !== assetId) change(entry.key, { assetId });
    },
    onShouldRetry: (error) => {
      const status = error.originalResponse ? error.originalResponse.getStatus() : 0;
      const again = !status || status >= 500 || status === 423 || status === 429 || (status === 409 && error.originalRequest.getMethod() !== "POST");
      if (again) change(entry.key, { status: "retrying" });
      return again;
    },
    onProgress: (sent, total) => {
      meter.push({ at: Date.now(), bytes: Math.max(0, sent - last) });
      last = sent;
      change(entry.key, { status: "sending", sent, percent: total ? Math.floor((sent / total) * 100) : 0 });
    },
    onSuccess: () => {
      change(entry.key, { status: "processing", sent: entry.size, percent: 100, tus: null });
      pump();
    },
    onError: (error) => fail(entry.key, error),
  });
  change(entry.key, { tus: upload });
  upload
    .findPreviousUploads()
    .then((before) => {
      const here = find(entry.key);
      if (!here || here.status !== "sending") return;
      if (before.length) upload.resumeFromPreviousUpload(before[0]);
      upload.start();
    })
    .catch((error) => fail(entry.key, error));
}

function fail(key, error) {
  const entry = find(key);
  if (!entry) return;
  const status = error.originalResponse ? error.originalResponse.getStatus() : 0;
  let problem = {};
  try {
    problem = JSON.parse(error.originalResponse.getBody());
  } catch {
    problem = {};
  }
  if (status === 409 && problem.code === "duplicate_asset") {
    const first = (problem.existing || [])[0];
    change(key, { status: "here", existing: typeof first === "string" ? { id: first } : first || {}, tus: null });
  } else if (REFUSED.has(status)) {
    change(key, { status: "rejected", reason: problem.reason ? `rejections.${problem.reason}` : `errors.${problem.code || "unsupported_media"}`, tus: null });
  } else {
    change(key, { status: "failed", reason: status === 401 ? "errors.not_authenticated" : null });
  }
  pump();
}

// ── what a person can do ──
export function decide(key, decision) {
  if (decision === "skip") change(key, { status: "skipped" });
  else {
    change(key, { decision, status: "waiting", hashed: true, existing: null });
    pump();
  }
}
export const skipAll = () => entries.filter((entry) => entry.status === "here").forEach((entry) => decide(entry.key, "skip"));
export function retry(key) {
  change(key, { status: "waiting", reason: null });
  pump();
}
export function remove(key) {
  const entry = find(key);
  if (!entry) return;
  if (entry.tus) entry.tus.abort(true).catch(() => change(key, {}));
  if (entry.preview) URL.revokeObjectURL(entry.preview);
  entries = entries.filter((one) => one.key !== key);
  publish();
  pump();
}
export function clearDone() {
  entries.filter((entry) => ["ready", "skipped"].includes(entry.status)).forEach((entry) => entry.preview && URL.revokeObjectURL(entry.preview));
  entries = entries.filter((entry) => !["ready", "skipped"].includes(entry.status));
  publish();
}
export function pause() {
  paused = true;
  entries.filter((entry) => ["sending", "retrying"].includes(entry.status)).forEach((entry) => {
    entry.tus?.abort();
    change(entry.key, { status: "waiting" });
  });
  publish();
}
export function resume() {
  paused = false;
  publish();
  pump();
}

// ── what the server says of photos that have arrived: [{id, state, clearance, reason, faces_open, title}] ──
export function learn(rows) {
  const told = new Map((rows || []).map((row) => [row.id, row]));
  let changed = false;
  entries = entries.map((entry) => {
    const row = entry.assetId && told.get(entry.assetId);
    if (!row || !["processing", "ready", "rejected"].includes(entry.status)) return entry;
    const status = row.state === "rejected" ? "rejected" : row.state === "ready" ? "ready" : "processing";
    if (entry.status === status && entry.row === row) return entry;
    changed = true;
    return { ...entry, status, row, reason: status === "rejected" ? row.reason_key || `rejections.${row.reason || "crashed"}` : entry.reason };
  });
  if (changed) publish();
}

// ── left over from before a reload ──
export async function lookForUnfinished() {
  try {
    const before = await tus.defaultOptions.urlStorage.findAllUploads();
    const alive = new Set(entries.map((entry) => entry.name));
    unfinished = before.filter((one) => one.metadata?.filename && !alive.has(one.metadata.filename));
    publish();
  } catch {
    unfinished = [];
  }
}
export async function forgetUnfinished() {
  await Promise.all(
    unfinished.map(async (one) => {
      await tus.defaultOptions.urlStorage.removeUpload(one.urlStorageKey);
      if (one.uploadUrl) await fetch(one.uploadUrl, { method: "DELETE", credentials: "same-origin", headers: { "Tus-Resumable": "1.0.0", "X-CSRF-Token": csrf() } });
    }),
  ).catch(() => publish());
  unfinished = [];
  publish();
}

if (typeof window !== "undefined") {
  window.addEventListener("beforeunload", (event) => {
    if (count("sending", "retrying", "hashing") || (count("waiting") && !paused)) event.preventDefault();
  });
  window.addEventListener("online", () => {
    entries.filter((entry) => entry.status === "failed" && !entry.reason).forEach((entry) => retry(entry.key));
    publish();
  });
  window.addEventListener("offline", publish);
}

// The files of this tab's batch and where each stands. No React in here: sending goes on when one leaves the page. Screens get a fresh
// picture of it ten times a second at most, however fast files move.
import { flag } from "./upload_flag.js";
import { keepRow } from "./upload_keep.js";
import * as meter from "./upload_meter.js";

// waiting → hashing → queued → sending (⇄ retrying) → processing → ready or rejected; aside: here, skipped, missing, elsewhere, refused, gone.
export const SENT = new Set(["processing", "ready", "rejected", "gone"]);
export const UNSENT = new Set(["waiting", "hashing", "queued", "sending", "retrying"]);
const BEAT = 100;

export const entries = new Map();
export const givenUp = new Set(); // photos whose upload was ended here
// `unbegun`: files of this batch that no byte came of and that only the browser they were chosen in knows.
export const world = { owner: "", batch: null, details: { folderId: "", event: "", photographer: "", tags: [] }, paused: false, signedOut: false, restoring: false, tab: "", problem: "", roots: [], unbegun: 0, use: "internal" };

const listeners = new Set();
let snapshot = picture();
let pending = 0;
let flagged = false;
let order = 0;

export const subscribe = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
export const getSnapshot = () => snapshot;

export function publish() {
  if (pending) return;
  pending = setTimeout(() => {
    pending = 0;
    snapshot = picture();
    const left = snapshot.filesLeft > 0 || Boolean(snapshot.counts.missing);
    if (left !== flagged) flag((flagged = left));
    listeners.forEach((listener) => listener());
  }, BEAT);
}

function picture() {
  const groups = {};
  const counts = {};
  let size = 0;
  let sent = 0;
  let unready = 0;
  for (const entry of entries.values()) {
    (groups[entry.status] ||= []).push(entry);
    counts[entry.status] = (counts[entry.status] || 0) + 1;
    if (["here", "skipped", "refused", "gone"].includes(entry.status)) continue;
    size += entry.size;
    sent += SENT.has(entry.status) ? entry.size : entry.sent;
    if (UNSENT.has(entry.status) || entry.status === "processing") unready += 1;
  }
  const filesLeft = [...UNSENT].reduce((sum, status) => sum + (counts[status] || 0), 0);
  const left = world.paused ? 0 : meter.timeLeft({ bytesLeft: filesLeft ? size - sent : 0, filesLeft, unready });
  return { ...world, groups, counts, total: entries.size, size, sent, filesLeft, left, rate: filesLeft ? meter.bytes.now() : 0, online: typeof navigator === "undefined" || navigator.onLine };
}

// ── one entry ──
const KEPT = ["key", "order", "owner", "batch", "name", "path", "root", "type", "size", "modified", "added", "kept", "sha256", "upload", "assetId", "existing", "decision", "status", "reason", "tab"];
const DURABLE = new Set(["owner", "tab", "kept", "sha256", "upload", "assetId", "existing", "decision", "status", "batch", "root", "reason"]);

function keep(entry) {
  if (!entry.remote) keepRow(Object.fromEntries(KEPT.map((name) => [name, entry[name] ?? null])));
}

export function make(values) {
  order += 1;
  const entry = {
    key: `${Date.now().toString(36)}-${order}-${Math.random().toString(36).slice(2, 8)}`, order: Date.now() * 1000 + order, owner: world.owner, tab: world.tab, batch: world.batch?.id || "", added: Date.now(),
    name: "", path: "", root: "", type: "", size: 0, modified: 0, file: null, kept: false, status: "waiting", stage: "", sha256: "", upload: "", assetId: "", existing: null, decision: "ask",
    sent: 0, percent: 0, reason: "", tries: 0, lost: 0, paused: false, remote: false, row: null, ...values,
  };
  entries.set(entry.key, entry);
  keep(entry);
  return entry;
}

export function change(key, values) {
  const entry = entries.get(key);
  if (!entry) return null;
  const next = { ...entry, ...values };
  entries.set(key, next);
  if (Object.keys(values).some((name) => DURABLE.has(name) && values[name] !== entry[name])) keep(next);
  publish();
  return next;
}

export const list = (...statuses) => [...entries.values()].filter((entry) => statuses.includes(entry.status));
export function count(...statuses) {
  let found = 0;
  for (const entry of entries.values()) if (statuses.includes(entry.status)) found += 1;
  return found;
}

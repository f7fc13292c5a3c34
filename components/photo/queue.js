// The upload queue of this tab: reads files, asks what is known of them, sends four at a time, goes on after whatever happens.
import { digest, forgetPicture } from "./upload_read.js";
import * as keeping from "./upload_keep.js";
import * as meter from "./upload_meter.js";
import { end, transfer } from "./upload_send.js";
import { check, passing } from "./upload_server.js";
import { announce, close, describe as say, ensureBatch, fetchKey, pause, wakeAll } from "./upload_batch.js";
import { copyNext } from "./upload_copy.js";
import { moved } from "./upload_told.js";
import { SENT, UNSENT, change, count, entries, givenUp, list, make, publish, world } from "./upload_entries.js";

export { getSnapshot, subscribe } from "./upload_entries.js";

const AT_ONCE = 4;
const READ_AT_ONCE = 2;
const ASK_AT_ONCE = 50;
const ASK_AFTER = 120;
const MOST_LOST = 5; // so often is a file begun anew after the server had lost it

const running = new Map();
const reachable = (entry) => !entry.paused && (entry.file || entry.kept);

// ── adding ──
const same = (entry, file, path) => entry.size === file.size && (entry.name === file.name || entry.path === path);

export function add(picked, { folderId } = {}) {
  if (folderId && !world.batch) world.details = { ...world.details, folderId };
  const open = [...entries.values()];
  for (const { file, path, root } of picked) {
    const alike = open.filter((entry) => same(entry, file, path));
    const known = alike.find((entry) => entry.modified === file.lastModified && (entry.path === path || !entry.path.includes("/") || !path.includes("/")));
    const lost = [known, ...alike].find((entry) => entry && !entry.file && ["missing", "elsewhere"].includes(entry.status));
    // Read again in any case: only its SHA-256 proves that it is the file that was half sent.
    if (lost) change(lost.key, { file, root, path, modified: file.lastModified, type: file.type, status: "waiting", remote: false, owner: world.owner, batch: world.batch?.id || "", sha256: "", expected: lost.sha256 });
    else if (!known || ["refused", "rejected", "gone"].includes(known.status)) make({ file, path, root, name: file.name, type: file.type, size: file.size, modified: file.lastModified });
  }
  world.problem = "";
  publish();
  announce();
  pump();
}

// ── the steps of a file ──
export function pump() {
  if (world.paused || world.signedOut) return;
  if (!world.batch) {
    if (count("waiting", "queued")) ensureBatch().then(pump, () => {});
    return;
  }
  while (count("hashing") < READ_AT_ONCE) {
    const next = list("waiting").find(reachable);
    if (!next) break;
    read(next);
  }
  // What waits for its next try keeps its place: while a server is away four ask for it, not hundreds.
  while (running.size + count("retrying") < AT_ONCE) {
    const next = list("queued").find((entry) => reachable(entry) && !running.has(entry.key) && !entry.asking);
    if (!next) break;
    send(next);
  }
  copyNext(running);
  settle();
}

async function read(entry) {
  change(entry.key, { status: "hashing" });
  let sha256 = "";
  try {
    const file = await fileOf(entry);
    if (!file) return pump();
    sha256 = await digest(file);
  } catch (error) {
    // The file went away or the card was pulled out: it is asked for again.
    change(entry.key, error.name === "NotFoundError" || error.name === "NotReadableError" ? { status: "missing", file: null } : { status: "queued" });
    return pump();
  }
  const now = entries.get(entry.key);
  if (!now || now.status !== "hashing") return pump();
  const upload = now.expected && now.expected !== sha256 ? "" : now.upload;
  const twin = now.decision === "ask" && [...entries.values()].find((other) => other.key !== entry.key && other.sha256 === sha256 && !["refused", "gone", "missing", "skipped"].includes(other.status));
  if (twin) change(entry.key, { sha256, upload, status: "here", existing: { asset_id: twin.assetId || "", filename: twin.name, twin: true, clearance: {} } });
  else {
    change(entry.key, { sha256, upload, status: "queued", asking: now.decision === "ask" });
    if (now.decision === "ask") ask(entry.key);
  }
  return pump();
}

const questions = new Set();
let asking = null;
function ask(key) {
  questions.add(key);
  if (questions.size >= ASK_AT_ONCE) askNow();
  else asking ||= setTimeout(askNow, ASK_AFTER);
}
async function askNow() {
  clearTimeout(asking);
  asking = null;
  const mine = [...questions].slice(0, ASK_AT_ONCE).map((key) => entries.get(key)).filter((entry) => entry?.asking);
  [...questions].slice(0, ASK_AT_ONCE).forEach((key) => questions.delete(key));
  if (questions.size) asking = setTimeout(askNow, ASK_AFTER);
  if (!mine.length) return;
  try {
    const found = await check(world.batch.id, mine.map(({ sha256, size, name }) => ({ sha256, size, filename: name })));
    found.forEach((known, at) => learn(mine[at].key, known));
  } catch (error) {
    if (error.status === 401) {
      mine.forEach((entry) => questions.add(entry.key));
      signedOut();
    } else if (!passing(error)) mine.forEach((entry) => change(entry.key, { asking: false })); // the server asks again when the upload begins
    else {
      await pause(mine[0].tries, error.after);
      mine.forEach((entry) => {
        change(entry.key, { tries: entry.tries + 1 });
        ask(entry.key);
      });
    }
  }
  pump();
}
function learn(key, known) {
  if (!entries.get(key)?.asking) return;
  if (!known.sent && world.unbegun) world.unbegun -= 1;
  if (known.sent) {
    belongs(key, known.asset_id);
    change(key, { asking: false, status: "processing", percent: 100 });
    moved(true); // it may be ready long since
  }
  else if (known.asset_id) change(key, { asking: false, status: "here", existing: known });
  else change(key, { asking: false, upload: known.upload || entries.get(key).upload });
}

// The file itself: in hand, or from the sealed copy of before a reload. When it is neither, it is asked for again.
async function fileOf(entry) {
  if (!entry.file && entry.kept) await fetchKey(entry.batch, true);
  const file = entry.file || (await keeping.openCopy(entry.batch, entry));
  if (!file && entries.has(entry.key)) change(entry.key, { status: "missing", kept: false, asking: false });
  return file;
}

async function send(entry) {
  change(entry.key, { status: "sending" });
  const turn = { stop: () => {} };
  running.set(entry.key, turn);
  const file = await fileOf(entry);
  const now = entries.get(entry.key);
  if (running.get(entry.key) !== turn) return undefined; // paused, removed or begun anew while the copy was opened
  if (!file || now?.status !== "sending") {
    running.delete(entry.key);
    return pump();
  }
  let last = null; // where this try began is not what was sent in it
  running.set(entry.key, transfer({ ...now, file }, {
    onUpload: (upload) => change(entry.key, { upload }),
    onAsset: (assetId) => belongs(entry.key, assetId),
    onProgress: (sent, total) => {
      if (SENT.has(entries.get(entry.key)?.status)) return;
      if (last !== null) meter.bytes.add(Math.max(0, sent - last));
      last = sent;
      change(entry.key, { status: "sending", sent, tries: 0, lost: 0, percent: total ? Math.floor((sent / total) * 100) : 0 });
    },
    onDone: () => {
      running.delete(entry.key);
      meter.files.add(1);
      // The server may have told what became of it before it answered.
      if (!SENT.has(entries.get(entry.key)?.status)) change(entry.key, { status: "processing", stage: "received", sent: entry.size, percent: 100 });
      wakeAll();
      if (entries.get(entry.key)?.kept) keeping.dropCopy(entry.key);
      pump();
    },
    onError: (verdict) => {
      running.delete(entry.key);
      failed(entry.key, verdict);
    },
  }));
  return undefined;
}

// The photo that a file will be. It may be shown already as one that somebody else is sending, since its answer was lost.
function belongs(key, assetId) {
  if (entries.get(key)?.assetId === assetId) return;
  for (const other of [...entries.values()]) if (other.remote && other.assetId === assetId) entries.delete(other.key);
  change(key, { assetId });
}

function failed(key, { what, reason, after }) {
  const entry = entries.get(key);
  if (!entry || SENT.has(entry.status)) return pump();
  if (what === "signed-out") {
    change(key, { status: "queued" });
    return signedOut();
  }
  if (what === "refused") {
    giveUp(entry);
    change(key, { status: "refused", reason, upload: "", sent: 0 });
  }
  else if (what === "different") change(key, { status: "waiting", upload: "", sha256: "", sent: 0, percent: 0 });
  else if (what === "here" || what === "lost") {
    // Here: another copy came first. Lost: the server forgot it, or its last answer never reached us and the photo is there already.
    const lost = entry.lost + 1;
    if (lost > MOST_LOST) change(key, { status: "refused", reason: "upload.failed_text", upload: "", sent: 0 });
    else {
      change(key, { status: "queued", upload: "", sent: 0, percent: 0, asking: entry.decision === "ask", lost });
      if (entry.decision === "ask") ask(key);
    }
  } else {
    change(key, { status: "retrying", tries: entry.tries + 1 });
    pause(entry.tries, after).then(() => entries.get(key)?.status === "retrying" && change(key, { status: "queued" })).then(pump);
  }
  return pump();
}
// What the server still has of it is thrown away, and is not shown again meanwhile.
function giveUp({ upload, assetId }) {
  if (assetId) givenUp.add(assetId);
  end(upload);
}
function signedOut() {
  world.signedOut = true;
  publish();
}

// All is sent: what is still here of it is thrown away, and the server is told that nothing more will come.
let settled = "";
function settle() {
  if (!world.batch || world.unbegun || count(...UNSENT, "missing", "elsewhere") || !entries.size) {
    settled = "";
    return;
  }
  if (settled === world.batch.id) return;
  settled = world.batch.id;
  close();
  moved(true);
}

// ── what a person can do ──
export function describe(values) {
  world.problem = "";
  say(values);
  pump();
}
export function decide(key, decision) {
  if (decision === "skip") change(key, { status: "skipped", decision });
  else change(key, { decision, status: reachable({ ...entries.get(key), paused: false }) ? "queued" : "missing", asking: false, existing: null });
  pump();
}
export const skipAll = () => list("here").forEach((entry) => change(entry.key, { status: "skipped", decision: "skip" }));
export function retry(key) {
  change(key, { status: reachable({ ...entries.get(key), paused: false }) ? "waiting" : "missing", reason: "", tries: 0, lost: 0, sha256: "", upload: "" });
  pump();
}
export function remove(key) {
  const entry = entries.get(key);
  if (!entry) return;
  running.get(key)?.stop();
  running.delete(key);
  if (!["processing", "ready", "rejected"].includes(entry.status)) giveUp(entry);
  forgetPicture(key);
  entries.delete(key);
  keeping.forget([key]);
  publish();
  announce();
  pump();
}
export function removeMissing() {
  world.unbegun = 0;
  list("missing", "elsewhere").forEach((entry) => remove(entry.key));
  publish();
  announce();
  pump();
}
export function pauseOne(key, paused = true) {
  if (paused && running.has(key)) {
    running.get(key).stop();
    running.delete(key);
  }
  change(key, { paused, ...(paused && ["sending", "retrying"].includes(entries.get(key).status) ? { status: "queued" } : {}) });
  pump();
}
export function pauseAll() {
  world.paused = true;
  for (const [key, one] of running) {
    one.stop();
    change(key, { status: "queued" });
  }
  running.clear();
  list("retrying").forEach((entry) => change(entry.key, { status: "queued" }));
  meter.pauseMeters();
  publish();
}
export function resumeAll() {
  world.paused = false;
  world.signedOut = false;
  [...entries.values()].filter((entry) => entry.paused).forEach((entry) => change(entry.key, { paused: false }));
  publish();
  if (questions.size) askNow();
  pump();
}
// Another shoot: this one stays with the server, and what it still lacks is forgotten here.
export function beginAnother() {
  keeping.forget([...entries.keys()]);
  [...entries.keys()].forEach(forgetPicture);
  entries.clear();
  world.batch = null;
  world.roots = [];
  world.unbegun = 0;
  world.problem = "";
  world.details = { ...world.details, event: "", tags: [] };
  publish();
}

if (typeof window !== "undefined") {
  window.addEventListener("online", () => {
    publish();
    wakeAll();
  });
  window.addEventListener("offline", publish);
  window.addEventListener("pagehide", () => keeping.flush());
  // Only what a reload would really lose is worth a question.
  window.addEventListener("beforeunload", (event) => {
    if (list(...UNSENT).some((entry) => !entry.kept && !entry.root)) event.preventDefault();
  });
}

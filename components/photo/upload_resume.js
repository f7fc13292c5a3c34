// Going on: after a reload, a crash or a closed tab, on another page or device; and what the server says of what has arrived.
import { read } from "./common.jsx";
import * as keeping from "./upload_keep.js";
import * as meter from "./upload_meter.js";
import { fetchKey, pause } from "./upload_batch.js";
import { pump } from "./queue.js";
import * as server from "./upload_server.js";
import { SENT, UNSENT, change, entries, givenUp, list, make, publish, world } from "./upload_entries.js";

const LOCK = "photobank-upload";
const STATUS = { sending: "elsewhere", received: "processing", decoding: "processing", faces: "processing", ready: "ready", rejected: "rejected", here: "here", gone: "gone" };

let started = "";

// Whatever no open tab is sending any more is this tab's to go on with. A tab holds a lock for as long as it lives.
export async function start({ owner, folderId, use }) {
  world.use = use || world.use;
  if (folderId && !world.batch && !world.details.folderId) world.details = { ...world.details, folderId };
  publish();
  if (!owner || started === owner) return;
  if (started) forgetAccount();
  started = owner;
  world.owner = owner;
  world.tab = `${LOCK}-${Math.random().toString(36).slice(2)}`;
  // What was dropped on another page before anybody knew whose it is.
  [...entries.values()].filter((entry) => !entry.owner).forEach((entry) => change(entry.key, { owner, tab: world.tab }));
  if (!navigator.locks) return adopt(new Set());
  navigator.locks.request(world.tab, () => new Promise(() => {}));
  await navigator.locks.request(LOCK, async () => {
    const { held } = await navigator.locks.query();
    await adopt(new Set(held.map((lock) => lock.name)));
  });
  pump();
}

// From a page that does not know who is signed in.
export async function startHere(where) {
  const me = await read("/api/v1/me").catch(() => null);
  if (me) await start({ ...where, owner: me.id });
}

function forgetAccount() {
  entries.clear();
  world.batch = null;
  world.roots = [];
}

async function adopt(alive) {
  const rows = (await keeping.recall(world.owner)).filter((row) => !alive.has(row.tab) && !entries.has(row.key));
  const open = rows.filter((row) => UNSENT.has(row.status) || ["missing", "here"].includes(row.status));
  if (!open.length || world.batch || entries.size) {
    const done = rows.filter((row) => !open.includes(row)).map((row) => row.key);
    if (done.length) await keeping.forget(done);
    return;
  }
  const batch = open[open.length - 1].batch;
  await restore(batch || "", rows.filter((row) => row.batch === batch));
}

async function restore(id, rows) {
  world.restoring = true;
  publish();
  try {
    if (id && !(await take(id))) {
      await keeping.forget(rows.map((row) => row.key));
      return;
    }
    const roots = await keeping.rootsOf([...new Set(rows.filter((row) => UNSENT.has(row.status) || row.status === "missing").map((row) => row.root).filter(Boolean))]);
    for (const row of rows) {
      const unsent = UNSENT.has(row.status) || row.status === "missing";
      const status = SENT.has(row.status) ? "processing" : unsent ? (row.kept ? "waiting" : "missing") : row.status;
      // Read and asked about again: it may have arrived with its answer lost.
      make({ ...row, tab: world.tab, batch: id, status, expected: row.sha256 });
    }
    await openRoots(roots, false);
    await moved(true);
  } finally {
    world.restoring = false;
    publish();
    pump();
  }
}

// True when the batch is still this account's; false when it is gone. Waits for the network as long as it takes.
async function take(id) {
  for (let tries = 0; ; tries += 1) {
    try {
      const batch = await server.getBatch(id);
      world.batch = batch;
      world.details = { folderId: batch.folder_id, event: batch.event, photographer: batch.photographer, tags: batch.tags };
      await fetchKey(id);
      return true;
    } catch (error) {
      if (error.status === 404 || error.status === 403) return false;
      if (error.status === 401) {
        world.signedOut = true;
        publish();
      }
      await pause(tries);
    }
  }
}

// ── folders that this browser may open again: with a click, or at once where it was allowed for good ──
async function openRoots(roots, ask) {
  const closed = [];
  for (const root of roots) {
    const state = await (ask ? root.handle.requestPermission({ mode: "read" }) : root.handle.queryPermission({ mode: "read" })).catch(() => "denied");
    if (state !== "granted") {
      closed.push(root);
      continue;
    }
    for (const entry of list("missing").filter((one) => one.root === root.id)) {
      const file = await keeping.openFromRoot(root.handle, entry);
      if (file) change(entry.key, { file, status: "waiting", expected: entry.sha256 });
    }
  }
  world.roots = closed.map((root) => ({ id: root.id, name: root.handle.name, handle: root.handle }));
  publish();
}
export async function allowRoots() {
  await openRoots(world.roots, true);
  pump();
}

// ── what became of the files, as the server tells it ──
let asOf = "";
let asOfBatch = "";
let asking = false;
let again = false;
export async function moved(all = false) {
  if (!world.batch) return;
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  const id = world.batch.id;
  try {
    const since = all || asOfBatch !== id ? "" : asOf;
    const found = await server.filesOf(id, since);
    if (world.batch?.id === id) {
      asOf = found.asOf;
      asOfBatch = id;
      takeIn(found.items);
    }
  } catch {
    // told again with the next move, or when the connection is back
  }
  asking = false;
  if (again) {
    again = false;
    await moved();
  }
}

function takeIn(items) {
  const byAsset = new Map([...entries.values()].filter((entry) => entry.assetId && entry.status !== "here").map((entry) => [entry.assetId, entry]));
  for (const item of items) {
    const entry = (item.asset_id && byAsset.get(item.asset_id)) || entries.get(`s-${item.id}`) || byName(item);
    const status = STATUS[item.standing];
    if (item.standing === "sending" && givenUp.has(item.asset_id)) continue;
    if (!entry) {
      entries.set(`s-${item.id}`, shownOnly(item, status));
      continue;
    }
    if (item.standing === "sending" || item.standing === "here") continue; // this tab knows better
    if (item.standing === "ready" && entry.status !== "ready") meter.ready.add(1);
    change(entry.key, {
      status, stage: item.standing, row: item, assetId: item.asset_id || entry.assetId, sent: entry.size, percent: 100,
      reason: status === "rejected" ? `rejections.${item.rejection || "crashed"}` : entry.reason,
    });
  }
  publish();
}

const byName = (item) => [...entries.values()].find((entry) => entry.name === item.filename && entry.size === item.size && (item.standing === "here" ? ["here", "skipped"].includes(entry.status) : !entry.assetId && !["here", "skipped", "refused"].includes(entry.status)));

function shownOnly(item, status) {
  return {
    key: `s-${item.id}`, order: Date.now() * 1000, owner: world.owner, batch: world.batch.id, name: item.filename, path: item.filename, size: item.size, modified: 0, file: null, kept: false, root: "",
    status, stage: item.standing, assetId: item.asset_id || "", existing: status === "here" ? { asset_id: item.asset_id, filename: item.title || item.filename, clearance: item.clearance } : null,
    sent: SENT.has(status) ? item.size : 0, percent: 0, reason: status === "rejected" ? `rejections.${item.rejection || "crashed"}` : "", row: item, remote: true, decision: status === "elsewhere" ? "ask" : "skip", tries: 0, paused: false,
  };
}

// ── an earlier batch, to look at or to go on with ──
export async function show(id) {
  if ([...UNSENT].some((status) => list(status).length)) return;
  await keeping.flush();
  const rows = (await keeping.recall(world.owner)).filter((row) => row.batch === id);
  entries.clear();
  world.batch = null;
  await restore(id, rows);
}

// Going on: after a reload, a crash or a closed tab, on another page or device; and what the server says of what has arrived.
import { read } from "./common.jsx";
import * as keeping from "./upload_keep.js";
import { fetchKey, pause } from "./upload_batch.js";
import { pump, resumeAll } from "./queue.js";
import * as server from "./upload_server.js";
import { moved } from "./upload_told.js";
import { SENT, UNSENT, change, entries, list, make, publish, world } from "./upload_entries.js";

const LOCK = "photobank-upload";
let started = "";

// Whatever no open tab is sending any more is this tab's to go on with. A tab holds a lock for as long as it lives.
export async function start({ owner, folderId, use }) {
  world.use = use || world.use;
  if (folderId && !world.batch && !world.details.folderId) world.details = { ...world.details, folderId };
  publish();
  if (!owner) return;
  if (started === owner) {
    // The page that asks is signed in: who was signed out has come back.
    if (world.signedOut) resumeAll();
    moved(true);
    return;
  }
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
  world.unbegun = 0;
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
    if (world.batch && !world.batch.closed_at) world.unbegun = Math.max(0, world.batch.files - entries.size);
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
      await fetchKey(id, true);
      world.signedOut = false;
      return true;
    } catch (error) {
      if (error.status !== 401 && !server.passing(error)) return false;
      if (error.status === 401) {
        world.signedOut = true;
        publish();
      }
      await pause(tries, error.after);
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

// ── an earlier batch, to look at or to go on with ──
export async function show(id) {
  if ([...UNSENT].some((status) => list(status).length)) return;
  await keeping.flush();
  const rows = (await keeping.recall(world.owner)).filter((row) => row.batch === id);
  entries.clear();
  world.batch = null;
  world.unbegun = 0;
  await restore(id, rows);
}

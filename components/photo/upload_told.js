// What became of the files, as the server tells it: whenever something moved, and asked again until an answer comes.
import * as meter from "./upload_meter.js";
import { pause } from "./upload_batch.js";
import * as server from "./upload_server.js";
import { SENT, change, entries, givenUp, publish, world } from "./upload_entries.js";

const STATUS = { sending: "elsewhere", received: "processing", decoding: "processing", faces: "processing", ready: "ready", rejected: "rejected", here: "here", gone: "gone" };

const asked = { of: "", asOf: "" };
let asking = false;
let again = null;

// `all`: from the beginning, for what moved while this tab was not told.
export async function moved(all = false) {
  if (!world.batch) return;
  again = Boolean(again || all);
  if (asking) return;
  asking = true;
  for (let tries = 0; again !== null && world.batch;) {
    const whole = again;
    again = null;
    const id = world.batch.id;
    try {
      const found = await server.filesOf(id, whole || asked.of !== id ? "" : asked.asOf);
      tries = 0;
      if (world.batch?.id === id) {
        Object.assign(asked, { of: id, asOf: found.asOf });
        takeIn(found.items);
        if (whole) forgetUntold(found.items);
      }
    } catch (error) {
      if (error.status === 401 || error.status === 404) break; // signed in again, the page asks anew; a batch that is gone tells nothing
      again = Boolean(again || whole);
      await pause(tries, error.after);
      tries += 1;
    }
  }
  asking = false;
}

function takeIn(items) {
  const byAsset = new Map([...entries.values()].filter((entry) => entry.assetId && entry.status !== "here").map((entry) => [entry.assetId, entry]));
  for (const item of items) {
    const entry = (item.asset_id && byAsset.get(item.asset_id)) || entries.get(`s-${item.id}`) || byName(item);
    const status = STATUS[item.standing];
    if (item.standing === "sending" && givenUp.has(item.asset_id)) continue;
    if (!entry) {
      entries.set(`s-${item.id}`, shownOnly(item, status));
      if (world.unbegun) world.unbegun -= 1;
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

// Half-sent elsewhere, and given up there since.
function forgetUntold(items) {
  const told = new Set(items.map((item) => `s-${item.id}`));
  for (const { key, remote } of [...entries.values()]) if (remote && !told.has(key)) entries.delete(key);
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

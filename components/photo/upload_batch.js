// The batch that this tab's files go into: begun with its first file, told how much there is and what holds for all of it, closed when
// all is sent.
import * as keeping from "./upload_keep.js";
import * as server from "./upload_server.js";
import { change, entries, publish, world } from "./upload_entries.js";

const SAY_AFTER = 600;
const LONGEST_PAUSE = 15_000; // four at once at the most ask so often; a server that is back is noticed soon

// Waits longer each time, a little differently each time, and not a moment longer once the network is back or somebody got through.
// What the server asks to wait (`least`, in seconds) is waited.
const sleepers = new Set();
export const wakeAll = () => [...sleepers].forEach((wake) => wake());
export function pause(tries, least = 0) {
  const time = Math.max(least * 1000, Math.min(LONGEST_PAUSE, 1000 * 2 ** Math.min(tries, 6)) * (0.5 + Math.random() / 2));
  return new Promise((done) => {
    const wake = () => {
      clearTimeout(timer);
      sleepers.delete(wake);
      done();
    };
    const timer = setTimeout(wake, time);
    if (!least) sleepers.add(wake);
  });
}

let beginning = null;
export function ensureBatch() {
  if (world.batch) return Promise.resolve(world.batch);
  beginning ||= (async () => {
    const { folderId, event, photographer, tags } = world.details;
    for (let tries = 0; ; tries += 1) {
      try {
        const batch = await server.beginBatch({ folder_id: folderId || null, event, photographer, tags, ...announced() });
        await fetchKey(batch.id);
        const typed = world.details; // meanwhile, perhaps
        world.batch = batch;
        world.details = { ...typed, folderId: typed.folderId || batch.folder_id };
        [...entries.values()].forEach((entry) => change(entry.key, { batch: batch.id }));
        if (typed.event !== event || typed.photographer !== photographer || typed.tags !== tags || typed.folderId !== folderId) {
          say({ folder_id: world.details.folderId, event: typed.event, photographer: typed.photographer, tags: typed.tags });
        }
        return batch;
      } catch (error) {
        if (!server.passing(error)) {
          world.problem = error.status === 401 ? "errors.not_authenticated" : `errors.${error.code || "internal"}`;
          world.signedOut = error.status === 401;
          publish();
          throw error;
        }
        await pause(tries, error.after);
      }
    }
  })().finally(() => { beginning = null; });
  return beginning;
}
// With `patient` it is asked for until there is an answer. None comes of a batch that is closed: then files are asked for again.
export async function fetchKey(id, patient = false) {
  for (let tries = 0; !keeping.hasKey(id); tries += 1) {
    try {
      await keeping.useKey(id, await server.keyOf(id));
      return;
    } catch (error) {
      if (!patient || !server.passing(error)) return;
      await pause(tries, error.after);
    }
  }
}
const announced = () => {
  const mine = [...entries.values()].filter((entry) => entry.status !== "refused");
  return { files: mine.length + world.unbegun, size: mine.reduce((sum, entry) => sum + entry.size, 0) };
};
export const close = () => say({ ...announced(), closed: true });
let saying = null;
let telling = false;
const unsaid = new Map(); // by batch: the one before may still have something to say when the next begins
export function describe(values) {
  world.details = { ...world.details, ...values };
  publish();
  const names = { folderId: "folder_id" };
  if (world.batch) say(Object.fromEntries(Object.entries(values).map(([name, value]) => [names[name] || name, value])));
}
export function announce() {
  if (world.batch) say({ ...announced(), closed: false });
}
function say(values) {
  unsaid.set(world.batch.id, { ...unsaid.get(world.batch.id), ...values });
  clearTimeout(saying);
  saying = setTimeout(tell, SAY_AFTER);
}

// One at a time, so that what was said last holds.
async function tell() {
  if (telling || !unsaid.size) return;
  telling = true;
  const [id, said] = unsaid.entries().next().value;
  unsaid.delete(id);
  for (let tries = 0; ; tries += 1) {
    try {
      const batch = await server.changeBatch(id, said);
      if (world.batch?.id === id) Object.assign(world, { batch, problem: "" });
      break;
    } catch (error) {
      if (server.passing(error)) {
        await pause(tries, error.after);
        continue;
      }
      if (world.batch?.id !== id) break;
      if (error.status === 401) world.signedOut = true;
      else world.problem = `errors.${error.code}`;
      if ("folder_id" in said) world.details = { ...world.details, folderId: world.batch.folder_id };
      break;
    }
  }
  telling = false;
  publish();
  tell();
}

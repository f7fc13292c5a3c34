// Copies of what is not sent yet, so that a reload loses nothing: one at a time, in the order in which it will be sent.
import { fetchKey } from "./upload_batch.js";
import { UNSENT, change, entries, list, world } from "./upload_entries.js";
import * as keeping from "./upload_keep.js";

const KEY_AGAIN = 5_000;

let copying = false;
let askedKey = 0;
export async function copyNext(running) {
  if (copying || !world.batch || !keeping.canSeal()) return;
  if (!keeping.hasKey(world.batch.id)) {
    if (Date.now() - askedKey > KEY_AGAIN) {
      askedKey = Date.now();
      fetchKey(world.batch.id).then(() => keeping.hasKey(world.batch?.id) && copyNext(running));
    }
    return;
  }
  const next = list("queued", "waiting").find((entry) => entry.file && !entry.kept && !entry.root && !entry.uncopied && !running.has(entry.key));
  if (!next) return;
  copying = true;
  const kept = await keeping.keepCopy(world.batch.id, next.key, next.file);
  copying = false;
  if (!entries.has(next.key) || !UNSENT.has(entries.get(next.key).status)) keeping.dropCopy(next.key);
  else change(next.key, kept ? { kept } : { uncopied: true });
  copyNext(running);
}

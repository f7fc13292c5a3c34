// The order of a collection from the keyboard: Alt with an arrow moves what is selected, or the photo with the focus, past its neighbour.
import { csrf } from "./common.jsx";
import { beside } from "./keys.js";

// Gives the place of the first moved photo and how many there are; null when there is nowhere to go.
export async function moveBy(shelf, chosen, step) {
  const blocks = [...shelf.blocks.each()];
  const all = blocks.flatMap((one) => one.items || []);
  const moving = all.filter((item) => chosen.has(item.id));
  const neighbour = all[all.indexOf(step < 0 ? moving[0] : moving[moving.length - 1]) + step];
  if (!moving.length || !neighbour) return null;
  const next = step < 0 ? neighbour : await beside(shelf, neighbour.id, 1);
  const response = await fetch(shelf.path.replace(/assets$/, "order"), {
    method: "POST",
    credentials: "same-origin",
    headers: { "X-CSRF-Token": csrf(), "Content-Type": "application/json" },
    body: JSON.stringify({ asset_ids: moving.map((item) => item.id), before: next ? next.id : null }),
  });
  if (!response.ok) return null;
  const rest = all.filter((item) => !chosen.has(item.id));
  const at = rest.indexOf(neighbour) + (step > 0 ? 1 : 0);
  const fresh = [...rest.slice(0, at), ...moving, ...rest.slice(at)];
  if (blocks.every((one) => one.items)) {
    let from = 0;
    blocks.forEach((one) => {
      const size = one.items.length;
      shelf.blocks.put(one, fresh.slice(from, from + size));
      from += size;
    });
    shelf.changed();
  } else await shelf.start(); // where the part that is not here begins has changed
  return { at: at + 1, count: shelf.blocks.total };
}

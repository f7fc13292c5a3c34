// Hearts and stars given in the grid: shown at once, told to the API, taken back when it says no.
import { csrf } from "./common.jsx";

async function tell(shelf, item, marks, method, tail, body) {
  const show = (seen) => {
    const here = shelf.blocks.item(item.id);
    if (here) shelf.blocks.take({ ...here, marks: { ...here.marks, ...seen } });
    shelf.changed();
  };
  show(marks);
  try {
    const headers = { "X-CSRF-Token": csrf(), ...(body ? { "Content-Type": "application/json" } : {}) };
    const response = await fetch(`/api/v1/assets/${item.id}/${tail}`, { method, credentials: "same-origin", headers, body: body && JSON.stringify(body) });
    if (!response.ok) throw new Error(String(response.status));
    show(await response.json());
  } catch {
    show(item.marks);
  }
}

export const favour = (shelf, item) => tell(shelf, item, { favourite: !item.marks.favourite }, item.marks.favourite ? "DELETE" : "PUT", "favourite");

// The same stars once more, or none, take one's own back.
export function rate(shelf, item, stars) {
  const given = stars && stars !== item.marks.stars ? stars : null;
  return tell(shelf, item, { stars: given }, given ? "PUT" : "DELETE", "rating", given ? { stars: given } : undefined);
}

// What a key does: the action for a selection, or for one photo.
export function marked(key, chosen) {
  if (key.toLowerCase() === "f") return chosen.every((item) => item.marks?.favourite) ? "unfavour" : "favour";
  return key >= "0" && key <= "5" && key.length === 1 ? `rate:${key}` : null;
}

// The order of a collection made by hand: with the mouse by dragging what is selected between two photos, from the keyboard with Alt and an
// arrow, which moves it past its neighbour.
import { useEffect, useRef } from "react";
import { csrf } from "./common.jsx";
import { beside } from "./keys.js";

const SLIP = 8; // px that a pointer may move and still be still
const EDGE = 70;

const here = (shelf) => [...shelf.blocks.each()].flatMap((one) => one.items || []);

// Puts photos before another one, or at the end of what is here (`next` null: of all). Gives the place of the first and how many there
// are; null when it was refused.
async function put(shelf, moving, next, before) {
  const response = await fetch(shelf.path.replace(/assets$/, "order"), {
    method: "POST",
    credentials: "same-origin",
    headers: { "X-CSRF-Token": csrf(), "Content-Type": "application/json" },
    body: JSON.stringify({ asset_ids: moving.map((item) => item.id), before: next ? next.id : null }),
  });
  if (!response.ok) return null;
  const blocks = [...shelf.blocks.each()];
  const rest = here(shelf).filter((item) => !moving.some((one) => one.id === item.id));
  const at = before === null ? rest.length : Math.max(0, rest.findIndex((item) => item.id === before.id)); // read again meanwhile, perhaps
  const fresh = [...rest.slice(0, at), ...moving, ...rest.slice(at)];
  if (blocks.every((one) => one.items)) {
    let from = 0;
    blocks.forEach((one) => {
      const size = one.items.length;
      shelf.blocks.put(one, fresh.slice(from, from + size));
      from += size;
    });
    shelf.changed();
  } else await shelf.reread(); // where the part that is not here begins has changed
  return { at: at + 1, count: shelf.blocks.total };
}

// What is chosen, past its neighbour; null when there is nowhere to go.
export async function moveBy(shelf, chosen, step) {
  const all = here(shelf);
  const moving = all.filter((item) => chosen.has(item.id));
  const neighbour = all[all.indexOf(step < 0 ? moving[0] : moving[moving.length - 1]) + step];
  if (!moving.length || !neighbour) return null;
  const next = step < 0 ? neighbour : await beside(shelf, neighbour.id, 1);
  return put(shelf, moving, next, next && all.includes(next) ? next : null);
}

// Dragging one of the selected photos moves them all; a line shows where to. `done` is told the new place.
export function Arranging({ box, shelf, selected, scroller, done }) {
  const now = useRef({});
  now.current = { shelf, selected, done };
  useEffect(() => {
    const node = box.current;
    if (!node) return undefined;
    let drag = null;
    const mark = (tile, side) => {
      if (drag.tile === tile && drag.side === side) return;
      drag.tile?.removeAttribute("data-drop");
      Object.assign(drag, { tile, side });
      tile?.setAttribute("data-drop", side);
    };
    const look = () => {
      const tile = document.elementFromPoint(drag.x, drag.y)?.closest(".tile");
      if (!tile || !node.contains(tile)) return mark(null, "");
      const { left, width } = tile.getBoundingClientRect();
      return mark(tile, drag.x < left + width / 2 ? "before" : "after");
    };
    const glide = () => {
      const { top, bottom } = scroller().getBoundingClientRect();
      const by = drag.y < top + EDGE ? drag.y - top - EDGE : drag.y > bottom - EDGE ? drag.y - bottom + EDGE : 0;
      if (by) {
        scroller().scrollTop += by / 3;
        look();
      }
      drag.frame = requestAnimationFrame(glide);
    };
    const end = () => {
      if (!drag) return;
      cancelAnimationFrame(drag.frame);
      drag.tile?.removeAttribute("data-drop");
      node.classList.remove("arranging");
      drag = null;
    };
    const down = (event) => {
      const tile = event.target.closest?.(".tile");
      if (event.button !== 0 || event.pointerType === "touch" || event.shiftKey || event.ctrlKey || event.metaKey) return;
      if (!tile || event.target.closest("button") || !now.current.selected.has(tile.dataset.id)) return;
      drag = { x: event.clientX, y: event.clientY, going: false, tile: null, side: "", frame: 0 };
      event.stopPropagation(); // no selecting by dragging from here
    };
    const moved = (event) => {
      if (!drag) return;
      if (!drag.going && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) <= SLIP) return;
      if (!drag.going) {
        drag.going = true;
        node.classList.add("arranging");
        drag.frame = requestAnimationFrame(glide);
      }
      Object.assign(drag, { x: event.clientX, y: event.clientY });
      look();
    };
    const drop = async () => {
      if (!drag) return;
      const { going, tile, side } = drag;
      end();
      if (!going) return;
      // The click that ends a drag is no click.
      const swallow = (event) => {
        event.preventDefault();
        event.stopPropagation();
      };
      window.addEventListener("click", swallow, { capture: true, once: true });
      setTimeout(() => window.removeEventListener("click", swallow, { capture: true }), 0);
      if (!tile) return;
      const { shelf: list, selected: chosen } = now.current;
      const all = here(list);
      let at = all.findIndex((item) => item.id === tile.dataset.id) + (side === "after" ? 1 : 0);
      while (all[at] && chosen.has(all[at].id)) at += 1; // before the first that stays
      const next = all[at] || (await beside(list, all[all.length - 1].id, 1));
      const placed = await put(list, all.filter((item) => chosen.has(item.id)), next, all[at] || null);
      if (placed) now.current.done(placed);
    };
    const key = (event) => {
      if (!drag || event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      end();
    };
    node.addEventListener("pointerdown", down, { capture: true });
    window.addEventListener("pointermove", moved);
    window.addEventListener("pointerup", drop);
    window.addEventListener("pointercancel", end);
    window.addEventListener("keydown", key, { capture: true });
    return () => {
      end();
      node.removeEventListener("pointerdown", down, { capture: true });
      window.removeEventListener("pointermove", moved);
      window.removeEventListener("pointerup", drop);
      window.removeEventListener("pointercancel", end);
      window.removeEventListener("keydown", key, { capture: true });
    };
  }, [box, scroller]);
  return null;
}

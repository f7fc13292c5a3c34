// Selecting: by click, shift, drag over photos, long press, and from the keyboard. What is selected is kept with its data, so that it
// stays selected when it is far away.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

const LONG_PRESS = 450;
const SLIP = 8; // px that a pointer may move and still be still
const EDGE = 70;

export function usePicking({ box, shelf, use, selectable, most, scroller, onOpen, onSelection }) {
  const [selected, setSelected] = useState(() => new Map());
  const now = useRef({});
  now.current = { selected, shelf, selectable, most, onOpen, onSelection };
  const anchor = useRef(null);
  const press = useRef({});

  const select = useCallback((next) => {
    now.current.selected = next;
    setSelected(next);
    if (now.current.onSelection) now.current.onSelection([...next.keys()]);
  }, []);
  const clear = useCallback(() => {
    anchor.current = null;
    if (now.current.selected.size) select(new Map());
  }, [select]);

  const toggle = useCallback((item) => {
    const next = new Map(now.current.selected);
    if (next.has(item.id)) next.delete(item.id);
    else if (next.size < now.current.most) next.set(item.id, item);
    anchor.current = item;
    select(next);
  }, [select]);

  // Everything from the anchor to a photo, added to what was selected before the range began.
  const reach = useCallback(async (item, base) => {
    const from = anchor.current || item;
    anchor.current = from;
    const before = base || now.current.selected;
    const range = await now.current.shelf.between(from, item, now.current.most);
    const next = new Map(before);
    range.forEach((one) => next.size < now.current.most && next.set(one.id, one));
    select(next);
  }, [select]);

  const all = useCallback(async (first) => {
    const range = await now.current.shelf.from(first, null, now.current.most);
    select(new Map(range.map((item) => [item.id, item])));
  }, [select]);

  // Photos change and go while they are selected.
  useEffect(() => {
    if (!selected.size) return;
    let other = false;
    const next = new Map();
    selected.forEach((item, id) => {
      const here = shelf.blocks.item(id);
      if (shelf.gone.has(id)) other = true;
      else next.set(id, here || item);
      if (here && here !== item) other = true;
    });
    if (!other) return;
    if (next.size === selected.size) setSelected(next);
    else select(next);
  }, [shelf.version]); // eslint-disable-line react-hooks/exhaustive-deps

  // Shields for another use: those far away are read again too, so that the bar is right about them.
  const shieldsFor = useRef(use);
  useEffect(() => {
    if (shieldsFor.current === use) return;
    shieldsFor.current = use;
    const ids = [...now.current.selected.keys()];
    if (!ids.length) return;
    shelf.again(ids).then(
      (items) => {
        const next = new Map(now.current.selected);
        items.forEach((item) => next.has(item.id) && next.set(item.id, item));
        setSelected(next);
      },
      () => null, // until they are read nothing of them counts as allowed
    );
  }, [use, shelf]);

  const under = (x, y) => {
    const tile = document.elementFromPoint(x, y)?.closest(".tile");
    return tile && box.current?.contains(tile) ? now.current.shelf.blocks.item(tile.dataset.id) : null;
  };

  // ── pointers: a mouse drags at once, a finger after a long press ──
  useEffect(() => {
    const node = box.current;
    if (!node) return undefined;
    const end = () => {
      clearTimeout(press.current.timer);
      cancelAnimationFrame(press.current.frame);
      if (press.current.dragging) {
        // The click that ends a drag or a long press is no click.
        const swallow = press.current;
        setTimeout(() => {
          swallow.dragging = false;
        }, 350);
      }
      press.current.down = false;
    };
    const drag = (x, y) => {
      const at = press.current;
      Object.assign(at, { x, y });
      const item = under(x, y);
      if (!item || item.id === at.over) return;
      at.over = item.id;
      if (!anchor.current) anchor.current = item;
      reach(item, at.base);
    };
    const glide = () => {
      const at = press.current;
      if (!at.down || !at.dragging) return;
      const { top, bottom } = scroller().getBoundingClientRect();
      const by = at.y < top + EDGE ? at.y - top - EDGE : at.y > bottom - EDGE ? at.y - bottom + EDGE : 0;
      if (by) {
        scroller().scrollTop += by / 3;
        drag(at.x, at.y);
      }
      at.frame = requestAnimationFrame(glide);
    };
    const begin = (item) => {
      press.current.dragging = true;
      press.current.base = new Map(now.current.selected);
      anchor.current = item;
      press.current.frame = requestAnimationFrame(glide);
    };
    const down = (event) => {
      if (!now.current.selectable || event.button !== 0 || event.target.closest(".actions, .scrub, .fresh")) return;
      const item = under(event.clientX, event.clientY);
      press.current = { down: true, x: event.clientX, y: event.clientY, item, mouse: event.pointerType !== "touch", dragging: false, over: null, timer: 0, frame: 0 };
      if (press.current.mouse || !item || event.target.closest(".pick")) return;
      press.current.timer = setTimeout(() => {
        begin(item);
        press.current.over = item.id;
        if (!now.current.selected.has(item.id)) toggle(item);
        press.current.base = new Map(now.current.selected);
        if (navigator.vibrate) navigator.vibrate(12);
      }, LONG_PRESS);
    };
    const moved = (event) => {
      const at = press.current;
      if (!at.down) return;
      if (at.dragging) {
        drag(event.clientX, event.clientY);
        return;
      }
      if (Math.hypot(event.clientX - at.x, event.clientY - at.y) <= SLIP) return;
      clearTimeout(at.timer);
      if (!at.mouse || event.shiftKey || event.ctrlKey || event.metaKey) {
        at.down = false;
        return;
      }
      begin(at.item);
      drag(event.clientX, event.clientY);
    };
    const still = (event) => press.current.dragging && press.current.down && event.cancelable && event.preventDefault();
    const menu = (event) => press.current.dragging && event.preventDefault();
    node.addEventListener("pointerdown", down);
    window.addEventListener("pointermove", moved);
    window.addEventListener("pointerup", end);
    window.addEventListener("pointercancel", end);
    node.addEventListener("touchmove", still, { passive: false });
    node.addEventListener("contextmenu", menu);
    return () => {
      end();
      node.removeEventListener("pointerdown", down);
      window.removeEventListener("pointermove", moved);
      window.removeEventListener("pointerup", end);
      window.removeEventListener("pointercancel", end);
      node.removeEventListener("touchmove", still);
      node.removeEventListener("contextmenu", menu);
    };
  }, [box, reach, scroller, toggle]); // eslint-disable-line react-hooks/exhaustive-deps

  const clicks = useMemo(
    () => ({
      click(event, item) {
        if (press.current.dragging) {
          event.preventDefault();
          return;
        }
        if (event.button !== 0) return;
        event.preventDefault();
        const touch = event.nativeEvent.pointerType === "touch";
        if (!now.current.selectable) now.current.onOpen(item.id);
        else if (event.shiftKey) reach(item);
        else if (event.metaKey || event.ctrlKey || (touch && now.current.selected.size)) toggle(item);
        else now.current.onOpen(item.id);
      },
      pick(event, item) {
        // Lifting the finger after a long press clicks on the tick that has just appeared under it.
        if (press.current.dragging) return;
        if (event.shiftKey) reach(item);
        else toggle(item);
      },
    }),
    [reach, toggle],
  );
  return { selected, select, clear, toggle, reach, all, anchor, clicks };
}

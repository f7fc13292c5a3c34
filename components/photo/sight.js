// What of a long list is in sight. A list of a million photos is higher than a browser can draw, and its height is partly guessed: so
// places in the list ("virtual") and in the page ("drawn") differ by an offset. When a guess above turns out wrong the offset takes the
// difference and nothing on the screen moves; once scrolling rests, the two are brought together again.
import { useCallback, useEffect, useLayoutEffect, useReducer, useRef } from "react";
import { flushSync } from "react-dom";

export const HIGHEST = 6_000_000; // drawn; browsers stop between 17 and 33 million
const REST = 160;
const QUICK = 3; // screens a second, above which pictures are not asked for yet
const scrollerOf = (node) => node?.closest(".scroller, .main") || document.scrollingElement;

export function useSight(box, total, { onRest }) {
  const [, draw] = useReducer((n) => n + 1, 0);
  const s = useRef({ offset: 0, last: 0, top: 0, height: 800, width: 0, phone: false, at: 0, speed: 0, way: 1, total: 0, aim: null, moving: false, timer: 0, frame: 0 }).current;
  s.total = total;
  s.onRest = onRest;
  s.drawn = Math.min(total, HIGHEST);

  // Where a place of the list is drawn when both are in proportion.
  const proper = useCallback((at) => (s.total <= HIGHEST ? at : (at / Math.max(s.total - s.height, 1)) * (s.drawn - s.height)), [s]);

  // Put the view at a place of the list; what belongs there is drawn before the browser shows it. `later`: from within an effect.
  const move = useCallback(
    (at, later = false) => {
      const root = scrollerOf(box.current);
      if (!root) return;
      const goal = Math.max(-s.top, Math.min(at, s.total - s.height));
      const target = goal <= 0 ? goal : proper(goal);
      s.offset = Math.round(goal - target);
      root.scrollTop = target + s.top;
      s.last = root.scrollTop - s.top;
      s.at = s.last + s.offset;
      if (later) draw();
      else flushSync(draw);
    },
    [box, proper, s],
  );

  // The list became longer or shorter above what is looked at.
  const shift = useCallback((by) => {
    const whole = Math.round(by);
    s.offset += whole;
    s.at += whole;
  }, [s]);

  const settle = useCallback(() => {
    s.moving = false;
    s.speed = 0;
    const target = s.at <= 0 ? s.at : proper(s.at);
    if (Math.abs(target - s.last) > 1 && s.at > 0) move(s.at);
    else draw();
    if (s.onRest) s.onRest();
  }, [move, proper, s]);

  useLayoutEffect(() => {
    const root = scrollerOf(box.current);
    const measure = () => {
      if (!box.current) return;
      const width = Math.floor(box.current.querySelector(".rows")?.clientWidth || box.current.clientWidth);
      const top = Math.round(box.current.getBoundingClientRect().top - root.getBoundingClientRect().top + root.scrollTop);
      const phone = window.innerWidth <= 640;
      const height = root.clientHeight;
      if (s.width === width && s.top === top && s.phone === phone && s.height === height) return;
      Object.assign(s, { width, top, phone, height });
      draw();
    };
    measure();
    const watch = new ResizeObserver(measure);
    [box.current, root, box.current.parentElement, box.current.querySelector(".rows")].forEach((node) => node && watch.observe(node));
    return () => watch.disconnect();
  }, [box, s]);

  useEffect(() => {
    const root = scrollerOf(box.current);
    let since = performance.now();
    const onScroll = () => {
      const now = performance.now();
      const drawn = root.scrollTop - s.top;
      const by = drawn - s.last;
      if (by === 0) return;
      const before = s.at;
      s.aim = null;
      const far = s.total > HIGHEST && Math.abs(by) > 5 * s.height;
      s.last = drawn;
      if (drawn <= 0) s.offset = 0;
      else if (far) s.offset = Math.round((drawn / Math.max(s.drawn - s.height, 1)) * (s.total - s.height) - drawn);
      s.at = drawn + s.offset;
      s.way = s.at < before ? -1 : 1;
      const pace = Math.abs(s.at - before) / Math.max(s.height, 1) / Math.max((now - since) / 1000, 0.016);
      s.speed = s.moving ? s.speed * 0.6 + pace * 0.4 : Math.min(pace, QUICK);
      since = now;
      s.moving = true;
      clearTimeout(s.timer);
      s.timer = setTimeout(settle, REST);
      if (!s.frame) {
        s.frame = requestAnimationFrame(() => {
          s.frame = 0;
          flushSync(draw);
        });
      }
    };
    root.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      root.removeEventListener("scroll", onScroll);
      clearTimeout(s.timer);
      cancelAnimationFrame(s.frame);
    };
  }, [box, s, settle]);

  const scroller = useCallback(() => scrollerOf(box.current), [box]);
  return { s, move, shift, quick: s.speed > QUICK, scroller };
}

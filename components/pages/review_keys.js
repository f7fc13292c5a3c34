// Every answer has a key, and the arrows go from face to face. Not while one types or a dialog is open: those have keys of their own.
import { useEffect } from "react";

const busy = (target) => target.closest("input, select, textarea, dialog[open], [role=menu], [contenteditable=true]");
const ELSEWHERE = ["u", "h", "PageUp", "PageDown"];

const cellsOf = (page) => (page.current ? [...page.current.querySelectorAll("[data-at]")] : []);

function focus(page, place) {
  const cells = cellsOf(page);
  cells[Math.max(0, Math.min(place, cells.length - 1))]?.focus();
}

function across(page) {
  const cells = cellsOf(page);
  return Math.max(1, cells.filter((cell) => cell.offsetTop === cells[0].offsetTop).length);
}

// `open`: a dialog is. `aside`: one looks at many pictures at once, which have keys of their own. `some`: part of the faces is selected.
export function useKeys({ page, open, aside, sheet, at, focused, some, chosen, answers, onDialog, onToggle, onAll, onSkip }) {
  useEffect(() => {
    const letters = {
      r: answers.reject,
      n: () => chosen.length && onDialog("new"),
      m: () => sheet && onDialog("merge"),
      v: () => (some ? onDialog("move") : answers.split()), // which says that some must be selected
      i: () => answers.decide("ignore"),
      s: answers.split,
      u: () => answers.undo(),
      a: onAll,
      h: () => onDialog("history"),
      p: () => focused && window.open(`/photo/${focused.asset_id}/`, "_blank", "noopener"),
    };
    const press = (event) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || open || busy(event.target)) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const onFace = event.target.closest("[data-at]");
      const elsewhere = event.target.closest("a, button") && !onFace;
      const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across(page), ArrowUp: -across(page) };
      if (aside && !ELSEWHERE.includes(key)) return;
      if (steps[key] && sheet) focus(page, (onFace || at ? at : key === "ArrowRight" ? -1 : 0) + steps[key]);
      else if (key === "PageDown") onSkip(1);
      else if (key === "PageUp") onSkip(-1);
      else if (key === " " && !elsewhere && !onFace && focused) onToggle(focused.id);
      else if (key === "Enter" && !elsewhere) {
        if (!event.repeat) answers.confirm();
      } else if (letters[key]) {
        if (!event.repeat) letters[key]();
      } else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  });
}

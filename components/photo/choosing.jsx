// A button that opens a small window below it, to choose something in. Escape and a click elsewhere close it; the focus goes back.
import { Suspense, useEffect, useId, useRef, useState } from "react";
import { Icon } from "./common.jsx";

// `look`: "field" for a form, "chip" for a filter. `children`: what is in the window, given a way to close it.
export function Choosing({ id, autofocus, look, icon, words, label, title, name, children }) {
  const [open, setOpen] = useState(false);
  const root = useRef(null);
  const trigger = useRef(null);
  const own = useId();
  useEffect(() => {
    if (!open) return undefined;
    const away = (event) => !root.current?.contains(event.target) && setOpen(false);
    document.addEventListener("pointerdown", away);
    return () => document.removeEventListener("pointerdown", away);
  }, [open]);
  const close = () => {
    setOpen(false);
    trigger.current?.focus();
  };
  return (
    <span className={`menu fp fp-${look}`} ref={root} onKeyDown={(event) => {
      if (event.key !== "Escape" || !open) return;
      event.preventDefault();
      event.stopPropagation();
      close();
    }}>
      <button type="button" id={id} ref={trigger} className={look === "chip" ? "chip" : "input fp-face"} aria-haspopup="dialog" aria-expanded={open} aria-controls={open ? own : undefined}
        aria-label={label} title={title} data-autofocus={autofocus || undefined} onClick={() => setOpen(!open)}>
        <Icon name={icon} size={14} /><span className="truncate">{words}</span><Icon name="down" size={14} />
      </button>
      {open ? (
        <div id={own} role="dialog" aria-label={name} className="menu-list start fp-list">
          <Suspense fallback={<span className="fp-wait"><span className="spin" /></span>}>{children(close)}</Suspense>
        </div>
      ) : null}
    </span>
  );
}

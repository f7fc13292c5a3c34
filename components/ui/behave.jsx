// Behaviour that HTML does not give by itself: dialogs, menus, toasts, tab lists, password field. No other library needed.
import { lazy, useEffect, useId, useRef, useState } from "react";

const SPRITE = "/icons.svg";

export function Icon({ name, size = 16, className = "" }) {
  return (
    <svg className={`i ${size === 20 ? "" : `i-${size}`} ${className}`} aria-hidden="true" focusable="false">
      <use href={`${SPRITE}#i-${name}`} />
    </svg>
  );
}

// A part of a page that is loaded when it is first shown. While the line is down it goes on trying, so that nobody has to click again.
export const late = (load) => lazy(async () => {
  for (let pause = 500; ; pause = Math.min(pause * 2, 8000)) {
    try {
      return await load();
    } catch {
      await new Promise((resolve) => { setTimeout(resolve, pause); });
    }
  }
});

// The browser's own modal dialog: it traps focus, makes the rest inert and gives focus back to where it was.
const firstIn = (dialog) => dialog.querySelector("[data-autofocus]") || dialog.querySelector(".dialog-body :is(input, select, textarea):not([type=hidden], :disabled)");

export function Dialog({ open, onClose, title, description, closeLabel, kind, children, footer }) {
  const ref = useRef(null);
  const pressed = useRef(false);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (!dialog) return undefined;
    if (open && !dialog.open) {
      dialog.showModal();
      firstIn(dialog)?.focus();
    } else if (!open && dialog.open) dialog.close();
    return undefined;
  }, [open]);
  // What had the focus may be gone with the step it belonged to: the dialog keeps it all the same.
  useEffect(() => {
    const dialog = ref.current;
    if (!open || !dialog) return undefined;
    let last = document.activeElement;
    const came = (event) => { last = event.target; };
    const kept = new MutationObserver(() => !last.isConnected && document.activeElement === document.body && (firstIn(dialog) || dialog.querySelector(".dialog-body button:not(:disabled)"))?.focus());
    dialog.addEventListener("focusin", came);
    kept.observe(dialog, { childList: true, subtree: true });
    return () => {
      kept.disconnect();
      dialog.removeEventListener("focusin", came);
    };
  }, [open]);
  useEffect(() => () => ref.current?.open && ref.current.close(), []);
  const outside = (event) => {
    const box = ref.current.getBoundingClientRect();
    return event.target === ref.current && (event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom);
  };
  return (
    <dialog
      ref={ref}
      className={`dialog ${kind || ""}`}
      aria-labelledby={`${id}-title`}
      aria-describedby={description ? `${id}-text` : undefined}
      onCancel={(event) => {
        event.preventDefault();
        if (onClose) onClose();
      }}
      onClose={() => {
        if (open && onClose) onClose();
      }}
      onPointerDown={(event) => {
        pressed.current = outside(event);
      }}
      onClick={(event) => {
        if (pressed.current && outside(event) && onClose) onClose();
      }}
    >
      {open ? (
        <>
          <header>
            <div>
              <h2 id={`${id}-title`}>{title}</h2>
              {description ? <p id={`${id}-text`}>{description}</p> : null}
            </div>
            <button type="button" className="btn btn-quiet btn-icon btn-sm" aria-label={closeLabel} title={closeLabel} onClick={() => onClose && onClose()}>
              <Icon name="x" />
            </button>
          </header>
          {children}
        </>
      ) : null}
    </dialog>
  );
}

const ITEMS = '[role^="menuitem"]:not([aria-disabled="true"])';

// First child: what the button shows. The other children: the rows.
export function Menu({ label, buttonClass, align, title, children }) {
  const [open, setOpen] = useState(false);
  const root = useRef(null);
  const list = useRef(null);
  const trigger = useRef(null);
  const id = useId();
  const [face, ...rows] = Array.isArray(children) ? children : [children];
  useEffect(() => {
    if (!open) return undefined;
    const away = (event) => {
      if (!root.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener("pointerdown", away);
    const chosen = list.current.querySelector('[aria-checked="true"]') || list.current.querySelector(ITEMS);
    if (chosen) chosen.focus();
    return () => document.removeEventListener("pointerdown", away);
  }, [open]);
  const close = () => {
    setOpen(false);
    trigger.current?.focus();
  };
  const onKeys = (event) => {
    const items = [...list.current.querySelectorAll(ITEMS)].filter((item) => item.getClientRects().length);
    const at = items.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) items[(at + step + items.length) % items.length]?.focus();
    else if (event.key === "Home") items[0]?.focus();
    else if (event.key === "End") items.at(-1)?.focus();
    else if (event.key === "Escape") close();
    else if (event.key === "Tab") return setOpen(false);
    else if (event.key.length === 1 && /\p{L}/u.test(event.key)) {
      const rest = [...items.slice(at + 1), ...items.slice(0, at + 1)];
      rest.find((item) => item.textContent.trim().toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
      return undefined;
    } else return undefined;
    event.preventDefault();
    return event.stopPropagation();
  };
  return (
    <span className="menu" ref={root}>
      <button
        type="button"
        ref={trigger}
        className={buttonClass}
        aria-label={label || undefined}
        title={title || undefined}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown" && !open) {
            event.preventDefault();
            setOpen(true);
          }
        }}
      >
        {face}
      </button>
      {open ? (
        <div
          id={id}
          ref={list}
          role="menu"
          aria-label={label || title || undefined}
          className={`menu-list ${align || ""}`}
          onKeyDown={onKeys}
          onClick={(event) => {
            const item = event.target.closest('[role^="menuitem"]');
            if (item && item.getAttribute("aria-disabled") !== "true") close();
          }}
        >
          {rows}
        </div>
      ) : null}
    </span>
  );
}

// Arrow keys move among the tabs inside; Home and End jump. The tabs themselves are ordinary buttons with role=tab.
export function TabList({ label, className, children }) {
  const ref = useRef(null);
  useEffect(() => {
    ref.current.querySelectorAll('[role="tab"]').forEach((tab) => {
      tab.tabIndex = tab.getAttribute("aria-selected") === "true" ? 0 : -1;
    });
  });
  const onKeyDown = (event) => {
    const tabs = [...ref.current.querySelectorAll('[role="tab"]:not(:disabled)')];
    const at = tabs.indexOf(document.activeElement);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (at < 0 || next === undefined) return;
    event.preventDefault();
    const tab = tabs[(next + tabs.length) % tabs.length];
    tab.focus();
    tab.click();
  };
  return (
    <div ref={ref} role="tablist" aria-label={label} className={className} onKeyDown={onKeyDown}>
      {children}
    </div>
  );
}

// Messages of the server, newest last. Each leaves by itself after its seconds, unless somebody reads it (hover, focus) or it is an error.
export function Toasts({ items, words, closeLabel, actionLabel, onAction, onDismiss }) {
  const [gone, setGone] = useState(() => new Set());
  const leave = (id) => {
    setGone((before) => new Set(before).add(id));
    if (onDismiss) onDismiss(id);
  };
  const shown = (items || []).filter((item) => !gone.has(item.id)).slice(-4);
  return (
    <div className="toasts" role="region" aria-live="polite" aria-relevant="additions" aria-label={words.t("nav.messages")}>
      {shown.map((item) => (
        <Toast key={item.id} item={item} text={words.t(item.key, item.params)} closeLabel={closeLabel}
          actionLabel={item.action_key ? words.t(item.action_key) : actionLabel} onAction={onAction} onLeave={() => leave(item.id)} />
      ))}
    </div>
  );
}

function Toast({ item, text, closeLabel, actionLabel, onAction, onLeave }) {
  const [held, setHeld] = useState(false);
  const bad = item.tone === "error";
  const seconds = item.seconds || (item.action ? 10 : 5);
  useEffect(() => {
    if (bad || held) return undefined;
    const timer = setTimeout(onLeave, seconds * 1000);
    return () => clearTimeout(timer);
  }, [bad, held, seconds]); // eslint-disable-line react-hooks/exhaustive-deps
  return (
    <div className={`toast ${bad ? "bad" : ""}`} onMouseEnter={() => setHeld(true)} onMouseLeave={() => setHeld(false)} onFocus={() => setHeld(true)} onBlur={() => setHeld(false)}>
      <Icon name={bad ? "alert" : item.tone === "success" ? "check" : "info"} size={18} />
      <p>{text}</p>
      {item.action ? (
        <button type="button" className="btn" onClick={() => { onLeave(); if (onAction) onAction(item.action); }}>
          {actionLabel}
        </button>
      ) : null}
      <button type="button" className="btn btn-icon" aria-label={closeLabel} title={closeLabel} onClick={onLeave}>
        <Icon name="x" />
      </button>
    </div>
  );
}

export function PasswordInput({ name, autoComplete, showLabel, hideLabel, invalid, large, autofocus }) {
  const [shown, setShown] = useState(false);
  const label = shown ? hideLabel : showLabel;
  return (
    <span className="password">
      <input id={name} name={name} type={shown ? "text" : "password"} autoComplete={autoComplete} required className={`input ${large ? "input-lg" : ""}`}
        aria-invalid={invalid || undefined} aria-describedby={`${name}-error`} autoFocus={autofocus} spellCheck="false" autoCapitalize="none" />
      <button type="button" className="btn btn-quiet btn-icon" aria-label={label} title={label} aria-pressed={shown} onClick={() => setShown(!shown)}>
        <Icon name={shown ? "eyeoff" : "eye"} />
      </button>
    </span>
  );
}

// Keyboard entry to the search field: "/" or Ctrl/Cmd-K from anywhere but a field.
export function SearchKeys({ target }) {
  useEffect(() => {
    const onKey = (event) => {
      const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
      const wanted = (event.key === "/" && !typing) || (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey));
      const field = wanted && document.getElementById(target);
      if (!field || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      field.focus();
      field.select?.();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [target]);
  return null;
}

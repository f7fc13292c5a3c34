// The photo page's own behaviour: the panel beside a face, people without a visible face, drawing a face, and the note that tells what changed elsewhere.
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { Icon } from "$/public/external/components/ui/behave/behave.jsx";
import { Shield } from "$/public/external/components/photo/scripts/common.jsx";

const useWords = wordsOf("photo");

const GAP = 12;
const WIDE = 300;

// Beside the face where there is room, and never over it. A phone gets a sheet instead (pages.css).
function usePlace(face, box) {
  const [place, setPlace] = useState(null);
  useLayoutEffect(() => {
    if (!face) return undefined;
    let frame = 0;
    const follow = () => {
      const ring = document.querySelector(".canvas .face.on");
      const panel = box.current;
      if (ring && panel) {
        const at = ring.getBoundingClientRect();
        const high = panel.offsetHeight;
        const right = at.right + GAP + WIDE < window.innerWidth - 8;
        const left = right ? at.right + GAP : at.left - GAP - WIDE > 8 ? at.left - GAP - WIDE : Math.min(Math.max(8, at.left), window.innerWidth - WIDE - 8);
        const beside = right || at.left - GAP - WIDE > 8;
        const wish = beside ? at.top + at.height / 2 - high / 2 : at.bottom + GAP;
        const top = Math.min(Math.max(8, wish), Math.max(8, window.innerHeight - high - 8));
        setPlace((before) => (before && Math.abs(before.left - left) < 1 && Math.abs(before.top - top) < 1 ? before : { left, top }));
      }
      frame = requestAnimationFrame(follow);
    };
    follow();
    return () => cancelAnimationFrame(frame);
  }, [face, box]);
  return place;
}

export function FacePanel({ faces, face, matches, searched, mayReview, onConfirm, onReject, onIgnore, onName, onReopen, onSearch, onLeave }) {
  const pb = useWords();
  const box = useRef(null);
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const row = (faces || []).find((one) => one.id === face);
  const place = usePlace(row ? face : "", box);
  useEffect(() => {
    setTyped("");
    setBusy(false);
    if (!row) return undefined;
    // On a touch screen the keyboard would cover the photo: there the panel itself gets the focus.
    const quiet = window.matchMedia("(pointer: coarse)").matches;
    const first = quiet ? box.current : box.current?.querySelector("[data-first]") || box.current;
    first?.focus({ preventScroll: true });
    return undefined;
  }, [face, Boolean(row)]); // eslint-disable-line react-hooks/exhaustive-deps
  useEffect(() => {
    if (!row) return undefined;
    const away = (event) => {
      if (!event.target.closest?.(".face-panel, .face, .toasts, .tools, dialog")) onLeave();
    };
    document.addEventListener("pointerdown", away);
    return () => document.removeEventListener("pointerdown", away);
  }, [row, onLeave]);
  // What the server sent about this face replaces the spinner.
  const stamp = row ? `${row.settled}${row.person}${row.alone}${(row.guesses || []).map((one) => one.id).join()}` : "";
  useEffect(() => setBusy(false), [stamp]);
  if (!row || typeof document === "undefined") return null;
  const act = (event, ...values) => {
    setBusy(true);
    event(...values);
  };
  const leave = () => {
    document.querySelector(".canvas .face.on")?.focus({ preventScroll: true });
    onLeave();
  };
  const onKeyDown = (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      leave();
    }
  };
  const title = row.settled ? row.name || pb.t("face.ignored") : pb.t("face.who");
  return createPortal(
    <div ref={box} className="face-panel float" role="dialog" aria-label={title} aria-busy={busy} tabIndex={-1} onKeyDown={onKeyDown} style={place ? { left: place.left, top: place.top } : { opacity: 0 }}>
      <header>
        <h2 className="truncate">{title}</h2>
        <button type="button" className="btn btn-quiet btn-icon btn-sm" aria-label={pb.t("act.close")} title={pb.t("act.close")} onClick={leave}><Icon name="x" /></button>
      </header>
      {row.settled ? (
        <Settled row={row} pb={pb} mayReview={mayReview} busy={busy} act={act} onConfirm={onConfirm} onReject={onReject} onReopen={onReopen} />
      ) : mayReview ? (
        <Open row={row} pb={pb} typed={typed} setTyped={setTyped} matches={matches} searched={searched} busy={busy} act={act} onConfirm={onConfirm} onReject={onReject} onIgnore={onIgnore} onName={onName} onSearch={onSearch} />
      ) : (
        <p className="muted small">{pb.t("face.not_settled")}</p>
      )}
    </div>,
    document.body,
  );
}

function Settled({ row, pb, mayReview, busy, act, onConfirm, onReject, onReopen }) {
  return (
    <>
      {row.ignored ? <p className="muted small">{pb.t("face.ignored_text")}</p> : <p><Shield state={row.state} look="bare" pb={pb} /></p>}
      {row.alone ? <p className="muted small">{pb.t("face.by_itself", { percent: pb.number(row.alone) })}</p> : null}
      <div className="face-acts">
        {mayReview && row.alone ? <button type="button" className="btn btn-sm btn-primary" disabled={busy} onClick={() => act(onConfirm, row.id, row.person)}><Icon name="check" />{pb.t("face.right")}</button> : null}
        {row.person ? <a className="btn btn-sm" href={`/person/?id=${row.person}`} data-first><Icon name="people" />{pb.t("face.to_person")}</a> : null}
        {mayReview && row.person ? <button type="button" className="btn btn-sm btn-quiet" disabled={busy} onClick={() => act(onReject, row.id, row.person)}>{pb.t("face.not_name", { name: row.name.split(" ")[0] })}</button> : null}
        {mayReview && row.ignored ? <button type="button" className="btn btn-sm" data-first disabled={busy} onClick={() => act(onReopen, row.id)}><Icon name="undo" />{pb.t("face.reopen")}</button> : null}
      </div>
    </>
  );
}

// A name is typed, and chosen among those that fit, or made anew.
function WhoForm({ pb, typed, setTyped, matches, searched, busy, hint, first, onSearch, onKnown, onNew }) {
  const name = typed.trim().replace(/\s+/g, " ");
  const found = name && searched ? matches || [] : [];
  const exact = found.some((one) => one.name.toLowerCase() === name.toLowerCase());
  const timer = useRef(0);
  const onType = (event) => {
    const { value } = event.target;
    setTyped(value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onSearch(value), 140);
  };
  const submit = (event) => {
    event.preventDefault();
    if (!name || busy) return;
    const same = found.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (same) onKnown(same.id);
    else onNew(name);
  };
  const onKeys = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const stops = [...event.currentTarget.querySelectorAll("input, .match")];
    event.preventDefault();
    stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length]?.focus();
  };
  return (
    <form onSubmit={submit} onKeyDown={onKeys} autoComplete="off">
      <label className="with-icon">
        <span className="vh">{pb.t("face.name_label")}</span>
        <Icon name="search" />
        <input className="input" type="text" value={typed} maxLength={200} placeholder={pb.t(hint)} data-first={first || undefined} onChange={onType} disabled={busy} spellCheck="false" />
      </label>
      {name ? (
        <ul className="matches">
          {found.map((one) => (
            <li key={one.id}><button type="button" className="match" disabled={busy} onClick={() => onKnown(one.id)}><Icon name="face" /><span className="grow truncate">{one.name}</span><span className="muted small num">{pb.t("count.photos", { count: one.photos })}</span></button></li>
          ))}
          {exact ? null : <li><button type="submit" className="match" disabled={busy}><Icon name="userplus" /><span className="grow truncate">{pb.t("face.new_person", { name })}</span></button></li>}
        </ul>
      ) : null}
    </form>
  );
}

function Open({ row, pb, typed, setTyped, matches, searched, busy, act, onConfirm, onReject, onIgnore, onName, onSearch }) {
  const guesses = row.guesses || [];
  return (
    <>
      {guesses.length ? (
        <ul className="guesses">
          {guesses.map((guess, at) => (
            <li key={guess.id}>
              <span className="grow truncate"><b>{guess.name}</b> <span className="muted num">{pb.number(guess.percent)} %</span></span>
              <button type="button" className="btn btn-icon btn-sm btn-quiet" disabled={busy} aria-label={pb.t("face.not_name", { name: guess.name })} title={pb.t("face.not_name", { name: guess.name })} onClick={() => act(onReject, row.id, guess.id)}><Icon name="x" /></button>
              <button type="button" className={`btn btn-sm ${at ? "" : "btn-primary"}`} disabled={busy} data-first={at ? undefined : true} aria-label={pb.t("face.confirm_name", { name: guess.name })} onClick={() => act(onConfirm, row.id, guess.id)}><Icon name="check" />{pb.t("act.confirm")}</button>
            </li>
          ))}
        </ul>
      ) : null}
      <WhoForm pb={pb} typed={typed} setTyped={setTyped} matches={matches} searched={searched} busy={busy} hint={guesses.length ? "face.somebody_else" : "face.name_hint"} first={!guesses.length} onSearch={onSearch} onKnown={(id) => act(onConfirm, row.id, id)} onNew={(called) => act(onName, row.id, called)} />
      <button type="button" className="btn btn-sm btn-quiet ignore" disabled={busy} onClick={() => act(onIgnore, row.id)}><Icon name="eyeoff" />{pb.t("face.ignored")}</button>
    </>
  );
}

// ── people who are on it without a visible face: named here, since there is nothing on the photo to point at ──
const ADDING = "new";

export function PersonTags({ photo, people, face, matches, searched, refusals, mayReview, onTag, onTagNew, onUntag, onConfirm, onName, onIgnore, onSearch, onLeave }) {
  const pb = useWords();
  const [at, setAt] = useState(""); // what is being named: ADDING, or the id of somebody who has to be named anew
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const mine = useRef(false);
  const box = useRef(null);
  const rows = people || [];
  const stamp = rows.map((one) => `${one.id}${one.person}`).join();
  useEffect(() => setAt(""), [photo]);
  useEffect(() => {
    setBusy(false);
    if (!mine.current) return; // what others do leaves alone what one is typing
    mine.current = false;
    setAt("");
    box.current?.querySelector(`[data-names="${ADDING}"]`)?.focus();
  }, [stamp]);
  useEffect(() => {
    if (rows.some((one) => one.id === face && !one.settled)) setAt(face);
  }, [face]); // eslint-disable-line react-hooks/exhaustive-deps
  useEffect(() => {
    setTyped("");
    setBusy(false);
    mine.current = false;
  }, [at, refusals]);
  useEffect(() => {
    if (at && !busy) box.current?.querySelector("input")?.focus();
  }, [at, busy]);
  if (!rows.length && !mayReview) return null;
  const act = (event, ...values) => {
    setBusy(true);
    mine.current = true;
    event(...values);
  };
  const leave = () => {
    const opener = `[data-names="${at}"]`;
    setAt("");
    onLeave();
    box.current?.querySelector(opener)?.focus();
  };
  const toggle = (id) => (at === id ? leave() : setAt(id));
  const onKeyDown = (event) => {
    if (event.key !== "Escape" || !at) return;
    event.stopPropagation();
    leave();
  };
  const form = (onKnown, onNew) => <WhoForm pb={pb} typed={typed} setTyped={setTyped} matches={matches} searched={searched} busy={busy} hint="face.name_hint" onSearch={onSearch} onKnown={onKnown} onNew={onNew} />;
  return (
    <section ref={box} className="unseen" aria-label={pb.t("tagged.title")} aria-busy={busy} onKeyDown={onKeyDown}>
      {rows.length ? <h3>{pb.t("tagged.title")}</h3> : null}
      {rows.length ? (
        <ul>
          {rows.map((one) => {
            const name = one.name || pb.t(one.settled ? "photo.somebody" : "tagged.who");
            return (
              <li key={one.id}>
                <div className="row">
                  <span className="avatar avatar-24 initials" aria-hidden="true">{one.initials || <Icon name="face" size={14} />}</span>
                  <span className="grow"><b className="truncate">{one.person ? <a className="link" href={`/person/?id=${one.person}`}>{name}</a> : name}</b><small>{pb.t(one.settled ? "tagged.no_face" : "tagged.open")}</small></span>
                  {mayReview && !one.settled ? <button type="button" className="btn btn-sm" data-names={one.id} aria-expanded={at === one.id} onClick={() => toggle(one.id)}>{pb.t("tagged.name")}</button> : null}
                  {mayReview && (one.person || !one.settled) ? <button type="button" className="btn btn-sm btn-quiet btn-icon" disabled={busy} aria-label={pb.t("tagged.remove", { name })} title={pb.t("tagged.remove", { name })} onClick={() => (one.settled ? act(onUntag, one.person) : act(onIgnore, one.id))}><Icon name="x" /></button> : null}
                </div>
                {at === one.id ? form((id) => act(onConfirm, one.id, id), (called) => act(onName, one.id, called)) : null}
              </li>
            );
          })}
        </ul>
      ) : null}
      {mayReview ? <button type="button" className="btn btn-sm btn-quiet" data-names={ADDING} aria-expanded={at === ADDING} onClick={() => toggle(ADDING)}><Icon name="userplus" />{pb.t("tagged.add")}</button> : null}
      {at === ADDING ? <p className="tiny">{pb.t("tagged.hint")}</p> : null}
      {at === ADDING ? form((id) => act(onTag, id), (called) => act(onTagNew, called)) : null}
    </section>
  );
}

// ── drawing a face that detection missed: by pointer, or with the arrow keys ──
const START = [0.4, 0.35, 0.2, 0.25];
const STEP = 0.01;
const LEAST = 0.012;
const within = ([x, y, w, h]) => {
  const wide = Math.min(Math.max(w, LEAST), 1);
  const high = Math.min(Math.max(h, LEAST), 1);
  return [Math.min(Math.max(x, 0), 1 - wide), Math.min(Math.max(y, 0), 1 - high), wide, high];
};

export function DrawFace({ photo, onDraw }) {
  const pb = useWords();
  const [on, setOn] = useState(false);
  const [box, setBox] = useState(null);
  const from = useRef(null);
  const layer = useRef(null);
  useEffect(() => setOn(false), [photo]);
  useEffect(() => {
    setBox(null);
    if (on) layer.current?.focus();
  }, [on]);
  const at = (event) => {
    const area = layer.current.getBoundingClientRect();
    return [Math.min(Math.max((event.clientX - area.left) / area.width, 0), 1), Math.min(Math.max((event.clientY - area.top) / area.height, 0), 1)];
  };
  const done = (drawn) => {
    setOn(false);
    onDraw(within(drawn).map((part) => Math.round(part * 1e5) / 1e5));
  };
  const down = (event) => {
    event.stopPropagation();
    event.preventDefault();
    layer.current.setPointerCapture(event.pointerId);
    from.current = at(event);
    setBox([...from.current, 0, 0]);
  };
  const move = (event) => {
    if (!from.current) return;
    event.stopPropagation();
    const [x, y] = at(event);
    const [a, b] = from.current;
    setBox([Math.min(a, x), Math.min(b, y), Math.abs(x - a), Math.abs(y - b)]);
  };
  const up = (event) => {
    event.stopPropagation();
    from.current = null;
    if (box && box[2] > LEAST && box[3] > LEAST) done(box);
    else setBox(null);
  };
  const keys = (event) => {
    if (event.key === "Escape") setOn(false);
    else if (event.key === "Enter" && box) done(box);
    else {
      const way = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key];
      if (!way) return;
      const [x, y, w, h] = box || START;
      setBox(within(event.shiftKey ? [x, y, w + way[0], h + way[1]] : [x + way[0], y + way[1], w, h]));
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const canvas = on ? document.querySelector(".canvas") : null;
  return (
    <>
      <button type="button" className="btn btn-quiet draw-btn" aria-pressed={on} title={pb.t("face.draw_hint")} onClick={() => setOn(!on)}><Icon name="userplus" /><span>{pb.t("face.draw")}</span></button>
      {canvas
        ? createPortal(
            <div ref={layer} className="draw-layer" role="application" tabIndex={0} aria-label={pb.t("face.draw_keys")} onPointerDown={down} onPointerMove={move} onPointerUp={up} onPointerCancel={up} onKeyDown={keys} onDoubleClick={(event) => event.stopPropagation()}>
              {box ? <span className="draw-box" style={{ left: `${box[0] * 100}%`, top: `${box[1] * 100}%`, width: `${box[2] * 100}%`, height: `${box[3] * 100}%` }} /> : <span className="draw-hint">{pb.t("face.draw_hint")}</span>}
            </div>,
            canvas,
          )
        : null}
    </>
  );
}

// ── what changed while one was looking ──
const OPEN_STATES = new Set(["approved", "expiring"]);
const TELLS = [
  ["revoked", (was, is) => is === "revoked" && was !== "revoked"],
  ["expired", (was, is) => is === "expired" && OPEN_STATES.has(was)],
  ["granted", (was, is) => OPEN_STATES.has(is) && !OPEN_STATES.has(was)],
];
const SECONDS = 9;

export function LiveNotes({ photo, people }) {
  const pb = useWords();
  const before = useRef({ photo: "", states: new Map() });
  const [notes, setNotes] = useState([]);
  const serial = useRef(0);
  useEffect(() => {
    const states = new Map((people || []).filter((one) => one.id).map((one) => [one.id, { name: one.name, uses: new Map(one.cells.map((cell) => [cell.use, cell.state])) }]));
    const was = before.current;
    before.current = { photo, states };
    if (!photo || was.photo !== photo) {
      setNotes([]);
      return;
    }
    const fresh = [];
    states.forEach(({ name, uses }, id) => {
      const old = was.states.get(id);
      if (!old) return;
      TELLS.forEach(([kind, happened]) => {
        const changed = [...uses].filter(([use, state]) => happened(old.uses.get(use), state)).map(([use]) => use);
        if (changed.length) fresh.push({ id: (serial.current += 1), kind, name, uses: changed });
      });
    });
    if (fresh.length) setNotes((now) => [...now, ...fresh].slice(-3));
  }, [photo, people]);
  useEffect(() => {
    if (!notes.length) return undefined;
    const timer = setTimeout(() => setNotes((now) => now.slice(1)), SECONDS * 1000);
    return () => clearTimeout(timer);
  }, [notes]);
  const list = (uses) => new Intl.ListFormat(pb.language, { type: "conjunction" }).format(uses.map((use) => pb.t(`use.${use}`).toLowerCase()));
  const state = { revoked: "revoked", expired: "expired", granted: "approved" };
  return (
    <div className="live-notes" role="status" aria-live="polite">
      {notes.map((note) => (
        <p key={note.id} className={`live-note float s-${state[note.kind]}`}>
          <svg className="i" aria-hidden="true"><use href={`/icons.svg#sh-${state[note.kind]}`} /></svg>
          <span>{pb.t(`live.${note.kind}`, { name: note.name, uses: list(note.uses) })}</span>
        </p>
      ))}
    </div>
  );
}

// ── the download menu: beside the button, closed by Escape or a click elsewhere ──
export function DownloadMenu({ open, label, onClose, children }) {
  const box = useRef(null);
  useEffect(() => {
    if (!open) return undefined;
    box.current?.querySelector("button:not(:disabled)")?.focus({ preventScroll: true });
    const away = (event) => {
      if (!event.target.closest?.(".dl, .download-btn, .downloads, .toasts")) onClose();
    };
    const keys = (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      onClose();
      document.querySelector(".download-btn")?.focus();
    };
    document.addEventListener("pointerdown", away);
    document.addEventListener("keydown", keys, true);
    return () => {
      document.removeEventListener("pointerdown", away);
      document.removeEventListener("keydown", keys, true);
    };
  }, [open, onClose]);
  if (!open) return null;
  return (
    <>
      <span className="dl-scrim" aria-hidden="true" />
      <div ref={box} className="dl float" role="dialog" aria-label={label}>{children}</div>
    </>
  );
}

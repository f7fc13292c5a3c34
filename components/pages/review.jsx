// Review: one question after the other, one answer for all faces in it. Everything has a key; what is decided is on its way before it is
// settled, and comes back into the queue when the house says no.
import { useCallback, useEffect, useReducer, useRef, useState, useSyncExternalStore } from "react";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { Icon } from "$/public/external/components/ui/behave/behave.jsx";
import { channel, freshId } from "./review_channel.js";
import { GroupDialog, HistoryDialog, NameDialog } from "./review_dialogs.jsx";
import { EmptyPhotos } from "./review_empty.jsx";
import { Candidates, References } from "./review_faces.jsx";
import { EMPTY, Pace, Queue, SINGLES } from "./review_queue.jsx";
import { Singles } from "./review_singles.jsx";
import { fetchAhead, forget, percent, picked, readyOf, sheetOf } from "./review_sheets.js";

const useWords = wordsOf("review");
const ENOUGH = 16; // rows below which more are asked for
const RENEW = 40_000; // a claim lasts 90 seconds
const PACE_OVER = 180_000;
const MESSAGE = 8000;
const NONE = [];
const FIRST = { waiting: 0, lost: false };
const busy = (target) => target.closest("input, select, textarea, dialog[open], [role=menu], [contenteditable=true]");

// What was decided here and not yet seen in a push: cluster → {faces, left}.
function useHidden(rows) {
  const hidden = useRef(new Map());
  const [, redraw] = useReducer((count) => count + 1, 0);
  const set = (id, what) => {
    if (what) hidden.current.set(id, what);
    else hidden.current.delete(id);
    redraw();
  };
  useEffect(() => {
    hidden.current.forEach((what, id) => {
      const row = rows.find((one) => one.id === id);
      if (what.arrived && (!row || row.faces !== what.of)) set(id, null);
    });
  }); // also after an answer has arrived: the push may have been here first
  return [hidden.current, set, redraw];
}

export function Review({ rows, more, left, empty, singles: alone, named, optIn, mayRule, view, onView, onMore }) {
  const pb = useWords();
  const [wanted, setWanted] = useState("");
  const [hidden, hide, redraw] = useHidden(rows);
  const [touched, setTouched] = useState(() => new Map());
  const [at, setAt] = useState(0);
  const [dialog, setDialog] = useState("");
  const [message, setMessage] = useState(null);
  const [taken, setTaken] = useState(() => new Set());
  const sent = useSyncExternalStore(channel.subscribe, channel.snapshot, () => FIRST);
  const done = useRef([]); // what U takes back, latest last
  const speed = useRef({ all: 0, marks: [] });
  const shown = useRef(null);
  const coming = useRef("");
  const page = useRef(null);

  const visible = rows.filter((row) => !hidden.has(row.id)).map((row) => (taken.has(row.id) && !row.held ? { ...row, held: pb.t("review.somebody"), held_initials: "" } : row));
  const free = visible.filter((row) => !row.held);
  const singles = alone > 1 ? alone : 0; // one of them is a question like any other
  const aside = (wanted === EMPTY && empty) || (wanted === SINGLES && singles) ? wanted : "";
  const row = aside ? null : free.find((one) => one.id === wanted) || free[0] || null;
  const id = row ? row.id : "";
  // What one looks at stays as it is: a guess that comes in the meantime must not change what Enter means.
  if (row && shown.current?.id !== id) {
    const found = sheetOf(row, redraw);
    shown.current = found ? { id, sheet: found } : null;
  }
  const sheet = row && shown.current?.id === id ? shown.current.sheet : null;
  const chosen = sheet ? picked(sheet, touched) : [];
  const focused = sheet ? sheet.faces[Math.min(at, sheet.faces.length - 1)] : null;

  useEffect(() => {
    if (coming.current && (coming.current === EMPTY ? empty : free.some((one) => one.id === coming.current))) {
      setWanted(coming.current);
      coming.current = "";
    } else if (id && wanted !== id && !coming.current) setWanted(id);
  });
  useEffect(() => {
    setAt(0);
    setTouched((before) => (before.size ? new Map() : before));
    if (!id) return undefined;
    const claim = () => channel.claim(id).then((result) => {
      if (result.ok || result.status !== 409) return;
      setTaken((before) => new Set(before).add(id));
      say({ key: "review.taken" });
    });
    claim();
    const timer = setInterval(() => document.visibilityState === "visible" && claim(), RENEW);
    return () => clearInterval(timer);
  }, [id]); // eslint-disable-line react-hooks/exhaustive-deps
  useEffect(() => setTaken((before) => (before.size ? new Set() : before)), [rows]);
  useEffect(() => {
    const place = free.findIndex((one) => one.id === id);
    fetchAhead(free.slice(place + 1));
    if (more && free.length < ENOUGH) onMore();
  }, [id, rows]); // eslint-disable-line react-hooks/exhaustive-deps
  useEffect(() => () => { channel.release(); }, []);
  useEffect(() => {
    if (sheet && sheet.gone) drop(id);
  }, [sheet]); // eslint-disable-line react-hooks/exhaustive-deps
  useEffect(() => {
    if (!message || message.bad) return undefined;
    const timer = setTimeout(() => setMessage(null), MESSAGE);
    return () => clearTimeout(timer);
  }, [message]);

  const say = (what) => setMessage({ ...what, id: freshId() });
  const failed = (code) => ({ key: pb.has(`review.failed.${code}`) ? `review.failed.${code}` : "review.failed.internal", bad: true });
  const drop = (which) => {
    hide(which, { faces: 0, of: row.faces, arrived: true });
    forget(which);
  };
  const onward = () => {
    const place = free.findIndex((one) => one.id === id);
    const next = readyOf(free.slice(place + 1)) || free[place - 1];
    setWanted(next ? next.id : "");
    setDialog("");
    coming.current = "";
    shown.current = null;
    page.current?.querySelector(".rv-cands")?.scrollTo(0, 0);
    // Buttons of the last question are gone; the keys go on working from the page itself.
    if (document.activeElement && document.activeElement !== document.body) document.activeElement.blur();
  };

  // One answer. The next question is there before the house has it; a refusal brings the group back.
  const decide = (verb, who = {}, words = {}) => {
    if (!row || !sheet || !chosen.length) return say({ key: "review.none_selected" });
    const request = freshId();
    const about = row;
    const count = chosen.length;
    hide(id, { faces: count, of: about.faces, arrived: false });
    forget(id);
    speed.current.all += count;
    speed.current.marks.push([Date.now(), count]);
    const entry = { row: id, request, count, face: chosen[0] };
    done.current.push(entry);
    entry.outcome = channel.decide({ id: request, verb, face_ids: chosen, cluster_id: id, ...who }).then((outcome) => {
      if (outcome.error) {
        done.current = done.current.filter((one) => one !== entry);
        speed.current.all -= count;
        hide(about.id, null);
        say(failed(outcome.error));
      } else if (!outcome.recalled) {
        const now = hidden.get(about.id);
        if (now) hide(about.id, { ...now, arrived: true });
      }
      return outcome;
    });
    say({ key: `review.said.${verb}`, params: { count, name: words.name || "" }, undo: true });
    return onward();
  };
  const confirm = () => {
    if (!sheet) return undefined;
    if (!chosen.length) return say({ key: "review.none_selected" });
    return sheet.guess ? decide("confirm", { person_id: sheet.guess.person_id }, { name: sheet.guess.name }) : setDialog("name");
  };
  const reject = () => sheet?.guess && decide("reject", { person_id: sheet.guess.person_id }, { name: sheet.guess.name });
  const name = (one) => decide("confirm", one.id ? { person_id: one.id } : { name: one.name }, { name: one.name });
  const merge = (other) => {
    const into = row;
    const entry = { row: other.id, count: other.faces, face: other.cover };
    done.current.push(entry);
    setDialog("");
    hide(other.id, { faces: 0, of: other.faces, arrived: false });
    entry.outcome = channel.call("POST", `/api/v1/clusters/${into.id}/merge`, { cluster_id: other.id }, 404).then(async (result) => {
      forget(into.id);
      shown.current = null;
      if (result.ok) {
        hide(other.id, { faces: 0, of: other.faces, arrived: true });
        redraw();
        return result.response ? result.response.json() : {};
      }
      done.current = done.current.filter((item) => item !== entry);
      hide(other.id, null);
      say(failed(result.problem.code));
      return {};
    });
    say({ key: "review.said.merge", params: { count: other.faces }, undo: true });
  };
  // The selected faces leave the others here: for a group of their own, or for another one. Never put together with the rest again.
  const part = (path, body, words) => {
    const from = id;
    const entry = { row: from, count: chosen.length, face: chosen[0] };
    done.current.push(entry);
    setDialog("");
    entry.outcome = channel.call("POST", path, body, 404).then(async (result) => {
      forget(from);
      if (shown.current?.id === from) shown.current = null;
      setTouched(new Map());
      redraw();
      if (result.ok) return result.response ? result.response.json() : {};
      done.current = done.current.filter((item) => item !== entry);
      say(failed(result.problem.code));
      return {};
    });
    return say({ key: words, params: { count: entry.count }, undo: true });
  };
  const some = Boolean(sheet) && chosen.length > 0 && chosen.length < sheet.faces.length;
  const split = () => (some ? part(`/api/v1/clusters/${id}/split`, { face_ids: chosen }, "review.said.split") : say({ key: "review.split_some" }));
  const moveTo = (other) => {
    forget(other.id);
    return part(`/api/v1/clusters/${other.id}/merge`, { cluster_id: id, face_ids: chosen }, "review.said.move");
  };
  const returned = (entry) => {
    if (entry.request) speed.current.all = Math.max(0, speed.current.all - entry.count);
    if (entry.photos) coming.current = EMPTY;
    if (!entry.row) return;
    hide(entry.row, null);
    forget(entry.row);
    if (shown.current?.id === entry.row) shown.current = null;
    coming.current = entry.row;
    redraw();
  };
  // Of faces apart from any group.
  const decideSome = (verb, faces, who = {}, words = {}) => {
    const request = freshId();
    const entry = { request, count: faces.length };
    speed.current.all += entry.count;
    speed.current.marks.push([Date.now(), entry.count]);
    done.current.push(entry);
    entry.outcome = channel.decide({ id: request, verb, face_ids: faces, ...who }).then((outcome) => {
      if (outcome.error) {
        done.current = done.current.filter((one) => one !== entry);
        speed.current.all -= entry.count;
        say(failed(outcome.error));
      }
      return outcome;
    });
    say({ key: `review.said.${verb}`, params: { count: faces.length, name: words.name || "" }, undo: true });
    return entry.outcome;
  };
  const nobody = (what) => {
    if (what.failed) return say({ key: "review.failed.internal", bad: true });
    done.current.push({ count: what.count, photos: true, outcome: Promise.resolve({ action_id: what.action }) });
    return say({ key: "review.said.nobody", params: { count: what.count }, undo: true });
  };
  const undo = async (named) => {
    const entry = named ? {} : done.current.pop() || {};
    setDialog("");
    if (entry.request && channel.recall(entry.request)) {
      returned(entry);
      return say({ key: "review.taken_back", params: { count: entry.count } });
    }
    const action = named ? named.id : entry.outcome && (await entry.outcome).action_id;
    if (entry.outcome && !action) return undefined;
    const result = await channel.call("POST", "/api/v1/review/undo", action ? { action_id: action } : {}, 409);
    if (!result.ok) return say({ key: result.status === 404 ? "review.nothing_to_undo" : result.status === 409 ? "review.undo_conflict" : "review.failed.internal", bad: true });
    returned(entry);
    const photos = named ? named.kind.endsWith("nobody") : entry.photos;
    return say({ key: photos ? "review.photos_back" : "review.taken_back", params: { count: (named ? named.faces : entry.count) || 0 } });
  };
  const toggle = (face) => setTouched((before) => new Map(before).set(face, !chosen.includes(face)));
  const all = () => sheet && setTouched(new Map(sheet.faces.map((face) => [face.id, chosen.length < sheet.faces.length])));
  const focus = (place) => {
    const cells = page.current ? [...page.current.querySelectorAll("[data-at]")] : [];
    const cell = cells[Math.max(0, Math.min(place, cells.length - 1))];
    if (cell) cell.focus();
  };
  const across = () => {
    const cells = page.current ? [...page.current.querySelectorAll("[data-at]")] : [];
    return Math.max(1, cells.filter((cell) => cell.offsetTop === cells[0].offsetTop).length);
  };
  // Enter answers the question from here on, and does not choose it once more.
  const pick = useCallback((which) => {
    coming.current = "";
    setWanted(which);
    document.activeElement?.blur();
  }, []);
  const move = (step) => {
    const stops = [...free.map((one) => one.id), ...(singles ? [SINGLES] : []), ...(empty ? [EMPTY] : [])];
    const to = stops[stops.indexOf(aside || id) + step];
    if (to) setWanted(to);
  };

  useEffect(() => {
    const press = (event) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || dialog || busy(event.target)) return;
      const onFace = event.target.closest("[data-at]");
      const elsewhere = event.target.closest("a, button") && !onFace;
      const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across(), ArrowUp: -across() };
      const keys = {
        r: reject, n: () => chosen.length && setDialog("new"), m: () => sheet && setDialog("merge"), i: () => decide("ignore"), s: split, u: () => undo(), a: all,
        v: () => (some ? setDialog("move") : say({ key: "review.split_some" })),
        h: () => setDialog("history"), p: () => focused && window.open(`/photo/${focused.asset_id}/`, "_blank", "noopener"),
      };
      const letter = keys[event.key.toLowerCase()];
      if (aside && !["u", "h", "pageup", "pagedown"].includes(event.key.toLowerCase())) return;
      if (steps[event.key] && sheet) focus((onFace || at ? at : event.key === "ArrowRight" ? -1 : 0) + steps[event.key]);
      else if (event.key === "PageDown") move(1);
      else if (event.key === "PageUp") move(-1);
      else if (event.key === " " && !elsewhere && !onFace && focused) toggle(focused.id);
      else if (event.key === "Enter" && !elsewhere) {
        if (!event.repeat) confirm();
      } else if (letter) {
        if (!event.repeat) letter();
      } else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  });

  const now = Date.now();
  speed.current.marks = speed.current.marks.filter(([time]) => now - time < PACE_OVER);
  const recent = speed.current.marks.reduce((sum, [, count]) => sum + count, 0);
  const since = speed.current.marks.length ? Math.max(30_000, now - speed.current.marks[0][0]) : 0;
  const pending = [...hidden.values()].reduce((sum, one) => sum + one.faces, 0);
  const remaining = Math.max(0, left - pending);
  const pace = <Pace pb={pb} left={remaining} done={speed.current.all} pace={since ? Math.round((recent * 60_000) / since) : 0} waiting={sent.waiting} lost={sent.lost} />;
  const toRule = mayRule ? <a href="/admin/biometrics/">{pb.t("review.unnamed_link")}</a> : pb.t("review.unnamed_ask");
  const unnamed = named ? null : <div className="notice rv-unnamed"><Icon name="info" size={18} /><div>{pb.t("review.unnamed")} {toRule}</div></div>;
  const forgets = optIn ? <>{pb.t("review.forgets")} {toRule}</> : null;
  return (
    <div className="rv" ref={page}>
      <Queue pb={pb} rows={visible} here={aside || id} view={view} more={more} empty={empty} singles={singles} pace={pace} onView={onView} onMore={onMore} onPick={pick} />
      <section className="rv-desk" aria-label={pb.t("review.desk")}>
        <div className="rv-top phone">{pace}{aside ? free.length ? <button type="button" className="btn btn-sm" onClick={() => setWanted("")}>{pb.t("review.to_faces")}</button> : null : (
          <>
            {singles ? <button type="button" className="btn btn-sm" onClick={() => setWanted(SINGLES)}>{pb.t("review.singles_title")}</button> : null}
            {empty ? <button type="button" className="btn btn-sm" onClick={() => setWanted(EMPTY)}>{pb.t("review.empty_short", { count: empty })}</button> : null}
          </>
        )}</div>
        {aside === SINGLES ? (
          <Singles pb={pb} total={singles} note={forgets} onDecide={decideSome} />
        ) : aside === EMPTY ? (
          <EmptyPhotos pb={pb} total={empty} onSaid={nobody} />
        ) : !row ? (
          <Finished pb={pb} held={visible.length} empty={empty} unnamed={unnamed} view={view} onView={onView} onEmpty={() => setWanted(EMPTY)} onHistory={() => setDialog("history")} />
        ) : !sheet || sheet.gone ? (
          <div className="rv-ask"><h1>{row.name ? pb.t("review.ask", { name: row.name }) : pb.t("review.ask_unknown")}</h1><p role="status" className="vh">{pb.t("state.loading")}</p></div>
        ) : sheet.failed ? (
          <div className="rv-ask" role="alert"><h1>{pb.t("errors.unavailable")}</h1><button type="button" className="btn" onClick={() => { forget(id); shown.current = null; redraw(); }}>{pb.t("act.retry")}</button></div>
        ) : (
          <>
            <div className="rv-ask">
              <div>
                <h1>{sheet.guess ? pb.t("review.ask", { name: sheet.guess.name }) : pb.t("review.ask_unknown")}{sheet.guess ? <span className="rv-prob num">{percent(sheet.guess.probability)} %</span> : null}</h1>
                <p className="num">{pb.t("review.faces_count", { count: sheet.total })}, {pb.t("count.photos", { count: row.photos })}</p>
              </div>
              {unnamed}
            </div>
            <References pb={pb} sheet={sheet} focused={focused} at={sheet.faces.indexOf(focused)} />
            <Candidates pb={pb} sheet={sheet} chosen={chosen} at={at} onFocus={setAt} onToggle={toggle} onAll={all} />
            <div className="rv-acts">
              <button type="button" className="btn btn-primary" aria-keyshortcuts="Enter" disabled={!chosen.length} onClick={confirm}>{pb.t(sheet.guess ? "review.confirm" : "review.name_them", { count: chosen.length })}<kbd>Enter</kbd></button>
              {sheet.guess ? <button type="button" className="btn" aria-keyshortcuts="R" disabled={!chosen.length} onClick={reject}><span className="truncate">{pb.t("review.not", { name: sheet.guess.name.split(" ")[0] })}</span><kbd>R</kbd></button> : null}
              <More pb={pb} guess={sheet.guess} none={!chosen.length} onNew={() => setDialog("new")} some={some} onMerge={() => setDialog("merge")} onSplit={split} onMoveTo={() => setDialog("move")} onSkip={() => move(1)} onIgnore={() => decide("ignore")} onHistory={() => setDialog("history")} />
              <span className="keys" aria-hidden="true"><span><kbd>←</kbd><kbd>→</kbd>{pb.t("review.key_move")}</span><span><kbd>{pb.t("review.space")}</kbd>{pb.t("review.key_select")}</span><span><kbd>P</kbd>{pb.t("review.key_photo")}</span></span>
            </div>
          </>
        )}
        <div className="rv-said" role="status">
          {message ? (
            <div className={`toast ${message.bad ? "bad" : ""}`} key={message.id}>
              <Icon name={message.bad ? "alert" : "check"} size={18} /><p>{pb.t(message.key, message.params)}</p>
              {message.undo ? <button type="button" className="btn" onClick={() => undo()}>{pb.t("act.undo")}<kbd>U</kbd></button> : <button type="button" className="btn btn-icon" aria-label={pb.t("act.close")} onClick={() => setMessage(null)}><Icon name="x" /></button>}
            </div>
          ) : null}
        </div>
      </section>
      <NameDialog pb={pb} open={dialog === "name" || dialog === "new"} fresh={dialog === "new"} count={chosen.length} note={forgets} onClose={() => setDialog("")} onTake={name} />
      <GroupDialog pb={pb} open={dialog === "merge"} words="merge" rows={dialog === "merge" ? free.filter((one) => one.id !== id) : NONE} onClose={() => setDialog("")} onTake={merge} />
      <GroupDialog pb={pb} open={dialog === "move"} words="move" count={chosen.length} rows={dialog === "move" ? free.filter((one) => one.id !== id) : NONE} onClose={() => setDialog("")} onTake={moveTo} />
      <HistoryDialog pb={pb} open={dialog === "history"} onClose={() => setDialog("")} onUndo={undo} />
    </div>
  );
}

// On a desk a row of buttons; on a phone the rest of them behind one.
function More({ pb, guess, none, some, onNew, onMerge, onSplit, onMoveTo, onSkip, onIgnore, onHistory }) {
  const [open, setOpen] = useState(false);
  const run = (what) => () => { setOpen(false); what(); };
  return (
    <>
      <button type="button" className="btn btn-icon phone" aria-expanded={open} aria-label={pb.t("act.more")} onClick={() => setOpen(!open)}><Icon name="more" /></button>
      <span className={`rv-more ${open ? "open" : ""}`}>
        {guess ? <button type="button" className="btn btn-quiet" aria-keyshortcuts="N" disabled={none} onClick={run(onNew)}>{pb.t("review.somebody_else")}<kbd>N</kbd></button> : null}
        <button type="button" className="btn btn-quiet" aria-keyshortcuts="M" onClick={run(onMerge)}>{pb.t("review.merge")}<kbd>M</kbd></button>
        <button type="button" className="btn btn-quiet" aria-keyshortcuts="S" disabled={!some} onClick={run(onSplit)}>{pb.t("review.split")}<kbd>S</kbd></button>
        <button type="button" className="btn btn-quiet" aria-keyshortcuts="V" disabled={!some} onClick={run(onMoveTo)}>{pb.t("review.move")}<kbd>V</kbd></button>
        <button type="button" className="btn btn-quiet" aria-keyshortcuts="I" disabled={none} onClick={run(onIgnore)}>{pb.t("review.ignore")}<kbd>I</kbd></button>
        <button type="button" className="btn btn-quiet phone" onClick={run(onSkip)}>{pb.t("review.skip")}</button>
        <button type="button" className="btn btn-quiet" aria-keyshortcuts="H" title={pb.t("review.history")} onClick={run(onHistory)}><Icon name="clock" size={16} /><span className="rv-word">{pb.t("review.history_short")}</span><kbd>H</kbd></button>
      </span>
    </>
  );
}

function Finished({ pb, held, empty, unnamed, view, onView, onEmpty, onHistory }) {
  const part = view !== "all";
  return (
    <div className="state rv-done">
      <Icon name="check" size={32} />
      <h1>{pb.t(held ? "review.all_held" : part ? "review.none_here" : "review.all_done")}</h1>
      <p>{pb.t(held ? "review.all_held_text" : part ? "review.none_here_text" : "review.all_done_text")}</p>
      <div className="row wrap">
        {part ? <button type="button" className="btn btn-primary" onClick={() => onView("all")}>{pb.t("review.show_all")}</button> : null}
        {empty ? <button type="button" className="btn btn-primary" onClick={onEmpty}>{pb.t("review.empty_short", { count: empty })}</button> : null}
        <button type="button" className="btn" onClick={onHistory}>{pb.t("review.history")}</button>
      </div>
      {unnamed}
    </div>
  );
}

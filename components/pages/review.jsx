// Review: one question after the other, one answer for all faces in it. Everything has a key; what is decided is on its way before it is
// settled, and comes back into the queue when the house says no.
import { useCallback, useEffect, useReducer, useRef, useState, useSyncExternalStore } from "react";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { Icon } from "$/public/external/components/ui/behave/behave.jsx";
import { Acts, Finished } from "./review_acts.jsx";
import { useAnswers } from "./review_answers.js";
import { channel, freshId } from "./review_channel.js";
import { GroupDialog, HistoryDialog, NameDialog } from "./review_dialogs.jsx";
import { EmptyPhotos } from "./review_empty.jsx";
import { Candidates, References } from "./review_faces.jsx";
import { useKeys } from "./review_keys.js";
import { usePace } from "./review_pace.js";
import { EMPTY, Pace, Queue, SINGLES } from "./review_queue.jsx";
import { Singles } from "./review_singles.jsx";
import { fetchAhead, forget, percent, picked, readyOf, sheetOf } from "./review_sheets.js";

const useWords = wordsOf("review");
const ENOUGH = 16; // rows below which more are asked for
const RENEW = 40_000; // a claim lasts 90 seconds
const MESSAGE = 8000;
const NONE = [];
const FIRST = { waiting: 0, lost: false };

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
  const pace = usePace();
  const shown = useRef(null);
  const coming = useRef("");
  const page = useRef(null);

  const visible = rows.filter((row) => !hidden.has(row.id)).map((row) => (taken.has(row.id) && !row.held ? { ...row, held: pb.t("review.somebody"), held_initials: "" } : row));
  const free = visible.filter((row) => !row.held);
  const singles = alone > 1 && view !== "suggested" ? alone : 0; // one of them is a question like any other
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
  const some = chosen.length > 0 && chosen.length < sheet.faces.length;
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
    if (!sheet || !sheet.gone) return;
    hide(id, { faces: 0, of: row.faces, arrived: true });
    forget(id);
  }, [sheet]); // eslint-disable-line react-hooks/exhaustive-deps
  useEffect(() => {
    if (!message || message.bad) return undefined;
    const timer = setTimeout(() => setMessage(null), MESSAGE);
    return () => clearTimeout(timer);
  }, [message]);

  const say = (what) => setMessage({ ...what, id: freshId() });
  // What one looks at is fetched again, with its faces as they stand now.
  const anew = (which) => {
    forget(which);
    if (shown.current?.id === which) {
      shown.current = null;
      setTouched(new Map());
    }
    redraw();
  };
  const back = (which) => {
    coming.current = which;
    if (which === EMPTY) return;
    hide(which, null);
    anew(which);
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
  const answers = useAnswers({ pb, row, sheet, chosen, some, hidden, hide, anew, onward, back, say, pace, onDialog: setDialog });
  const toggle = (face) => setTouched((before) => new Map(before).set(face, !chosen.includes(face)));
  const all = () => sheet && setTouched(new Map(sheet.faces.map((face) => [face.id, chosen.length < sheet.faces.length])));
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

  useKeys({ page, open: Boolean(dialog), aside: Boolean(aside), sheet, at, focused, some, chosen, answers, onDialog: setDialog, onToggle: toggle, onAll: all, onSkip: move });

  const pending = [...hidden.values()].reduce((sum, one) => sum + one.faces, 0);
  const progress = <Pace pb={pb} left={Math.max(0, left - pending)} done={pace.done()} pace={pace.perMinute()} waiting={sent.waiting} lost={sent.lost} />;
  const toRule = mayRule ? <a href="/admin/biometrics/">{pb.t("review.unnamed_link")}</a> : pb.t("review.unnamed_ask");
  const forgets = optIn ? <>{pb.t("review.forgets")} {toRule}</> : null;
  const unnamed = named ? null : <div className="notice rv-unnamed"><Icon name="info" size={18} /><div>{pb.t("review.unnamed")} {toRule}</div></div>;
  return (
    <div className="rv" ref={page}>
      <Queue pb={pb} rows={visible} here={aside || id} view={view} more={more} empty={empty} singles={singles} pace={progress} onView={onView} onMore={onMore} onPick={pick} />
      <section className="rv-desk" aria-label={pb.t("review.desk")}>
        <div className="rv-top phone">{progress}{aside ? free.length ? <button type="button" className="btn btn-sm" onClick={() => setWanted("")}>{pb.t("review.to_faces")}</button> : null : (
          <>
            {singles ? <button type="button" className="btn btn-sm" onClick={() => setWanted(SINGLES)}>{pb.t("review.singles_title")}</button> : null}
            {empty ? <button type="button" className="btn btn-sm" onClick={() => setWanted(EMPTY)}>{pb.t("review.empty_short", { count: empty })}</button> : null}
          </>
        )}</div>
        {aside === SINGLES ? (
          <Singles pb={pb} total={singles} note={forgets} onDecide={answers.decideSome} />
        ) : aside === EMPTY ? (
          <EmptyPhotos pb={pb} total={empty} onSaid={answers.nobody} />
        ) : !row ? (
          <Finished pb={pb} held={visible.length} empty={empty} unnamed={unnamed} view={view} onView={onView} onEmpty={() => setWanted(EMPTY)} onHistory={() => setDialog("history")} />
        ) : !sheet || sheet.gone ? (
          <div className="rv-ask"><h1>{row.name ? pb.t("review.ask", { name: row.name }) : pb.t("review.ask_unknown")}</h1><p role="status" className="vh">{pb.t("state.loading")}</p></div>
        ) : sheet.failed ? (
          <div className="rv-ask" role="alert"><h1>{pb.t("errors.unavailable")}</h1><button type="button" className="btn" onClick={() => anew(id)}>{pb.t("act.retry")}</button></div>
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
            <Acts pb={pb} sheet={sheet} chosen={chosen} some={some} answers={answers} onDialog={setDialog} onSkip={() => move(1)} />
          </>
        )}
        <div className="rv-said" role="status">
          {message ? (
            <div className={`toast ${message.bad ? "bad" : ""}`} key={message.id}>
              <Icon name={message.bad ? "alert" : "check"} size={18} /><p>{pb.t(message.key, message.params)}</p>
              {message.undo ? <button type="button" className="btn" onClick={() => answers.undo()}>{pb.t("act.undo")}<kbd>U</kbd></button> : <button type="button" className="btn btn-icon" aria-label={pb.t("act.close")} onClick={() => setMessage(null)}><Icon name="x" /></button>}
            </div>
          ) : null}
        </div>
      </section>
      <NameDialog pb={pb} open={dialog === "name" || dialog === "new"} fresh={dialog === "new"} count={chosen.length} note={forgets} onClose={() => setDialog("")} onTake={answers.name} />
      <GroupDialog pb={pb} open={dialog === "merge"} words="merge" rows={dialog === "merge" ? free.filter((one) => one.id !== id) : NONE} onClose={() => setDialog("")} onTake={answers.merge} />
      <GroupDialog pb={pb} open={dialog === "move"} words="move" count={chosen.length} rows={dialog === "move" ? free.filter((one) => one.id !== id) : NONE} onClose={() => setDialog("")} onTake={answers.moveTo} />
      <HistoryDialog pb={pb} open={dialog === "history"} onClose={() => setDialog("")} onUndo={answers.undo} />
    </div>
  );
}

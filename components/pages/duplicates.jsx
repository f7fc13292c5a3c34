// Two photos of one picture beside one another: which pair is looked at is this page's own business, what is decided the server's.
import { useEffect, useState } from "react";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { Icon, Shield } from "$/public/external/components/photo/scripts/common.jsx";

const useWords = wordsOf("duplicates");
const ANSWERS = ["skip", "version", "keep", "apart"];
const picture = (id, name) => `/api/v1/assets/${id}/renditions/${name}`;
const busy = (target) => target.closest("input, select, textarea, dialog[open], [role=menu], [contenteditable=true]");

export function Pairs({ pairs, more, answered, onDecide, onUndo, onTakeBack, onMore }) {
  const pb = useWords();
  const [wanted, setWanted] = useState("");
  const [at, setAt] = useState(0);
  // The pair one looked at stays in sight when others come or go; when it is decided, the one in its place takes over.
  const found = pairs.findIndex((pair) => pair.id === wanted);
  const here = Math.max(0, Math.min(found >= 0 ? found : at, pairs.length - 1));
  const pair = pairs[here];
  const go = (step) => {
    const next = Math.max(0, Math.min(here + step, pairs.length - 1));
    setAt(next);
    setWanted(pairs[next].id);
    if (more && next >= pairs.length - 4) onMore();
  };
  useEffect(() => {
    setAt(here);
    setWanted(pair ? pair.id : "");
  }, [pair?.id]); // eslint-disable-line react-hooks/exhaustive-deps
  const may = (answer) => pair && pair.may_decide && (answer !== "version" || pair.may_version);
  const decide = (answer) => {
    if (!may(answer)) return;
    setWanted("");
    setAt(here);
    onDecide(pair.id, answer);
  };
  useEffect(() => {
    const press = (event) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !pair || busy(event.target)) return;
      const answer = ANSWERS[Number(event.key) - 1];
      if (event.key === "ArrowRight") go(1);
      else if (event.key === "ArrowLeft") go(-1);
      else if (answer && !answered) decide(answer);
      else if (event.key.toLowerCase() === "u") answered ? onTakeBack(pair.id) : onUndo("undo");
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  });
  if (!pair) return null;
  return (
    <section className="dup" aria-label={pb.t("duplicates.title")}>
      <div className="dup-bar">
        <button type="button" className="btn btn-quiet btn-icon" aria-label={pb.t("duplicates.previous")} title={pb.t("duplicates.previous")} disabled={here === 0} onClick={() => go(-1)}><Icon name="left" /></button>
        <span className="num" role="status">{pb.t("duplicates.pair", { at: here + 1, count: `${pairs.length}${more ? "+" : ""}` })}</span>
        <button type="button" className="btn btn-quiet btn-icon" aria-label={pb.t("duplicates.next")} title={pb.t("duplicates.next")} disabled={here === pairs.length - 1} onClick={() => go(1)}><Icon name="right" /></button>
        <ul className="dup-what">{pair.differences.map((one) => <li key={one} className="chip chip-sm">{pb.t(`duplicates.is.${one}`)}</li>)}</ul>
      </div>
      <div className="dup-two">
        <Side key={pair.older.id} side={pair.older} other={pair.newer} label="older" pb={pb} />
        <Side key={pair.newer.id} side={pair.newer} other={pair.older} label="newer" pb={pb} />
      </div>
      {answered ? (
        <div className="dup-acts">
          <span className="muted">{pb.t(`duplicates.did_${pair.answer}`)}</span>
          {pair.may_decide && pair.answer !== "version" ? <button type="button" className="btn" onClick={() => onTakeBack(pair.id)}>{pb.t("duplicates.undo")}<kbd>U</kbd></button> : null}
        </div>
      ) : (
        <div className="dup-acts" role="group" aria-label={pb.t("duplicates.tab_open")}>
          {ANSWERS.map((answer, place) => (
            <button key={answer} type="button" className={`btn ${place ? "" : "btn-primary"}`} aria-keyshortcuts={String(place + 1)} disabled={!may(answer)} title={place ? undefined : pb.t("duplicates.skip_hint")} onClick={() => decide(answer)}>
              {pb.t(`duplicates.${answer}`)}<kbd>{place + 1}</kbd>
            </button>
          ))}
          <p className="hint">{pb.t(pair.may_decide ? "duplicates.keys" : "duplicates.cannot_decide")}</p>
        </div>
      )}
    </section>
  );
}

function Side({ side, other, label, pb }) {
  // Which of the two has more is said by weight, not by colour.
  const more = (mine, its) => (mine > its ? "more" : "");
  return (
    <figure className="dup-side">
      <div className="dup-pic">
        {side.shown ? (
          <span className="dup-frame" style={{ aspectRatio: `${side.width} / ${side.height}`, "--ar": side.width / side.height }}>
            <img src={picture(side.id, "preview")} alt={side.title} />
            {side.part ? <i className="dup-region" title={pb.t("duplicates.region")} style={{ left: `${side.left}%`, top: `${side.top}%`, width: `${side.wide}%`, height: `${side.high}%` }} /> : null}
          </span>
        ) : <span className="dup-none"><Icon name="lock" size={20} />{pb.t("duplicates.not_shown")}</span>}
        <span className="dup-tag">{pb.t(`duplicates.${label}`)}</span>
      </div>
      <figcaption>
        <p className="dup-name"><a href={`/photo/${side.id}/?ids=${side.id},${other.id}`}>{side.title}</a>{side.best ? <span className="chip chip-sm on">{pb.t("duplicates.best")}</span> : null}</p>
        <p className="num">
          <span className={more(side.width * side.height, other.width * other.height)}>{pb.number(side.width)} × {pb.number(side.height)}</span> · <span className={more(side.size, other.size)}>{pb.size(side.size)}</span> · {side.format}
        </p>
        <p className="muted">{side.folder} · {pb.date(side.taken_at || side.created_at, "datetime")}</p>
        <ul className="dup-shields">{side.shields.map((one) => <li key={one.use}><Shield state={one.state} look="bare" pb={pb} words={`${pb.t(`use.${one.use}`)}: ${pb.t(`clearance.${one.state}`).toLowerCase()}`} /></li>)}</ul>
      </figcaption>
    </figure>
  );
}

// What one can do with the question: a row of buttons, each with its key. And what stands there when nothing is left to ask.
import { useState } from "react";
import { Icon } from "$/public/external/components/ui/behave/behave.jsx";

export function Acts({ pb, sheet, chosen, some, answers, onDialog, onSkip }) {
  const none = !chosen.length;
  return (
    <div className="rv-acts">
      <button type="button" className="btn btn-primary" aria-keyshortcuts="Enter" disabled={none} onClick={answers.confirm}>{pb.t(sheet.guess ? "review.confirm" : "review.name_them", { count: chosen.length })}<kbd>Enter</kbd></button>
      {sheet.guess ? <button type="button" className="btn" aria-keyshortcuts="R" disabled={none} onClick={answers.reject}><span className="truncate">{pb.t("review.not", { name: sheet.guess.name.split(" ")[0] })}</span><kbd>R</kbd></button> : null}
      <More pb={pb} guess={sheet.guess} none={none} some={some} onNew={() => onDialog("new")} onMerge={() => onDialog("merge")} onSplit={answers.split} onMoveTo={() => onDialog("move")} onSkip={onSkip} onIgnore={() => answers.decide("ignore")} onHistory={() => onDialog("history")} />
      <span className="keys" aria-hidden="true"><span><kbd>←</kbd><kbd>→</kbd>{pb.t("review.key_move")}</span><span><kbd>{pb.t("review.space")}</kbd>{pb.t("review.key_select")}</span><span><kbd>P</kbd>{pb.t("review.key_photo")}</span></span>
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

export function Finished({ pb, held, empty, unnamed, view, onView, onEmpty, onHistory }) {
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

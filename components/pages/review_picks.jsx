// Many pictures, of which a reviewer selects some and says one thing of them. Nothing is selected at first.
import { useEffect, useRef, useState } from "react";
import { Icon } from "$/public/external/components/ui/behave/behave.jsx";

const busy = (target) => target.closest("input, select, textarea, dialog[open], [role=menu]");

// `ids`: null while they are on their way. `acts`: what can be said of those chosen, each {key, word, primary, run}.
export function Picks({ pb, ids, failed, more, onMore, onRetry, title, text, label, kind = "", nameOf, picture, acts, sending = false }) {
  const [chosen, setChosen] = useState(() => new Set());
  const grid = useRef(null);
  const picked = (ids || []).filter((id) => chosen.has(id));
  // The keys work from the pictures on: whatever led here, or was decided, has the focus no longer.
  const first = ids && ids.length ? ids[0] : "";
  const begun = useRef("");
  useEffect(() => {
    if (first && (first !== begun.current || document.activeElement === document.body)) grid.current?.querySelector("[data-pick]")?.focus({ preventScroll: true });
    begun.current = first;
  }, [ids]); // eslint-disable-line react-hooks/exhaustive-deps
  const toggle = (id) => setChosen((before) => {
    const after = new Set(before);
    if (!after.delete(id)) after.add(id);
    return after;
  });
  const all = () => setChosen(new Set(ids && picked.length < ids.length ? ids : []));
  const run = (act) => {
    if (!picked.length || sending) return;
    act.run(picked);
  };
  useEffect(() => {
    const press = (event) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || busy(event.target)) return;
      const cells = grid.current ? [...grid.current.querySelectorAll("[data-pick]")] : [];
      const place = cells.indexOf(event.target.closest("[data-pick]"));
      const across = cells.filter((cell) => cell.offsetTop === cells[0].offsetTop).length;
      const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across }[event.key];
      const act = acts.find((one) => one.key.toLowerCase() === event.key.toLowerCase());
      const elsewhere = event.target.closest("a, button") && place < 0;
      if (event.key.toLowerCase() === "a") all();
      else if (act && !(act.key === "Enter" && elsewhere)) {
        if (!event.repeat) run(act);
      } else if (step && cells.length) cells[Math.max(0, Math.min(place < 0 ? 0 : place + step, cells.length - 1))].focus();
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  });
  return (
    <>
      <div className="rv-ask"><div><h1>{title}</h1><p className="num">{text}</p></div></div>
      <div className="rv-cands wide">
        {failed ? <p role="alert">{pb.t("errors.unavailable")} <button type="button" className="btn btn-sm" onClick={onRetry}>{pb.t("act.retry")}</button></p> : ids === null ? <p className="muted" role="status">{pb.t("state.loading")}</p> : (
          <div className={`rv-grid ${kind}`} ref={grid} role="group" aria-label={label}>
            {ids.map((id, place) => (
              <button key={id} type="button" data-pick className={`rv-cand ${chosen.has(id) ? "" : "unpicked"}`} aria-pressed={chosen.has(id)} aria-label={nameOf(place)} onClick={() => toggle(id)}>
                <span className="rv-pic">{picture(id)}</span>
                <span className="tick" aria-hidden="true"><Icon name="check" size={12} /></span>
              </button>
            ))}
          </div>
        )}
        {more ? <button type="button" className="btn" onClick={onMore}>{pb.t("review.more")}</button> : null}
      </div>
      <div className="rv-acts picks">
        {acts.map((act) => (
          <button key={act.key} type="button" className={`btn ${act.primary ? "btn-primary" : ""}`} disabled={!picked.length || sending} aria-busy={sending} aria-keyshortcuts={act.key} onClick={() => run(act)}>{pb.t(act.word, { count: picked.length })}<kbd>{act.key}</kbd></button>
        ))}
        <button type="button" className="btn" aria-keyshortcuts="A" onClick={all}>{pb.t("review.select_all")}<kbd>A</kbd></button>
      </div>
    </>
  );
}

// Photos on which no face was found: somebody looks, and says of many at once that nobody is recognisable. Nothing is selected before that.
import { useEffect, useRef, useState } from "react";
import { Icon } from "$/public/external/components/ui/behave/behave.jsx";
import { read, rendition } from "$/public/external/components/photo/scripts/common.jsx";
import { sayNobody } from "./review_dialogs.jsx";

const PAGE = 60;
const busy = (target) => target.closest("input, select, textarea, dialog[open], [role=menu]");

export function EmptyPhotos({ pb, total, onSaid }) {
  const [ids, setIds] = useState(null);
  const [next, setNext] = useState(null);
  const [failed, setFailed] = useState(false);
  const [chosen, setChosen] = useState(() => new Set());
  const [sending, setSending] = useState(false);
  const grid = useRef(null);
  const load = (cursor) => {
    setFailed(false);
    read(`/api/v1/review/empty?limit=${PAGE}${cursor ? `&cursor=${cursor}` : ""}`).then((page) => {
      const items = page ? page.items : [];
      setIds((before) => [...((cursor && before) || []), ...items]);
      setNext(page ? page.next_cursor : null);
      if (!cursor) setChosen(new Set());
    }, () => setFailed(true));
  };
  useEffect(() => load(), []);
  // What was taken back, or came in since, is here again.
  const held = ids ? ids.length : 0;
  useEffect(() => {
    if (ids && !next && total > held) load();
  }, [total]); // eslint-disable-line react-hooks/exhaustive-deps
  // The keys work from the photos on: whatever led here has the focus no longer.
  const first = ids && ids.length ? ids[0] : "";
  useEffect(() => {
    if (first) grid.current?.querySelector("[data-photo]")?.focus({ preventScroll: true });
  }, [first]);
  const toggle = (id) => setChosen((before) => {
    const after = new Set(before);
    if (!after.delete(id)) after.add(id);
    return after;
  });
  const all = () => setChosen(ids && chosen.size === ids.length ? new Set() : new Set(ids || []));
  const say = async () => {
    if (!chosen.size || sending) return;
    setSending(true);
    const said = await sayNobody([...chosen]);
    setSending(false);
    const took = said.ok ? await said.response.json() : null;
    onSaid(took && took.action_id ? { count: took.asset_ids.length, action: took.action_id } : { failed: true });
    if (said.ok) load();
  };
  useEffect(() => {
    const press = (event) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || busy(event.target)) return;
      const cell = event.target.closest("[data-photo]");
      if (event.key.toLowerCase() === "a") all();
      else if (event.key === "Enter" && !event.repeat && !event.target.closest("a, button:not([data-photo])")) say();
      else if (cell && ["ArrowRight", "ArrowLeft"].includes(event.key)) (event.key === "ArrowRight" ? cell.nextElementSibling : cell.previousElementSibling)?.focus();
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  });
  return (
    <>
      <div className="rv-ask"><div><h1>{pb.t("review.empty_ask")}</h1><p className="num">{pb.t("review.empty_text", { count: total })}</p></div></div>
      <div className="rv-cands wide">
        {failed ? <p role="alert">{pb.t("errors.unavailable")} <button type="button" className="btn btn-sm" onClick={() => load()}>{pb.t("act.retry")}</button></p> : ids === null ? <p className="muted" role="status">{pb.t("state.loading")}</p> : (
          <div className="rv-grid photos" ref={grid} role="group" aria-label={pb.t("review.empty_title")}>
            {ids.map((id, place) => (
              <button key={id} type="button" data-photo className={`rv-cand ${chosen.has(id) ? "" : "unpicked"}`} aria-pressed={chosen.has(id)} aria-label={pb.t("review.photo", { number: place + 1 })} onClick={() => toggle(id)}>
                <span className="rv-pic"><img src={rendition(id, "thumb")} alt="" loading="lazy" /></span>
                <span className="tick" aria-hidden="true"><Icon name="check" size={12} /></span>
              </button>
            ))}
          </div>
        )}
        {next ? <button type="button" className="btn" onClick={() => load(next)}>{pb.t("review.more")}</button> : null}
      </div>
      <div className="rv-acts">
        <button type="button" className="btn btn-primary" disabled={!chosen.size || sending} aria-busy={sending} aria-keyshortcuts="Enter" onClick={say}>{pb.t("review.nobody", { count: chosen.size })}<kbd>Enter</kbd></button>
        <button type="button" className="btn" aria-keyshortcuts="A" onClick={all}>{pb.t("review.select_all")}<kbd>A</kbd></button>
      </div>
    </>
  );
}

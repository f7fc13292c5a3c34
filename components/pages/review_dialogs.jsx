// What a reviewer is asked in a dialog: who it is, by typing; with which group it belongs together; and what was done, to take it back.
import { useEffect, useId, useRef, useState } from "react";
import { Dialog, Icon } from "$/public/external/components/ui/behave/behave.jsx";
import { send } from "$/public/external/components/http/http.js";
import { read, rendition } from "$/public/external/components/photo/scripts/common.jsx";
import { Face } from "./review_pictures.jsx";

const PAUSE = 120;
const SHOWN = 6;

// Options to move through with the arrow keys while the cursor stays in the field.
function useOptions(options, onTake) {
  const [at, setAt] = useState(0);
  const here = Math.max(0, Math.min(at, options.length - 1));
  const onKeyDown = (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") setAt((here + (event.key === "ArrowDown" ? 1 : -1) + options.length) % Math.max(1, options.length));
    else if (event.key === "Enter" && !event.repeat) {
      if (options[here]) onTake(options[here]);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return { here, setAt, onKeyDown };
}

// `fresh`: begin at the new person, as the key N asks, rather than at somebody known by a name like it.
// `note`: what naming does not do under the rule in force.
export function NameDialog({ pb, open, count, fresh, note, onClose, onTake }) {
  const [text, setText] = useState("");
  const [found, setFound] = useState({ for: "", items: [] });
  const id = useId();
  const name = text.trim();
  useEffect(() => {
    if (!open) setText(""); // on the way out: cleared on the way in, quick typing would be mixed with what was there before
  }, [open]);
  useEffect(() => {
    if (!open || !name) return undefined;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      read(`/api/v1/people?limit=${SHOWN}&search=${encodeURIComponent(name)}`, stop.signal).then((page) => page && setFound({ for: name, items: page.items }), () => {});
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [open, name]);
  const ready = found.for === name;
  const known = name ? found.items.filter((one) => one.name.toLowerCase().includes(name.toLowerCase())) : [];
  const same = known.some((one) => one.name.toLowerCase() === name.toLowerCase());
  const create = name ? [{ id: "", name }] : [];
  const options = fresh && !same ? [...create, ...known] : [...known, ...create];
  // While the list is not yet of what was typed, Enter would take somebody else: it waits for it.
  const { here, setAt, onKeyDown } = useOptions(ready ? options : [], onTake);
  useEffect(() => setAt(0), [name, setAt]);
  return (
    <Dialog open={open} onClose={onClose} title={pb.t("review.who")} description={pb.t("review.who_text", { count })} closeLabel={pb.t("act.close")}>
      <div className="dialog-body">
        <div className="field">
          <label htmlFor={`${id}-name`}>{pb.t("review.name")}</label>
          <input id={`${id}-name`} className="input input-lg" role="combobox" aria-expanded={options.length > 0} aria-controls={`${id}-list`} aria-activedescendant={ready && options.length ? `${id}-${here}` : undefined}
            aria-autocomplete="list" autoComplete="off" maxLength={200} placeholder={pb.t("review.name_hint")} value={text} onChange={(event) => setText(event.target.value)} onKeyDown={onKeyDown} data-autofocus />
        </div>
        <ul id={`${id}-list`} role="listbox" aria-label={pb.t("review.name")} className="rv-options" aria-busy={!ready && Boolean(name)}>
          {options.map((one, place) => (
            <li key={one.id || "new"} id={`${id}-${place}`} role="option" aria-selected={ready && place === here} onPointerDown={(event) => event.preventDefault()} onClick={() => ready && onTake(one)}>
              {one.id ? (one.cover ? <Face key={one.cover} id={one.cover} className="avatar avatar-32" size={32} /> : <span className="avatar initials" aria-hidden="true"><Icon name="face" /></span>) : <span className="avatar initials" aria-hidden="true"><Icon name="userplus" /></span>}
              <span className="grow">{one.id ? one.name : pb.t("review.new_person", { name: one.name })}</span>
              {one.id ? <small className="muted">{pb.t("count.photos", { count: one.photos })}</small> : null}
            </li>
          ))}
        </ul>
        {note ? <p className="rv-note"><Icon name="info" /><span>{note}</span></p> : null}
      </div>
    </Dialog>
  );
}

// Another group: `words` says what for, "merge" or "move".
export function GroupDialog({ pb, open, words, count = 0, rows, onClose, onTake }) {
  const { here, onKeyDown } = useOptions(open ? rows : [], onTake);
  const list = useRef(null);
  const id = useId();
  useEffect(() => {
    if (open) list.current?.focus();
  }, [open]);
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [here]);
  return (
    <Dialog open={open} onClose={onClose} title={pb.t(`review.${words}_title`)} description={pb.t(`review.${words}_text`, { count })} closeLabel={pb.t("act.close")}>
      <div className="dialog-body">
        {rows.length ? (
          <ul ref={list} role="listbox" tabIndex={0} aria-label={pb.t(`review.${words}_title`)} aria-activedescendant={`${id}-${here}`} className="rv-options tall" onKeyDown={onKeyDown}>
            {rows.map((row, place) => (
              <li key={row.id} id={`${id}-${place}`} role="option" aria-selected={place === here} onClick={() => onTake(row)}>
                <Face key={row.cover} id={row.cover} className="avatar avatar-40" size={40} />
                <span className="grow">{row.name || pb.t("review.unknown")}</span>
                <small className="muted num">{pb.t("review.faces_count", { count: row.faces })}</small>
              </li>
            ))}
          </ul>
        ) : <p className="muted">{pb.t("review.merge_none")}</p>}
      </div>
    </Dialog>
  );
}

export function HistoryDialog({ pb, open, onClose, onUndo }) {
  const [page, setPage] = useState(null);
  const [chosen, setChosen] = useState(null);
  const body = useRef(null);
  const came = useRef(""); // which of them was looked at: the focus goes back there
  const load = async (cursor) => {
    const more = await read(`/api/v1/review/actions?limit=20${cursor ? `&cursor=${cursor}` : ""}`).catch(() => null);
    setPage((before) => (more ? { items: [...(cursor && before ? before.items : []), ...more.items], next: more.next_cursor } : { items: [], failed: true }));
  };
  useEffect(() => {
    if (!open) return;
    setPage(null);
    setChosen(null);
    came.current = "";
    load();
  }, [open]);
  const here = page !== null;
  useEffect(() => {
    if (!open || !here) return;
    const at = chosen ? [".btn-primary:not(:disabled)", ".btn"] : [`[data-action="${came.current}"]`, ".btn"];
    at.map((one) => body.current?.querySelector(one)).find(Boolean)?.focus();
  }, [open, here, chosen]);
  const look = async (action) => {
    came.current = action.id;
    const found = await read(`/api/v1/review/actions/${action.id}`).catch(() => null);
    setChosen({ action, changes: [], ...found });
  };
  const what = (action) => pb.t(`review.did.${action.kind}`, { count: action.faces, name: action.person_name || pb.t("review.somebody") });
  const changing = chosen ? chosen.changes.filter((one) => one.changes) : [];
  return (
    <Dialog open={open} onClose={onClose} kind="wide" title={pb.t("review.history")} description={pb.t("review.history_text")} closeLabel={pb.t("act.close")}>
      <div className="dialog-body" ref={body}>
        {chosen ? (
          <>
            <p><b>{what(chosen.action)}</b> <span className="muted">{pb.date(chosen.action.at, "datetime")}</span></p>
            <p>{pb.t(chosen.action.kind.endsWith("nobody") ? "review.photos_change" : "review.would_change", { count: changing.length })}{changing.length < chosen.changes.length ? ` ${pb.t("review.since_then", { count: chosen.changes.length - changing.length })}` : ""}</p>
            <ul className="rv-strip">{chosen.changes.map((one) => <li key={one.face_id || one.asset_id} className={one.changes ? "" : "off"}>{one.face_id && one.seen ? <Face id={one.face_id} className="rv-small" /> : <img src={rendition(one.asset_id, "thumb")} alt="" className="rv-small" />}</li>)}</ul>
            <div className="row">
              <button type="button" className="btn" onClick={() => setChosen(null)}>{pb.t("act.back")}</button>
              <button type="button" className="btn btn-primary" disabled={!changing.length} onClick={() => onUndo(chosen.action)}>{pb.t("review.take_back")}</button>
            </div>
          </>
        ) : page === null ? <p className="muted" role="status">{pb.t("state.loading")}</p> : page.failed ? (
          <p role="alert">{pb.t("errors.unavailable")} <button type="button" className="btn btn-sm" onClick={() => load()}>{pb.t("act.retry")}</button></p>
        ) : page.items.length ? (
          <>
            <ul className="rv-history">
              {page.items.map((action) => (
                <li key={action.id} className={action.undone_at ? "off" : ""}>
                  <span className="grow"><b>{what(action)}</b><small>{pb.date(action.at, "datetime")}</small></span>
                  {action.undone_at ? <span className="muted small">{pb.t("review.undone_before")}</span> : <button type="button" className="btn btn-sm" data-action={action.id} onClick={() => look(action)}>{pb.t("review.look")}</button>}
                </li>
              ))}
            </ul>
            {page.next ? <button type="button" className="btn btn-sm btn-quiet" onClick={() => load(page.next)}>{pb.t("review.more")}</button> : null}
          </>
        ) : <p className="muted">{pb.t("review.history_none")}</p>}
      </div>
    </Dialog>
  );
}

// Says of many photos at once that nobody is recognisable on them.
export const sayNobody = (ids) => send("POST", "/api/v1/assets/no-people", { asset_ids: ids });

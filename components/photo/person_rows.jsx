// People by name, as far as they are typed. The focus stays in the search field: arrows move through the rows, Enter chooses.
import { useEffect, useId, useRef, useState } from "react";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { Icon, read } from "./common.jsx";

const useWords = wordsOf("pick");
const PAUSE = 150;
const SHOWN = 50;

export function PersonRows({ onChoose }) {
  const pb = useWords();
  const id = useId();
  const field = useRef(null);
  const box = useRef(null);
  const [text, setText] = useState("");
  const [found, setFound] = useState(null); // {for, items, more, failed}
  const [at, setAt] = useState(0);
  const [again, setAgain] = useState(0);
  const words = text.trim();
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(() => {
      read(`/api/v1/people?${new URLSearchParams({ limit: SHOWN, search: words })}`, stop.signal).then(
        (page) => setFound({ for: words, items: page?.items || [], more: Boolean(page?.next_cursor) }),
        (error) => error.name !== "AbortError" && setFound({ for: words, items: [], failed: true }),
      );
    }, words ? PAUSE : 0);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [words, again]);
  useEffect(() => setAt(0), [found]);
  useEffect(() => field.current.focus(), []);
  useEffect(() => { box.current?.querySelector(".at")?.scrollIntoView({ block: "nearest" }); }, [at]);
  const rows = found?.items || [];
  const here = Math.min(at, rows.length - 1);
  // While the list is not yet of what was typed, Enter would choose somebody else: it waits for it.
  const ready = found?.for === words;
  const onKeyDown = (event) => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move && rows.length) setAt((here + move + rows.length) % rows.length);
    else if (event.key === "Enter") {
      if (ready && rows[here]) onChoose(rows[here].id);
    } else return;
    event.preventDefault();
  };
  return (
    <>
      <span className="with-icon fp-search"><Icon name="search" /><input ref={field} className="input" type="text" role="combobox" autoComplete="off" maxLength={200} aria-label={pb.t("pick.search_person")} placeholder={pb.t("pick.search_person")}
        aria-expanded="true" aria-haspopup="listbox" aria-autocomplete="list" aria-controls={id} aria-activedescendant={ready && rows.length ? `${id}-${here}` : undefined} value={text} onChange={(event) => setText(event.target.value)} onKeyDown={onKeyDown} /></span>
      <ul id={id} ref={box} role="listbox" aria-label={pb.t("field.person")} aria-busy={!ready} className="fp-rows">
        {rows.map((one, n) => (
          <li key={one.id} id={`${id}-${n}`} role="option" aria-selected={n === here} className={`fp-row ${n === here ? "at" : ""}`} style={{ "--level": 0 }} onPointerDown={(event) => event.preventDefault()} onClick={() => ready && onChoose(one.id)}>
            {one.cover ? <img className="avatar avatar-32" src={`/api/v1/faces/${one.cover}/crop`} alt="" width={32} height={32} loading="lazy" /> : <span className="avatar avatar-32 initials" aria-hidden="true"><Icon name="face" /></span>}
            <span className="grow"><span className="truncate">{one.name}</span></span>
            <span className="muted num">{pb.number(one.photos)}</span>
          </li>
        ))}
        {!found ? <li role="none" className="fp-wait"><span className="spin" /></li> : null}
      </ul>
      {found?.failed ? <p className="fp-none" role="alert">{pb.t("errors.unavailable")} <button type="button" className="btn btn-sm" onClick={() => setAgain(again + 1)}>{pb.t("act.retry")}</button></p> : null}
      {found && !found.failed && !rows.length ? <p className="fp-none" role="status">{pb.t(words ? "pick.nobody" : "pick.no_people")}</p> : null}
      {found?.more ? <p className="fp-none" role="status">{pb.t("pick.more_people")}</p> : null}
    </>
  );
}

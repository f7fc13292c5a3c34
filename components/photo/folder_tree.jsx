// The tree of folders, read level by level as it is opened, and the search over all of it. One keyboard focus, in the search field: arrows
// move through the rows, right and left open and close them, Enter chooses.
import { useEffect, useId, useMemo, useRef, useState } from "react";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { Icon, read } from "./common.jsx";

const useWords = wordsOf("pick");
const PAUSE = 180;
const RANK = ["view", "download", "edit", "manage"];
const TOP = "";

const ask = (query, signal) => read(`/api/v1/folders/choices?${new URLSearchParams(Object.entries(query).filter(([, value]) => value))}`, signal);

export function FolderTree({ value, permission, onChoose }) {
  const pb = useWords();
  const id = useId();
  const box = useRef(null);
  const field = useRef(null);
  const [text, setText] = useState("");
  const [lists, setLists] = useState({}); // by folder, and by what was typed: {items, cursor, failed}
  const [opened, setOpened] = useState(() => new Set());
  const [at, setAt] = useState(0);
  const words = text.trim();
  const key = words ? `?${words}` : TOP;
  const may = (folder) => RANK.indexOf(folder.permission) >= RANK.indexOf(permission);

  const load = (name, signal) => {
    const query = name.startsWith("?") ? { search: name.slice(1), permission } : { below: name };
    ask({ ...query, cursor: lists[name]?.cursor }, signal).then(
      (page) => setLists((before) => ({ ...before, [name]: { items: [...(before[name]?.cursor ? before[name].items : []), ...page.items], cursor: page.next_cursor } })),
      (error) => error.name !== "AbortError" && setLists((before) => ({ ...before, [name]: { items: before[name]?.items || [], cursor: before[name]?.cursor, failed: true } })),
    );
  };
  useEffect(() => {
    if (lists[key]) return undefined;
    const stop = new AbortController();
    const timer = setTimeout(() => load(key, stop.signal), words ? PAUSE : 0);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [key]); // eslint-disable-line react-hooks/exhaustive-deps
  useEffect(() => setAt(0), [key]);
  useEffect(() => field.current.focus(), []);
  useEffect(() => { box.current?.querySelector(".at")?.scrollIntoView({ block: "nearest" }); }, [at, key]);

  const rows = useMemo(() => flat(lists, key, opened), [lists, key, opened]);
  const current = rows[Math.min(at, rows.length - 1)];
  const toggle = (folder, on) => {
    setOpened((before) => {
      const now = new Set(before);
      if (on) now.add(folder.id);
      else now.delete(folder.id);
      return now;
    });
    if (on && !lists[folder.id]) load(folder.id);
  };
  const take = (row) => {
    if (row.more !== undefined) load(row.more);
    else if (may(row.folder)) onChoose(row.folder);
    else if (row.folder.branches) toggle(row.folder, !opened.has(row.folder.id));
  };
  const onKeyDown = (event) => {
    const folder = current?.folder;
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move && rows.length) setAt((Math.min(at, rows.length - 1) + move + rows.length) % rows.length);
    else if (event.key === "Enter" && current) take(current);
    else if (event.key === "ArrowRight" && !words && folder?.branches) toggle(folder, true);
    else if (event.key === "ArrowLeft" && !words && folder) {
      if (opened.has(folder.id)) toggle(folder, false);
      else if (current.parent !== undefined) setAt(current.parent);
    } else return;
    event.preventDefault();
  };
  const list = lists[key];
  return (
    <>
      <span className="with-icon fp-search"><Icon name="search" /><input ref={field} className="input" type="text" role="combobox" autoComplete="off" maxLength={200} aria-label={pb.t("pick.search")} placeholder={pb.t("pick.search")}
        aria-expanded="true" aria-haspopup="tree" aria-controls={id} aria-activedescendant={current ? `${id}-${Math.min(at, rows.length - 1)}` : undefined} value={text} onChange={(event) => setText(event.target.value)} onKeyDown={onKeyDown} /></span>
      <ul id={id} ref={box} role="tree" aria-label={pb.t("pick.title")} aria-busy={!list} className="fp-rows">
        {rows.map((row, n) => (
          <li key={row.key} id={`${id}-${n}`} role="treeitem" aria-level={row.level} aria-selected={row.folder?.id === value} aria-expanded={row.folder?.branches && !words ? opened.has(row.folder.id) : undefined}
            aria-disabled={row.folder && !may(row.folder) ? true : undefined} className={`fp-row ${row === current ? "at" : ""}`} style={{ "--level": row.level - 1 }}
            onPointerDown={(event) => event.preventDefault()} onClick={() => { setAt(n); take(row); }}>
            {row.more !== undefined ? <span className="link">{pb.t(lists[row.more]?.failed ? "act.retry" : "pick.more")}</span> : (
              <>
                {words ? null : row.folder.branches ? (
                  <span className={`fp-turn ${opened.has(row.folder.id) ? "on" : ""}`} onClick={(event) => { event.stopPropagation(); setAt(n); toggle(row.folder, !opened.has(row.folder.id)); }}><Icon name="right" size={14} /></span>
                ) : <span className="fp-turn" />}
                <span className="grow"><span className="truncate">{row.folder.name}</span>{words && row.folder.above.length ? <small className="truncate">{row.folder.above.join(" / ")}</small> : null}</span>
                <span className="muted num">{pb.number(row.folder.photos)}</span>
                {row.folder.id === value ? <Icon name="check" size={14} /> : null}
              </>
            )}
          </li>
        ))}
        {!list ? <li role="none" className="fp-wait"><span className="spin" /></li> : null}
      </ul>
      {list && !rows.length ? <p className="fp-none" role="status">{pb.t(words ? "pick.none" : "pick.no_folders")}</p> : null}
    </>
  );
}

// What is open of the tree, line by line; `parent` is the line that a row lies below.
function flat(lists, key, opened) {
  const rows = [];
  const walk = (name, level, parent) => {
    const list = lists[name];
    for (const folder of list?.items || []) {
      rows.push({ key: folder.id, folder, level, parent });
      if (!key && opened.has(folder.id)) walk(folder.id, level + 1, rows.length - 1);
    }
    if (list?.cursor || list?.failed) rows.push({ key: `more-${name}`, more: name, level, parent });
  };
  walk(key, 1);
  return rows;
}

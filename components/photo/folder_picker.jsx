// Chooses a folder: a button that says which, and a small window with the tree and a search. The tree is read when it opens, level by
// level, so that a house with thousands of folders costs a page nothing.
import { Suspense, lazy, useEffect, useId, useRef, useState } from "react";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { Icon, read } from "./common.jsx";

const useWords = wordsOf(); // of the tree they are loaded with it: this button comes late, and a page must not wait for it
const Tree = lazy(() => import("./folder_tree.jsx").then((module) => ({ default: module.FolderTree })));
const names = new Map(); // of folders seen chosen, so that a name does not flash when it is drawn again

export const pathOf = (folder) => [...folder.above, folder.name].join(" / ");

// The path of a folder that only its id is known of.
function usePath(id) {
  const [, seen] = useState(0);
  useEffect(() => {
    if (!id || names.has(id)) return undefined;
    const stop = new AbortController();
    read(`/api/v1/folders/choices?only=${id}`, stop.signal).then((page) => {
      if (page?.items[0]) names.set(id, pathOf(page.items[0]));
      seen((n) => n + 1);
    }, () => {});
    return () => stop.abort();
  }, [id]);
  return names.get(id) || "";
}

// `look`: "field" for a form, "chip" for a filter. `permission`: what one must hold on a folder to choose it.
export function FolderPicker({ id, value, permission = "view", look = "field", label, onChoose }) {
  const pb = useWords();
  const [open, setOpen] = useState(false);
  const root = useRef(null);
  const trigger = useRef(null);
  const own = useId();
  const path = usePath(value);
  useEffect(() => {
    if (!open) return undefined;
    const away = (event) => !root.current?.contains(event.target) && setOpen(false);
    document.addEventListener("pointerdown", away);
    return () => document.removeEventListener("pointerdown", away);
  }, [open]);
  const close = () => {
    setOpen(false);
    trigger.current?.focus();
  };
  const choose = (folder) => {
    names.set(folder.id, pathOf(folder));
    close();
    onChoose(folder.id);
  };
  return (
    <span className={`menu fp fp-${look}`} ref={root} onKeyDown={(event) => {
      if (event.key !== "Escape" || !open) return;
      event.preventDefault();
      event.stopPropagation();
      close();
    }}>
      <button type="button" id={id} ref={trigger} className={look === "chip" ? "chip" : "input fp-face"} aria-haspopup="dialog" aria-expanded={open} aria-controls={open ? own : undefined}
        aria-label={look === "chip" ? undefined : [label || pb.t("field.folder"), path].filter(Boolean).join(": ")} title={path || undefined} onClick={() => setOpen(!open)}>
        <Icon name="folder" size={14} /><span className="truncate">{look === "chip" ? label || pb.t("field.folder") : path || pb.t("act.choose")}</span><Icon name="down" size={14} />
      </button>
      {open ? (
        <div id={own} role="dialog" aria-label={pb.t("field.folder")} className="menu-list start fp-list">
          <Suspense fallback={<span className="fp-wait"><span className="spin" /></span>}><Tree value={value} permission={permission} onChoose={choose} /></Suspense>
        </div>
      ) : null}
    </span>
  );
}

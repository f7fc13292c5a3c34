// Chooses a folder: a button that says which, and a small window with the tree and a search. The tree is read when it opens, level by
// level, so that a house with thousands of folders costs a page nothing.
import { lazy, useEffect, useState } from "react";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { Choosing } from "./choosing.jsx";
import { read } from "./common.jsx";

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

// `permission`: what one must hold on a folder to choose it. `empty`: what the button says as long as none is chosen.
export function FolderPicker({ id, value, permission = "view", look = "field", label, empty, autofocus, onChoose }) {
  const pb = useWords();
  const path = usePath(value);
  const chip = look === "chip";
  const choose = (close) => (folder) => {
    names.set(folder.id, pathOf(folder));
    close();
    onChoose(folder.id);
  };
  return (
    <Choosing id={id} autofocus={autofocus} look={look} icon="folder" name={pb.t("field.folder")} title={path || undefined} words={chip ? label || pb.t("field.folder") : path || empty || pb.t("act.choose")}
      label={chip ? undefined : [label || pb.t("field.folder"), path].filter(Boolean).join(": ")}>
      {(close) => <Tree value={value} permission={permission} onChoose={choose(close)} />}
    </Choosing>
  );
}

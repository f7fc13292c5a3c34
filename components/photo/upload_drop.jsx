// Photos and folders dropped anywhere on a page.
import { useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { Icon } from "./common.jsx";
import { unfinished } from "./upload_flag.js";
import { ofDrop } from "./upload_pick.js";

const useWords = wordsOf();

// The whole window takes photos and folders, wherever one is on the page.
export function useDrop(onPicked) {
  const [over, setOver] = useState(false);
  const latest = useRef(onPicked);
  latest.current = onPicked;
  useEffect(() => {
    let depth = 0;
    const has = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
    const on = (work) => (event) => {
      if (!has(event)) return;
      event.preventDefault();
      work(event);
    };
    const all = {
      dragenter: on(() => { depth += 1; setOver(true); }),
      dragleave: on(() => { depth = Math.max(0, depth - 1); if (!depth) setOver(false); }),
      dragover: on(() => {}),
      drop: on(async (event) => {
        depth = 0;
        setOver(false);
        latest.current(await ofDrop(event.dataTransfer));
      }),
    };
    Object.entries(all).forEach(([name, handler]) => window.addEventListener(name, handler));
    return () => Object.entries(all).forEach(([name, handler]) => window.removeEventListener(name, handler));
  }, []);
  return over;
}

export const Drop = ({ pb }) => (
  <div className="drop-all" aria-hidden="true">
    <div><Icon name="upload" size={32} />{pb.t("upload.drop_anywhere")}</div>
  </div>
);

// On pages that are not about uploading the queue is fetched only when there is something for it to do.
export function DropTarget({ folderId, href, use }) {
  const pb = useWords();
  const navigate = useNavigate();
  useEffect(() => {
    if (unfinished()) import("./upload_resume.js").then((resuming) => resuming.startHere({ folderId, use }));
  }, [folderId, use]);
  const over = useDrop(async (picked) => {
    const queue = await import("./queue.js");
    queue.add(picked, { folderId });
    if (href) navigate(href);
  });
  return over ? <Drop pb={pb} /> : null;
}

// The place where downloads tell what becomes of them. What is shown there, and the dialog over a selection, are loaded when needed.
import { Suspense, useState, useSyncExternalStore } from "react";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { late } from "$/public/external/components/ui/behave/behave.jsx";
import * as downloads from "./downloads.js";

const useWords = wordsOf();
const Tray = late(() => import("./downloads_tray.jsx"));
const ZipDialog = late(() => import("./zip.jsx"));

const NONE = { total: 0, done: 0, failed: [], running: false, use: "", selection: null };

export function Downloads({ zip, onFollow }) {
  const pb = useWords();
  const [seen, setSeen] = useState("");
  const now = useSyncExternalStore(downloads.subscribe, downloads.getSnapshot, () => NONE);
  const told = zip && zip.id ? `${zip.id}${zip.state}` : "";
  const progress = told && seen !== told ? zip : null;
  const ordered = (order) => {
    onFollow(order.id);
    downloads.fetchZip(order.file);
  };
  return (
    <>
      {now.selection ? <Suspense fallback={null}><ZipDialog ids={now.selection.ids} first={now.selection.use} onClose={downloads.closeSelection} onOrdered={ordered} /></Suspense> : null}
      <div className="downloads" role="region" aria-label={pb.t("download.title")}>
        <div aria-live="polite">
          {progress || now.total ? <Suspense fallback={null}><Tray now={now} progress={progress} onPutAway={() => setSeen(told)} /></Suspense> : null}
        </div>
      </div>
    </>
  );
}

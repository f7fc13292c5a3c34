// What becomes of downloads: progress, done, or refused with the reasons the server gave.
import { useEffect, useSyncExternalStore } from "react";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { Icon } from "$/public/external/components/ui/behave/behave.jsx";
import * as downloads from "./downloads.js";

const useWords = wordsOf("reasons", "photo");

const NONE = { total: 0, done: 0, failed: [], running: false, use: "" };

// One obstacle as a sentence: the same words as on the photo page.
export function reasonText(pb, reason) {
  const name = reason.person_name || pb.t("photo.somebody");
  return pb.t(`reasons.${reason.code}`, { name, date: pb.date(reason.until || reason.since), count: 1, ...reason.params });
}

function sentences(pb, failure) {
  const { problem } = failure;
  if (problem.code === "clearance_refused") return [...new Set((problem.reasons || []).map((reason) => reasonText(pb, reason)))];
  return [pb.t(`errors.${problem.code}`, { retry_after: failure.wait || 1 })];
}

export function Downloads() {
  const pb = useWords();
  const { total, done, failed, running, use } = useSyncExternalStore(downloads.subscribe, downloads.getSnapshot, () => NONE);
  useEffect(() => {
    if (running || !total || failed.length) return undefined;
    const timer = setTimeout(downloads.dismiss, 5000);
    return () => clearTimeout(timer);
  }, [running, total, failed.length]);
  const reasons = [...new Set(failed.flatMap((failure) => sentences(pb, failure)))];
  const title = failed.length
    ? failed[0].problem.code === "clearance_refused" && use
      ? pb.t("download.refused", { count: failed.length, use: pb.t(`use.${use}`).toLowerCase() })
      : pb.t("download.failed", { count: failed.length })
    : running
      ? pb.t("download.running", { at: Math.min(done + 1, total), count: total })
      : pb.t("download.done", { count: done });
  return (
    <div className="downloads" role="region" aria-label={pb.t("download.title")}>
      <div aria-live="polite">
        {total ? (
          <div className={`toast ${failed.length ? "bad" : ""}`} data-outcome={failed.length ? "refused" : running ? "running" : "done"}>
            {running ? <span className="spin" aria-hidden="true" /> : <Icon name={failed.length ? "alert" : "check"} size={18} />}
            <div className="grow">
              <p>{failed.length ? <b>{title}</b> : title}</p>
              {reasons.length ? <ul>{reasons.slice(0, 4).map((reason) => <li key={reason}>{reason}</li>)}</ul> : null}
            </div>
            {running ? null : <button type="button" className="btn btn-icon" aria-label={pb.t("act.close")} title={pb.t("act.close")} onClick={downloads.dismiss}><Icon name="x" /></button>}
          </div>
        ) : null}
      </div>
    </div>
  );
}

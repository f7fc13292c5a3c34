// What becomes of downloads: progress, done, or refused with the reasons the server gave. Loaded when there is something of it to show.
import { useEffect } from "react";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { Icon } from "$/public/external/components/ui/behave/behave.jsx";
import * as downloads from "./downloads.js";

const useWords = wordsOf("reasons", "photo", "sizes");

// One obstacle as a sentence: the same words as on the photo page.
function reasonText(pb, reason) {
  const name = reason.person_name || pb.t("photo.somebody");
  return pb.t(`reasons.${reason.code}`, { name, date: pb.date(reason.until || reason.since), count: 1, ...reason.params });
}

function sentences(pb, failure) {
  const { problem } = failure;
  if (problem.code === "clearance_refused") return [...new Set((problem.reasons || []).map((reason) => reasonText(pb, reason)))];
  return [pb.t(`errors.${problem.code}`, { retry_after: failure.wait || 1 })];
}

// How far a ZIP is, told by the server while it writes it; and in the end what it left out.
function Progress({ pb, zip, onClose }) {
  const ended = zip.state === "done" || zip.state === "broken";
  const title = zip.state === "broken" ? pb.t("sizes.zip_broken") : zip.state === "done" ? pb.t("sizes.zip_done", { count: zip.written }) : pb.t("sizes.zip_running", { at: zip.looked_at, total: zip.total });
  return (
    <div className={`toast ${zip.state === "broken" ? "bad" : ""}`} data-zip={zip.state}>
      {ended ? <Icon name={zip.state === "broken" ? "alert" : "check"} size={18} /> : <span className="spin" aria-hidden="true" />}
      <div className="grow">
        <p>{title}{zip.left_out.length ? <> · <b>{pb.t("sizes.zip_left", { count: zip.left_out.length })}</b></> : null}</p>
        {ended ? null : <progress max={zip.total} value={zip.looked_at} aria-label={title} />}
        {ended && zip.left_out.length ? <ul className="zip-left">{zip.left_out.slice(0, 5).map((one) => <li key={one.asset_id}><b>{one.name}</b> {[...new Set(one.codes.map((code) => pb.t(`sizes.left_${code}`)))].join(", ")}</li>)}</ul> : null}
      </div>
      {ended ? <button type="button" className="btn btn-icon" aria-label={pb.t("act.close")} title={pb.t("act.close")} onClick={onClose}><Icon name="x" /></button> : null}
    </div>
  );
}

// `progress`: what a ZIP says of itself, unless it was put away.
export default function Tray({ now, progress, onPutAway }) {
  const pb = useWords();
  const { total, done, failed, running, use } = now;
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
    <>
      <link rel="stylesheet" href="/sizes.css" precedence="page" />
      {progress ? <Progress pb={pb} zip={progress} onClose={onPutAway} /> : null}
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
    </>
  );
}

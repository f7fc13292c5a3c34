// Upload: an evening's shoot in one go. What needs a decision comes first, what runs by itself after it, what is done shows its clearance.
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { Icon } from "./common.jsx";
import * as queue from "./queue.js";
import { Details, DetailsButton } from "./upload_details.jsx";
import { Drop, useDrop } from "./upload_drop.jsx";
import { Earlier } from "./upload_earlier.jsx";
import { UploadList } from "./upload_list.jsx";
import { ofFolderDialog, ofList, picksFolders } from "./upload_pick.js";
import * as resuming from "./upload_resume.js";
import { moved } from "./upload_told.js";
import { UNSENT } from "./upload_entries.js";

const useWords = wordsOf("upload", "reasons");
const ACCEPT = "image/*,.heic,.heif,.avif,.tif,.tiff,.jp2,.jxl";

export function Picker({ onPicked, kind, label, icon = "plus", capture, folder, bare }) {
  const input = useRef(null);
  const open = async () => {
    const picked = folder ? await ofFolderDialog() : null;
    if (picked) onPicked(picked);
    else input.current.click();
  };
  return (
    <>
      <button type="button" className={`btn ${kind || ""}`} onClick={open} aria-label={bare ? label : undefined}><Icon name={icon} />{bare ? null : label}</button>
      <input ref={input} type="file" hidden multiple={!capture} accept={capture ? "image/*" : ACCEPT} capture={capture ? "environment" : undefined} aria-label={label} tabIndex={-1}
        {...(folder ? { webkitdirectory: "" } : {})} onChange={(event) => { onPicked(ofList(event.target.files)); event.target.value = ""; }} />
    </>
  );
}

export function Uploader({ owner, folderId, use, stamp, batches, rejected, href, libraryHref }) {
  const pb = useWords();
  const world = useSyncExternalStore(queue.subscribe, queue.getSnapshot, queue.getSnapshot);
  const [sheet, setSheet] = useState(false);
  const take = (picked) => queue.add(picked, { folderId: world.details.folderId || folderId });
  const over = useDrop(take);
  useEffect(() => { resuming.start({ owner, folderId, use }); }, [owner, folderId, use]);
  useEffect(() => { moved(); }, [stamp]);
  const busy = [...UNSENT].some((status) => world.counts[status]);
  const details = { pb, world, folderId, onChange: queue.describe };
  return (
    <div className={`up-page ${world.total ? "going" : ""}`}>
      <div className="flow">
        {over ? <Drop pb={pb} /> : null}
        <Head pb={pb} world={world} take={take} busy={busy} />
        <Notices pb={pb} world={world} take={take} />
        {world.total ? <Total pb={pb} world={world} busy={busy} /> : <Welcome pb={pb} take={take} restoring={world.restoring} />}
        <DetailsButton {...details} open={sheet} onOpen={setSheet} />
        <UploadList pb={pb} world={world} use={use} href={href} libraryHref={libraryHref} rejected={rejected} take={take} Picker={Picker} />
        {world.total ? <Foot pb={pb} world={world} busy={busy} /> : null}
        <Earlier pb={pb} batches={batches} current={world.batch?.id} busy={busy} onShow={resuming.show} />
        <span className="vh" role="status" aria-live="polite">{world.counts.ready ? pb.t("upload.live", { count: world.counts.ready }) : ""}</span>
      </div>
      <aside className="batch" aria-label={pb.t("upload.details")}><Details {...details} /></aside>
    </div>
  );
}

function Head({ pb, world, take, busy }) {
  const { batch, total } = world;
  return (
    <header className="up-head">
      <div className="grow">
        <h1>{(total && world.details.event) || pb.t("upload.title")}</h1>
        {total ? <p className="num">{[pb.t("count.photos", { count: total }), pb.size(world.size), batch ? pb.t("upload.begun", { time: pb.date(batch.created_at, "time") }) : ""].filter(Boolean).join(", ")}</p> : null}
      </div>
      {total ? (
        <span className="up-acts">
          <Picker onPicked={take} label={pb.t("upload.add")} kind="btn-quiet" />
          {picksFolders() ? <span className="desk"><Picker onPicked={take} label={pb.t("upload.add_folder")} kind="btn-quiet" icon="folder" folder /></span> : null}
          <span className="phone"><Picker onPicked={take} label={pb.t("upload.camera")} kind="btn-quiet btn-icon" icon="camera" capture bare /></span>
          {busy || world.paused ? (
            <button type="button" className="btn" onClick={world.paused ? queue.resumeAll : queue.pauseAll}><Icon name={world.paused ? "play" : "pause"} />{pb.t(world.paused ? "act.resume" : "act.pause")}</button>
          ) : (
            <button type="button" className="btn" onClick={queue.beginAnother}><Icon name="check" />{pb.t("upload.another")}</button>
          )}
        </span>
      ) : null}
    </header>
  );
}

function Welcome({ pb, take, restoring }) {
  return (
    <div className="drop-card" aria-busy={restoring}>
      <span className="art"><Icon name="upload" size={32} /></span>
      <h2>{pb.t("upload.drop")}</h2>
      <p>{pb.t("upload.drop_text")}</p>
      <div className="acts">
        <Picker onPicked={take} label={pb.t("upload.choose")} kind="btn-primary btn-lg" icon="library" />
        {picksFolders() ? <span className="desk"><Picker onPicked={take} label={pb.t("upload.choose_folder")} kind="btn-lg" icon="folder" folder /></span> : null}
        <span className="phone"><Picker onPicked={take} label={pb.t("upload.camera")} kind="btn-lg" icon="camera" capture /></span>
      </div>
      <p className="kinds">{pb.t("upload.kinds")}</p>
    </div>
  );
}

// What stands in the way of going on, and the one button that takes it away.
function Notices({ pb, world, take }) {
  const missing = waiting(world);
  return (
    <>
      {world.problem ? <div className="notice warn up-left" role="alert"><Icon name="alert" size={18} /><div className="grow">{pb.t(world.problem)}</div></div> : null}
      {world.signedOut ? (
        <div className="notice warn up-left" role="alert"><Icon name="lock" size={18} /><div className="grow"><b>{pb.t("upload.signed_out")}</b>{pb.t("upload.signed_out_text")}</div>
          <a className="btn btn-sm" href="/sign-in/">{pb.t("upload.sign_in")}</a></div>
      ) : null}
      {missing ? (
        <div className="notice warn up-left">
          <Icon name="clock" size={18} />
          <div className="grow"><b>{pb.t("upload.resume_title", { count: missing })}</b>{pb.t(world.roots.length ? "upload.resume_root" : "upload.resume_text", { folder: world.roots.map((root) => root.name).join(", ") })}</div>
          <span className="row">
            {world.roots.length ? <button type="button" className="btn btn-sm btn-primary" onClick={resuming.allowRoots}><Icon name="play" />{pb.t("upload.go_on")}</button> : null}
            <Picker onPicked={take} label={pb.t("upload.choose_again")} kind={`btn-sm ${world.roots.length ? "" : "btn-primary"}`} icon="upload" />
            <button type="button" className="btn btn-sm btn-quiet" onClick={queue.removeMissing}>{pb.t("upload.forget")}</button>
          </span>
        </div>
      ) : null}
    </>
  );
}

// So many files that only a person can give.
const waiting = ({ counts, unbegun }) => (counts.missing || 0) + (counts.elsewhere || 0) + unbegun;

const PARTS = [["ready", ["ready"], "ready"], ["work", ["processing"], "processing"], ["send", ["sending", "retrying", "hashing"], "sending"], ["wait", ["waiting", "queued"], "waiting"], ["stop", ["missing", "elsewhere"], "stopped"], ["here", ["here", "skipped"], "here"], ["rej", ["rejected", "refused"], "rejected"]];

function Total({ pb, world, busy }) {
  const sum = (statuses) => statuses.reduce((total, status) => total + (world.counts[status] || 0), 0);
  const parts = PARTS.map(([kind, statuses, word]) => ({ kind, word, n: sum(statuses) + (kind === "stop" ? world.unbegun : 0) }));
  const done = !busy && !world.counts.processing && !waiting(world);
  const note = () => {
    if (!world.online) return pb.t("upload.offline");
    if (world.paused) return pb.t("upload.paused");
    if (done) return pb.t("upload.all_done");
    if (world.left > 1 && (busy || world.counts.processing)) return pb.t("upload.eta", { time: pb.left(world.left) });
    if (busy) return pb.t("upload.measuring");
    return world.counts.processing ? pb.t("upload.being_made") : "";
  };
  return (
    <section className="total card" aria-label={pb.t("upload.progress")}>
      <div className="big num">
        <b>{pb.t("upload.ready_of", { ready: world.counts.ready || 0, total: world.total + world.unbegun - sum(["here", "skipped"]) })}</b>
        <span className={`eta ${world.online ? "" : "danger-ink"}`}>{note()}</span>
        <span className="net">{world.size ? pb.t(world.rate > 0 ? "upload.sent_of" : "upload.sent", { sent: pb.size(world.sent), total: pb.size(world.size), rate: pb.size(Math.round(world.rate)) }) : ""}</span>
      </div>
      <div className="segbar" role="progressbar" aria-valuemin={0} aria-valuenow={world.counts.ready || 0} aria-valuemax={world.total} aria-label={pb.t("upload.progress")}>
        {parts.map(({ kind, n }) => (n ? <i key={kind} className={`k-${kind}`} style={{ flexGrow: n }} /> : null))}
      </div>
      <ul className="legend num">
        {parts.map(({ kind, word, n }) => (n || ["ready", "work"].includes(kind) ? <li key={kind}><i className={`k-${kind}`} /><b>{pb.number(n)}</b>{pb.t(`upload.count_${word}`)}</li> : null))}
      </ul>
    </section>
  );
}

// Says honestly what would happen if one left now.
function Foot({ pb, world, busy }) {
  const unsent = [...UNSENT].flatMap((status) => world.groups[status] || []);
  const loose = unsent.filter((entry) => !entry.kept && !entry.root && !entry.remote).length;
  const key = !busy ? (waiting(world) ? "upload.stopped" : "upload.safe") : loose ? "upload.saved_partly" : "upload.saved";
  return <p className="up-foot"><Icon name={busy ? "info" : "check"} size={14} /><span>{pb.t(key, { count: loose })}</span></p>;
}

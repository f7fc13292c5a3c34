// Upload: what needs a decision comes first, what runs by itself after it, what is done shows its clearance at once.
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useNavigate } from "react-router";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { Icon, Shield } from "./common.jsx";
import * as queue from "./queue.js";

const useWords = wordsOf("upload", "reasons");

const ACCEPT = "image/*,.heic,.heif,.avif,.tif,.tiff,.jp2,.jxl";
const EMPTY = { entries: [], paused: false, unfinished: [], rate: 0, online: true };
const SHOWN = 24;

// Folders may be dropped too: walk them.
async function filesOf(transfer) {
  const roots = [...(transfer.items || [])].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!roots.length) return [...transfer.files];
  const found = [];
  const walk = async (entry) => {
    if (entry.isFile) {
      if (!entry.name.startsWith(".")) found.push(await new Promise((done, failed) => entry.file(done, failed)));
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      const batch = await new Promise((done, failed) => reader.readEntries(done, failed));
      if (!batch.length) return;
      for (const one of batch) await walk(one);
    }
  };
  for (const root of roots) await walk(root);
  return found;
}

// The whole window takes photos, wherever one is on the page.
function useDrop(onFiles) {
  const [over, setOver] = useState(false);
  const latest = useRef(onFiles);
  latest.current = onFiles;
  useEffect(() => {
    let depth = 0;
    const has = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
    const enter = (event) => {
      if (!has(event)) return;
      event.preventDefault();
      depth += 1;
      setOver(true);
    };
    const leave = (event) => {
      if (!has(event)) return;
      depth = Math.max(0, depth - 1);
      if (!depth) setOver(false);
    };
    const hover = (event) => has(event) && event.preventDefault();
    const drop = async (event) => {
      if (!has(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      latest.current(await filesOf(event.dataTransfer));
    };
    const all = { dragenter: enter, dragleave: leave, dragover: hover, drop };
    Object.entries(all).forEach(([name, handler]) => window.addEventListener(name, handler));
    return () => Object.entries(all).forEach(([name, handler]) => window.removeEventListener(name, handler));
  }, []);
  return over;
}

export function DropTarget({ folderId, href, use }) {
  const pb = useWords();
  const navigate = useNavigate();
  const over = useDrop((files) => {
    queue.add(files, { folderId, use });
    if (href) navigate(href);
  });
  return over ? <Drop pb={pb} /> : null;
}

const Drop = ({ pb }) => (
  <div className="drop-all" aria-hidden="true">
    <div><Icon name="upload" size={32} />{pb.t("upload.drop_anywhere")}</div>
  </div>
);

function Picker({ pb, onFiles, kind, label, icon = "plus", capture }) {
  const input = useRef(null);
  return (
    <>
      <button type="button" className={`btn ${kind || ""}`} onClick={() => input.current.click()}><Icon name={icon} />{label}</button>
      <input ref={input} type="file" hidden multiple={!capture} accept={capture ? "image/*" : ACCEPT} capture={capture ? "environment" : undefined} aria-label={label} tabIndex={-1}
        onChange={(event) => { onFiles(event.target.files); event.target.value = ""; }} />
    </>
  );
}

export function Uploader({ folderId, use, live, href, libraryHref, onUploads }) {
  const pb = useWords();
  const { entries, paused, unfinished, rate, online } = useSyncExternalStore(queue.subscribe, queue.getSnapshot, () => EMPTY);
  const take = (files) => queue.add(files, { folderId, use });
  const over = useDrop(take);
  useEffect(() => {
    queue.lookForUnfinished();
  }, []);
  useEffect(() => queue.learn(live), [live, entries.length]);

  // Tell the server's state which photos this page waits for, at most once a second.
  const ids = entries.map((entry) => entry.assetId).filter(Boolean).join(",");
  const told = useRef(null); // said once at the start too: after a reload the server must not go on with the photos from before
  useEffect(() => {
    if (!onUploads || ids === told.current) return undefined;
    const timer = setTimeout(() => {
      told.current = ids;
      onUploads(ids ? ids.split(",") : []);
    }, 700);
    return () => clearTimeout(timer);
  }, [ids, onUploads]);

  const groups = useMemo(() => {
    const by = (...states) => entries.filter((entry) => states.includes(entry.status));
    return { here: by("here"), rejected: by("rejected"), failed: by("failed"), sending: by("sending", "retrying"), hashing: by("hashing"), waiting: by("waiting"), processing: by("processing"), ready: by("ready"), skipped: by("skipped") };
  }, [entries]);
  const needs = [...groups.failed, ...groups.here, ...groups.rejected];
  const busy = groups.sending.length + groups.hashing.length + groups.waiting.length > 0;

  return (
    <div className="flow">
      {over ? <Drop pb={pb} /> : null}
      {entries.length ? null : <Welcome pb={pb} take={take} />}
      {unfinished.length ? <Unfinished pb={pb} list={unfinished} take={take} /> : null}
      {entries.length ? (
        <>
          <Total pb={pb} entries={entries} groups={groups} rate={rate} paused={paused} online={online}>
            <span className="up-acts">
              <Picker pb={pb} onFiles={take} label={pb.t("upload.add")} kind="btn-quiet" />
              <span className="phone"><Picker pb={pb} onFiles={take} label={pb.t("upload.camera")} kind="btn-quiet" icon="camera" capture /></span>
              {busy || paused ? (
                <button type="button" className="btn" onClick={paused ? queue.resume : queue.pause}><Icon name={paused ? "play" : "pause"} />{pb.t(paused ? "act.resume" : "act.pause")}</button>
              ) : null}
            </span>
          </Total>
        </>
      ) : null}
      {needs.length ? (
        <section className="sec">
          <header><h2>{pb.t("upload.needs_you")}</h2><span className="muted num">{pb.number(needs.length)}</span>
            {groups.here.length > 1 ? <button type="button" className="link" onClick={queue.skipAll}>{pb.t("upload.skip_all", { count: groups.here.length })}</button> : null}</header>
          <ul className="card">
            {needs.slice(0, 40).map((entry) => <Issue key={entry.key} entry={entry} pb={pb} use={use} href={href} take={take} />)}
          </ul>
        </section>
      ) : null}
      <Tiles pb={pb} title={pb.t("upload.under_way")} entries={[...groups.sending, ...groups.processing, ...groups.hashing, ...groups.waiting]} href={href} />
      <Tiles pb={pb} title={pb.t("upload.ready")} entries={[...groups.ready].reverse()} href={href} use={use}
        end={libraryHref && groups.ready.length ? <a className="link" href={libraryHref}>{pb.t("upload.show_in_library")}</a> : null} />
      {entries.length ? <p className="up-foot"><Icon name={busy ? "info" : "check"} size={14} /><span>{pb.t(busy ? "upload.saved" : "upload.safe")}</span></p> : null}
      <span className="vh" role="status" aria-live="polite">{groups.ready.length ? pb.t("upload.live", { count: groups.ready.length }) : ""}</span>
    </div>
  );
}

function Welcome({ pb, take }) {
  return (
    <div className="drop-card">
      <span className="art"><Icon name="upload" size={32} /></span>
      <h2>{pb.t("upload.drop")}</h2>
      <p>{pb.t("upload.drop_text")}</p>
      <div className="acts">
        <Picker pb={pb} onFiles={take} label={pb.t("upload.choose")} kind="btn-primary btn-lg" icon="library" />
        <span className="phone"><Picker pb={pb} onFiles={take} label={pb.t("upload.camera")} kind="btn-lg" icon="camera" capture /></span>
      </div>
      <p className="kinds">{pb.t("upload.kinds")}</p>
    </div>
  );
}

function Unfinished({ pb, list, take }) {
  const names = list.slice(0, 3).map((one) => one.metadata.filename).join(", ");
  return (
    <div className="notice warn up-left">
      <Icon name="clock" size={18} />
      <div className="grow"><b>{pb.t("upload.resume_title", { count: list.length })}</b>{names}{list.length > 3 ? "…" : ""}. {pb.t("upload.resume_text")}</div>
      <span className="row">
        <Picker pb={pb} onFiles={take} label={pb.t("upload.choose_again")} kind="btn-sm" icon="upload" />
        <button type="button" className="btn btn-sm btn-quiet" onClick={queue.forgetUnfinished}>{pb.t("upload.forget")}</button>
      </span>
    </div>
  );
}

function Total({ pb, entries, groups, rate, paused, online, children }) {
  const counts = { ready: groups.ready.length, work: groups.processing.length, send: groups.sending.length + groups.hashing.length, wait: groups.waiting.length, here: groups.here.length + groups.skipped.length, rej: groups.rejected.length + groups.failed.length };
  const names = { ready: "count_ready", work: "count_processing", send: "count_sending", wait: "count_waiting", here: "count_here", rej: "count_rejected" };
  const going = entries.filter((entry) => !["here", "skipped", "rejected"].includes(entry.status));
  const all = going.reduce((sum, entry) => sum + entry.size, 0);
  const sent = going.reduce((sum, entry) => sum + (["processing", "ready"].includes(entry.status) ? entry.size : entry.sent), 0);
  const left = rate > 0 ? (all - sent) / rate : 0;
  const done = !counts.send && !counts.wait && !counts.work;
  const note = !online ? pb.t("upload.offline") : paused ? pb.t("upload.paused") : done ? pb.t("upload.all_done") : left > 1 ? pb.t("upload.eta", { time: pb.left(left) }) : "";
  return (
    <section className="total card" aria-label={pb.t("upload.progress")}>
      <div className="big num">
        <b>{pb.t("upload.ready_of", { ready: counts.ready, total: entries.length })}</b>
        <span className={`eta ${online ? "" : "danger-ink"}`}>{note}</span>
        {children}
      </div>
      <div className="segbar" role="progressbar" aria-valuemin={0} aria-valuenow={counts.ready} aria-valuemax={entries.length} aria-label={pb.t("upload.progress")}>
        {["ready", "work", "send", "wait", "here", "rej"].map((name) => (counts[name] ? <i key={name} className={`k-${name}`} style={{ flexGrow: counts[name] }} /> : null))}
      </div>
      <ul className="legend num">
        {["ready", "work", "send", "wait", "here", "rej"].map((name) => (counts[name] || ["ready", "work"].includes(name) ? <li key={name}><i className={`k-${name}`} /><b>{pb.number(counts[name])}</b>{pb.t(`upload.${names[name]}`)}</li> : null))}
        <li className="net">{all ? pb.t(rate > 0 ? "upload.sent_of" : "upload.sent", { sent: pb.size(sent), total: pb.size(all), rate: pb.size(Math.round(rate)) }) : ""}</li>
      </ul>
    </section>
  );
}

function Thumb({ entry }) {
  return (
    <span className={`th ${entry.preview ? "" : "none"}`}>
      {entry.preview ? <img src={entry.preview} alt="" /> : entry.preview === "" ? <Icon name="library" size={18} /> : null}
    </span>
  );
}

function Issue({ entry, pb, use, href, take }) {
  const found = entry.existing;
  if (entry.status === "here") {
    const verdict = found?.clearance && use ? found.clearance[use] : null;
    const name = found?.title || found?.filename || entry.name;
    const words = verdict ? pb.t("upload.here_with", { state: pb.t(`clearance.${verdict.state}`).toLowerCase(), use: pb.t(`use.${use}`).toLowerCase() }) : pb.t("upload.already_here");
    return (
      <li className="issue">
        <Thumb entry={entry} />
        <div className="grow">
          <p className="t"><b className="num">{entry.name}</b><Shield state={verdict?.state || "no_people"} look="bare" pb={pb} words={words} /></p>
          <p className="why">{pb.t("upload.same_file", { name })} {found?.id && href ? <a href={href.replace("{id}", found.id)} target="_blank" rel="noreferrer">{pb.t("upload.look")}</a> : null}</p>
        </div>
        <span className="btn-group" role="group" aria-label={entry.name}>
          <button type="button" className="btn btn-sm hl" onClick={() => queue.decide(entry.key, "skip")}>{pb.t("upload.skip")}</button>
          <button type="button" className="btn btn-sm" onClick={() => queue.decide(entry.key, "keep")}>{pb.t("upload.keep_both")}</button>
        </span>
      </li>
    );
  }
  const lost = entry.status === "failed";
  return (
    <li className="issue">
      <Thumb entry={entry} />
      <div className="grow">
        <p className="t"><b className="num">{entry.name}</b><span className="rej"><Icon name="alert" />{pb.t(lost ? "upload.failed" : "upload.rejected")}</span></p>
        <p className="why">{pb.t(entry.reason || (lost ? "upload.failed_text" : "rejections.crashed"), { kind: entry.row?.kind || "" })}</p>
      </div>
      <span className="row">
        {lost ? <button type="button" className="btn btn-sm" onClick={() => queue.retry(entry.key)}>{pb.t("upload.retry")}</button> : <Picker pb={pb} onFiles={take} label={pb.t("upload.choose_again")} kind="btn-sm" icon="upload" />}
        <button type="button" className="btn btn-sm" onClick={() => queue.remove(entry.key)}>{pb.t("upload.remove")}</button>
      </span>
    </li>
  );
}

function Tiles({ pb, title, entries, end, href, use }) {
  const [all, setAll] = useState(false);
  if (!entries.length) return null;
  const shown = all ? entries.slice(0, 400) : entries.slice(0, SHOWN);
  return (
    <section className="sec">
      <header><h2>{title}</h2><span className="muted num">{pb.number(entries.length)}</span>{end}</header>
      <ul className="tiles">
        {shown.map((entry) => <UpTile key={entry.key} entry={entry} pb={pb} href={href} use={use} />)}
      </ul>
      {entries.length > shown.length ? <button type="button" className="link more" onClick={() => setAll(true)}>{pb.t("act.show_all")}</button> : null}
    </section>
  );
}

function UpTile({ entry, pb, href, use }) {
  const row = entry.row;
  const sending = entry.status === "sending" || entry.status === "retrying";
  const verdict = row?.clearance && (typeof row.clearance === "string" ? row.clearance : row.clearance[use]?.state);
  const says = {
    waiting: () => pb.t("upload.waiting"), hashing: () => pb.t("upload.hashing"), sending: () => pb.t("upload.sending", { percent: entry.percent }), retrying: () => pb.t("upload.retrying"),
    processing: () => pb.t("upload.processing"), ready: () => pb.t("asset.ready"),
  }[entry.status];
  const open = entry.status === "ready" && href && entry.assetId;
  const face = <><Thumb entry={entry} />{sending ? <span className="pg"><i style={{ width: `${entry.percent}%` }} /></span> : null}{["processing", "hashing"].includes(entry.status) ? <span className="veil"><span className="spin" /></span> : null}</>;
  return (
    <li className={`up ${entry.status}`}>
      {open ? <a className="pic-link" href={href.replace("{id}", entry.assetId)} aria-label={entry.name}>{face}</a> : <span className="pic-link">{face}</span>}
      {entry.status === "waiting" ? <button type="button" className="btn btn-icon btn-xs drop-one" aria-label={`${pb.t("upload.remove")}: ${entry.name}`} title={pb.t("upload.remove")} onClick={() => queue.remove(entry.key)}><Icon name="x" /></button> : null}
      <p className="nm num truncate" title={entry.name}>{entry.name}</p>
      <p className="st">
        {entry.status === "ready" && verdict ? <Shield state={verdict} look="bare" pb={pb} words={row.faces_open ? pb.t("upload.faces_open", { count: row.faces_open }) : undefined} /> : <span className="num">{says ? says() : ""}</span>}
      </p>
    </li>
  );
}

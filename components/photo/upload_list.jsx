// The files, in one virtual list: what needs somebody, what is under way, what is ready. Two thousand rows scroll like twenty.
import { memo, useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Dialog } from "$/public/external/components/ui/behave/behave.jsx";
import { Icon, Shield, csrf, rendition } from "./common.jsx";
import * as queue from "./queue.js";
import { pictureOf, subscribePictures, wantPicture } from "./upload_read.js";
import { openCopy } from "./upload_keep.js";

const FOLD = 3; // so many already here are shown before the rest is folded away
const GAP = 12;
const AGAIN = new Set(["", "upload.failed_text", "errors.refused", "errors.step_up_needed", "errors.not_found"]); // what was refused for what it is stays refused

function useColumns(box) {
  const [shape, setShape] = useState({ columns: 6, width: 0, top: 0 });
  useLayoutEffect(() => {
    const measure = () => {
      if (!box.current) return;
      const root = scrollerOf(box.current);
      const width = Math.floor(box.current.clientWidth);
      const columns = width < 620 ? 3 : Math.max(3, Math.floor((width + GAP) / 146));
      const top = Math.round(box.current.getBoundingClientRect().top - root.getBoundingClientRect().top + root.scrollTop);
      setShape((before) => (before.width === width && before.top === top ? before : { columns, width, top }));
    };
    measure();
    const watcher = new ResizeObserver(measure);
    watcher.observe(box.current);
    watcher.observe(box.current.parentElement);
    return () => watcher.disconnect();
  }, [box]);
  return shape;
}

const scrollerOf = (element) => element?.closest(".scroller, .main") || document.scrollingElement;
const take = (groups, ...names) => names.flatMap((name) => groups[name] || []);

function rowsOf({ groups }, earlier, folded, columns) {
  const rows = [];
  const issues = take(groups, "refused", "rejected");
  const here = groups.here || [];
  const shown = folded && here.length > FOLD + 1 ? here.slice(0, FOLD) : here;
  if (issues.length || here.length) {
    rows.push({ key: "h-needs", kind: "head", title: "upload.needs_you", count: issues.length + here.length, end: here.length > 1 ? "skip" : "" });
    const list = [...shown.map((entry) => ({ entry })), ...(shown.length < here.length ? [{ fold: here.length - shown.length }] : []), ...issues.map((entry) => ({ entry }))];
    list.forEach((one, at) => rows.push({ key: one.entry ? one.entry.key : "fold", kind: one.entry ? "issue" : "fold", ...one, first: !at, last: at === list.length - 1 }));
  }
  if (earlier.length) {
    rows.push({ key: "h-before", kind: "head", title: "upload.earlier_needs_you", count: earlier.length });
    earlier.forEach((one, at) => rows.push({ key: `e-${one.id}`, kind: "before", one, first: !at, last: at === earlier.length - 1 }));
  }
  const tiles = (title, entries, end = "") => {
    if (!entries.length) return;
    rows.push({ key: `h-${title}`, kind: "head", title, count: entries.length, end });
    for (let at = 0; at < entries.length; at += columns) rows.push({ key: `${title}-${entries[at].key}`, kind: "tiles", entries: entries.slice(at, at + columns) });
  };
  tiles("upload.under_way", take(groups, "sending", "retrying", "processing", "hashing", "queued", "waiting", "missing", "elsewhere"));
  tiles("upload.ready", [...(groups.ready || [])].reverse(), "library");
  tiles("upload.left_out", take(groups, "skipped", "gone"));
  return rows;
}

export function UploadList({ pb, world, use, href, libraryHref, rejected, take: add, Picker }) {
  const box = useRef(null);
  const [folded, setFolded] = useState(true);
  const [discarding, setDiscarding] = useState(null);
  const shape = useColumns(box);
  const known = useMemo(() => new Set(take(world.groups, "rejected").map((entry) => entry.assetId)), [world.groups]);
  const [gone, setGone] = useState([]);
  const earlier = (rejected || []).filter((one) => !known.has(one.id) && !gone.includes(one.id));
  const rows = rowsOf(world, earlier, folded, shape.columns);
  const tile = shape.width ? Math.round(((shape.width - GAP * (shape.columns - 1)) / shape.columns) * 0.75) + 62 : 150;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scrollerOf(box.current),
    estimateSize: (at) => ({ head: 46, tiles: tile, fold: 41 })[rows[at].kind] || 69,
    getItemKey: (at) => rows[at].key,
    overscan: 5,
    scrollMargin: shape.top,
  });
  const discard = async () => {
    const { id, key } = discarding;
    const answer = await fetch(`/api/v1/assets/${id}`, { method: "DELETE", credentials: "same-origin", headers: { "X-CSRF-Token": csrf() } }).catch(() => null);
    if (!answer || !(answer.ok || answer.status === 404)) return setDiscarding({ id, key, failed: true });
    setGone([...gone, id]);
    if (key) queue.remove(key);
    return setDiscarding(null);
  };
  const end = (which) => {
    if (which === "skip") return <button type="button" className="link" onClick={queue.skipAll}>{pb.t("upload.skip_all", { count: (world.groups.here || []).length })}</button>;
    return which === "library" && libraryHref ? <a className="link" href={libraryHref}>{pb.t("upload.show_in_library")}</a> : null;
  };
  const draw = (row) => {
    const edge = `${row.first ? "first" : ""} ${row.last ? "last" : ""}`;
    if (row.kind === "head") return <div className="up-sec"><h2>{pb.t(row.title)}</h2><span className="muted num">{pb.number(row.count)}</span>{end(row.end)}</div>;
    if (row.kind === "tiles") return <div className="tiles" style={{ gridTemplateColumns: `repeat(${shape.columns}, minmax(0, 1fr))` }}>{row.entries.map((entry) => <Tile key={entry.key} entry={entry} pb={pb} href={href} use={use} />)}</div>;
    if (row.kind === "fold") return <div className={`issue more ${edge}`}><span>{pb.t("upload.more_here", { count: row.fold })}</span><button type="button" className="link" onClick={() => setFolded(false)}>{pb.t("upload.show_them")}</button></div>;
    if (row.kind === "before") return <Rejected key={row.key} name={row.one.filename} reason={`rejections.${row.one.reason || "crashed"}`} at={row.one.at} id={row.one.id} pb={pb} edge={`before ${edge}`} onDiscard={setDiscarding} />;
    return row.entry.status === "here" ? <Here entry={row.entry} pb={pb} use={use} href={href} edge={edge} /> : <Wrong entry={row.entry} pb={pb} edge={edge} add={add} Picker={Picker} onDiscard={setDiscarding} />;
  };
  return (
    <div ref={box} className="up-list" style={{ height: rows.length ? virtual.getTotalSize() : 0 }}>
      {virtual.getVirtualItems().map((item) => (
        <div key={item.key} data-index={item.index} ref={virtual.measureElement} className="up-row" style={{ transform: `translateY(${item.start - shape.top}px)` }}>{draw(rows[item.index])}</div>
      ))}
      <Dialog open={discarding !== null} onClose={() => setDiscarding(null)} title={pb.t("upload.discard_title")} closeLabel={pb.t("act.close")}>
        <div className="dialog-body">
          <p>{pb.t("upload.discard_text")}</p>
          {discarding?.failed ? <p className="danger-ink" role="alert">{pb.t("errors.internal")}</p> : null}
        </div>
        <div className="dialog-foot">
          <button type="button" className="btn" data-autofocus onClick={() => setDiscarding(null)}>{pb.t("act.cancel")}</button>
          <button type="button" className="btn btn-danger-solid" onClick={discard}>{pb.t("upload.discard")}</button>
        </div>
      </Dialog>
    </div>
  );
}

// The small picture: made here from the file, or the server's once it has one.
const Thumb = memo(function Thumb({ entry }) {
  const url = useSyncExternalStore(subscribePictures, () => pictureOf(entry.key), () => undefined);
  const [broken, setBroken] = useState(false);
  const served = !entry.file && ["ready", "processing"].includes(entry.status) && entry.stage !== "received" && entry.stage !== "decoding" ? entry.assetId : entry.existing?.asset_id;
  useEffect(() => {
    if (url !== undefined) return;
    if (entry.file) wantPicture(entry.key, entry.file);
    else if (entry.kept && !entry.assetId) openCopy(entry.batch, entry).then((file) => file && wantPicture(entry.key, file));
  }, [entry, url]);
  const source = url || (served && !broken ? rendition(served, "thumb") : "");
  return (
    <span className={`th ${source ? "" : "none"}`}>
      {source ? <img src={source} alt="" loading="lazy" onError={() => setBroken(true)} /> : url === "" || (!entry.file && !entry.kept) ? <Icon name="library" size={18} /> : null}
    </span>
  );
}, (before, after) => before.entry.key === after.entry.key && before.entry.file === after.entry.file && before.entry.status === after.entry.status && before.entry.stage === after.entry.stage);

function Here({ entry, pb, use, href, edge }) {
  const found = entry.existing || {};
  const state = found.clearance?.[use];
  const name = found.title || found.filename || entry.name;
  const words = state ? pb.t("upload.here_with", { state: pb.t(`clearance.${state}`).toLowerCase(), use: pb.t(`use.${use}`).toLowerCase() }) : pb.t("upload.already_here");
  return (
    <article className={`issue ${edge}`} aria-label={entry.name}>
      <Thumb entry={entry} />
      <div className="grow">
        <p className="t"><b className="num">{entry.name}</b>{found.twin ? <span className="muted">{pb.t("upload.twin")}</span> : <Shield state={state || "no_people"} look="bare" pb={pb} words={words} />}</p>
        <p className="why">{found.twin ? pb.t("upload.twin_text", { name }) : pb.t("upload.same_file", { name })} {found.asset_id && href ? <a href={href.replace("{id}", found.asset_id)} target="_blank" rel="noreferrer">{pb.t("upload.look")}</a> : null}</p>
      </div>
      {entry.remote ? null : (
        <span className="btn-group" role="group" aria-label={entry.name}>
          <button type="button" className="btn btn-sm hl" onClick={() => queue.decide(entry.key, "skip")}>{pb.t("upload.skip")}</button>
          <button type="button" className="btn btn-sm" onClick={() => queue.decide(entry.key, "keep")}>{pb.t("upload.keep_both")}</button>
        </span>
      )}
    </article>
  );
}

function Wrong({ entry, pb, edge, add, Picker, onDiscard }) {
  if (entry.status === "rejected") return <Rejected name={entry.name} reason={entry.reason} id={entry.assetId} entry={entry} pb={pb} edge={edge} onDiscard={(asked) => onDiscard({ ...asked, key: entry.key })} />;
  return (
    <article className={`issue ${edge}`} aria-label={entry.name}>
      <Thumb entry={entry} />
      <div className="grow">
        <p className="t"><b className="num">{entry.name}</b><span className="rej"><Icon name="alert" />{pb.t("upload.failed")}</span></p>
        <p className="why">{pb.t(entry.reason || "upload.failed_text")}</p>
      </div>
      <span className="row">
        <Picker onPicked={(picked) => { queue.remove(entry.key); add(picked); }} label={pb.t("upload.choose_again")} kind="btn-sm" icon="upload" />
        {AGAIN.has(entry.reason) ? <button type="button" className="btn btn-sm" onClick={() => queue.retry(entry.key)}>{pb.t("upload.retry")}</button> : null}
        <button type="button" className="btn btn-sm" onClick={() => queue.remove(entry.key)}>{pb.t("upload.remove")}</button>
      </span>
    </article>
  );
}

// It arrived and could not be opened: the original is kept for its sender, to fetch or to discard.
function Rejected({ name, reason, at, id, entry, pb, edge, onDiscard }) {
  return (
    <article className={`issue ${edge}`} aria-label={name}>
      {entry ? <Thumb entry={entry} /> : <span className="th none"><Icon name="library" size={18} /></span>}
      <div className="grow">
        <p className="t"><b className="num">{name}</b><span className="rej"><Icon name="alert" />{pb.t("upload.rejected")}</span></p>
        <p className="why">{pb.t(reason || "rejections.crashed")} {at ? <span className="faint">{pb.date(at)}</span> : null}</p>
      </div>
      <span className="row">
        <a className="btn btn-sm" href={`/api/v1/assets/${id}/original`} download={name}><Icon name="download" />{pb.t("upload.fetch")}</a>
        <button type="button" className="btn btn-sm btn-danger" onClick={() => onDiscard({ id })}>{pb.t("upload.discard")}</button>
      </span>
    </article>
  );
}

const Tile = memo(function Tile({ entry, pb, href, use }) {
  const { status, row } = entry;
  const going = status === "sending" || status === "retrying" || (status === "queued" && entry.sent > 0);
  const state = row?.clearance?.[use];
  const said = () => {
    if (entry.paused) return pb.t("upload.paused");
    if (status === "sending") return pb.t("upload.sending", { percent: entry.percent });
    if (status === "processing") return pb.t(`stage.${entry.stage || "received"}`);
    return pb.t(`upload.is_${status}`);
  };
  const open = status === "ready" && href && entry.assetId;
  const face = <><Thumb entry={entry} />{going ? <span className="pg"><i style={{ width: `${entry.percent}%` }} /></span> : null}{["processing", "hashing"].includes(status) ? <span className="veil"><span className="spin" /></span> : null}</>;
  const held = ["sending", "retrying", "queued", "waiting"].includes(status);
  return (
    <div className={`up-one ${status}`}>
      {open ? <a className="pic-link" href={href.replace("{id}", entry.assetId)} aria-label={entry.name}>{face}</a> : <span className="pic-link">{face}</span>}
      {held ? (
        <span className="one-acts">
          <button type="button" className="btn btn-icon btn-xs" aria-label={`${pb.t(entry.paused ? "act.resume" : "act.pause")}: ${entry.name}`} title={pb.t(entry.paused ? "act.resume" : "act.pause")} onClick={() => queue.pauseOne(entry.key, !entry.paused)}><Icon name={entry.paused ? "play" : "pause"} size={14} /></button>
          <button type="button" className="btn btn-icon btn-xs" aria-label={`${pb.t("upload.remove")}: ${entry.name}`} title={pb.t("upload.remove")} onClick={() => queue.remove(entry.key)}><Icon name="x" size={14} /></button>
        </span>
      ) : null}
      <p className="nm num truncate" title={entry.path || entry.name}>{entry.name}</p>
      <p className="st">
        {status === "ready" && state ? <Shield state={state} look="bare" pb={pb} words={row.open_faces ? pb.t("upload.faces_open", { count: row.open_faces }) : undefined} /> : <span className="num">{said()}</span>}
      </p>
    </div>
  );
}, (before, after) => before.entry === after.entry && before.pb === after.pb && before.use === after.use);

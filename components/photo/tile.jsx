// One photo in the grid, and what stands in its place while it is not there.
import { memo, useEffect, useState } from "react";
import { Icon, Shield, placeholder, rendition } from "./common.jsx";

const NARROW = 128; // px below which a tile has no room for words

// While one scrolls fast, pictures that would be gone before they came are not asked for; `quick` says so.
export const Tile = memo(function Tile({ item, left, top, width, height, selected, selecting, focused, marking, quick, use, href, pb, on }) {
  const [broken, setBroken] = useState(false);
  const [shown, setShown] = useState(false);
  const [asked, setAsked] = useState(!quick);
  const ready = item.state === "ready" || item.state === "archived";
  // Its sizes are there, faces are still being looked for: the picture for whom the server says it is shown, else what stands in its place.
  const looking = item.state === "processing" && item.stage === "faces" && item.shown && !broken;
  // In the trash it is shown to who may take it out again.
  const pictured = ready || looking || item.state === "trashed";
  const narrow = width < NARROW;
  useEffect(() => setBroken(false), [item.changed_at, item.state]);
  useEffect(() => {
    if (!quick) setAsked(true);
  }, [quick]);
  const name = item.title || item.filename || pb.t("grid.untitled");
  const verdict = item.clearance && item.clearance[use];
  const people = item.people_count || 0;
  const { favourite: loved = false, stars = null } = item.marks || {};
  const stack = item.stack ? pb.t("grid.stack", { count: item.stack.count }) : "";
  const words = [name, stack, loved ? pb.t("grid.loved") : "", stars ? pb.t("grid.stars", { count: stars }) : "", people ? pb.t("count.people", { count: people }) : "", selected ? pb.t("grid.selected") : ""].filter(Boolean).join(". ");
  return (
    <div className={`tile ${selected ? "sel" : ""} ${ready ? "" : `is-${item.state}`}`} style={{ left, top, width, height }} data-id={item.id}>
      <a href={href} className="open" tabIndex={focused ? 0 : -1} data-tile={item.id} draggable="false" onClick={(event) => on.click(event, item)} onFocus={() => on.focus(item.id)}>
        <span className="pic" style={{ backgroundImage: placeholder(item.placeholder) || undefined }}>
          {pictured && !broken && asked ? (
            <img
              src={rendition(item.id, "thumb", item.changed_at)}
              alt=""
              decoding="async"
              draggable="false"
              className={shown ? "in" : ""}
              ref={(node) => {
                if (node?.complete && node.naturalWidth) setShown(true);
              }}
              onLoad={() => setShown(true)}
              onError={() => setBroken(true)}
            />
          ) : null}
          {ready && broken ? <Icon name="lock" size={20} className="locked" /> : null}
          {item.state === "processing" || item.state === "uploading" ? (
            <span className={looking ? "busy" : "note"}><span className="spin" /><span className={width < (looking ? NARROW + 32 : NARROW) ? "vh" : ""}>{pb.t(`asset.${item.state}`)}</span></span>
          ) : null}
          {item.state === "rejected" ? <span className="note bad"><Icon name="alert" size={18} /><span className={narrow ? "vh" : ""}>{pb.t("grid.rejected")}</span></span> : null}
        </span>
        <span className="cap" aria-hidden="true"><b className="truncate">{name}</b>{people ? pb.t("count.people", { count: people }) : ""}</span>
        <span className="vh">{words}. </span>
        {stack ? <span className="in-stack num" title={stack} aria-hidden="true"><Icon name="copy" size={14} />{item.stack.count}</span> : null}
        {ready && verdict ? <Shield state={verdict.state} until={verdict.valid_until} look={narrow ? "seal" : "photo"} pb={pb} /> : null}
      </a>
      <button type="button" className="pick" tabIndex={focused || selecting ? 0 : -1} aria-pressed={selected} aria-label={pb.t("grid.select", { name })} onClick={(event) => on.pick(event, item)}>
        <Icon name="check" size={14} />
      </button>
      {stars ? <span className="stars" aria-hidden="true"><Icon name="star" size={14} />{stars}</span> : null}
      {ready && marking ? (
        <button type="button" className="heart" tabIndex={focused ? 0 : -1} aria-pressed={loved} aria-label={pb.t("grid.favourite", { name })} title={pb.t("organise.favour_key")} onClick={() => on.favour(item)}>
          <Icon name="heart" size={16} />
        </button>
      ) : null}
    </div>
  );
});

const SHAPES = [[1.5, 1.33, 0.75, 1.5, 1.4], [1.33, 1.78, 1.0, 1.33, 0.8], [0.75, 1.5, 1.33, 1.5, 1.2]];

// A row in the shape of photos.
function Shape({ nth, width, height, gap, top }) {
  const cells = [];
  let left = 0;
  for (let at = 0; left < width; at += 1) {
    const wide = Math.min(Math.round(SHAPES[nth % 3][at % 5] * height), width - left);
    cells.push(<span key={at} className="skeleton" style={{ left, width: wide }} />);
    left += wide + gap;
  }
  return <div className="shape" style={{ top, height }} aria-hidden="true">{cells}</div>;
}

// The rows of a block that is not here yet, as far as they are in sight.
export function Unread({ top, size, from, to, row, width, gap }) {
  const step = row + gap;
  const first = Math.max(0, Math.floor((from - top) / step));
  const last = Math.min(Math.ceil(size / step), Math.ceil((to - top) / step));
  const rows = [];
  for (let nth = first; nth < last; nth += 1) rows.push(<Shape key={nth} nth={nth} width={width} height={Math.min(row, size - nth * step)} gap={gap} top={top + nth * step} />);
  return rows;
}

export function Loading({ pb, row }) {
  return (
    <div role="status" aria-busy="true">
      <span className="vh">{pb.t("grid.loading")}</span>
      <span className="skeleton sk-line" style={{ width: 150, margin: "10px 0 16px" }} />
      {SHAPES.map((shape, nth) => (
        <div className="jrow" key={nth}>{shape.slice(0, 4).map((ratio, at) => <span key={at} className="skeleton" style={{ "--ar": ratio, height: row }} />)}</div>
      ))}
    </div>
  );
}

export function LoadError({ pb, onRetry }) {
  return (
    <div className="state bad" role="alert">
      <span className="art"><Icon name="alert" size={24} /></span>
      <h2>{pb.t("library.error_title")}</h2>
      <p>{pb.t("library.error_text")}</p>
      <div className="acts"><button type="button" className="btn" onClick={onRetry}><Icon name="renew" />{pb.t("act.retry")}</button></div>
    </div>
  );
}

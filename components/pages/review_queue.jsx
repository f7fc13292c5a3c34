// The left column of the review page: how much is left and how fast it goes, and the queue of people and groups.
import { memo } from "react";
import { Icon } from "$/public/external/components/ui/behave/behave.jsx";
import { Face } from "./review_pictures.jsx";

export const EMPTY = "empty";
export const SINGLES = "singles";
const VIEWS = ["all", "suggested", "unknown"];

export function Pace({ pb, left, done, pace, waiting, lost }) {
  const minutes = pace ? Math.ceil(left / pace) : 0;
  const whole = left + done;
  return (
    <div className="rv-pace">
      <div className="bar" role="progressbar" aria-label={pb.t("review.progress")} aria-valuemin={0} aria-valuenow={done} aria-valuemax={whole || 1}><i style={{ width: `${whole ? (100 * done) / whole : 100}%` }} /></div>
      <p className="num">
        <b>{pb.t("review.left", { count: left })}</b>
        <span>{lost ? pb.t("review.unsent", { count: waiting }) : pace && left ? pb.t("review.pace", { pace, minutes }) : ""}</span>
      </p>
    </div>
  );
}

// Drawn again only when something in it changed: there may be hundreds beside one question, and each push brings them all anew.
const same = (before, after) => before.pb === after.pb && before.current === after.current && Object.keys(after.row).every((key) => before.row[key] === after.row[key]);
const Row = memo(({ pb, row, current, onPick }) => (
  <li>
    <button type="button" className={`rv-q ${row.held ? "held" : ""}`} aria-current={current ? "true" : undefined} aria-disabled={row.held ? true : undefined} onClick={() => !row.held && onPick(row.id)}>
      <Face key={row.cover} id={row.cover} className="avatar avatar-40" size={40} beside />
      <span className="grow">
        <b>{row.name || pb.t("review.unknown")}</b>
        <small>{row.held ? pb.t("review.held", { name: row.held }) : row.name ? pb.t("review.suggested", { percent: row.percent }) : pb.t("review.unlocks", { count: row.photos })}</small>
      </span>
      {row.held ? <span className="avatar avatar-24 initials" aria-hidden="true">{row.held_initials}</span> : <span className="cnt num">{pb.number(row.faces)}<span className="vh"> {pb.t("review.faces_word", { count: row.faces })}</span></span>}
    </button>
  </li>
), same);

export function Queue({ pb, rows, here, view, more, empty, singles, pace, onView, onMore, onPick }) {
  return (
    <aside className="rv-queue" aria-label={pb.t("review.queue")}>
      <header><h2>{pb.t("review.title")}</h2>{pace}</header>
      <span className="seg" role="group" aria-label={pb.t("review.view")}>
        {VIEWS.map((one) => <button key={one} type="button" aria-pressed={view === one} onClick={() => onView(one)}>{pb.t(`review.view_${one}`)}</button>)}
      </span>
      <ul>
        {rows.map((row) => <Row key={row.id} pb={pb} row={row} current={row.id === here} onPick={onPick} />)}
        {[[SINGLES, singles, "face"], [EMPTY, empty, "library"]].map(([what, count, icon]) => count ? (
          <li key={what}>
            <button type="button" className="rv-q" aria-current={here === what ? "true" : undefined} onClick={() => onPick(what)}>
              <span className="avatar avatar-40 initials" aria-hidden="true"><Icon name={icon} /></span>
              <span className="grow"><b>{pb.t(`review.${what}_title`)}</b><small>{pb.t(`review.${what}_hint`)}</small></span>
              <span className="cnt num">{pb.number(count)}</span>
            </button>
          </li>
        ) : null)}
        {more ? <li><button type="button" className="btn btn-sm btn-quiet" onClick={onMore}>{pb.t("review.more")}</button></li> : null}
      </ul>
    </aside>
  );
}

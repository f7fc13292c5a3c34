// The middle of the review page: confirmed faces beside the candidates, and the focused one in its photo.
import { Icon } from "$/public/external/components/ui/behave/behave.jsx";
import { Face } from "./review_pictures.jsx";
import { LIKELY, percent } from "./review_sheets.js";

export function References({ pb, sheet, focused, at }) {
  const face = focused;
  return (
    <div className="rv-refs">
      {sheet.guess ? (
        <>
          <h2>{pb.t("review.confirmed_earlier")}</h2>
          <div className="rv-reflist">
            {sheet.references.slice(0, 3).map((one) => (
              <figure key={one.id}>
                <span className="rv-pic"><Face id={one.id} alt={pb.t("review.confirmed_face", { name: sheet.guess.name })} /></span>
                <figcaption className="truncate">{one.taken_at ? pb.date(one.taken_at, "short") : one.title}</figcaption>
              </figure>
            ))}
          </div>
          <p className="rv-who"><a href={`/person/?id=${sheet.guess.person_id}`}>{sheet.guess.name}</a><span>{pb.t("review.known", { count: sheet.known })}</span></p>
        </>
      ) : null}
      {face ? (
        <div className="rv-ctx">
          <h2>{pb.t("review.in_photo", { number: at + 1 })}</h2>
          <a href={`/photo/${face.asset_id}/`} className="rv-photo" aria-label={pb.t("review.open_photo", { title: face.title })}>
            <span>
              <img src={`/api/v1/assets/${face.asset_id}/renditions/preview`} alt="" />
              <i style={{ left: `${face.box[0] * 100}%`, top: `${face.box[1] * 100}%`, width: `${face.box[2] * 100}%`, height: `${face.box[3] * 100}%` }} />
            </span>
          </a>
          <p className="truncate">{face.title}</p>
        </div>
      ) : null}
    </div>
  );
}

export function Candidates({ pb, sheet, chosen, at, onFocus, onToggle, onAll }) {
  const unlikely = sheet.guess && sheet.faces.some((face) => (face.probability ?? 0) < LIKELY);
  const all = chosen.length === sheet.faces.length;
  return (
    <div className="rv-cands">
      <div className="rv-hd">
        <h2>{pb.t(sheet.guess ? "review.candidates" : "review.alike")}</h2>
        <button type="button" className="btn btn-sm btn-quiet" aria-keyshortcuts="A" onClick={onAll}>{pb.t(all ? "review.select_none" : "review.select_all")}<kbd>A</kbd></button>
      </div>
      <div className="rv-grid" role="group" aria-label={pb.t("review.faces")}>
        {sheet.faces.map((face, place) => {
          const on = chosen.includes(face.id);
          return (
            <button key={face.id} type="button" className={`rv-cand ${on ? "" : "off"} ${place === at ? "cur" : ""}`} data-at={place} data-face={face.id} tabIndex={place === at ? 0 : -1} aria-pressed={on}
              aria-label={pb.t(face.probability === null ? "review.face" : "review.face_sure", { number: place + 1, percent: percent(face.probability ?? 0), title: face.title })}
              onFocus={() => onFocus(place)} onClick={() => onToggle(face.id)}>
              <span className="rv-pic"><Face id={face.id} /></span>
              <span className="tick" aria-hidden="true"><Icon name="check" size={12} /></span>
              {face.probability === null ? null : <span className="pr num" aria-hidden="true">{percent(face.probability)} %</span>}
            </button>
          );
        })}
      </div>
      {sheet.total > sheet.faces.length ? <p className="rv-note"><Icon name="info" />{pb.t("review.first_ones", { count: sheet.faces.length, total: sheet.total })}</p> : null}
      {unlikely ? <p className="rv-note"><Icon name="info" />{pb.t("review.below", { percent: percent(LIKELY) })}</p> : null}
    </div>
  );
}

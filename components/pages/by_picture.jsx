// Find by a picture: somebody holds one up, it is looked at once, and the answer says who it may be and on which photos. The picture
// stays in this page's memory until another one is chosen or the dialog closes.
import { useEffect, useId, useRef, useState } from "react";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { Dialog, Icon } from "$/public/external/components/ui/behave/behave.jsx";
import { send } from "$/public/external/components/http/http.js";
import { rendition } from "$/public/external/components/photo/scripts/common.jsx";

const useWords = wordsOf("people");
const LARGEST = 20 * 2 ** 20;
const WRONG = { 413: "people.find_too_large", 422: "errors.picture", 429: "people.find_slow" };

export function ByPicture() {
  const pb = useWords();
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="btn" onClick={() => setOpen(true)}><Icon name="review" size={16} />{pb.t("people.find")}</button>
      <Dialog open={open} onClose={() => setOpen(false)} kind="wide" title={pb.t("people.find")} description={pb.t("people.find_lead")} closeLabel={pb.t("act.close")}>
        <Search pb={pb} />
      </Dialog>
    </>
  );
}

function Search({ pb }) {
  const [picture, setPicture] = useState(null);
  const [found, setFound] = useState(null);
  const [wrong, setWrong] = useState("");
  const [over, setOver] = useState(false);
  const field = useRef(null);
  const latest = useRef(0);
  const id = useId();
  useEffect(() => () => picture && URL.revokeObjectURL(picture), [picture]);
  const look = async (file) => {
    if (!file) return;
    const mine = (latest.current += 1);
    setPicture(URL.createObjectURL(file));
    setFound(null);
    setWrong(file.size > LARGEST ? "people.find_too_large" : "");
    if (file.size > LARGEST) return;
    const said = await send("POST", "/api/v1/people/find-by-picture", file.slice(0, file.size, "application/octet-stream"));
    if (mine !== latest.current) return;
    if (said.ok) setFound(await said.response.json());
    else setWrong(WRONG[said.status] || "people.find_failed");
  };
  const busy = picture && !found && !wrong;
  const drop = (event) => {
    event.preventDefault();
    setOver(false);
    look(event.dataTransfer.files[0]);
  };
  return (
    <div className="dialog-body bp">
      <div className={`bp-pick ${over ? "over" : ""}`} onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={drop}>
        {picture ? <img src={picture} alt={pb.t("people.find_yours")} /> : <Icon name="face" size={32} />}
        <input id={id} ref={field} type="file" accept="image/*" className="vh" tabIndex={-1} onChange={(event) => { look(event.target.files[0]); event.target.value = ""; }} />
        <button type="button" className={`btn ${picture ? "" : "btn-primary"}`} onClick={() => field.current.click()} data-autofocus>{pb.t(picture ? "people.find_other" : "people.find_choose")}</button>
      </div>
      <label htmlFor={id} className="vh">{pb.t("people.find_choose")}</label>
      <div className="bp-found" aria-live="polite" aria-busy={Boolean(busy)}>
        {wrong ? <p className="notice bad" role="alert"><Icon name="alert" size={18} /><span>{pb.t(wrong)}</span></p> : busy ? <p className="muted bp-busy"><span className="spin" aria-hidden="true" />{pb.t("people.find_busy")}</p> : found ? <Found pb={pb} found={found} /> : <p className="notice"><Icon name="info" size={18} /><span>{pb.t("people.find_may")}</span></p>}
      </div>
    </div>
  );
}

function Found({ pb, found }) {
  const none = !found.faces ? "no_face" : !found.people.length && !found.photos.length ? "none" : "";
  if (none) return <div className="bp-none"><b>{pb.t(`people.find_${none}_title`)}</b><p className="muted">{pb.t(`people.find_${none}_text`)}</p></div>;
  return (
    <>
      {found.faces > 1 ? <p className="muted small">{pb.t("people.find_largest", { count: found.faces })}</p> : null}
      {found.people.length ? (
        <section>
          <h3>{pb.t("people.find_people")}</h3>
          <ul className="p-rows">
            {found.people.map(({ person, probability }) => (
              <li key={person.id}>
                <a className="p-row" href={`/person/?id=${person.id}`}>
                  {person.cover ? <img className="avatar avatar-40" src={`/api/v1/faces/${person.cover}/crop`} alt="" width={40} height={40} /> : <span className="avatar avatar-40 initials" aria-hidden="true"><Icon name="face" /></span>}
                  <span className="ad-name"><b>{person.name}</b><small>{pb.t("people.find_sure", { percent: Math.min(99, Math.round(probability * 100)) })} · {pb.t("count.photos", { count: person.photos })}</small></span>
                </a>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      {found.photos.length ? (
        <section>
          <h3>{pb.t("people.find_photos", { count: found.photos.length })}</h3>
          <ul className="bp-photos">
            {found.photos.map((photo, place) => <li key={photo}><a href={`/photo/${photo}/`} aria-label={pb.t("people.find_photo", { number: place + 1 })}><Thumb id={photo} /></a></li>)}
          </ul>
        </section>
      ) : null}
    </>
  );
}

// A photo that one may know of but not be shown keeps its place, with a lock.
function Thumb({ id }) {
  const [refused, setRefused] = useState(false);
  return refused ? <span className="none"><Icon name="lock" size={20} /></span> : <img src={rendition(id, "thumb")} alt="" loading="lazy" onError={() => setRefused(true)} />;
}

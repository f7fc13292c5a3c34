// What holds for all photos of the batch: folder, event, photographer, tags. Beside the list on a desk, a sheet on a phone.
import { useEffect, useId, useRef, useState } from "react";
import { Dialog } from "$/public/external/components/ui/behave/behave.jsx";
import { Icon, read } from "./common.jsx";
import { FolderPicker } from "./folder_picker.jsx";

const PAUSE = 250;

export function Details({ pb, world, folderId, onChange, heading = true }) {
  const id = useId();
  const { details } = world;
  const chosen = details.folderId || folderId;
  return (
    <>
      {heading ? <header><h2>{world.total ? pb.t("upload.details_count", { count: world.total }) : pb.t("upload.details")}</h2><p className="lead">{pb.t("upload.details_text")}</p></header> : null}
      <div className="field">
        <label htmlFor={`${id}-folder`}>{pb.t("field.folder")}</label>
        <FolderPicker id={`${id}-folder`} value={chosen} permission="edit" onChoose={(folder) => onChange({ folderId: folder })} />
      </div>
      <Line id={`${id}-event`} name="event" icon="calendar" label={pb.t("upload.event")} value={details.event} onChange={(event) => onChange({ event })} />
      <Line id={`${id}-photographer`} name="photographer" icon="camera" label={pb.t("upload.photographer")} value={details.photographer} onChange={(photographer) => onChange({ photographer })} />
      <Tags id={`${id}-tags`} pb={pb} tags={details.tags} onChange={(tags) => onChange({ tags })} />
    </>
  );
}

// Typing stays here until it pauses, so that nothing jumps while the batch answers.
function Line({ id, name, icon, label, value, onChange }) {
  const [text, setText] = useState(value);
  const typing = useRef(false);
  useEffect(() => { if (!typing.current) setText(value); }, [value]);
  const done = () => {
    typing.current = false;
    if (text.trim() !== value) onChange(text.trim());
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <span className="with-icon"><Icon name={icon} /><input id={id} name={name} className="input" type="text" maxLength={300} autoComplete="off" value={text}
        onChange={(event) => { typing.current = true; setText(event.target.value); }} onBlur={done} onKeyDown={(event) => event.key === "Enter" && done()} /></span>
    </div>
  );
}

function Tags({ id, pb, tags, onChange }) {
  const [text, setText] = useState("");
  const [offers, setOffers] = useState([]);
  const begins = text.trim();
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(() => {
      read(`/api/v1/tags?limit=8&search=${encodeURIComponent(begins)}`, stop.signal).then((page) => setOffers(page?.items || []), () => {});
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [begins]);
  const add = (name) => {
    const tidy = name.trim().slice(0, 80);
    if (tidy && !tags.some((tag) => tag.toLowerCase() === tidy.toLowerCase())) onChange([...tags, tidy]);
    setText("");
  };
  const offered = offers.filter((one) => !tags.some((tag) => tag.toLowerCase() === one.name.toLowerCase())).slice(0, 4);
  return (
    <div className="field">
      <label htmlFor={id}>{pb.t("upload.tags")}</label>
      <span className="input tag-box">
        {tags.map((tag) => <span key={tag} className="tagc">{tag}<button type="button" aria-label={pb.t("upload.tag_off", { tag })} onClick={() => onChange(tags.filter((one) => one !== tag))}><Icon name="x" size={14} /></button></span>)}
        <input id={id} name="tags" type="text" autoComplete="off" maxLength={80} placeholder={pb.t("upload.tag_add")} value={text} onChange={(event) => setText(event.target.value)} onBlur={() => add(text)}
          onKeyDown={(event) => {
            if (event.key === "Enter" || event.key === ",") {
              event.preventDefault();
              add(text);
            } else if (event.key === "Backspace" && !text && tags.length) onChange(tags.slice(0, -1));
          }} />
      </span>
      {offered.length ? <span className="sugg">{offered.map((one) => <button key={one.id} type="button" className="chip" onMouseDown={(event) => event.preventDefault()} onClick={() => add(one.name)}><Icon name="plus" size={14} />{one.name}</button>)}</span> : null}
    </div>
  );
}

// On a phone: one button that says what it holds, and a sheet.
export function DetailsButton({ open, onOpen, ...details }) {
  const { pb, world } = details;
  const title = world.total ? pb.t("upload.details_count", { count: world.total }) : pb.t("upload.details");
  const held = [world.details.event, ...world.details.tags, world.details.photographer].filter(Boolean).join(", ") || pb.t("upload.details_short");
  return (
    <>
      <button type="button" className="btn batch-btn" aria-haspopup="dialog" onClick={() => onOpen(true)}><Icon name="tag" /><span>{title}</span><small className="truncate">{held}</small><Icon name="right" /></button>
      <Dialog open={open} onClose={() => onOpen(false)} title={title} description={pb.t("upload.details_text")} closeLabel={pb.t("act.close")} kind="side">
        <div className="dialog-body"><Details {...details} heading={false} /></div>
        <div className="dialog-foot"><button type="button" className="btn btn-primary" onClick={() => onOpen(false)}>{pb.t("act.done")}</button></div>
      </Dialog>
    </>
  );
}

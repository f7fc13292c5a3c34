// The files a photo has been: newest first, each beside the one shown now when asked; a new one is sent from here.
import { useEffect, useRef, useState } from "react";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { Icon } from "$/public/external/components/ui/behave/behave.jsx";
import { csrf } from "$/public/external/components/photo/scripts/common.jsx";

const useWords = wordsOf("photo");

const look = (photo, number, name) => `/api/v1/assets/${photo}/versions/${number}/renditions/${name}`;

export function Versions({ photo, rows, coming, mayEdit, mayLook, mayPurge, onRestore, onForget }) {
  const pb = useWords();
  const [beside, setBeside] = useState(0);
  const list = rows || [];
  const now = list.find((row) => row.current);
  const other = list.find((row) => row.number === beside);
  return (
    <div className="versions stack-4">
      {mayEdit ? <Send photo={photo} pb={pb} /> : null}
      {(coming || []).map((one) => (
        <p key={one.id} className="version-coming" role="status">
          <span className="spin" aria-hidden="true" />
          <span className="grow truncate"><b>{one.filename}</b><small>{pb.t(`photo.version_coming_${one.stage}`)}</small></span>
          <small className="num">{pb.size(one.size)}</small>
        </p>
      ))}
      <ol className="version-list">
        {list.map((row) => (
          <li key={row.number} className={row.current ? "now" : ""} aria-current={row.current ? "true" : undefined}>
            {mayLook || row.current ? <img src={look(photo, row.number, "thumb")} alt="" loading="lazy" /> : <span className="no-look"><Icon name="lock" /></span>}
            <div className="grow">
              <p><b>{pb.t("photo.version_number", { number: row.number })}</b>{row.current ? <span className="pill">{pb.t("photo.version_now")}</span> : null}</p>
              <small className="truncate">{row.filename}</small>
              <small className="num">{pb.number(row.width)} × {pb.number(row.height)} px · {pb.size(row.size)}</small>
              <small>{row.who ? `${row.who} · ` : ""}{pb.date(row.at, "datetime")}</small>
              {row.same ? null : <small>{pb.t("photo.version_another")}</small>}
              {row.current ? null : (
                <div className="row">
                  {mayLook ? <button type="button" className="btn btn-sm" onClick={() => setBeside(row.number)}><Icon name="copy" />{pb.t("photo.compare")}</button> : null}
                  {mayEdit ? <button type="button" className="btn btn-sm" onClick={() => onRestore(row.number)}><Icon name="undo" />{pb.t("photo.version_restore")}</button> : null}
                  {mayPurge ? <Forget number={row.number} pb={pb} onForget={onForget} /> : null}
                </div>
              )}
            </div>
          </li>
        ))}
      </ol>
      {now && other ? <Beside photo={photo} now={now} other={other} pb={pb} mayEdit={mayEdit} onRestore={onRestore} onClose={() => setBeside(0)} /> : null}
    </div>
  );
}

// Asks once, on the button itself: what it deletes cannot come back.
function Forget({ number, pb, onForget }) {
  const [sure, setSure] = useState(false);
  return sure ? (
    <button type="button" className="btn btn-sm btn-danger-solid" autoFocus onBlur={() => setSure(false)} onClick={() => { setSure(false); onForget(number); }}>{pb.t("photo.version_forget_sure", { number })}</button>
  ) : (
    <button type="button" className="btn btn-sm btn-quiet btn-icon btn-danger" aria-label={pb.t("photo.version_forget")} title={pb.t("photo.version_forget")} onClick={() => setSure(true)}><Icon name="trash" /></button>
  );
}

function Beside({ photo, now, other, pb, mayEdit, onRestore, onClose }) {
  const box = useRef(null);
  useEffect(() => {
    const dialog = box.current;
    const before = document.activeElement;
    dialog.showModal();
    return () => before?.focus?.();
  }, []);
  const view = (row) => (
    <figure key={row.number}>
      <img src={look(photo, row.number, "preview")} alt={pb.t("photo.version_number", { number: row.number })} />
      <figcaption>
        <b>{pb.t("photo.version_number", { number: row.number })}</b>{row.current ? <span className="pill">{pb.t("photo.version_now")}</span> : null}
        <small className="num">{pb.number(row.width)} × {pb.number(row.height)} px · {pb.size(row.size)}</small>
      </figcaption>
    </figure>
  );
  return (
    <dialog ref={box} className="dialog beside" aria-label={pb.t("photo.compare")} onClose={onClose} onClick={(event) => event.target === box.current && box.current.close()}>
      <header>
        <div><h2>{pb.t("photo.compare")}</h2></div>
        <button type="button" className="btn btn-quiet btn-icon" aria-label={pb.t("act.close")} title={pb.t("act.close")} onClick={() => box.current.close()}><Icon name="x" /></button>
      </header>
      <div className="dialog-body pair">{view(other)}{view(now)}</div>
      {mayEdit ? <div className="dialog-foot"><button type="button" className="btn btn-primary" onClick={() => { onRestore(other.number); box.current.close(); }}><Icon name="undo" />{pb.t("photo.version_restore")}</button></div> : null}
    </dialog>
  );
}

function Send({ photo, pb }) {
  const input = useRef(null);
  const [at, setAt] = useState(null); // {name, share}
  const [wrong, setWrong] = useState("");
  const send = (file) => {
    setWrong("");
    setAt({ name: file.name, share: 0 });
    const request = new XMLHttpRequest();
    request.open("POST", `/api/v1/assets/${photo}/versions`);
    request.setRequestHeader("X-CSRF-Token", csrf());
    request.setRequestHeader("Upload-Filename", encodeURIComponent(file.name));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => event.lengthComputable && setAt({ name: file.name, share: event.loaded / event.total });
    request.onerror = () => { setAt(null); setWrong(pb.t("photo.version_failed")); };
    request.onload = () => {
      setAt(null);
      if (request.status === 409) setWrong(pb.t("photo.version_same_file"));
      else if (request.status >= 400) setWrong(pb.t("photo.version_failed"));
    };
    request.send(file);
  };
  return (
    <div className="version-send">
      <input ref={input} type="file" accept="image/*,.heic,.heif,.tif,.tiff,.avif" className="vh" tabIndex={-1} aria-hidden="true" onChange={(event) => { const [file] = event.target.files; event.target.value = ""; if (file) send(file); }} />
      <button type="button" className="btn" disabled={Boolean(at)} onClick={() => input.current.click()}><Icon name="upload" />{pb.t("photo.version_new")}</button>
      <small className="muted grow">{pb.t("photo.version_new_text")}</small>
      {at ? <progress value={at.share} max="1" aria-label={at.name} /> : null}
      {wrong ? <small className="wrong" role="alert">{wrong}</small> : null}
    </div>
  );
}

// The dialog that asks others for photos: which folder, until when, how many.
import { useEffect, useRef, useState } from "react";
import { Dialog, Icon } from "$/public/external/components/ui/behave/behave.jsx";
import { send } from "$/public/external/components/http/http.js";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { FolderPicker } from "$/public/external/components/photo/scripts/folder_picker.jsx";
import { LinkOut } from "./link_out.jsx";
import { Field, Guards, Names, Period, number, remarksOf, saying, termsOf } from "./share_fields.jsx";

const useWords = wordsOf("share");
const MAY = ["edit", "manage"];

function NewRequest({ onClose }) {
  const pb = useWords();
  const form = useRef(null);
  const [folder, setFolder] = useState("");
  const [none, setNone] = useState(false);
  const [remarks, setRemarks] = useState({ fields: {}, text: "" });
  const [busy, setBusy] = useState(false);
  const [made, setMade] = useState(null);
  useEffect(() => {
    // Where there is one folder only there is nothing to choose.
    send("GET", "/api/v1/folders/choices?limit=2").then(async (result) => {
      if (!result.ok) return;
      const { items } = await result.response.json();
      setNone(!items.length);
      if (items.length === 1 && !items[0].branches && MAY.includes(items[0].permission)) setFolder(items[0].id);
    });
  }, []);
  const submit = async (event) => {
    event.preventDefault();
    if (!folder) {
      setRemarks({ fields: { folder_id: "errors.folder" }, text: "" });
      form.current.querySelector("#folder_id")?.focus();
      return;
    }
    setBusy(true);
    const data = new FormData(form.current);
    const result = await send("POST", "/api/v1/shares/requests", { ...termsOf(data), folder_id: folder, file_limit: number(data, "file_limit") || 100 });
    setBusy(false);
    if (result.ok) setMade(await result.response.json());
    else setRemarks(remarksOf(pb, result, ""));
  };
  const said = saying(pb, remarks.fields);
  if (made) {
    return (
      <Dialog open onClose={onClose} title={pb.t("share.made_title")} description={pb.t("share.made_text", { date: pb.date(made.ends_at, "datetime") })} closeLabel={pb.t("act.close")}>
        <div className="dialog-body"><LinkOut id={made.id} url={made.url} /></div>
        <div className="dialog-foot"><button type="button" className="btn btn-primary" onClick={onClose}>{pb.t("share.done")}</button></div>
      </Dialog>
    );
  }
  return (
    <Dialog open onClose={onClose} title={pb.t("share.request_title")} description={pb.t("share.request_lead")} closeLabel={pb.t("act.close")}>
      <form ref={form} id="request-form" className="dialog-body" onSubmit={submit} noValidate>
        {none ? <div className="notice bad" role="status"><p>{pb.t("share.request_none")}</p></div> : null}
        <Field id="folder_id" label={pb.t("share.request_folder")} error={said("folder_id")}>
          <FolderPicker id="folder_id" value={folder} permission="edit" label={pb.t("share.request_folder")} autofocus onChoose={setFolder} />
        </Field>
        <div className="form-grid">
          <Period pb={pb} error={said("ends_at")} />
          <Field id="file_limit" label={pb.t("share.file_limit")} error={said("file_limit")}><input id="file_limit" name="file_limit" type="number" min="1" defaultValue="100" inputMode="numeric" className="input" /></Field>
        </div>
        <Names pb={pb} said={said} titleHint="" />
        <details className="share-more" open={["password", "addresses"].some((name) => remarks.fields[name]) || undefined}>
          <summary>{pb.t("share.more")}</summary>
          <div className="stack-4"><Guards pb={pb} said={said} /></div>
        </details>
        {remarks.text ? <div className="notice bad" role="alert"><p>{remarks.text}</p></div> : null}
      </form>
      <div className="dialog-foot">
        <button type="button" className="btn" onClick={onClose}>{pb.t("act.cancel")}</button>
        <button type="submit" form="request-form" className="btn btn-primary" disabled={busy || none} aria-busy={busy}><Icon name="share" />{pb.t("share.make")}</button>
      </div>
    </Dialog>
  );
}

export function AskForPhotos() {
  const pb = useWords();
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="btn btn-primary" onClick={() => setOpen(true)}><Icon name="upload" /><span>{pb.t("share.request")}</span></button>
      {open ? <NewRequest onClose={() => setOpen(false)} /> : null}
    </>
  );
}

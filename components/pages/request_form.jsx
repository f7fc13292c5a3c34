// The dialog that asks others for photos: which folder, until when, how many.
import { useEffect, useRef, useState } from "react";
import { Dialog, Icon } from "$/public/external/components/ui/behave/behave.jsx";
import { send } from "$/public/external/components/http/http.js";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { LinkOut } from "./link_out.jsx";
import { Choice, Field, Guards, Names, Period, number, remarksOf, saying, termsOf } from "./share_fields.jsx";

const useWords = wordsOf("share");

function NewRequest({ onClose }) {
  const pb = useWords();
  const form = useRef(null);
  const [folders, setFolders] = useState(null);
  const [remarks, setRemarks] = useState({ fields: {}, text: "" });
  const [busy, setBusy] = useState(false);
  const [made, setMade] = useState(null);
  useEffect(() => {
    send("GET", "/api/v1/folders").then(async (result) => {
      if (result.ok) setFolders((await result.response.json()).items.filter((one) => ["edit", "manage"].includes(one.permission)));
    });
  }, []);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    const data = new FormData(form.current);
    const result = await send("POST", "/api/v1/shares/requests", { ...termsOf(data), folder_id: data.get("folder_id"), file_limit: number(data, "file_limit") || 100 });
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
        {folders && !folders.length ? <div className="notice bad" role="status"><p>{pb.t("share.request_none")}</p></div> : null}
        <Field id="folder_id" label={pb.t("share.request_folder")} error={said("folder_id")}>
          <Choice id="folder_id" data-autofocus="true">{(folders || []).map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}</Choice>
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
        <button type="submit" form="request-form" className="btn btn-primary" disabled={busy || !folders?.length} aria-busy={busy}><Icon name="share" />{pb.t("share.make")}</button>
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

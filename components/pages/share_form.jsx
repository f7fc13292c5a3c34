// The dialog for a new link: safe settings are filled in, one button makes it. The address goes from the API to this dialog and nowhere else.
import { useEffect, useRef, useState } from "react";
import { Dialog, Icon } from "$/public/external/components/ui/behave/behave.jsx";
import { send } from "$/public/external/components/http/http.js";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { LinkOut } from "./link_out.jsx";
import { Choice, Field, Guards, Names, Period, number, remarksOf, saying, termsOf } from "./share_fields.jsx";

const useWords = wordsOf("share");
const SIZES = [1080, 1920, 2560];
const AT_ONCE = 200;

async function clearedFor(ids, redacted) {
  const counts = {};
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const result = await send("POST", "/api/v1/clearance", { asset_ids: ids.slice(at, at + AT_ONCE), redacted });
    if (!result.ok) return {};
    for (const item of (await result.response.json()).items) {
      for (const [use, verdict] of Object.entries(item.clearance)) counts[use] = (counts[use] || 0) + (verdict.allowed ? 1 : 0);
    }
  }
  return counts;
}

function bodyOf(form, ids) {
  const side = form.get("largest_side");
  return {
    ...termsOf(form),
    asset_ids: ids,
    use: form.get("use"),
    may_download: form.get("may_download") === "on",
    watermark: form.get("watermark") === "on",
    redacted: form.get("redacted") === "on",
    largest_side: side === "0" ? null : Number(side),
    view_limit: number(form, "view_limit"),
    download_limit: number(form, "download_limit"),
  };
}

export default function NewShare({ ids, onClose }) {
  const pb = useWords();
  const [uses, setUses] = useState([]);
  const [counts, setCounts] = useState(null);
  const [use, setUse] = useState("");
  const [redacted, setRedacted] = useState(false);
  const [remarks, setRemarks] = useState({ fields: {}, text: "" });
  const [busy, setBusy] = useState(false);
  const [made, setMade] = useState(null);
  const form = useRef(null);

  useEffect(() => {
    let here = true;
    (async () => {
      const [result, cleared] = await Promise.all([send("GET", "/api/v1/uses"), clearedFor(ids, redacted)]);
      if (!here || !result.ok) return;
      const rows = (await result.response.json()).items;
      const outside = rows.filter((row) => row.outside);
      const best = [...outside, ...rows].reduce((one, row) => ((cleared[row.id] || 0) > (cleared[one?.id] || 0) ? row : one), outside[0] || rows[0]);
      setUses(rows);
      setCounts(cleared);
      setUse((before) => before || (best ? best.id : ""));
    })();
    return () => { here = false; };
  }, [ids, redacted]);

  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    const result = await send("POST", "/api/v1/shares", bodyOf(new FormData(form.current), ids));
    setBusy(false);
    if (result.ok) {
      setMade(await result.response.json());
      return;
    }
    setRemarks(remarksOf(pb, result, pb.t("share.none_allowed")));
  };
  const said = saying(pb, remarks.fields);
  const allowed = counts ? counts[use] || 0 : ids.length;
  const words = (row) => {
    const name = pb.language === "nl" ? row.label_nl : row.label_en;
    return counts && ids.length > 1 ? pb.t("share.use_of", { use: name, allowed: counts[row.id] || 0, count: ids.length }) : name;
  };

  if (made) {
    const left = Object.keys(made.left_out).length;
    return (
      <Dialog open onClose={onClose} title={pb.t("share.made_title")} description={pb.t("share.made_text", { date: pb.date(made.ends_at, "datetime") })} closeLabel={pb.t("act.close")}>
        <div className="dialog-body">
          <LinkOut id={made.id} url={made.url} />
          {left ? <div className="notice warn" role="status"><p>{pb.t("share.left_out", { count: left })}</p></div> : null}
        </div>
        <div className="dialog-foot">
          <a className="btn" href="/shares/">{pb.t("share.all")}</a>
          <button type="button" className="btn btn-primary" onClick={onClose}>{pb.t("share.done")}</button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog open onClose={onClose} title={pb.t("share.new_title", { count: ids.length })} description={pb.t("share.new_lead")} closeLabel={pb.t("act.close")}>
      <form ref={form} id="share-form" className="dialog-body" onSubmit={submit} noValidate>
        <Field id="use" label={pb.t("share.for")} error={said("use")}>
          <Choice id="use" value={use} onChange={(event) => setUse(event.target.value)} data-autofocus="true">
            {uses.map((row) => <option key={row.id} value={row.id}>{words(row)}</option>)}
          </Choice>
        </Field>
        {counts && allowed < ids.length ? (
          <div className={`notice ${allowed ? "warn" : "bad"}`} role="status"><p>{allowed ? pb.t("share.some_allowed", { count: ids.length - allowed }) : pb.t("share.none_allowed")}</p></div>
        ) : null}
        <div className="form-grid">
          <Period pb={pb} error={said("ends_at")} />
          <Field id="largest_side" label={pb.t("share.size")} error={said("largest_side")}>
            <Choice id="largest_side" defaultValue="1920">
              {SIZES.map((side) => <option key={side} value={side}>{pb.t("share.size_up_to", { pixels: side })}</option>)}
              <option value="0">{pb.t("share.size_original")}</option>
            </Choice>
          </Field>
        </div>
        <Names pb={pb} said={said} titleHint={pb.t("share.title_hint")} />
        <label className="check"><input type="checkbox" name="may_download" defaultChecked /><span>{pb.t("share.may_download")}</span></label>
        <label className="check"><input type="checkbox" name="watermark" /><span>{pb.t("share.watermark")}</span></label>
        <label className="check"><input type="checkbox" name="redacted" checked={redacted} onChange={(event) => setRedacted(event.target.checked)} /><span>{pb.t("share.redacted")}</span></label>
        <details className="share-more" open={["password", "addresses", "view_limit", "download_limit"].some((name) => remarks.fields[name]) || undefined}>
          <summary>{pb.t("share.more")}</summary>
          <div className="stack-4">
            <div className="form-grid">
              <Field id="view_limit" label={pb.t("share.view_limit")} hint={pb.t("share.no_limit")} error={said("view_limit")}><input id="view_limit" name="view_limit" type="number" min="1" inputMode="numeric" className="input" /></Field>
              <Field id="download_limit" label={pb.t("share.download_limit")} hint={pb.t("share.no_limit")} error={said("download_limit")}><input id="download_limit" name="download_limit" type="number" min="1" inputMode="numeric" className="input" /></Field>
            </div>
            <Guards pb={pb} said={said} />
          </div>
        </details>
        {remarks.text ? <div className="notice bad" role="alert"><p>{remarks.text}</p></div> : null}
      </form>
      <div className="dialog-foot">
        <button type="button" className="btn" onClick={onClose}>{pb.t("act.cancel")}</button>
        <button type="submit" form="share-form" className="btn btn-primary" disabled={busy || !use || allowed === 0} aria-busy={busy}><Icon name="share" />{pb.t("share.make")}</button>
      </div>
    </Dialog>
  );
}

// The dialog for a new link: safe settings are filled in, one button makes it. The address goes from the API to this dialog and nowhere else.
import { useEffect, useRef, useState } from "react";
import { Dialog, Icon } from "$/public/external/components/ui/behave/behave.jsx";
import { send } from "$/public/external/components/http/http.js";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { LinkOut } from "./link_out.jsx";

const useWords = wordsOf("share");
const DAY = 86400000;
const PERIODS = [1, 7, 30, 90];
const SIZES = [1080, 1920, 2560];
const AT_ONCE = 200;

async function clearedFor(ids) {
  const counts = {};
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const result = await send("POST", "/api/v1/clearance", { asset_ids: ids.slice(at, at + AT_ONCE) });
    if (!result.ok) return {};
    for (const item of (await result.response.json()).items) {
      for (const [use, verdict] of Object.entries(item.clearance)) counts[use] = (counts[use] || 0) + (verdict.allowed ? 1 : 0);
    }
  }
  return counts;
}

function Field({ id, label, hint, error, children }) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children}
      {hint ? <span className="hint" id={`${id}-hint`}>{hint}</span> : null}
      {error ? <span className="error" role="alert" id={`${id}-error`}><Icon name="alert" size={14} />{error}</span> : null}
    </div>
  );
}

function Choice({ id, children, ...props }) {
  return <span className="select"><select id={id} name={id} className="input" {...props}>{children}</select><Icon name="down" /></span>;
}

const number = (form, name) => (form.get(name) ? Number(form.get(name)) : null);

function bodyOf(form, ids) {
  const side = form.get("largest_side");
  return {
    asset_ids: ids,
    use: form.get("use"),
    title: form.get("title") || "",
    recipient: form.get("recipient") || "",
    ends_at: new Date(Date.now() + Number(form.get("days")) * DAY).toISOString(),
    password: form.get("password") || "",
    addresses: (form.get("addresses") || "").split(/[\s,;]+/).filter(Boolean),
    may_download: form.get("may_download") === "on",
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
  const [errors, setErrors] = useState({});
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const [made, setMade] = useState(null);
  const form = useRef(null);

  useEffect(() => {
    let here = true;
    (async () => {
      const [result, cleared] = await Promise.all([send("GET", "/api/v1/uses"), clearedFor(ids)]);
      if (!here || !result.ok) return;
      const rows = (await result.response.json()).items;
      const outside = rows.filter((row) => row.outside);
      const best = [...outside, ...rows].reduce((one, row) => ((cleared[row.id] || 0) > (cleared[one?.id] || 0) ? row : one), outside[0] || rows[0]);
      setUses(rows);
      setCounts(cleared);
      setUse(best ? best.id : "");
    })();
    return () => { here = false; };
  }, [ids]);

  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    setErrors({});
    setProblem("");
    const result = await send("POST", "/api/v1/shares", bodyOf(new FormData(form.current), ids));
    setBusy(false);
    if (result.ok) {
      setMade(await result.response.json());
      return;
    }
    const fields = result.problem.fields || {};
    const known = Object.fromEntries(Object.entries(fields).filter(([, key]) => String(key).startsWith("errors.")));
    setErrors(known);
    if (!Object.keys(known).length) setProblem(result.problem.code === "clearance_refused" ? pb.t("share.none_allowed") : pb.t(`errors.${result.problem.code}`, { retry_after: result.wait || 1 }));
  };
  const said = (name) => (errors[name] ? pb.t(errors[name], { days: 366, most: 500, shortest: 10, longest: 256 }) : "");
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
          <Field id="days" label={pb.t("share.until")} error={said("ends_at")}>
            <Choice id="days" defaultValue="7">{PERIODS.map((days) => <option key={days} value={days}>{pb.t("share.days", { count: days })}</option>)}</Choice>
          </Field>
          <Field id="largest_side" label={pb.t("share.size")} error={said("largest_side")}>
            <Choice id="largest_side" defaultValue="1920">
              {SIZES.map((side) => <option key={side} value={side}>{pb.t("share.size_up_to", { pixels: side })}</option>)}
              <option value="0">{pb.t("share.size_original")}</option>
            </Choice>
          </Field>
        </div>
        <Field id="title" label={pb.t("share.title")} hint={pb.t("share.title_hint")} error={said("title")}><input id="title" name="title" className="input" maxLength={200} /></Field>
        <Field id="recipient" label={pb.t("share.recipient")} hint={pb.t("share.recipient_hint")} error={said("recipient")}><input id="recipient" name="recipient" className="input" maxLength={200} autoComplete="off" /></Field>
        <label className="check"><input type="checkbox" name="may_download" defaultChecked /><span>{pb.t("share.may_download")}</span></label>
        <details className="share-more" open={["password", "addresses", "view_limit", "download_limit"].some((name) => errors[name]) || undefined}>
          <summary>{pb.t("share.more")}</summary>
          <div className="stack-4">
            <Field id="password" label={pb.t("share.password")} hint={pb.t("share.password_hint")} error={said("password")}><input id="password" name="password" type="text" className="input" maxLength={256} autoComplete="off" spellCheck="false" /></Field>
            <div className="form-grid">
              <Field id="view_limit" label={pb.t("share.view_limit")} hint={pb.t("share.no_limit")} error={said("view_limit")}><input id="view_limit" name="view_limit" type="number" min="1" inputMode="numeric" className="input" /></Field>
              <Field id="download_limit" label={pb.t("share.download_limit")} hint={pb.t("share.no_limit")} error={said("download_limit")}><input id="download_limit" name="download_limit" type="number" min="1" inputMode="numeric" className="input" /></Field>
            </div>
            <Field id="addresses" label={pb.t("share.networks")} hint={pb.t("share.networks_hint")} error={said("addresses")}><input id="addresses" name="addresses" className="input" autoComplete="off" placeholder="192.0.2.0/24" /></Field>
          </div>
        </details>
        {problem ? <div className="notice bad" role="alert"><p>{problem}</p></div> : null}
      </form>
      <div className="dialog-foot">
        <button type="button" className="btn" onClick={onClose}>{pb.t("act.cancel")}</button>
        <button type="submit" form="share-form" className="btn btn-primary" disabled={busy || !use || allowed === 0} aria-busy={busy}><Icon name="share" />{pb.t("share.make")}</button>
      </div>
    </Dialog>
  );
}

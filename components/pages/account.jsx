// A new API key is made over HTTP and shown by this component alone: the server keeps only its hash, and no state ever holds it.
import { useState } from "react";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { Icon } from "$/public/external/components/ui/behave/behave.jsx";
import { send } from "$/public/external/components/http/http.js";

const useWords = wordsOf("account");

const DAYS = [30, 90, 365];

export function NewKey({ scopes, onDone }) {
  const pb = useWords();
  const [errors, setErrors] = useState({});
  const [busy, setBusy] = useState(false);
  const [made, setMade] = useState(null);
  const [copied, setCopied] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const name = String(data.get("key_name") || "").trim();
    if (!name) {
      setErrors({ name: "field.required" });
      event.currentTarget.querySelector("#key_name").focus();
      return;
    }
    setBusy(true);
    setErrors({});
    const days = Number(data.get("key_days")) || null;
    const result = await send("POST", "/api/v1/keys", { name, scopes: data.getAll("key_scope"), days });
    setBusy(false);
    if (result.ok) setMade(await result.response.json());
    else setErrors({ form: pb.has(`errors.${result.problem.code}`) ? `errors.${result.problem.code}` : "errors.internal" });
  };
  const copy = async () => {
    await navigator.clipboard.writeText(made.key);
    setCopied(true);
  };
  if (made) {
    return (
      <div className="stack-4">
        <div className="notice warn"><Icon name="key" size={18} /><div><b>{pb.t("account.key_once")}</b>{pb.t("account.key_once_text")}</div></div>
        <div className="ad-key">
          <code className="mono" tabIndex={0} aria-label={pb.t("account.key")}>{made.key}</code>
          <button type="button" className="btn btn-sm" onClick={copy}><Icon name={copied ? "check" : "copy"} />{pb.t(copied ? "act.copied" : "act.copy")}</button>
        </div>
        <div className="row"><button type="button" className="btn btn-primary" onClick={onDone}>{pb.t("account.key_kept")}</button></div>
      </div>
    );
  }
  return (
    <form className="stack-4" onSubmit={submit} noValidate>
      {errors.form ? <div className="notice bad" role="alert"><Icon name="alert" size={18} /><div>{pb.t(errors.form)}</div></div> : null}
      <div className="field">
        <label htmlFor="key_name">{pb.t("field.name")}</label>
        <input id="key_name" name="key_name" className="input" autoComplete="off" maxLength={100} aria-invalid={Boolean(errors.name) || undefined} aria-describedby="key_name-error" />
        {errors.name ? <span className="error" id="key_name-error" role="alert"><Icon name="alert" size={14} />{pb.t(errors.name)}</span> : <span className="hint">{pb.t("account.key_name_hint")}</span>}
      </div>
      <fieldset className="stack-3">
        <legend>{pb.t("account.key_may")}</legend>
        {scopes.map((scope) => (
          <label key={scope} className="check"><input type="checkbox" name="key_scope" value={scope} /><span>{pb.t(`account.scope_${scope}`)}</span></label>
        ))}
        <span className="small muted">{pb.t("account.key_all")}</span>
      </fieldset>
      <div className="field">
        <label htmlFor="key_days">{pb.t("account.key_days")}</label>
        <span className="select">
          <select id="key_days" name="key_days" className="input" defaultValue="365">
            {DAYS.map((days) => <option key={days} value={days}>{pb.t("account.days", { count: days })}</option>)}
            <option value="">{pb.t("account.key_for_ever")}</option>
          </select>
          <Icon name="down" size={16} />
        </span>
      </div>
      <div className="row"><button type="submit" className="btn btn-primary" disabled={busy} aria-busy={busy}>{busy ? <span className="spin" aria-hidden="true" /> : null}{pb.t("account.make_key")}</button></div>
    </form>
  );
}

const BROWSERS = [["Edg/", "Edge"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], ["Safari/", "Safari"]];
const SYSTEMS = [["Android", "Android"], ["iPhone", "iPhone"], ["iPad", "iPad"], ["Windows", "Windows"], ["Mac OS", "Mac"], ["Linux", "Linux"]];

// What a browser says of itself, as people call it.
export function deviceName(text) {
  const browser = BROWSERS.find(([mark]) => text.includes(mark));
  const system = SYSTEMS.find(([mark]) => text.includes(mark));
  return browser ? [browser[1], system && system[1]].filter(Boolean).join(", ") : text.slice(0, 60);
}

export function Device({ text }) {
  const pb = useWords();
  return text ? deviceName(text) : pb.t("account.unknown_device");
}

// The address of a calendar is a secret too: made over HTTP, shown once, held by nothing but this component.
export function NewCalendar({ again, onDone }) {
  const pb = useWords();
  const [url, setUrl] = useState("");
  const [error, setError] = useState("");
  const [copied, setCopied] = useState(false);
  const make = async () => {
    const result = await send("POST", "/api/v1/me/calendar");
    if (!result.ok) {
      setError(pb.t(`errors.${result.problem.code}`, { retry_after: result.wait || 1 }));
      return;
    }
    setUrl((await result.response.json()).url);
    setCopied(false);
    onDone();
  };
  const copy = async () => {
    await navigator.clipboard.writeText(url);
    setCopied(true);
  };
  return (
    <div className="stack-3 grow">
      {url ? (
        <>
          <div className="notice warn" role="status"><Icon name="key" size={18} /><div><b>{pb.t("account.calendar_once")}</b>{pb.t("account.calendar_once_text")}</div></div>
          <div className="ad-key">
            <code className="mono" tabIndex={0} aria-label={pb.t("account.calendar")}>{url}</code>
            <button type="button" className="btn btn-sm" onClick={copy}><Icon name={copied ? "check" : "copy"} />{pb.t(copied ? "act.copied" : "act.copy")}</button>
          </div>
        </>
      ) : null}
      {error ? <span className="error" role="alert">{error}</span> : null}
      <div className="row"><button type="button" className="btn btn-sm" onClick={make}><Icon name="clock" />{pb.t(again ? "account.calendar_again" : "account.calendar_make")}</button></div>
    </div>
  );
}

// When a consent was signed, from when and until when it counts. The presets only fill in the date; none is chosen at first.
import { useState } from "react";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { Icon } from "$/public/external/components/ui/behave/behave.jsx";

const useWords = wordsOf("consent");

const YEARS = [1, 2, 5];

// The last day of so many years: signed on 24 November 2026 for one year ends on 23 November 2027.
function lastDay(from, years) {
  const [year, month, day] = from.split("-").map(Number);
  const end = new Date(Date.UTC(year + years, month - 1, day));
  if (end.getUTCMonth() !== month - 1) end.setUTCDate(0);
  else end.setUTCDate(end.getUTCDate() - 1);
  return end.toISOString().slice(0, 10);
}

function Field({ pb, name, label, hint, error, children }) {
  return (
    <div className="field">
      <label htmlFor={name}>{label}</label>
      {children}
      {hint ? <span className="hint" id={`${name}-hint`}>{hint}</span> : null}
      {error ? <span className="error" id={`${name}-error`} role="alert"><Icon name="alert" size={14} />{pb.t(error)}</span> : null}
    </div>
  );
}

export function Period({ today, errors }) {
  const pb = useWords();
  const [signed, setSigned] = useState(today);
  const [from, setFrom] = useState("");
  const [until, setUntil] = useState("");
  const [forEver, setForEver] = useState(false);
  const wrong = errors || {};
  const start = from || signed || today;
  const date = (name, value, set, rest) => (
    <input type="date" id={name} name={name} className="input" value={value} onChange={(event) => set(event.target.value)}
      aria-invalid={Boolean(wrong[name]) || undefined} aria-describedby={`${name}-error`} {...rest} />
  );
  return (
    <fieldset className="stack-3">
      <legend>{pb.t("consent_form.period")}</legend>
      <div className="cf-dates">
        <Field pb={pb} name="signed_at" label={pb.t("consent_form.signed")} error={wrong.signed_at}>{date("signed_at", signed, setSigned, { max: today })}</Field>
        <Field pb={pb} name="valid_from" label={`${pb.t("consent_form.from")} (${pb.t("field.optional")})`} error={wrong.valid_from}>{date("valid_from", from, setFrom)}</Field>
        <Field pb={pb} name="valid_until" label={pb.t("consent.valid_until")} error={wrong.valid_until}>{date("valid_until", until, setUntil, { disabled: forEver, min: start })}</Field>
      </div>
      <div className="chips" role="group" aria-label={pb.t("consent_form.presets")}>
        {YEARS.map((years) => {
          const end = lastDay(start, years);
          return (
            <button key={years} type="button" className={`chip ${!forEver && until === end ? "on" : ""}`} aria-pressed={!forEver && until === end}
              onClick={() => { setForEver(false); setUntil(end); }}>{pb.t("consent_form.years", { count: years })}</button>
          );
        })}
        <button type="button" className={`chip ${forEver ? "on" : ""}`} aria-pressed={forEver} onClick={() => { setForEver(!forEver); setUntil(""); }}>{pb.t("consent_form.no_end")}</button>
      </div>
      {forEver ? <input type="hidden" name="no_end" value="on" /> : null}
    </fieldset>
  );
}

// The two doors: sign-in and first set-up. Both talk HTTP, since only an HTTP answer can set a cookie that scripts cannot read.
import { useEffect, useRef, useState } from "react";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { Icon, PasswordInput } from "$/public/external/components/ui/behave/behave.jsx";
import { goTo, send } from "$/public/external/components/http/http.js";

const useWords = wordsOf("doors");

function Field({ pb, name, label, hint, error, params, children }) {
  return (
    <div className="field">
      <label htmlFor={name}>{label}</label>
      {children}
      {hint && !error ? <span className="hint" id={`${name}-hint`}>{hint}</span> : null}
      {error ? <span className="error" id={`${name}-error`} role="alert"><Icon name="alert" size={14} />{pb.t(error, params)}</span> : null}
    </div>
  );
}

function Text({ name, type = "text", value, onChange, error, ...rest }) {
  return (
    <input className="input input-lg" id={name} name={name} type={type} defaultValue={value} onChange={onChange} aria-invalid={Boolean(error) || undefined}
      aria-describedby={error ? `${name}-error` : undefined} {...rest} />
  );
}

function Remark({ children }) {
  return <div className="notice bad" role="alert"><Icon name="alert" size={18} /><div>{children}</div></div>;
}

function useCountdown() {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (left <= 0) return undefined;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  return [left, setLeft];
}

const told = (result) => (result.status === 429 ? "errors.rate_limited" : `errors.${result.problem.code}`);

export function SignInForm({ home }) {
  const pb = useWords();
  const [busy, setBusy] = useState(false);
  const [missing, setMissing] = useState({});
  const [remark, setRemark] = useState("");
  const [left, setLeft] = useCountdown();
  const form = useRef(null);
  const submit = async (event) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const email = String(data.get("email") || "").trim();
    const password = String(data.get("password") || "");
    const empty = { email: !email, password: !password };
    setMissing(empty);
    setRemark("");
    if (empty.email || empty.password) {
      form.current.querySelector(`#${empty.email ? "email" : "password"}`)?.focus();
      return;
    }
    setBusy(true);
    const result = await send("POST", "/api/v1/session", { email, password });
    if (result.ok) {
      goTo(home || "/library/");
      return;
    }
    setBusy(false);
    if (result.status === 429) setLeft(Math.max(1, result.wait));
    // One sentence for a wrong address, a wrong password and a malformed one: none tells which accounts exist.
    else setRemark(result.status === 401 || result.status === 422 ? "signin.wrong" : told(result));
    form.current?.querySelector("#password")?.select();
  };
  return (
    <form ref={form} className="stack-4" onSubmit={submit} noValidate>
      {left > 0 ? <Remark>{pb.t("errors.rate_limited", { retry_after: left })}</Remark> : remark ? <Remark>{pb.t(remark)}</Remark> : null}
      <Field pb={pb} name="email" label={pb.t("field.email")} error={missing.email ? "field.required" : ""}>
        <Text name="email" type="email" autoComplete="username" inputMode="email" autoCapitalize="none" spellCheck="false" autoFocus required error={missing.email} />
      </Field>
      <Field pb={pb} name="password" label={pb.t("field.password")} error={missing.password ? "field.required" : ""}>
        <PasswordInput name="password" autoComplete="current-password" showLabel={pb.t("field.show_password")} hideLabel={pb.t("field.hide_password")} invalid={missing.password} large />
      </Field>
      <button type="submit" className="btn btn-primary btn-lg" disabled={busy || left > 0} aria-busy={busy}>
        {busy ? <span className="spin" aria-hidden="true" /> : null}
        {left > 0 ? pb.t("signin.wait", { seconds: left }) : pb.t("signin.title")}
      </button>
    </form>
  );
}

// ── set-up ──
const SECTORS = ["general", "healthcare", "government", "education", "tourism"];
const STEP_OF = { organisation: 0, sector: 0, name: 1, email: 1, password: 1, language: 2 };
const SHORTEST = 10;
const LEAST_REASON = 20;

// A hint, not a verdict: length counts most. The server has the list of common passwords.
function strength(password) {
  if (password.length < SHORTEST) return 0;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password)).length;
  const points = password.length + 3 * (kinds - 1) - (new Set(password).size < 6 ? 8 : 0);
  return points >= 20 ? 3 : points >= 14 ? 2 : 1;
}

function Strength({ pb, password }) {
  const level = password ? strength(password) : 0;
  return (
    <span className={`strength l-${level}`}>
      <span className="strength-bar" aria-hidden="true">{[1, 2, 3].map((one) => <i key={one} className={level >= one ? "on" : ""} />)}</span>
      <span className="hint" role="status">{password && level ? pb.t(`setup.strength_${level}`) : pb.t("setup.password_hint", { count: SHORTEST })}</span>
    </span>
  );
}

// All steps stay in the form, so that what was typed is still there when one goes back.
const Step = ({ at, now, children }) => <div className="stack-4" data-step={at} style={{ display: at === now ? undefined : "none" }}>{children}</div>;

function lacking(step, values) {
  const faults = {};
  if (step === 0 && !values.organisation.trim()) faults.organisation = "field.required";
  // Too short is said here; the house asks for the same (photobank/people/templates.py).
  if (step === 2 && values.basis === "documented" && values.reason.trim().length < LEAST_REASON) faults.reason = "errors.biometric_reason";
  if (step === 1) {
    if (!values.name.trim()) faults.name = "field.required";
    if (!/^\S+@\S+$/.test(values.email.trim())) faults.email = values.email.trim() ? "errors.email" : "field.required";
    if (values.password.length < SHORTEST) faults.password = values.password ? "errors.password_short" : "field.required";
  }
  return faults;
}

export function SetupForm({ next }) {
  const pb = useWords();
  const [step, setStep] = useState(0);
  const [values, setValues] = useState({ organisation: "", sector: "general", name: "", email: "", password: "", language: "", basis: "opt_in", reason: "" });
  const [faults, setFaults] = useState({});
  const [remark, setRemark] = useState(null);
  const [busy, setBusy] = useState(false);
  const form = useRef(null);
  const started = useRef(false);
  const language = values.language || pb.language;
  const set = (name) => (event) => {
    const { value } = event.target;
    setValues((before) => ({ ...before, [name]: value }));
    setFaults((before) => ({ ...before, [name]: "" }));
  };
  // Each step begins at its first field.
  useEffect(() => {
    if (!started.current) return;
    const here = form.current?.querySelector(`[data-step="${step}"]`);
    (here?.querySelector(".input, input:checked") || form.current?.querySelector("[type=submit]"))?.focus();
  }, [step]);
  const go = (to) => {
    started.current = true;
    setStep(to);
  };
  const finish = async () => {
    setBusy(true);
    setRemark(null);
    const token = new URLSearchParams(window.location.search).get("token") || "";
    const email = values.email.trim();
    const made = await send("POST", "/api/v1/setup", { organisation: values.organisation, sector: values.sector, name: values.name, password: values.password, token, email, language });
    if (!made.ok) {
      const wrong = {};
      Object.entries(made.problem.fields || {}).forEach(([field, key]) => {
        const name = field.split(".").pop();
        wrong[name] = pb.has(key) ? key : "errors.invalid";
      });
      setFaults(wrong);
      const first = Object.keys(wrong).map((name) => STEP_OF[name]).filter((at) => at !== undefined).sort()[0];
      if (first !== undefined) go(first);
      else setRemark(made.status === 404 ? { key: "setup.closed_text" } : { key: told(made), params: { retry_after: made.wait } });
      setBusy(false);
      return;
    }
    await send("POST", "/api/v1/session", { email, password: values.password });
    await send("PUT", "/api/v1/biometrics/rule", { basis: values.basis, reason: values.basis === "documented" ? values.reason.trim() : "" });
    setValues((before) => ({ ...before, password: "" }));
    setBusy(false);
    go(3);
  };
  const submit = (event) => {
    event.preventDefault();
    if (step === 3) {
      goTo(next || "/upload/");
      return;
    }
    const wrong = lacking(step, values);
    setFaults(wrong);
    const first = Object.keys(wrong)[0];
    if (first) form.current.querySelector(`#${first}`)?.focus();
    else if (step < 2) go(step + 1);
    else finish();
  };
  const titles = ["setup.organisation", "setup.admin", "setup.language", "setup.done"];
  return (
    <form ref={form} className="stack-4" onSubmit={submit} noValidate>
      <ol className="steps-bar" role="img" aria-label={pb.t("setup.step", { now: step + 1, count: 4 })}>{titles.map((title, at) => <li key={title} className={at <= step ? "on" : ""} />)}</ol>
      <header className="stack-2">
        <h2>{pb.t(titles[step])}</h2>
        <p className="muted">{pb.t(`${titles[step]}_text`)}</p>
      </header>
      {remark ? <Remark>{pb.t(remark.key, remark.params)}</Remark> : null}
      <Step at={0} now={step}>
          <Field pb={pb} name="organisation" label={pb.t("setup.organisation_name")} error={faults.organisation}>
            <Text name="organisation" value={values.organisation} onChange={set("organisation")} autoComplete="organization" maxLength={200} required error={faults.organisation} autoFocus />
          </Field>
          <fieldset>
            <legend>{pb.t("setup.sector")}</legend>
            <div className="choices">
              {SECTORS.map((sector) => (
                <label key={sector} className="choice check"><input type="radio" name="sector" value={sector} checked={values.sector === sector} onChange={set("sector")} /><span>{pb.t(`sector.${sector}`)}</span></label>
              ))}
            </div>
          </fieldset>
      </Step>
      <Step at={1} now={step}>
          <Field pb={pb} name="name" label={pb.t("setup.your_name")} error={faults.name}>
            <Text name="name" value={values.name} onChange={set("name")} autoComplete="name" maxLength={200} required error={faults.name} />
          </Field>
          <Field pb={pb} name="email" label={pb.t("field.email")} error={faults.email}>
            <Text name="email" type="email" value={values.email} onChange={set("email")} autoComplete="username" inputMode="email" autoCapitalize="none" spellCheck="false" maxLength={320} required error={faults.email} />
          </Field>
          <Field pb={pb} name="password" label={pb.t("field.password")} error={faults.password} params={{ shortest: SHORTEST }}>
            <span onInput={set("password")}><PasswordInput name="password" autoComplete="new-password" showLabel={pb.t("field.show_password")} hideLabel={pb.t("field.hide_password")} invalid={Boolean(faults.password)} large /></span>
            <Strength pb={pb} password={values.password} />
          </Field>
      </Step>
      <Step at={2} now={step}>
        <fieldset>
          <legend>{pb.t("setup.which_language")}</legend>
          <div className="choices two">
            {["nl", "en"].map((code) => (
              <label key={code} className="choice check" lang={code}><input type="radio" name="language" value={code} checked={language === code} onChange={set("language")} /><span>{pb.t(`language.${code}`)}</span></label>
            ))}
          </div>
        </fieldset>
        <fieldset>
          <legend>{pb.t("setup.faces")}</legend>
          <div className="choices one">
            {["opt_in", "documented"].map((basis) => (
              <label key={basis} className="choice check"><input type="radio" name="basis" value={basis} checked={values.basis === basis} onChange={set("basis")} /><span className="what">{pb.t(`setup.faces_${basis}`)}<small>{pb.t(`setup.faces_${basis}_text`)}</small></span></label>
            ))}
          </div>
        </fieldset>
        {values.basis === "documented" ? (
          <Field pb={pb} name="reason" label={pb.t("setup.faces_reason")} error={faults.reason}>
            <textarea className="input" id="reason" name="reason" rows={3} maxLength={2000} value={values.reason} onChange={set("reason")} aria-invalid={Boolean(faults.reason) || undefined} aria-describedby={faults.reason ? "reason-error" : undefined} />
          </Field>
        ) : null}
      </Step>
      {step === 3 ? <ul className="ticks">{["encrypted", "folder", "people"].map((one) => <li key={one}><Icon name="check" size={16} />{pb.t(`setup.done_${one}`)}</li>)}</ul> : null}
      <div className="form-acts">
        {step > 0 && step < 3 ? <button type="button" className="btn btn-lg btn-quiet" onClick={() => go(step - 1)} disabled={busy}>{pb.t("act.back")}</button> : null}
        <button type="submit" className="btn btn-primary btn-lg grow" disabled={busy} aria-busy={busy}>
          {busy ? <span className="spin" aria-hidden="true" /> : null}
          {pb.t(["act.continue", "act.continue", "setup.finish", "setup.to_upload"][step])}
        </button>
      </div>
    </form>
  );
}

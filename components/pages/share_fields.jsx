// Fields of the dialogs about sharing.
import { Icon } from "$/public/external/components/ui/behave/behave.jsx";

export const DAY = 86400000;
export const PERIODS = [1, 7, 30, 90];

export function Field({ id, label, hint, error, children }) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children}
      {hint ? <span className="hint" id={`${id}-hint`}>{hint}</span> : null}
      {error ? <span className="error" role="alert" id={`${id}-error`}><Icon name="alert" size={14} />{error}</span> : null}
    </div>
  );
}

export function Choice({ id, children, ...props }) {
  return <span className="select"><select id={id} name={id} className="input" {...props}>{children}</select><Icon name="down" /></span>;
}

export function Period({ pb, error }) {
  return (
    <Field id="days" label={pb.t("share.until")} error={error}>
      <Choice id="days" defaultValue="7">{PERIODS.map((days) => <option key={days} value={days}>{pb.t("share.days", { count: days })}</option>)}</Choice>
    </Field>
  );
}

// What every kind of link has: a name, whom it is for, a password, networks.
export function Names({ pb, said, titleHint }) {
  return (
    <>
      <Field id="title" label={pb.t("share.title")} hint={titleHint} error={said("title")}><input id="title" name="title" className="input" maxLength={200} /></Field>
      <Field id="recipient" label={pb.t("share.recipient")} hint={pb.t("share.recipient_hint")} error={said("recipient")}><input id="recipient" name="recipient" className="input" maxLength={200} autoComplete="off" /></Field>
      <Field id="mail_to" label={pb.t("share.mail_to")} hint={pb.t("share.mail_to_hint")} error={said("mail_to")}><input id="mail_to" name="mail_to" className="input" autoComplete="off" inputMode="email" /></Field>
    </>
  );
}

export function Guards({ pb, said }) {
  return (
    <>
      <Field id="password" label={pb.t("share.password")} hint={pb.t("share.password_hint")} error={said("password")}><input id="password" name="password" type="text" className="input" maxLength={256} autoComplete="off" spellCheck="false" /></Field>
      <Field id="addresses" label={pb.t("share.networks")} hint={pb.t("share.networks_hint")} error={said("addresses")}><input id="addresses" name="addresses" className="input" autoComplete="off" placeholder="192.0.2.0/24" /></Field>
    </>
  );
}

export const number = (form, name) => (form.get(name) ? Number(form.get(name)) : null);

export const termsOf = (form) => ({
  title: form.get("title") || "",
  recipient: form.get("recipient") || "",
  mail_to: (form.get("mail_to") || "").split(/[\s,;]+/).filter(Boolean),
  ends_at: new Date(Date.now() + Number(form.get("days")) * DAY).toISOString(),
  password: form.get("password") || "",
  addresses: (form.get("addresses") || "").split(/[\s,;]+/).filter(Boolean),
});

// {fields, text}: remarks beside fields, or one sentence for all.
export function remarksOf(pb, result, refused) {
  const fields = Object.fromEntries(Object.entries(result.problem.fields || {}).filter(([, key]) => String(key).startsWith("errors.")));
  if (Object.keys(fields).length) return { fields, text: "" };
  const text = result.problem.code === "clearance_refused" ? refused : pb.t(`errors.${result.problem.code}`, { retry_after: result.wait || 1 });
  return { fields: {}, text };
}

export const saying = (pb, fields) => (name) => (fields[name] ? pb.t(fields[name], { days: 366, most: 500, shortest: 10, longest: 256 }) : "");

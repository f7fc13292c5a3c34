// A face pack installed, from a file on this computer or an address out in the world, by the checksum that its maker states.
import { useId, useRef, useState } from "react";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { Dialog, Icon } from "$/public/external/components/ui/behave/behave.jsx";
import { send } from "$/public/external/components/http/http.js";

const useWords = wordsOf("admin");
const EMPTY = { from: "file", name: "", address: "", sha256: "" };
const NAME = /^[a-z0-9][a-z0-9-]{0,59}$/;
const SUM = /^[0-9a-f]{64}$/i;

export function InstallPack({ onInstalled }) {
  const pb = useWords();
  const [open, setOpen] = useState(false);
  const [values, setValues] = useState(EMPTY);
  const [file, setFile] = useState(null);
  const [faults, setFaults] = useState({});
  const [busy, setBusy] = useState(false);
  const picker = useRef(null);
  const id = useId();
  const begin = () => {
    setValues(EMPTY);
    setFile(null);
    setFaults({});
    setOpen(true);
  };
  const set = (name) => (event) => setValues((before) => ({ ...before, [name]: event.target.value }));
  const choose = (event) => {
    const chosen = event.target.files[0] || null;
    setFile(chosen);
    const plain = chosen ? chosen.name.replace(/\.zip$/i, "").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 60) : "";
    setValues((before) => ({ ...before, name: before.name || plain }));
  };
  const submit = async (event) => {
    event.preventDefault();
    const sha256 = values.sha256.replace(/\s/g, "");
    const wrong = {};
    if (!NAME.test(values.name)) wrong.name = "errors.pack_name";
    if (!SUM.test(sha256)) wrong.sha256 = "errors.checksum_form";
    if (values.from === "file" && !file) wrong.file = "field.required";
    if (values.from === "address" && !/^https:\/\//.test(values.address.trim())) wrong.address = "errors.address";
    setFaults(wrong);
    if (Object.keys(wrong).length) return;
    setBusy(true);
    const said = values.from === "file"
      ? await send("PUT", `/api/v1/face-models/packs/${values.name}?sha256=${sha256}`, file.slice(0, file.size, "application/zip"))
      : await send("POST", "/api/v1/face-models/install", { name: values.name, address: values.address.trim(), sha256 });
    setBusy(false);
    if (said.ok) {
      setOpen(false);
      onInstalled();
      return;
    }
    const fields = said.problem.fields || {};
    if (values.from === "file" && fields.address) fields.file = fields.address;
    const known = Object.fromEntries(Object.entries(fields).filter(([, key]) => pb.has(key)));
    setFaults(Object.keys(known).length ? known : { all: said.status === 409 ? "models.install_conflict" : said.status === 429 ? "models.install_slow" : said.status === 503 ? "models.install_unreachable" : "models.install_failed" });
  };
  const field = (name, label, input, hint) => (
    <div className="field">
      <label htmlFor={`${id}-${name}`}>{label}</label>
      {input}
      {hint ? <span className="hint" id={`${id}-${name}-hint`}>{hint}</span> : null}
      {faults[name] ? <span className="error" role="alert" id={`${id}-${name}-error`}><Icon name="alert" size={14} />{pb.t(faults[name])}</span> : null}
    </div>
  );
  const about = (name) => ({ id: `${id}-${name}`, "aria-invalid": Boolean(faults[name]) || undefined, "aria-describedby": faults[name] ? `${id}-${name}-error` : undefined });
  return (
    <>
      <button type="button" className="btn btn-primary" onClick={begin}><Icon name="plus" size={16} />{pb.t("models.install")}</button>
      <Dialog open={open} onClose={() => !busy && setOpen(false)} title={pb.t("models.install")} description={pb.t("models.install_lead")} closeLabel={pb.t("act.close")}>
        <form className="dialog-body stack-4" onSubmit={submit} noValidate>
          <span className="seg" role="group" aria-label={pb.t("models.install_from")}>
            {["file", "address"].map((from) => <button key={from} type="button" aria-pressed={values.from === from} onClick={() => setValues((before) => ({ ...before, from }))}>{pb.t(`models.from_${from}`)}</button>)}
          </span>
          {values.from === "file"
            ? field("file", pb.t("models.file"), <span className="fm-file"><input type="file" accept=".zip,application/zip" className="vh" tabIndex={-1} ref={picker} onChange={choose} {...about("file")} /><button type="button" className="btn" onClick={() => picker.current.click()} data-autofocus>{pb.t("models.choose_file")}</button><span className="truncate">{file ? file.name : pb.t("models.no_file")}</span></span>, pb.t("models.file_hint"))
            : field("address", pb.t("models.address"), <input type="url" className="input" value={values.address} onChange={set("address")} placeholder="https://" maxLength={2000} {...about("address")} />, pb.t("models.address_hint"))}
          {field("sha256", pb.t("models.sha256"), <input className="input mono" value={values.sha256} onChange={set("sha256")} autoComplete="off" spellCheck={false} maxLength={100} {...about("sha256")} />, pb.t("models.sha256_hint"))}
          {field("name", pb.t("models.name"), <input className="input" value={values.name} onChange={set("name")} autoComplete="off" spellCheck={false} maxLength={60} {...about("name")} />, pb.t("models.name_hint"))}
          {faults.all ? <p className="notice bad" role="alert"><Icon name="alert" size={18} /><span>{pb.t(faults.all)}</span></p> : null}
          <div className="fm-foot">
            <button type="button" className="btn" disabled={busy} onClick={() => setOpen(false)}>{pb.t("act.cancel")}</button>
            <button type="submit" className="btn btn-primary" disabled={busy} aria-busy={busy}>{pb.t(busy ? "models.installing" : "models.install_now")}</button>
          </div>
        </form>
      </Dialog>
    </>
  );
}

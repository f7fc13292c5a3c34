// Asking from a list: a CSV file is looked at first, and asked once somebody agrees.
import { useRef, useState } from "react";
import { Dialog, Icon } from "$/public/external/components/ui/behave/behave.jsx";
import { send } from "$/public/external/components/http/http.js";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";

const useWords = wordsOf("consents");
const SHOWN = 20;

export function RequestList() {
  const pb = useWords();
  const picker = useRef(null);
  const [open, setOpen] = useState(false);
  const [forms, setForms] = useState([]);
  const [form, setForm] = useState("");
  const [file, setFile] = useState(null);
  const [told, setTold] = useState(null);
  const [done, setDone] = useState(false);
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);

  const begin = async () => {
    setFile(null);
    setTold(null);
    setDone(false);
    setFault("");
    setOpen(true);
    const result = await send("GET", "/api/v1/consent-templates");
    if (!result.ok) return setFault(`errors.${result.problem.code}`);
    const { items } = await result.response.json();
    setForms(items);
    setForm(items[0]?.id || "");
  };
  const ask = async (chosen, template, check) => {
    setBusy(true);
    setFault("");
    const result = await send("POST", `/api/v1/consent-requests/list?template_id=${template}&check=${check}`, chosen);
    setBusy(false);
    if (result.ok) {
      setTold(await result.response.json());
      setDone(!check);
    } else {
      setTold(null);
      setFault(Object.values(result.problem.fields || {})[0] || `errors.${result.problem.code}`);
    }
  };
  const choose = (chosen) => {
    if (!chosen) return;
    setFile(chosen);
    ask(chosen, form, true);
  };
  const change = (template) => {
    setForm(template);
    if (file) ask(file, template, true);
  };
  const faults = told?.faults || [];
  return (
    <>
      <button type="button" className="btn" onClick={begin}><Icon name="paper" />{pb.t("consents.from_list")}</button>
      {open ? (
        <Dialog open onClose={() => setOpen(false)} title={pb.t("consents.list_title")} description={pb.t("consents.list_lead")} closeLabel={pb.t("act.close")}>
          <div className="dialog-body stack-4">
            {done ? null : (
              <>
                <div className="field">
                  <label htmlFor="list_form">{pb.t("consents.form")}</label>
                  <span className="select">
                    <select id="list_form" className="input" value={form} onChange={(event) => change(event.target.value)}>
                      {forms.map((one) => <option key={one.id} value={one.id}>{pb.language === "nl" ? one.name_nl : one.name_en}</option>)}
                    </select>
                    <Icon name="down" size={16} />
                  </span>
                </div>
                <div className="field">
                  <label htmlFor="list_file">{pb.t("consents.list_file")}</label>
                  <span className="row">
                    <input id="list_file" ref={picker} type="file" accept=".csv,text/csv" className="vh" tabIndex={-1} onChange={(event) => { choose(event.target.files[0]); event.target.value = ""; }} />
                    <button type="button" className="btn" disabled={busy || !form} onClick={() => picker.current.click()}><Icon name="upload" />{pb.t("consents.list_choose")}</button>
                    <span className="truncate">{file?.name}</span>
                  </span>
                  <span className="hint">{pb.t("consents.list_columns")}</span>
                </div>
              </>
            )}
            <div role="status" aria-live="polite" className="stack-3">
              {fault ? <p className="notice bad"><Icon name="alert" size={18} />{pb.has(fault) ? pb.t(fault, { most: 500 }) : pb.t("errors.internal")}</p> : null}
              {told ? (
                <div className={`notice ${done ? "good" : ""}`}>
                  <Icon name={done ? "check" : "info"} size={18} />
                  <div>
                    <b>{pb.t(done ? "consents.list_done" : "consents.list_will", { count: told.asked })}</b>
                    {!done && told.fresh ? <p>{pb.t("consents.list_fresh", { count: told.fresh })}</p> : null}
                    {told.waiting ? <p>{pb.t("consents.list_waiting", { count: told.waiting })}</p> : null}
                  </div>
                </div>
              ) : null}
              {faults.length ? (
                <div>
                  <b>{pb.t("consents.list_left_out", { count: faults.length })}</b>
                  <ul className="cs-faults">
                    {faults.slice(0, SHOWN).map((one) => <li key={one.line}><span className="num">{pb.t("consents.list_line", { line: one.line })}</span> <b>{one.name}</b> {pb.t(one.fault)}</li>)}
                  </ul>
                </div>
              ) : null}
            </div>
          </div>
          <div className="dialog-foot">
            <button type="button" className="btn" onClick={() => setOpen(false)}>{pb.t(done ? "act.close" : "act.cancel")}</button>
            {done ? null : <button type="button" className="btn btn-primary" disabled={busy || !told?.asked} onClick={() => ask(file, form, false)}><Icon name="mail" />{pb.t("consents.list_ask", { count: told?.asked || 0 })}</button>}
          </div>
        </Dialog>
      ) : null}
    </>
  );
}

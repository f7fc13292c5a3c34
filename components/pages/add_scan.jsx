// Adds the scan of a signed paper to a record.
import { useRef, useState } from "react";
import { Icon } from "$/public/external/components/ui/behave/behave.jsx";
import { send } from "$/public/external/components/http/http.js";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";

const useWords = wordsOf("people");

export function AddScan({ consent, number }) {
  const pb = useWords();
  const picker = useRef(null);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState("");
  const add = async (file) => {
    if (!file) return;
    setBusy(true);
    setFault("");
    const result = await send("POST", `/api/v1/consents/${consent}/papers`, file);
    setBusy(false);
    if (!result.ok) setFault(Object.values(result.problem.fields || {})[0] || `errors.${result.problem.code}`);
  };
  return (
    <>
      <input ref={picker} type="file" accept="application/pdf,image/jpeg,image/png" className="vh" tabIndex={-1} aria-hidden="true" onChange={(event) => { add(event.target.files[0]); event.target.value = ""; }} />
      <button type="button" className="btn btn-sm" disabled={busy} aria-label={pb.t("person.add_scan_to", { number })} onClick={() => picker.current.click()}><Icon name="paper" />{pb.t("person.add_scan")}</button>
      {fault ? <span className="error" role="alert"><Icon name="alert" size={14} />{pb.has(fault) ? pb.t(fault) : pb.t("errors.internal")}</span> : null}
    </>
  );
}

// Asks everybody on a selection who lacks a use. Says first whom, and whom not and why; who said no before is asked only when ticked.
import { useEffect, useMemo, useState } from "react";
import { Dialog, Icon } from "$/public/external/components/ui/behave/behave.jsx";
import { send } from "$/public/external/components/http/http.js";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { Choice, Field } from "./share_fields.jsx";

const useWords = wordsOf("ask_many");
const ASKED = ["ask", "said_no"];
const LEFT = ["no_address", "minor", "waiting", "covered"];
const MOST = 2000;

const named = (pb, row) => (pb.language === "nl" ? row.label_nl || row.name_nl : row.label_en || row.name_en);

async function listed(path) {
  const result = await send("GET", path);
  return result.ok ? (await result.response.json()).items : [];
}

// Whom that would ask, read again for every choice; the answer to an older choice is dropped.
function usePreview(ids, uses, form) {
  const [found, setFound] = useState({ key: "", people: null, problem: null });
  const key = `${form}|${uses.join(",")}`;
  useEffect(() => {
    if (!uses.length || !form) return undefined;
    let here = true;
    (async () => {
      const result = await send("POST", "/api/v1/consent-requests/many/preview", { asset_ids: ids, uses, template_id: form });
      if (!here) return;
      setFound({ key, people: result.ok ? (await result.response.json()).items : null, problem: result.ok ? null : result.problem });
    })();
    return () => { here = false; };
  }, [ids, key]);
  return found.key === key ? found : { people: null, problem: null };
}

function Person({ row, pb, labels, ticked, onTick }) {
  const about = [pb.t("ask_many.on_photos", { count: row.photos }), row.lacks.map((use) => labels[use] || use).join(", ")].filter(Boolean).join(" · ");
  const words = <span className="grow"><b>{row.name}</b><small>{about}</small></span>;
  if (onTick) return <li><label className="check"><input type="checkbox" checked={ticked} onChange={onTick} />{words}</label></li>;
  return <li><a href={`/person/?id=${row.person_id}`} target="_blank" rel="noreferrer">{words}</a></li>;
}

function Group({ way, rows, pb, labels, open, chosen, onTick }) {
  if (!rows.length) return null;
  return (
    <details className="am-group" open={open || undefined}>
      <summary>{pb.t(`ask_many.way_${way}`, { count: rows.length })}</summary>
      {way === "covered" ? null : <p className="hint">{pb.t(`ask_many.why_${way}`)}</p>}
      <ul>{rows.map((row) => <Person key={row.person_id} row={row} pb={pb} labels={labels} ticked={chosen ? chosen.has(row.person_id) : false} onTick={onTick ? () => onTick(row.person_id) : undefined} />)}</ul>
    </details>
  );
}

export default function AskMany({ ids: all, first, onClose }) {
  const pb = useWords();
  const ids = useMemo(() => all.slice(0, MOST), [all]);
  const [known, setKnown] = useState(null);
  const [uses, setUses] = useState([]);
  const [form, setForm] = useState("");
  const [turned, setTurned] = useState(new Set());
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const [made, setMade] = useState(null);

  useEffect(() => {
    let here = true;
    (async () => {
      const [rows, forms] = await Promise.all([listed("/api/v1/uses"), listed("/api/v1/consent-templates?limit=200")]);
      if (!here) return;
      const best = forms.find((one) => one.uses.includes(first)) || forms[0];
      setKnown({ rows, forms });
      setForm(best ? best.id : "");
      setUses(best ? [best.uses.includes(first) ? first : best.uses.find((use) => rows.some((row) => row.id === use && row.outside)) || best.uses[0]] : []);
    })();
    return () => { here = false; };
  }, [first]);

  const { people, problem: refused } = usePreview(ids, uses, form);
  const labels = Object.fromEntries((known ? known.rows : []).map((row) => [row.id, named(pb, row)]));
  const chosenForm = known && known.forms.find((one) => one.id === form);
  const by = (way) => (people || []).filter((row) => row.way === way);
  // Ticked unless somebody said no before; `turned` holds those whose tick was changed by hand.
  const chosen = new Set((people || []).filter((row) => ASKED.includes(row.way) && (row.way === "ask") !== turned.has(row.person_id)).map((row) => row.person_id));
  const turn = (id) => setTurned((before) => { const next = new Set(before); if (!next.delete(id)) next.add(id); return next; });
  const toggle = (use) => setUses((before) => (before.includes(use) ? before.filter((one) => one !== use) : [...before, use]));
  const choose = (id) => {
    const next = known.forms.find((one) => one.id === id);
    setForm(id);
    setUses((before) => { const kept = before.filter((use) => next.uses.includes(use)); return kept.length ? kept : next.uses.slice(0, 1); });
  };
  const submit = async () => {
    setBusy(true);
    const left = by("ask").concat(by("said_no")).map((row) => row.person_id).filter((id) => !chosen.has(id));
    const result = await send("POST", "/api/v1/consent-requests/many", { asset_ids: ids, uses, template_id: form, leave_out: left });
    setBusy(false);
    if (result.ok) setMade(await result.response.json());
    else {
      const [key] = Object.values(result.problem.fields || {});
      setProblem(pb.t(key || `errors.${result.problem.code}`, { retry_after: result.wait || 1 }));
    }
  };

  if (made) {
    const left = made.without_address.length + made.minors.length + made.waiting.length;
    return (
      <Dialog open onClose={onClose} title={pb.t("ask_many.done_title", { count: made.made.length })} description={pb.t("ask_many.done_text")} closeLabel={pb.t("act.close")}>
        {left ? <div className="dialog-body"><div className="notice" role="status"><p>{pb.t("ask_many.left", { count: left })}</p></div></div> : null}
        <div className="dialog-foot">
          <button type="button" className="btn" onClick={onClose}>{pb.t("act.close")}</button>
          <a className="btn btn-primary" href="/consents/" data-autofocus="true"><Icon name="consent" />{pb.t("ask_many.board")}</a>
        </div>
      </Dialog>
    );
  }
  const said = problem || (refused ? pb.t(`errors.${refused.code}`, { retry_after: 1 }) : "");
  return (
    <Dialog open onClose={onClose} title={pb.t("ask_many.title", { count: ids.length })} description={pb.t("ask_many.lead")} closeLabel={pb.t("act.close")}>
      <link rel="stylesheet" href="/asking.css" precedence="page" />
      <div className="dialog-body">
        {all.length > MOST ? <div className="notice warn" role="status"><p>{pb.t("ask_many.most", { count: MOST })}</p></div> : null}
        {known && !known.forms.length ? <div className="notice warn" role="status"><p>{pb.t("ask_many.no_form")} <a href="/consents/forms/">{pb.t("ask_many.to_forms")}</a></p></div> : null}
        {chosenForm ? (
          <>
            <Field id="am-form" label={pb.t("ask_many.form")}>
              <Choice id="am-form" value={form} onChange={(event) => choose(event.target.value)} data-autofocus="true">
                {known.forms.map((one) => <option key={one.id} value={one.id}>{named(pb, one)}</option>)}
              </Choice>
            </Field>
            <fieldset className="am-uses">
              <legend>{pb.t("ask_many.uses")}</legend>
              {chosenForm.uses.map((use) => (
                <label key={use} className="check"><input type="checkbox" checked={uses.includes(use)} onChange={() => toggle(use)} /><span>{labels[use] || use}</span></label>
              ))}
              <p className="hint">{pb.t("ask_many.uses_hint")}</p>
            </fieldset>
          </>
        ) : null}
        <div className="am-people" aria-live="polite" aria-busy={Boolean(form && uses.length && !people && !said)}>
          {people && !people.length ? <p className="muted">{pb.t("ask_many.nobody")}</p> : null}
          {ASKED.map((way) => <Group key={way} way={way} rows={by(way)} pb={pb} labels={labels} open chosen={chosen} onTick={turn} />)}
          {LEFT.map((way) => <Group key={way} way={way} rows={by(way)} pb={pb} labels={labels} open={way === "no_address"} />)}
          {form && uses.length && !people && !said ? <div className="am-wait" role="status">{pb.t("state.loading")}</div> : null}
        </div>
        {said ? <div className="notice bad" role="alert"><p>{said}</p></div> : null}
      </div>
      <div className="dialog-foot">
        <button type="button" className="btn" onClick={onClose}>{pb.t("act.cancel")}</button>
        <button type="button" className="btn btn-primary" disabled={busy || !chosen.size || !uses.length} aria-busy={busy} onClick={submit}><Icon name="mail" />{pb.t("ask_many.send", { count: chosen.size })}</button>
      </div>
    </Dialog>
  );
}

// A selection on its way out: what for, in which size, what may go and what stays behind and why; then how far its ZIP is.
import { useEffect, useState } from "react";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { send } from "$/public/external/components/http/http.js";
import { Dialog, Icon } from "$/public/external/components/ui/behave/behave.jsx";
import { Glimpse, Select, presetName } from "./sizes.jsx";

const useWords = wordsOf("reasons", "sizes", "photo");
const AT_ONCE = 200;
const SHOWN = 8;
const LISTED = 50;

const json = async (method, path, body) => {
  const result = await send(method, path, body);
  if (!result.ok) throw result;
  return result.response.json();
};

function chunks(ids) {
  return Array.from({ length: Math.ceil(ids.length / AT_ONCE) }, (_, at) => ids.slice(at * AT_ONCE, (at + 1) * AT_ONCE));
}

function why(pb, verdict) {
  const sentences = verdict.reasons.map((reason) => pb.t(`reasons.${reason.code}`, { name: reason.person_name || pb.t("photo.somebody"), date: pb.date(reason.until || reason.since), count: 1, ...reason.params }));
  return [...new Set(sentences)].join(" · ") || pb.t(`clearance.${verdict.state}`);
}

function Preview({ id, preset, src, pb }) {
  const [found, setFound] = useState(null);
  useEffect(() => {
    let gone = false;
    Promise.all([json("GET", `/api/v1/assets/${id}`), json("GET", `/api/v1/assets/${id}/presets`)])
      .then(([photo, offers]) => !gone && setFound({ photo, offer: offers.items.find((one) => one.preset.name === preset) }))
      .catch(() => !gone && setFound({}));
    return () => {
      gone = true;
    };
  }, [id, preset]);
  if (!found?.offer) return <span className="glimpse skeleton" />;
  const warn = found.offer.smaller || found.offer.cut?.cut_faces;
  return (
    <span className={`zip-glimpse ${warn ? "warn" : ""}`} title={found.photo.title || found.photo.filename}>
      <Glimpse src={src} offer={found.offer} ratio={found.photo.width / found.photo.height} />
      {warn ? <span className="vh">{found.offer.smaller ? pb.t("sizes.smaller_one") : pb.t("sizes.cut_faces", { count: found.offer.cut.cut_faces })}</span> : null}
    </span>
  );
}

export default function ZipDialog({ ids, first, onClose, onOrdered }) {
  const pb = useWords();
  const [uses, setUses] = useState([]);
  const [presets, setPresets] = useState([]);
  const [use, setUse] = useState(first);
  const [preset, setPreset] = useState("web");
  const [redacted, setRedacted] = useState(false);
  const [verdicts, setVerdicts] = useState(null);
  const [names, setNames] = useState({});
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const failed = (result) => setProblem(result.problem?.code || "unavailable");
  useEffect(() => {
    Promise.all([json("GET", "/api/v1/uses"), json("GET", "/api/v1/presets")]).then(([known, offered]) => {
      setUses(known.items);
      setPresets(offered.items);
      setUse((before) => before || known.items[0]?.id || "");
    }).catch(failed);
  }, []);
  useEffect(() => {
    if (!use) return undefined;
    let gone = false;
    setVerdicts(null);
    Promise.all(chunks(ids).map((some) => json("POST", "/api/v1/clearance", { asset_ids: some, use, redacted }))).then((answers) => {
      if (!gone) setVerdicts(Object.assign({}, ...answers.map((answer) => Object.fromEntries(answer.items.map((one) => [one.asset_id, one.clearance[use]])))));
    }).catch((result) => !gone && failed(result));
    return () => {
      gone = true;
    };
  }, [use, ids, redacted]);
  const going = verdicts ? ids.filter((id) => verdicts[id]?.allowed) : [];
  const staying = verdicts ? ids.filter((id) => !verdicts[id]?.allowed) : [];
  useEffect(() => {
    const unknown = staying.slice(0, LISTED).filter((id) => !names[id]);
    if (!unknown.length) return;
    json("GET", `/api/v1/assets?limit=${LISTED}&ids=${unknown.join(",")}`)
      .then((page) => setNames((before) => ({ ...before, ...Object.fromEntries(page.items.map((one) => [one.id, one.title || one.filename])) })))
      .catch(() => {});
  }, [staying.join()]); // eslint-disable-line react-hooks/exhaustive-deps
  const order = async () => {
    setBusy(true);
    try {
      onOrdered(await json("POST", "/api/v1/zips", { asset_ids: ids, use, preset, redacted }));
      onClose();
    } catch (result) {
      failed(result);
      setBusy(false);
    }
  };
  return (
    <Dialog open onClose={onClose} title={pb.t("sizes.zip_title", { count: ids.length })} description={pb.t("sizes.zip_text")} closeLabel={pb.t("act.close")} kind="wide zip">
      <link rel="stylesheet" href="/sizes.css" precedence="page" />
      <div className="dialog-body stack-4">
        {problem ? <p className="sizes-problem" role="alert">{pb.t(`errors.${problem}`)}</p> : null}
        <div className="zip-choices">
          <label className="field"><span className="label">{pb.t("sizes.zip_use")}</span>
            <Select data-autofocus="" value={use} onChange={setUse}>
              {uses.map((one) => <option key={one.id} value={one.id}>{pb.language === "nl" ? one.label_nl : one.label_en}</option>)}
            </Select>
          </label>
          <label className="field"><span className="label">{pb.t("sizes.zip_size")}</span>
            <Select value={preset} onChange={setPreset}>
              {presets.filter((one) => !redacted || !one.as_it_came).map((one) => <option key={one.name} value={one.name}>{presetName(pb, one)}</option>)}
            </Select>
          </label>
        </div>
        <label className="check"><input type="checkbox" checked={redacted} onChange={(event) => { setRedacted(event.target.checked); if (presets.find((one) => one.name === preset)?.as_it_came) setPreset("web"); }} /><span>{pb.t("sizes.zip_redacted")}</span></label>
        {!verdicts ? <p className="skeleton sk-line" aria-busy="true" /> : (
          <>
            <p className="zip-verdict" role="status">
              <Icon name={going.length ? "check" : "alert"} /> <b>{pb.t("sizes.zip_go", { count: going.length })}</b>
              {staying.length ? <span> · {pb.t("sizes.zip_stay", { count: staying.length })}</span> : null}
            </p>
            {going.length ? (
              <div className="zip-strip" role="img" aria-label={pb.t("sizes.zip_preview")}>
                {going.slice(0, SHOWN).map((id) => <Preview key={`${id}${preset}`} id={id} preset={preset} src={`/api/v1/assets/${id}/${redacted ? `redacted?use=${encodeURIComponent(use)}` : "renditions/thumb"}`} pb={pb} />)}
                {going.length > SHOWN ? <span className="zip-more num">+{pb.number(going.length - SHOWN)}</span> : null}
              </div>
            ) : null}
            {staying.length ? (
              <details className="zip-staying" open={staying.length <= 5}>
                <summary>{pb.t("sizes.zip_why")}</summary>
                <ul>
                  {staying.slice(0, LISTED).map((id) => <li key={id}><b className="truncate">{names[id] || "…"}</b><span>{verdicts[id] ? why(pb, verdicts[id]) : pb.t("errors.not_found")}</span></li>)}
                  {staying.length > LISTED ? <li>{pb.t("sizes.zip_others", { count: staying.length - LISTED })}</li> : null}
                </ul>
              </details>
            ) : null}
          </>
        )}
        <p className="foot-note"><Icon name="lock" size={14} />{pb.t("sizes.zip_note")}</p>
      </div>
      <div className="dialog-foot">
        <button type="button" className="btn" onClick={onClose}>{pb.t("act.cancel")}</button>
        <button type="button" className="btn btn-primary" disabled={!going.length || busy} onClick={order}><Icon name="download" />{pb.t("sizes.zip_do", { count: going.length })}</button>
      </div>
    </Dialog>
  );
}

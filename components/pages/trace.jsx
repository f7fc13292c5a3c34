// A leaked file is looked at, and kept nowhere: which download of this house it came from.
import { useRef, useState } from "react";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { csrf } from "$/public/external/components/http/http.js";
import { Icon } from "$/public/external/components/ui/behave/behave.jsx";

const useWords = wordsOf("trace", "reasons");

export function Trace() {
  const pb = useWords();
  const input = useRef(null);
  const [over, setOver] = useState(false);
  const [asked, setAsked] = useState(null);
  const look = async (file) => {
    if (!file) return;
    setAsked({ name: file.name, busy: true });
    try {
      const response = await fetch("/api/v1/traces", { method: "POST", credentials: "same-origin", headers: { "X-CSRF-Token": csrf(), "Content-Type": "application/octet-stream" }, body: file });
      const answer = await response.json();
      setAsked(response.ok ? { name: file.name, found: answer } : { name: file.name, problem: answer.code });
    } catch {
      setAsked({ name: file.name, problem: "unavailable" });
    }
  };
  const drop = (event) => {
    event.preventDefault();
    setOver(false);
    look(event.dataTransfer.files[0]);
  };
  const found = asked?.found;
  return (
    <div className="stack-4">
      <div className={`tr-drop ${over ? "over" : ""}`} onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={drop}>
        <Icon name="search" size={20} />
        <p>{pb.t("trace.drop")}</p>
        <button type="button" className="btn btn-primary" disabled={asked?.busy} onClick={() => input.current.click()}><Icon name="upload" />{pb.t("trace.choose")}</button>
        <input ref={input} type="file" accept="image/*" className="vh" tabIndex={-1} aria-label={pb.t("trace.choose")} onChange={(event) => { look(event.target.files[0]); event.target.value = ""; }} />
        <small>{pb.t("trace.kept_nowhere")}</small>
      </div>
      <div role="status" aria-live="polite">
        {asked?.busy ? <p className="row"><span className="spin" aria-hidden="true" /> {pb.t("trace.looking", { name: asked.name })}</p> : null}
        {asked?.problem ? <p className="sizes-problem"><Icon name="alert" />{pb.has(`errors.${asked.problem}`) ? pb.t(`errors.${asked.problem}`) : pb.t("errors.internal")}</p> : null}
        {found && !found.download_id ? <section className="card ad-pad"><h2 className="pr-head">{pb.t("trace.nothing_title")}</h2><p>{pb.t("trace.nothing_text", { name: asked.name })}</p></section> : null}
        {found?.download_id ? (
          <section className="card tr-found" data-download={found.download_id}>
            {found.asset_title ? <a href={`/photo/${found.asset_id}/`}><img src={`/api/v1/assets/${found.asset_id}/renditions/thumb`} alt={found.asset_title} /></a> : <span />}
            <div>
              <h2>{pb.t("trace.found_title", { name: found.taken_by || pb.t("trace.somebody") })}</h2>
              <dl>
                <dt>{pb.t("trace.when")}</dt><dd>{pb.date(found.created_at, "datetime")}</dd>
                <dt>{pb.t("trace.what")}</dt><dd>{found.asset_title ? <a href={`/photo/${found.asset_id}/`}>{found.asset_title}</a> : pb.t("trace.out_of_sight")}</dd>
                <dt>{pb.t("trace.use")}</dt><dd>{pb.t(`use.${found.use}`)}</dd>
                <dt>{pb.t("trace.preset")}</dt><dd>{pb.has(`preset.${found.preset}`) ? pb.t(`preset.${found.preset}`) : found.preset}</dd>
                <dt>{pb.t("trace.sure")}</dt><dd>{pb.t("trace.chance")}</dd>
                <dt>{pb.t("trace.number")}</dt><dd><code>{found.download_id}</code></dd>
              </dl>
            </div>
          </section>
        ) : null}
      </div>
    </div>
  );
}

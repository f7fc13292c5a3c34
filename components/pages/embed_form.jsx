// The dialog that puts one photo on another site: what for, then the lines to paste there.
import { useEffect, useState } from "react";
import { Dialog, Icon } from "$/public/external/components/ui/behave/behave.jsx";
import { send } from "$/public/external/components/http/http.js";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";

const useWords = wordsOf("share");

export default function NewEmbed({ id, onClose }) {
  const pb = useWords();
  const [uses, setUses] = useState(null);
  const [use, setUse] = useState("");
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const [snippet, setSnippet] = useState(null);
  const [copied, setCopied] = useState(false);

  useEffect(() => {
    let here = true;
    (async () => {
      const result = await send("GET", `/api/v1/assets/${id}/permissions`);
      if (!here || !result.ok) return;
      const { uses: rows, clearance } = await result.response.json();
      const allowed = rows.filter((row) => row.outside && clearance[row.id]?.allowed);
      setUses(allowed);
      setUse((allowed.find((row) => row.id === "website") || allowed[0] || { id: "" }).id);
    })();
    return () => { here = false; };
  }, [id]);

  const make = async (event) => {
    event.preventDefault();
    setBusy(true);
    setProblem("");
    const title = new FormData(event.target).get("alt") || "";
    const made = await send("POST", "/api/v1/shares", { kind: "embed", asset_ids: [id], use, title });
    const lines = made.ok ? await send("GET", `/api/v1/shares/${(await made.response.json()).id}/snippet`) : made;
    setBusy(false);
    if (lines.ok) setSnippet(await lines.response.json());
    else setProblem(pb.t(`errors.${lines.problem.code}`, { retry_after: lines.wait || 1 }));
  };
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(snippet.html);
      setCopied(true);
    } catch {
      document.getElementById("snippet")?.select();
    }
  };

  return (
    <Dialog open onClose={onClose} title={pb.t("share.embed_title")} description={pb.t("share.embed_lead")} closeLabel={pb.t("act.close")}>
      {snippet ? (
        <div className="dialog-body">
          <div className="field">
            <label htmlFor="snippet">{pb.t("share.embed_lines")}</label>
            <textarea id="snippet" className="input snippet" readOnly rows={6} value={snippet.html} onFocus={(event) => event.target.select()} spellCheck="false" />
            <span className="hint">{pb.t("share.embed_hint")}</span>
          </div>
        </div>
      ) : uses && !uses.length ? (
        <div className="dialog-body"><div className="notice bad" role="status"><p>{pb.t("share.embed_none")}</p></div></div>
      ) : (
        <form id="embed-form" className="dialog-body" onSubmit={make}>
          <div className="field">
            <label htmlFor="embed-use">{pb.t("share.for")}</label>
            <span className="select">
              <select id="embed-use" className="input" value={use} onChange={(event) => setUse(event.target.value)} data-autofocus="true">
                {(uses || []).map((row) => <option key={row.id} value={row.id}>{pb.language === "nl" ? row.label_nl : row.label_en}</option>)}
              </select>
              <Icon name="down" />
            </span>
          </div>
          <div className="field">
            <label htmlFor="alt">{pb.t("share.embed_alt")}</label>
            <input id="alt" name="alt" className="input" maxLength={200} />
            <span className="hint">{pb.t("share.embed_alt_hint")}</span>
          </div>
          {problem ? <div className="notice bad" role="alert"><p>{problem}</p></div> : null}
        </form>
      )}
      <div className="dialog-foot">
        {snippet ? (
          <>
            <button type="button" className="btn" onClick={onClose}>{pb.t("share.done")}</button>
            <button type="button" className="btn btn-primary" onClick={copy}><Icon name={copied ? "check" : "copy"} /><span role="status">{pb.t(copied ? "act.copied" : "act.copy")}</span></button>
          </>
        ) : (
          <>
            <button type="button" className="btn" onClick={onClose}>{pb.t("act.cancel")}</button>
            <button type="submit" form="embed-form" className="btn btn-primary" disabled={busy || !use} aria-busy={busy}><Icon name="globe" />{pb.t("share.embed_make")}</button>
          </>
        )}
      </div>
    </Dialog>
  );
}

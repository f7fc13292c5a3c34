// The dialog that puts one photo on another site: what for, then the lines to paste there.
import { useEffect, useState } from "react";
import { Dialog, Icon } from "$/public/external/components/ui/behave/behave.jsx";
import { send } from "$/public/external/components/http/http.js";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { useRedacted } from "./redacted.js";

const useWords = wordsOf("share", "photo");

// The uses outside the house that this photo is cleared for: as it is, and with whoever stands in the way made unrecognisable.
async function allowedFor(id) {
  const [known, asked] = await Promise.all([
    send("GET", `/api/v1/assets/${id}/permissions`),
    send("POST", "/api/v1/clearance", { asset_ids: [id], redacted: true }),
  ]);
  if (!known.ok) return null;
  const { uses, clearance } = await known.response.json();
  const hidden = asked.ok ? (await asked.response.json()).items[0]?.clearance || {} : {};
  const outside = uses.filter((row) => row.outside);
  return { plain: outside.filter((row) => clearance[row.id]?.allowed), redacted: outside.filter((row) => hidden[row.id]?.allowed) };
}
const first = (rows) => (rows.find((row) => row.id === "website") || rows[0] || { id: "" }).id;

export default function NewEmbed({ id, onClose }) {
  const pb = useWords();
  const [allowed, setAllowed] = useState(null);
  const [redacted, setRedacted] = useState(false);
  const [use, setUse] = useState("");
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const [snippet, setSnippet] = useState(null);
  const [copied, setCopied] = useState(false);

  useEffect(() => {
    let here = true;
    (async () => {
      const found = await allowedFor(id);
      if (!here || !found) return;
      const hide = !found.plain.length && found.redacted.length > 0;
      setAllowed(found);
      setRedacted(hide);
      setUse(first(hide ? found.redacted : found.plain));
    })();
    return () => { here = false; };
  }, [id]);

  const uses = allowed ? (redacted ? allowed.redacted : allowed.plain) : [];
  const hiding = useRedacted(id, use, redacted && !snippet, "");
  const hide = (on) => {
    const rows = on ? allowed.redacted : allowed.plain;
    setRedacted(on);
    setUse((before) => (rows.some((row) => row.id === before) ? before : first(rows)));
  };

  const make = async (event) => {
    event.preventDefault();
    setBusy(true);
    setProblem("");
    const title = new FormData(event.target).get("alt") || "";
    const made = await send("POST", "/api/v1/shares", { kind: "embed", asset_ids: [id], use, title, redacted });
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
      ) : allowed && !allowed.plain.length && !allowed.redacted.length ? (
        <div className="dialog-body"><div className="notice bad" role="status"><p>{pb.t("share.embed_none")}</p></div></div>
      ) : (
        <form id="embed-form" className="dialog-body" onSubmit={make}>
          <div className="field">
            <label htmlFor="embed-use">{pb.t("share.for")}</label>
            <span className="select">
              <select id="embed-use" className="input" value={use} onChange={(event) => setUse(event.target.value)} data-autofocus="true">
                {uses.map((row) => <option key={row.id} value={row.id}>{pb.language === "nl" ? row.label_nl : row.label_en}</option>)}
              </select>
              <Icon name="down" />
            </span>
          </div>
          <label className="check"><input type="checkbox" name="redacted" checked={redacted} disabled={!allowed || !allowed.redacted.length} onChange={(event) => hide(event.target.checked)} /><span>{pb.t("share.redacted")}</span></label>
          {allowed && !uses.length ? <div className="notice bad" role="status"><p>{pb.t("share.embed_only_redacted")}</p></div> : null}
          {redacted && use ? (
            <figure className="embed-look" aria-busy={!hiding.src && !hiding.problem}>
              {hiding.src ? <img src={hiding.src} alt={pb.t("redaction.title", { count: hiding.people })} /> : hiding.problem ? <p className="small bad" role="status">{pb.t(`errors.${hiding.problem}`, { retry_after: hiding.wait })}</p> : <span className="skeleton" />}
              <figcaption className="muted small">{pb.t("redaction.help")}</figcaption>
            </figure>
          ) : null}
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

// An address to hand out: to copy, or to hold a phone against.
import { useState } from "react";
import { Dialog, Icon } from "$/public/external/components/ui/behave/behave.jsx";
import { send } from "$/public/external/components/http/http.js";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";

const useWords = wordsOf("share");

export function LinkOut({ id, url }) {
  const pb = useWords();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(url);
      setCopied(true);
    } catch {
      document.getElementById(`url-${id}`)?.select(); // without a secure address browsers copy by hand only
    }
  };
  return (
    <div className="link-out">
      <div className="link-row">
        <label className="vh" htmlFor={`url-${id}`}>{pb.t("share.link")}</label>
        <input id={`url-${id}`} className="input" readOnly value={url} onFocus={(event) => event.target.select()} />
        <button type="button" className="btn btn-primary" onClick={copy} data-autofocus="true"><Icon name={copied ? "check" : "copy"} /><span role="status">{pb.t(copied ? "act.copied" : "act.copy")}</span></button>
      </div>
      <img className="qr" src={`/api/v1/shares/${id}/qr`} alt={pb.t("share.qr")} width="168" height="168" />
    </div>
  );
}

// On the list: the button, and the dialog with the address, which is asked for when it is opened.
export function ShowLink({ id, label }) {
  const pb = useWords();
  const [url, setUrl] = useState("");
  const open = async () => {
    const result = await send("GET", `/api/v1/shares/${id}/url`);
    if (result.ok) setUrl((await result.response.json()).url);
  };
  return (
    <>
      <button type="button" className="btn btn-sm" onClick={open} aria-label={`${pb.t("share.link")}, ${label}`}><Icon name="share" /><span>{pb.t("share.link")}</span></button>
      <Dialog open={Boolean(url)} onClose={() => setUrl("")} title={pb.t("share.link")} closeLabel={pb.t("act.close")}>
        <div className="dialog-body"><LinkOut id={id} url={url} /></div>
      </Dialog>
    </>
  );
}

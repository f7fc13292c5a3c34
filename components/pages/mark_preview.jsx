// How a watermark will lie on a photo, while its form is filled in: drawn on a sample by the house, as it is on what leaves.
import { useEffect, useRef, useState } from "react";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { csrf } from "$/public/external/components/http/http.js";

const useWords = wordsOf("presets");
const PAUSE = 300;

const wanted = (form, id) => {
  const value = (name) => form.elements[name]?.value.trim() ?? "";
  const share = (name) => Number(value(name)) / 100;
  const where = value("where");
  const how = { opacity: share("opacity"), size: share("size"), ...(where === "tiled" ? { layout: "tiled" } : { layout: "placed", corner: where }) };
  if (!(how.opacity >= 0.05 && how.opacity <= 1 && how.size >= 0.02 && how.size <= 1)) return null;
  if (id) return { ...how, watermark_id: id };
  return value("words") ? { ...how, words: value("words") } : null;
};

export function MarkPreview({ form, mark }) {
  const pb = useWords();
  const [url, setUrl] = useState("");
  const shown = useRef("");
  useEffect(() => {
    const element = document.getElementById(form);
    let timer = 0;
    let asked = 0;
    const look = async () => {
      const body = wanted(element, mark);
      if (!body) return;
      const mine = ++asked;
      try {
        const response = await fetch("/api/v1/watermarks/preview", { method: "POST", credentials: "same-origin", headers: { "X-CSRF-Token": csrf(), "Content-Type": "application/json" }, body: JSON.stringify(body) });
        if (!response.ok || mine !== asked) return;
        const next = URL.createObjectURL(await response.blob());
        if (mine !== asked) return URL.revokeObjectURL(next);
        URL.revokeObjectURL(shown.current);
        shown.current = next;
        setUrl(next);
      } catch {
        // The last picture stays: what is missing is a preview only.
      }
    };
    const soon = () => { clearTimeout(timer); timer = setTimeout(look, PAUSE); };
    element.addEventListener("input", soon);
    look();
    return () => {
      asked = -1;
      clearTimeout(timer);
      element.removeEventListener("input", soon);
      URL.revokeObjectURL(shown.current);
      shown.current = "";
    };
  }, [form, mark]);
  return (
    <figure className="pr-preview whole">
      {url ? <img src={url} alt={pb.t("presets.preview")} width="960" height="640" /> : <span className="muted">{pb.t("presets.preview_empty")}</span>}
    </figure>
  );
}

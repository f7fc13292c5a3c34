// A logo for watermarks goes over HTTP, as files do; it lies bottom right and faint until it is placed otherwise.
import { useRef, useState } from "react";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { csrf } from "$/public/external/components/http/http.js";
import { Icon } from "$/public/external/components/ui/behave/behave.jsx";

const useWords = wordsOf("presets");

export function LogoButton() {
  const pb = useWords();
  const input = useRef(null);
  const [problem, setProblem] = useState("");
  const send = async (file) => {
    if (!file) return;
    setProblem("");
    const name = encodeURIComponent(file.name.replace(/\.[^.]*$/, "").slice(0, 80) || "Logo");
    try {
      const response = await fetch(`/api/v1/watermarks/logo?name=${name}&opacity=0.8`, { method: "POST", credentials: "same-origin", headers: { "X-CSRF-Token": csrf(), "Content-Type": "application/octet-stream" }, body: file });
      if (!response.ok) setProblem(pb.t("presets.error_watermark"));
    } catch {
      setProblem(pb.t("errors.unavailable"));
    }
  };
  return (
    <>
      {problem ? <small role="alert" className="error">{problem}</small> : null}
      <button type="button" className="btn" onClick={() => input.current.click()}><Icon name="upload" />{pb.t("presets.new_logo")}</button>
      <input ref={input} type="file" accept="image/png,image/webp,image/jpeg" className="vh" tabIndex={-1} aria-label={pb.t("presets.new_logo")} onChange={(event) => { send(event.target.files[0]); event.target.value = ""; }} />
    </>
  );
}

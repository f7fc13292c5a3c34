// What people write about a photo, each thing where it stands: click, type, Enter. Shown at once, taken back when the server will not
// have it. What one is typing is never overwritten by what somebody else saves meanwhile: the line below tells of it.
import { useEffect, useRef, useState } from "react";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { Icon } from "$/public/external/components/ui/behave/behave.jsx";

const useWords = wordsOf("photo");

const WAIT = 8000; // until what was shown at once is believed no longer

export function Details({ photo, rows, tags, suggested, mayEdit, failed, failedWords, failures, onKeep, onTag, onUntag }) {
  const pb = useWords();
  const label = (row) => (row.label_en ? (pb.language === "nl" ? row.label_nl : row.label_en) : pb.t(`photo.${row.key}`));
  return (
    <dl className="written" key={photo}>
      {(rows || []).map((row) =>
        mayEdit || row.value ? (
          <Line key={row.key} row={row} label={label(row)} pb={pb} mayEdit={mayEdit} failure={failed === row.key ? failures : 0} failedWords={failedWords} onKeep={onKeep} />
        ) : null,
      )}
      {mayEdit || (tags || []).length ? <Tags tags={tags || []} suggested={suggested || []} pb={pb} mayEdit={mayEdit} onTag={onTag} onUntag={onUntag} /> : null}
    </dl>
  );
}

function Line({ row, label, pb, mayEdit, failure, failedWords, onKeep }) {
  const [draft, setDraft] = useState(null); // {text, base}: being written
  const [pending, setPending] = useState(null); // sent, not yet heard of
  const field = useRef(null);
  const show = useRef(null);
  const closing = useRef(false);
  const editing = draft !== null;
  useEffect(() => {
    if (editing) field.current?.focus();
  }, [editing]);
  useEffect(() => {
    if (pending !== null && pending.text === row.value) setPending(null);
  }, [row.value, pending]);
  useEffect(() => {
    if (pending === null) return undefined;
    const timer = setTimeout(() => setPending(null), WAIT);
    return () => clearTimeout(timer);
  }, [pending]);
  useEffect(() => {
    if (failure && pending !== null) {
      setDraft(pending);
      setPending(null);
    }
  }, [failure]); // eslint-disable-line react-hooks/exhaustive-deps
  const open = () => {
    closing.current = false;
    setDraft({ text: row.value, base: row.value });
  };
  const leave = (refocus) => {
    closing.current = true;
    setDraft(null);
    if (refocus) requestAnimationFrame(() => show.current?.focus());
  };
  const keep = (refocus) => {
    if (closing.current || !draft) return;
    const text = draft.text.trim();
    if (text !== row.value) {
      setPending({ text, base: draft.base });
      onKeep(row.key, text);
    }
    leave(refocus);
  };
  const keys = (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      leave(true);
    } else if (event.key === "Enter" && (row.kind !== "long" || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      keep(true);
    }
  };
  const change = (event) => setDraft({ ...draft, text: event.target.value });
  const shown = pending ? pending.text : row.value;
  const words = row.kind === "yes_no" && shown ? pb.t(`photo.${shown}`) : row.kind === "date" && shown ? pb.date(shown) : shown;
  const props = { ref: field, className: "input", value: editing ? draft.text : "", onChange: change, onKeyDown: keys, onBlur: () => keep(false), "aria-label": label, "aria-invalid": failure ? true : undefined };
  const wrong = editing && failure ? pb.t(failedWords || "errors.invalid") : "";
  const elsewhere = editing && draft.base !== row.value ? pb.t("photo.changed_meanwhile", { value: row.value }) : "";
  return (
    <div className="fact">
      <dt>{label}{row.private ? <span title={pb.t("photo.private_field")}><Icon name="lock" size={12} /><span className="vh">{pb.t("photo.private_field")}</span></span> : null}</dt>
      <dd>
        {editing ? (
          <>
            {row.kind === "long" ? <textarea {...props} rows={4} maxLength={row.longest || undefined} />
              : row.kind === "choice" || row.kind === "yes_no" ? (
                <select {...props}>
                  <option value="">{pb.t("photo.empty_value")}</option>
                  {(row.kind === "choice" ? row.choices : ["yes", "no"]).map((one) => <option key={one} value={one}>{row.kind === "choice" ? one : pb.t(`photo.${one}`)}</option>)}
                </select>
              ) : <input {...props} type={row.kind === "date" ? "date" : "text"} inputMode={row.kind === "number" ? "decimal" : undefined} maxLength={row.longest || undefined} />}
            {wrong ? <small className="wrong" role="alert">{wrong}</small> : null}
            {elsewhere ? <small className="muted" role="status">{elsewhere}</small> : null}
          </>
        ) : mayEdit ? (
          <button ref={show} type="button" className={`inline ${shown ? "" : "none"}`} data-key={row.key} aria-label={`${pb.t(shown ? "photo.edit" : "photo.add", { what: label })}${shown ? `: ${words}` : ""}`} onClick={open}>
            <span>{words || pb.t("photo.empty_value")}</span>
            <Icon name="pen" size={14} />
          </button>
        ) : <span className="said">{words}</span>}
      </dd>
    </div>
  );
}

function Tags({ tags, suggested, pb, mayEdit, onTag, onUntag }) {
  const [typed, setTyped] = useState("");
  const [gone, setGone] = useState([]);
  const [fresh, setFresh] = useState([]);
  const stamp = tags.join("\n");
  useEffect(() => {
    setGone([]);
    setFresh([]);
  }, [stamp]);
  const shown = [...tags.filter((tag) => !gone.includes(tag)), ...fresh.filter((tag) => !tags.includes(tag))];
  const add = (name) => {
    const clean = name.trim().replace(/\s+/g, " ");
    if (!clean) return;
    setFresh([...fresh, clean]);
    onTag(clean);
  };
  const keys = (event) => {
    if (event.key === "Enter" || event.key === ",") {
      event.preventDefault();
      add(typed);
      setTyped("");
    }
  };
  return (
    <div className="fact">
      <dt>{pb.t("photo.tags")}</dt>
      <dd>
        <ul className="tag-list">
          {shown.map((tag) => (
            <li key={tag} className="tag-chip">
              {tag}
              {mayEdit ? (
                <button type="button" aria-label={pb.t("photo.tag_remove", { name: tag })} title={pb.t("photo.tag_remove", { name: tag })} onClick={() => { setGone([...gone, tag]); onUntag(tag); }}>
                  <Icon name="x" size={12} />
                </button>
              ) : null}
            </li>
          ))}
          {mayEdit ? <li className="grow"><input className="input tag-input" value={typed} maxLength={100} placeholder={pb.t("photo.tag_add")} aria-label={pb.t("photo.tag_add")} onChange={(event) => setTyped(event.target.value)} onKeyDown={keys} /></li> : null}
        </ul>
        {mayEdit && suggested.length ? (
          <div className="tag-more">
            <small className="muted">{pb.t("photo.tags_suggested")}</small>
            <ul className="tag-list">
              {suggested.filter((tag) => !shown.includes(tag)).map((tag) => (
                <li key={tag}><button type="button" className="tag-chip ask" aria-label={pb.t("photo.tag_take", { name: tag })} onClick={() => add(tag)}><Icon name="plus" size={12} />{tag}</button></li>
              ))}
            </ul>
          </div>
        ) : null}
      </dd>
    </div>
  );
}

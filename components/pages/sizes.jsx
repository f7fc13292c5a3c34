// The sizes of one photo: what each preset makes of it, seen beforehand, and the frame that can be moved by hand, finger or key.
import { useCallback, useEffect, useRef, useState } from "react";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { send } from "$/public/external/components/http/http.js";
import { Dialog, Icon } from "$/public/external/components/ui/behave/behave.jsx";
import * as downloads from "./downloads.js";
import { useRedacted } from "./redacted.js";

const useWords = wordsOf("reasons", "sizes", "photo");
const FORMATS = ["jpeg", "webp", "avif", "png"];
const SMALLEST = 0.2;
const between = (value, low, high) => Math.min(Math.max(value, low), high);

export const presetName = (pb, preset) => {
  if (!preset.label_en) return pb.t(`preset.${preset.name}`);
  return pb.language === "nl" ? preset.label_nl : preset.label_en;
};

export function Select({ value, onChange, children, ...rest }) {
  return <span className="select"><select className="input" value={value} onChange={(event) => onChange(event.target.value)} {...rest}>{children}</select><Icon name="down" /></span>;
}

// What will come of it, in a line: its own pixels, kind, and size on paper.
export function facts(pb, offer) {
  const { preset } = offer;
  if (preset.as_it_came) return pb.t("sizes.as_it_came");
  const kind = preset.format.toUpperCase();
  const pixels = `${pb.number(offer.width)} × ${pb.number(offer.height)}`;
  if (!offer.paper) return `${pixels} · ${kind}`;
  const [across, down] = offer.paper.map((side) => pb.number(Math.round(side * 10) / 10));
  return `${kind}${preset.cmyk ? " CMYK" : ""} · ${pb.t("sizes.paper", { across, down, dpi: preset.dpi })}`;
}

function warnings(pb, offer) {
  const found = [];
  if (offer.smaller) found.push(pb.t(offer.preset.dpi ? "sizes.smaller_paper" : "sizes.smaller", { width: pb.number(offer.preset.width), height: pb.number(offer.preset.height || offer.preset.width) }));
  if (offer.cut?.cut_faces) found.push(pb.t("sizes.cut_faces", { count: offer.cut.cut_faces }));
  return found;
}

// A thumbnail of what the preset shows: the photo, moved and enlarged so that only the frame is seen.
export function Glimpse({ src, offer, ratio }) {
  const box = offer.cut?.box || [0, 0, 1, 1];
  const shape = (box[2] / box[3]) * ratio;
  const style = {
    aspectRatio: String(shape),
    width: shape >= 1 ? "100%" : `${100 * shape}%`,
    backgroundImage: `url("${src}")`,
    backgroundSize: `${100 / box[2]}% ${100 / box[3]}%`,
    backgroundPosition: `${box[2] < 1 ? (100 * box[0]) / (1 - box[2]) : 0}% ${box[3] < 1 ? (100 * box[1]) / (1 - box[3]) : 0}%`,
  };
  return <span className="glimpse" aria-hidden="true"><span style={style} /></span>;
}

// The frame on the photo. Dragging moves it; arrows move it, plus and minus size it; the page is told when one lets go.
function Frame({ pb, src, alt, ratio, offer, onMoved }) {
  const cut = offer.cut;
  const stage = useRef(null);
  const held = useRef(null);
  const [box, setBox] = useState(cut.box);
  useEffect(() => setBox(cut.box), [cut]);
  const largest = useCallback(() => {
    const shape = offer.preset.width / offer.preset.height / ratio;
    return shape >= 1 ? [1, 1 / shape] : [shape, 1];
  }, [offer, ratio]);
  const place = (left, top, size) => {
    const [across, down] = largest();
    const part = between(size, SMALLEST, 1);
    return [between(left, 0, 1 - across * part), between(top, 0, 1 - down * part), across * part, down * part];
  };
  const sizeOf = (frame) => frame[2] / largest()[0];
  const done = (frame) => {
    if (frame.some((part, at) => Math.abs(part - cut.box[at]) > 1e-4)) onMoved(frame[0], frame[1], between(sizeOf(frame), SMALLEST, 1));
  };
  const timer = useRef(0);
  const later = (frame) => {
    setBox(frame);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => done(frame), 500);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  const press = (event) => {
    const step = event.shiftKey ? 0.05 : 0.01;
    const [left, top, across, down] = box;
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    if (moves[event.key]) later(place(left + moves[event.key][0], top + moves[event.key][1], sizeOf(box)));
    else if (["+", "=", "-"].includes(event.key)) {
      const size = between(sizeOf(box) * (event.key === "-" ? 0.95 : 1 / 0.95), SMALLEST, 1);
      const next = [largest()[0] * size, largest()[1] * size];
      later(place(left + (across - next[0]) / 2, top + (down - next[1]) / 2, size));
    } else return;
    event.preventDefault();
  };
  const grab = (event) => {
    if (event.button) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    held.current = { x: event.clientX, y: event.clientY, box };
  };
  const drag = (event) => {
    if (!held.current) return;
    const area = stage.current.getBoundingClientRect();
    const { x, y, box: from } = held.current;
    setBox(place(from[0] + (event.clientX - x) / area.width, from[1] + (event.clientY - y) / area.height, sizeOf(from)));
  };
  const drop = () => {
    if (!held.current) return;
    held.current = null;
    done(box);
  };
  const percent = (part) => `${100 * part}%`;
  return (
    <div className="frame-stage" ref={stage} style={{ aspectRatio: String(ratio), "--ratio": ratio }}>
      <img src={src} alt={alt} draggable={false} />
      <button type="button" className="frame-box" aria-label={pb.t("sizes.frame_label")} aria-describedby="frame-help" style={{ left: percent(box[0]), top: percent(box[1]), width: percent(box[2]), height: percent(box[3]) }}
        onKeyDown={press} onPointerDown={grab} onPointerMove={drag} onPointerUp={drop} onPointerCancel={drop}>
        <span aria-hidden="true" />
      </button>
    </div>
  );
}

export function Sizes({ photo, use, redacted, hideable, open, title, ratio, revision, onClose }) {
  const pb = useWords();
  const [offers, setOffers] = useState(null);
  const [problem, setProblem] = useState("");
  const [chosen, setChosen] = useState("");
  const [format, setFormat] = useState("");
  const [said, setSaid] = useState("");
  const read = useCallback(async () => {
    setProblem("");
    const result = await send("GET", `/api/v1/assets/${photo}/presets`);
    if (!result.ok) return setProblem(result.problem.code);
    return setOffers((await result.response.json()).items);
  }, [photo]);
  useEffect(() => {
    setSaid("");
    if (open) read();
    else setOffers(null);
  }, [open, read, revision]);
  const suits = (offer) => !offer.suits.length || offer.suits.includes(use);
  // Whoever is to be hidden may change while one looks: then the picture is another.
  const standing = JSON.stringify(redacted ? hideable.find((row) => row.use === use) || null : null);
  const hiding = useRedacted(photo, use, open && redacted, `${revision}${standing}`);
  const listed = (offers ? [...offers.filter((one) => suits(one)), ...offers.filter((one) => !suits(one))] : []).filter((one) => !redacted || !one.preset.as_it_came);
  const current = listed.find((one) => one.preset.name === chosen) || listed[0];
  const thumb = redacted ? hiding.src : `/api/v1/assets/${photo}/renditions/thumb?v=${revision}`;
  const large = redacted ? hiding.src : `/api/v1/assets/${photo}/renditions/preview?v=${revision}`;
  const kept = (cut, words) => {
    setOffers((before) => before && before.map((one) => (one.preset.name === current.preset.name ? { ...one, cut } : one)));
    setSaid(pb.t(words));
    read();
  };
  const move = async (left, top, size) => {
    const result = await send("PUT", `/api/v1/assets/${photo}/cuts/${current.preset.name}`, { left, top, size });
    if (result.ok) kept(await result.response.json(), "sizes.kept");
    else setProblem(result.problem.code);
  };
  const forget = async () => {
    const result = await send("DELETE", `/api/v1/assets/${photo}/cuts/${current.preset.name}`);
    if (result.ok) kept(await result.response.json(), "sizes.automatic_again");
    else setProblem(result.problem.code);
  };
  const take = () => {
    downloads.download([photo], use, current.preset.name, changeable && format ? format : undefined, redacted || undefined);
    onClose();
  };
  const changeable = current && !current.preset.as_it_came && !current.preset.cmyk;
  const heading = redacted && hiding.people ? pb.t("redaction.title", { count: hiding.people }) : pb.t("sizes.title");
  const help = () => {
    if (redacted) return pb.t("redaction.help");
    if (current.cut) return pb.t("sizes.frame_help");
    return pb.t(current.preset.as_it_came ? "sizes.original_help" : "sizes.whole_help");
  };
  const failed = problem || hiding.problem;
  const again = () => {
    if (problem) read();
    hiding.retry();
  };
  return (
    <Dialog open={open} onClose={onClose} title={heading} description={use ? pb.t("sizes.for", { use: pb.t(`use.${use}`).toLowerCase() }) : ""} closeLabel={pb.t("act.close")} kind="wide sizes">
      {failed ? <p className="sizes-problem" role="alert">{pb.t(`errors.${failed}`, { retry_after: hiding.wait })} <button type="button" className="btn btn-sm" onClick={again}>{pb.t("act.retry")}</button></p> : null}
      {!offers || (redacted && !hiding.src) ? <div className="sizes-body" aria-busy="true"><span className="skeleton sk-block" /><span className="skeleton sk-block" /></div> : (
        <div className="sizes-body">
          <ul className="sizes-list" role="radiogroup" aria-label={pb.t("sizes.list")}>
            {listed.map((offer) => {
              const on = offer === current;
              const wrong = warnings(pb, offer);
              return (
                <li key={offer.preset.name} role="none">
                  <label className={`size-row ${on ? "on" : ""}`} data-size={offer.preset.name}>
                    <input type="radio" name="size" className="vh" checked={on} onChange={() => { setChosen(offer.preset.name); setFormat(""); setSaid(""); }} />
                    <Glimpse src={thumb} offer={offer} ratio={ratio} />
                    <span className="grow">
                      <b>{presetName(pb, offer.preset)}</b>
                      <small>{facts(pb, offer)}</small>
                      {wrong.map((words) => <small key={words} className="warn"><Icon name="alert" size={14} />{words}</small>)}
                    </span>
                    {offer.cut?.by_hand ? <span className="badge">{pb.t("sizes.by_hand")}</span> : null}
                  </label>
                </li>
              );
            })}
          </ul>
          <div className={`sizes-view ${redacted ? "redacted" : ""}`}>
            {current.cut ? <Frame key={current.preset.name} pb={pb} src={large} alt={title} ratio={ratio} offer={current} onMoved={move} /> : (
              <div className="frame-stage" style={{ aspectRatio: String(ratio), "--ratio": ratio }}><img src={large} alt={title} /></div>
            )}
            <p className="sizes-help" id="frame-help">{help()}</p>
            <p className="vh" role="status">{said}</p>
          </div>
        </div>
      )}
      {current ? (
        <div className="dialog-foot sizes-foot">
          {current.cut?.by_hand ? <button type="button" className="btn btn-quiet" onClick={forget}><Icon name="undo" />{pb.t("sizes.automatic")}</button> : null}
          <span className="grow" />
          {changeable ? (
            <label className="sizes-format">
              <span>{pb.t("sizes.format")}</span>
              <Select value={format || current.preset.format} onChange={setFormat}>
                {FORMATS.map((one) => <option key={one} value={one}>{one.toUpperCase()}</option>)}
              </Select>
            </label>
          ) : null}
          <button type="button" className="btn btn-primary" data-take={current.preset.name} disabled={redacted && !hiding.src} onClick={take}><Icon name="download" />{pb.t("act.download")}</button>
        </div>
      ) : null}
    </Dialog>
  );
}

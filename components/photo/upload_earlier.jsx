// Earlier batches of this account, from whatever device, and how far each is. One opens here, to look at or to go on with.
import { Icon } from "./common.jsx";

const WORKING = ["received", "decoding", "faces"];

export function Earlier({ pb, batches, current, busy, onShow }) {
  const list = (batches || []).filter((batch) => batch.id !== current && (batch.files || Object.keys(batch.counts).length));
  if (!list.length) return null;
  return (
    <section className="sec earlier">
      <header><h2>{pb.t("upload.earlier_batches")}</h2></header>
      <ul className="card">
        {list.map((batch) => {
          const sum = (...names) => names.reduce((total, name) => total + (batch.counts[name] || 0), 0);
          const begun = Object.values(batch.counts).reduce((total, n) => total + n, 0);
          const unsent = batch.closed ? sum("sending") : Math.max(0, batch.files - begun) + sum("sending");
          const parts = [["ready", sum("ready")], ["processing", sum(...WORKING)], ["stopped", unsent], ["here", sum("here")], ["rejected", sum("rejected")], ["gone", sum("gone")]];
          return (
            <li key={batch.id} className="past">
              <span className="th none"><Icon name={batch.source === "import" ? "server" : "upload"} size={18} /></span>
              <div className="grow">
                <p className="t"><b>{batch.event || batch.folder || pb.t("upload.title")}</b><span className="muted num">{pb.date(batch.created_at, "datetime")}</span></p>
                <p className="why num">{parts.filter(([name, n]) => n || name === "ready").map(([name, n]) => `${pb.number(n)} ${pb.t(`upload.count_${name}`)}`).join(", ")}</p>
              </div>
              <button type="button" className={`btn btn-sm ${unsent ? "btn-primary" : ""}`} disabled={busy} onClick={() => onShow(batch.id)}>{pb.t(unsent ? "upload.go_on" : "upload.open_batch")}</button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

// The audit feed. The newest events are pushed into `fresh`; older ones come from the REST API while one scrolls. What arrives
// while somebody reads (scrolled down, or with a row open) waits behind a bar.
import { useCallback, useEffect, useRef, useState } from "react";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { deviceName } from "$/public/external/components/pages/house_scripts/account.jsx";
import { Icon } from "$/public/external/components/ui/behave/behave.jsx";

const useWords = wordsOf("audit");

const PAGE = 50;
const READING = 60;
const MOST = 2000;
const GLYPHS = {
  asset: "library", session: "login", user: "users", "api-key": "key", folder: "folder", grant: "lock", face: "face", cluster: "people",
  review: "undo", person: "people", consent: "consent", system: "server", keys: "key", organisation: "home", request: "alert", audit: "audit",
};
const ACTORS = { system: "server", api_key: "key", subject: "face", anonymous: "face", visitor: "face" };

async function fetchPage(query, cursor) {
  const parts = [query, `limit=${PAGE}`, cursor ? `cursor=${cursor}` : ""].filter(Boolean);
  const response = await fetch(`/api/v1/audit/events?${parts.join("&")}`, { credentials: "same-origin", headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}

// Newest first, each event once.
function union(one, other) {
  const seen = new Map([...one, ...other].map((event) => [event.id, event]));
  return [...seen.values()].sort((a, b) => b.id - a.id);
}

const lower = (text) => text.charAt(0).toLowerCase() + text.slice(1);
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function whoOf(pb, event) {
  if (event.actor_name) return event.actor_name;
  // Whoever signs in is nobody until it is done.
  if (event.tag === "session:sign-in" && event.user_name) return event.user_name;
  if (event.actor_kind === "system") return "Photobank";
  if (event.actor_kind === "visitor") return pb.t("audit.visitor");
  return pb.t(event.actor_kind === "subject" ? "audit.subject" : "audit.somebody");
}

function told(pb, event) {
  const refused = event.outcome === "refused";
  const names = {
    asset: event.asset_name || pb.t("audit.some_asset"), person: event.person_name || pb.t("audit.some_person"),
    folder: event.folder_name || pb.t("audit.some_folder"), user: event.user_name || pb.t("audit.some_user"),
  };
  if (!refused || event.tag === "session:sign-in-failed" || event.tag === "request:refuse") return pb.t(`audit.did.${event.tag}`, names);
  const thing = event.asset_name || event.person_name || event.folder_name || event.user_name;
  return pb.t("audit.tried", { what: lower(pb.t(`audit.do.${event.tag}`)) }) + (thing ? `: ${thing}` : "");
}

const isId = (value) => typeof value === "string" && /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(value);
const isMoment = (value) => typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value);

function written(pb, name, value) {
  if (value === true || value === false) return pb.t(value ? "audit.yes" : "audit.no");
  if (Array.isArray(value)) return value.map((one) => written(pb, name, one)).join(", ");
  if (name === "bytes") return pb.size(value);
  if (isMoment(value)) return pb.date(value, "date");
  for (const prefix of { use: ["use."], uses: ["use."], state: ["clearance."], role: ["role."], permission: ["level."], regime: ["consent_form.regime_"], reasons: ["clearance_reason.", "reason."], action: ["audit.do."], scope: ["consent.scope_"] }[name] || [])
    if (pb.has(prefix + value)) return pb.t(prefix + value);
  return typeof value === "number" ? pb.number(value) : String(value);
}

const SHORT = ["use", "uses", "preset", "reasons", "permission", "role", "until", "photos", "faces", "hidden_faces"];

function brief(pb, event) {
  const parts = SHORT.filter((name) => event.payload[name] !== undefined && event.payload[name] !== null && !isId(event.payload[name]) && String(event.payload[name]) !== "")
    .map((name) => (["photos", "faces", "hidden_faces"].includes(name) ? `${pb.t(`audit.field.${name}`)}: ${written(pb, name, event.payload[name])}` : capital(written(pb, name, event.payload[name]))));
  if (event.via) parts.push(pb.t("audit.via_key"));
  return parts.slice(0, 4).join(" · ");
}

function Fact({ name, children }) {
  return children ? (<><dt>{name}</dt><dd>{children}</dd></>) : null;
}

function Opened({ pb, event, links }) {
  const extra = Object.entries(event.payload).filter(([, value]) => value !== null && value !== "" && !(Array.isArray(value) && !value.length));
  return (
    <div className="au-open" id={`event-${event.id}`}>
      <div>
        <h3>{pb.t("audit.event")}</h3>
        <dl className="kv">
          <Fact name={pb.t("audit.number")}>{pb.number(event.id)}</Fact>
          <Fact name={pb.t("audit.time")}>{`${pb.date(event.at, "date")}, ${pb.date(event.at, "seconds")}`}</Fact>
          <Fact name={pb.t("audit.action")}>{capital(pb.t(`audit.do.${event.tag}`))}</Fact>
          <Fact name={pb.t("audit.outcome")}>{pb.t(event.outcome === "refused" ? "audit.outcome_refused" : "audit.outcome_done")}</Fact>
          <Fact name={pb.t("audit.who")}>{whoOf(pb, event)}</Fact>
          <Fact name={pb.t("audit.photo")}>{event.asset_id ? <a href={`${links.photo}${event.asset_id}/`}>{event.asset_name || event.asset_id}</a> : null}</Fact>
          <Fact name={pb.t("audit.person")}>{event.person_id ? <a href={links.person + event.person_id}>{event.person_name || event.person_id}</a> : null}</Fact>
          <Fact name={pb.t("audit.folder")}>{event.folder_name}</Fact>
          <Fact name={pb.t("audit.user")}>{event.user_name}</Fact>
          <Fact name={pb.t("audit.address")}>{event.address}</Fact>
        </dl>
      </div>
      <div>
        <h3>{pb.t("audit.details")}</h3>
        {extra.length || event.consent_id || event.download_id ? (
          <dl className="kv">
            {extra.map(([name, value]) => (
              <Fact key={name} name={pb.has(`audit.field.${name}`) ? pb.t(`audit.field.${name}`) : name}>
                <span className={isId(value) || (Array.isArray(value) && value.some(isId)) ? "mono" : undefined}>{written(pb, name, value)}</span>
              </Fact>
            ))}
            <Fact name={pb.t("audit.consent")}>{event.consent_id ? <span className="mono">{event.consent_id}</span> : null}</Fact>
            <Fact name={pb.t("audit.download")}>{event.download_id ? <span className="mono">{event.download_id}</span> : null}</Fact>
          </dl>
        ) : <p className="small muted">{pb.t("audit.no_details")}</p>}
      </div>
    </div>
  );
}

const initials = (name) => name.split(/\s+/).filter((word) => /^\p{L}/u.test(word)).map((word) => word[0].toUpperCase()).filter((_, i, all) => i === 0 || i === all.length - 1).join("");

function Row({ pb, event, isNew, open, onToggle, links }) {
  const refused = event.outcome === "refused";
  const short = brief(pb, event);
  const today = new Date(event.at).toDateString() === new Date().toDateString();
  const glyph = event.actor_kind === "user" ? null : ACTORS[event.actor_kind] || GLYPHS[event.tag.split(":")[0]] || "audit";
  const [place, device] = event.address.split(" | ");
  return (
    <li className={`au-item ${refused ? "ref" : ""} ${isNew ? "new" : ""} ${open ? "isopen" : ""}`}>
      <button type="button" className="au-row" aria-expanded={open} aria-controls={open ? `event-${event.id}` : undefined} onClick={onToggle}>
        <time dateTime={event.at} className="num">{today ? pb.date(event.at, "seconds") : `${pb.date(event.at, "short")}, ${pb.date(event.at, "time")}`}</time>
        <span className="au-who" aria-hidden="true">{glyph ? <Icon name={glyph} size={14} /> : initials(event.actor_name) || "?"}</span>
        <span className="au-what">
          <span>{refused ? <span className="au-tag">{pb.t("audit.refused")}</span> : null}<b>{whoOf(pb, event)}</b> {told(pb, event)}</span>
          {short ? <small>{short}</small> : null}
        </span>
        <span className="au-where"><span>{place}</span>{device ? <span className="truncate">{deviceName(device)}</span> : null}</span>
        <span className="au-no num">{pb.number(event.id)}</span>
        <Icon name="right" size={16} />
      </button>
      {open ? <Opened pb={pb} event={event} links={links} /> : null}
    </li>
  );
}

export function AuditFeed({ fresh, query, photoLink, personLink, narrowed }) {
  const pb = useWords();
  const [events, setEvents] = useState(() => fresh || []);
  const [held, setHeld] = useState([]);
  const [arrived, setArrived] = useState(() => new Set());
  const [open, setOpen] = useState(0);
  const [cursor, setCursor] = useState(undefined);
  const [status, setStatus] = useState("loading");
  const [more, setMore] = useState("");
  const root = useRef(null);
  const foot = useRef(null);
  const reading = useRef(false);
  const links = { photo: photoLink, person: personLink };

  const start = useCallback(async () => {
    try {
      const page = await fetchPage(query);
      setEvents((before) => union(page.items, before));
      setCursor(page.next_cursor);
      setStatus("full");
    } catch {
      setStatus("error");
    }
  }, [query]);
  useEffect(() => {
    start();
  }, [start]);

  const scroller = () => root.current?.closest(".main") || document.scrollingElement;
  reading.current = open !== 0;
  const busyReading = () => reading.current || (scroller()?.scrollTop ?? 0) > READING;

  // What was pushed: into the list at the top, or behind the bar.
  useEffect(() => {
    if (status !== "full" || !fresh?.length) return undefined;
    const top = events.length ? events[0].id : 0;
    const known = held.length ? held[0].id : top;
    const later = fresh.filter((event) => event.id > known);
    if (!later.length) return undefined;
    const put = (all) => {
      if (busyReading()) setHeld((before) => union(all, before));
      else show(all);
    };
    // All that were pushed are later: some in between may be missing, so ask for them.
    if (later.length === fresh.length && known) {
      let stale = false;
      fetchPage(query).then((page) => !stale && put(union(page.items.filter((event) => event.id > known), later)), () => !stale && put(later));
      return () => {
        stale = true;
      };
    }
    put(later);
    return undefined;
  }, [fresh, status]); // eslint-disable-line react-hooks/exhaustive-deps

  function show(all) {
    setArrived(new Set(all.map((event) => event.id)));
    setEvents((before) => union(all, before).slice(0, MOST));
    setHeld([]);
  }
  const release = () => {
    setOpen(0);
    show(held);
    scroller()?.scrollTo({ top: 0 });
    root.current?.querySelector(".au-row")?.focus({ preventScroll: true });
  };

  const older = useCallback(async () => {
    if (!cursor || more === "loading") return;
    setMore("loading");
    try {
      const page = await fetchPage(query, cursor);
      setEvents((before) => union(before, page.items));
      setCursor(page.next_cursor);
      setMore("");
    } catch {
      setMore("error");
    }
  }, [cursor, more, query]);
  useEffect(() => {
    if (!foot.current || !cursor || more === "error") return undefined;
    const watch = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && older(), { rootMargin: "400px" });
    watch.observe(foot.current);
    return () => watch.disconnect();
  }, [older, cursor, more]);

  if (status === "error") {
    return (
      <div className="state bad" role="alert">
        <span className="art"><Icon name="alert" size={24} /></span>
        <h2>{pb.t("state.error_title")}</h2>
        <p>{pb.t("state.error_text")}</p>
        <div className="acts"><button type="button" className="btn" onClick={() => { setStatus("loading"); start(); }}><Icon name="renew" />{pb.t("act.retry")}</button></div>
      </div>
    );
  }
  if (!events.length) {
    return status === "loading" ? <Waiting pb={pb} /> : (
      <div className="state">
        <span className="art"><Icon name="audit" size={24} /></span>
        <h2>{pb.t(narrowed ? "state.none_found" : "audit.empty_title")}</h2>
        <p>{pb.t(narrowed ? "audit.nothing_text" : "audit.empty_text")}</p>
      </div>
    );
  }
  return (
    <div ref={root} className="au-feed">
      <div role="status" className="au-bar">
        {held.length ? <button type="button" className="au-newer" onClick={release}><Icon name="up" size={16} />{pb.t("audit.newer", { count: held.length })}</button> : null}
      </div>
      <ol>
        {events.map((event) => (
          <Row key={event.id} pb={pb} event={event} isNew={arrived.has(event.id)} open={open === event.id} links={links}
            onToggle={() => setOpen(open === event.id ? 0 : event.id)} />
        ))}
      </ol>
      <div ref={foot} className="au-foot">
        {more === "error" ? <button type="button" className="btn btn-sm" onClick={() => { setMore(""); older(); }}><Icon name="renew" />{pb.t("act.retry")}</button>
          : cursor ? <button type="button" className="btn btn-sm btn-quiet" onClick={older} aria-busy={more === "loading"}>{more === "loading" ? <span className="spin" aria-hidden="true" /> : null}{pb.t("audit.older")}</button>
            : <span className="small faint">{cursor === null ? pb.t("audit.end") : ""}</span>}
      </div>
    </div>
  );
}

function Waiting({ pb }) {
  return (
    <div role="status" aria-busy="true">
      <span className="vh">{pb.t("state.loading")}</span>
      {[62, 48, 71, 55, 66, 43].map((width) => <div key={width} className="sk-row"><span className="skeleton sk-face" style={{ "--s": "24px" }} /><span className="skeleton sk-line" style={{ width: `${width}%` }} /></div>)}
    </div>
  );
}

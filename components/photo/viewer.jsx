// One photo, large: zoom and pan, rings around faces, next and previous by arrow, click or swipe.
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { Icon, keptBeside, placeholder, read, rendition } from "./common.jsx";

const useWords = wordsOf("photo");

const MOST = 6;
const LARGE = 2560; // the longest side of the largest stored size; beyond it the server makes one for the asking
const ENLARGED = 3; // a small picture does not become a blur as large as the screen
const LEAST = 240;
const STILL = 5; // a pointer that moves no further than this has clicked
const AHEAD = 6;

// Thumbs of the photos on either side, fetched while one looks at this one. Only thumbs: a larger size counts as having looked.
// They are kept in memory, for answers with pictures are never cached.
const ahead = new Map();
function fetchAhead(id) {
  if (!id || ahead.has(id)) return;
  ahead.set(id, "");
  fetch(rendition(id, "thumb"), { credentials: "same-origin" })
    .then((response) => (response.ok ? response.blob() : null))
    .then((blob) => {
      if (!blob) ahead.delete(id);
      else ahead.set(id, URL.createObjectURL(blob));
      while (ahead.size > AHEAD) {
        const [oldest, url] = ahead.entries().next().value;
        ahead.delete(oldest);
        if (url) URL.revokeObjectURL(url);
      }
    })
    .catch(() => ahead.delete(id));
}
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

// What stands beside this photo in the list of the address. What the browser kept of that list holds until the server has said.
function useNeighbours(id, list) {
  const [place, setPlace] = useState({ previous: null, next: null });
  useEffect(() => {
    setPlace(keptBeside(list, id));
    if (!id || !list) return undefined;
    const asking = new AbortController();
    read(`/api/v1/assets/${id}/neighbours${list}`, asking.signal)
      .then((found) => found && setPlace(found))
      .catch(() => undefined); // without them the page still is the photo's
    return () => asking.abort();
  }, [id, list]);
  return place;
}

export function PhotoViewer({ assetId, width, height, alt, hash, revision, locked, faces, face, rings = true, href, children, onFace, onOpen }) {
  const pb = useWords();
  const navigate = useNavigate();
  const stage = useRef(null);
  const canvas = useRef(null);
  const [view, setView] = useState({ scale: 1, x: 0, y: 0 });
  const [shown, setShown] = useState(rings);
  const [loaded, setLoaded] = useState(null);
  const [broken, setBroken] = useState(false);
  const [name, setName] = useState("preview");
  const { search } = useLocation();
  const pointers = useRef(new Map());
  const drag = useRef(null);
  const ratio = width && height ? width / height : 1.5;
  const key = `${assetId}:${revision || ""}`;

  const [wanted, setWanted] = useState(""); // the photo asked for, until the server has told of it
  const going = wanted && wanted !== assetId;
  const here = going ? wanted : assetId;
  const under = locked && !going ? "" : ahead.get(here) || "";

  const place = useNeighbours(here, search);
  useEffect(() => {
    setWanted("");
    // What may no longer be shown is not kept either.
    if (locked && ahead.get(assetId)) {
      URL.revokeObjectURL(ahead.get(assetId));
      ahead.delete(assetId);
    }
  }, [assetId, locked]);
  useEffect(() => {
    [place.next, place.previous].forEach(fetchAhead);
  }, [place]);
  useEffect(() => {
    setView({ scale: 1, x: 0, y: 0 });
    setName((before) => (before === "full" ? "large" : before));
  }, [assetId]);
  useEffect(() => setBroken(false), [key]);
  // What stands beside is still about the photo before: it steps back, and nothing of it can be pressed (photo.css).
  useEffect(() => {
    stage.current.closest(".photo-page")?.toggleAttribute("data-going", Boolean(going));
  }, [going]);
  useLayoutEffect(() => {
    const wide = (stage.current?.clientWidth || 0) * (window.devicePixelRatio || 1) * view.scale;
    if (wide > LARGE * 1.15 && Math.max(width, height) > LARGE * 1.05) setName("full");
    else if (wide > 1100) setName((before) => (before === "full" ? before : "large"));
  }, [view.scale]);

  const go = useCallback(
    (id) => {
      if (!id) return;
      setWanted(id);
      setView({ scale: 1, x: 0, y: 0 });
      if (onOpen) onOpen(id);
      else navigate((href || "/photo/{id}/").replace("{id}", id) + search);
    },
    [navigate, href, onOpen, search],
  );

  // Zoom about a point of the stage, so that what is under the pointer stays there.
  const zoom = useCallback((factor, at) => {
    setView((before) => {
      const scale = clamp(before.scale * factor, 1, MOST);
      if (scale === 1) return { scale: 1, x: 0, y: 0 };
      const box = stage.current.getBoundingClientRect();
      const px = (at ? at.x - box.left : box.width / 2) - box.width / 2;
      const py = (at ? at.y - box.top : box.height / 2) - box.height / 2;
      const by = scale / before.scale;
      return hold({ scale, x: px - (px - before.x) * by, y: py - (py - before.y) * by });
    });
  }, []);
  const hold = (next) => {
    const box = canvas.current;
    if (!box) return next;
    const roomX = (box.offsetWidth * next.scale) / 2;
    const roomY = (box.offsetHeight * next.scale) / 2;
    return { ...next, x: clamp(next.x, -roomX, roomX), y: clamp(next.y, -roomY, roomY) };
  };

  useEffect(() => {
    const node = stage.current;
    const onWheel = (event) => {
      event.preventDefault();
      zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0022)), { x: event.clientX, y: event.clientY });
    };
    node.addEventListener("wheel", onWheel, { passive: false });
    return () => node.removeEventListener("wheel", onWheel);
  }, [zoom]);

  useEffect(() => {
    const onKey = (event) => {
      if (event.target.closest?.("input, textarea, select, [contenteditable], [role=tablist], [role=menu], dialog")) return;
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      if (event.key === "ArrowLeft") go(place.previous);
      else if (event.key === "ArrowRight") go(place.next);
      else if (event.key === "+" || event.key === "=") zoom(1.4);
      else if (event.key === "-") zoom(1 / 1.4);
      else if (event.key === "0") setView({ scale: 1, x: 0, y: 0 });
      else if (event.key === "f") setShown((before) => !before);
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [place, go, zoom]);

  const onDown = (event) => {
    if (event.target.closest("button:not(.face)")) return;
    pointers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
    drag.current = pointers.current.size === 1 ? { x: event.clientX, y: event.clientY, from: view, at: Date.now() } : null;
  };
  const onMove = (event) => {
    const held = pointers.current;
    if (!held.has(event.pointerId)) return;
    // Held only once it moves, so that a face under it still hears a click; from then on it hears none.
    const from = drag.current;
    if (held.size > 1 || (from && Math.hypot(event.clientX - from.x, event.clientY - from.y) > STILL)) event.currentTarget.setPointerCapture(event.pointerId);
    if (held.size === 2) {
      const [one, other] = [...held.values()];
      const before = Math.hypot(one.x - other.x, one.y - other.y);
      held.set(event.pointerId, { x: event.clientX, y: event.clientY });
      const [a, b] = [...held.values()];
      const after = Math.hypot(a.x - b.x, a.y - b.y);
      if (before > 0) zoom(after / before, { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
      drag.current = null;
      return;
    }
    held.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const start = drag.current;
    if (start && view.scale > 1) setView(hold({ scale: view.scale, x: start.from.x + event.clientX - start.x, y: start.from.y + event.clientY - start.y }));
  };
  const onUp = (event) => {
    const start = drag.current;
    pointers.current.delete(event.pointerId);
    drag.current = null;
    if (!start || view.scale > 1 || event.pointerType === "mouse") return;
    const dx = event.clientX - start.x;
    if (Math.abs(dx) > 56 && Math.abs(dx) > 1.6 * Math.abs(event.clientY - start.y) && Date.now() - start.at < 700) go(dx < 0 ? place.next : place.previous);
  };

  const list = locked || going ? [] : faces || [];
  const still = view.scale === 1;
  return (
    <div className="viewer">
      <div ref={stage} className={`stage ${still ? "" : "zoomed"}`} style={{ "--ratio": ratio, "--most": width ? `${Math.max(LEAST, width * ENLARGED)}px` : undefined }} onPointerDown={onDown} onPointerMove={onMove} onPointerUp={onUp} onPointerCancel={onUp}
        onDoubleClick={(event) => !event.target.closest("button") && (still ? zoom(2.5, { x: event.clientX, y: event.clientY }) : setView({ scale: 1, x: 0, y: 0 }))}>
        <figure ref={canvas} className={`canvas ${list.length > 12 ? "many" : ""}`}
          style={{ backgroundImage: (!going && placeholder(hash)) || undefined, transform: still ? undefined : `translate(${view.x}px, ${view.y}px) scale(${view.scale})` }}>
          {under && (going || loaded !== key) ? <img key={`under-${here}`} src={under} alt="" className={going ? "under going" : "under"} draggable="false" /> : null}
          {assetId && !locked && !broken && !going ? (
            <img key={assetId} src={rendition(assetId, name, revision)} alt={alt || ""} draggable="false" className={loaded === key ? "in" : ""}
              ref={(node) => { if (node?.complete && node.naturalWidth && loaded !== key) setLoaded(key); }}
              onLoad={() => setLoaded(key)} onError={() => setBroken(true)} />
          ) : null}
          {(locked || broken) && !going ? (
            <span className="veil" role="status"><Icon name="lock" size={24} />{pb.t("photo.not_shown")}</span>
          ) : null}
          {shown
            ? list.map((one) => <FaceBox key={one.id} one={one} on={one.id === face} scale={view.scale} pb={pb} onFace={onFace} />)
            : null}
        </figure>
        <button type="button" className="nav-btn prev" aria-label={pb.t("photo.previous")} title={pb.t("photo.previous")} disabled={!place.previous} onClick={() => go(place.previous)}><Icon name="left" size={18} /></button>
        <button type="button" className="nav-btn next" aria-label={pb.t("photo.next")} title={pb.t("photo.next")} disabled={!place.next} onClick={() => go(place.next)}><Icon name="right" size={18} /></button>
      </div>
      <div className="tools float" role="toolbar" aria-label={pb.t("photo.tools")}>
        <button type="button" className="btn btn-quiet btn-icon desk" aria-label={pb.t("photo.zoom_out")} title={pb.t("photo.zoom_out")} disabled={still} onClick={() => zoom(1 / 1.4)}><Icon name="minus" /></button>
        <span className="pct num desk" role="status">{still ? pb.t("photo.fit") : `${pb.number(Math.round(view.scale * 100))} %`}</span>
        <button type="button" className="btn btn-quiet btn-icon desk" aria-label={pb.t("photo.zoom_in")} title={pb.t("photo.zoom_in")} disabled={view.scale >= MOST} onClick={() => zoom(1.4)}><Icon name="plus" /></button>
        <span className="vr desk" />
        <button type="button" className="btn btn-quiet" aria-pressed={shown} onClick={() => setShown(!shown)}><Icon name="face" />{pb.t("photo.faces")}</button>
        {children}
        {place.at ? <span className="place num desk">{pb.t("photo.place", { at: place.at, count: place.count })}</span> : null}
      </div>
    </div>
  );
}

function FaceBox({ one, on, scale, pb, onFace }) {
  const [x, y, wide, high] = one.box;
  const words = one.name || pb.t(`face.${one.settled ? "ignored" : "unknown"}`);
  const state = one.state || "needs_review";
  const low = y + high > 0.9;
  return (
    <button type="button" className={`face s-${state} ${one.settled ? "" : "unsettled"} ${on ? "on" : ""}`}
      style={{ left: `${x * 100}%`, top: `${y * 100}%`, width: `${wide * 100}%`, height: `${high * 100}%`, "--zoom": scale }}
      aria-label={`${words}, ${pb.t(`clearance.${state}`)}`} aria-pressed={on} onClick={() => onFace && onFace(one.id)}>
      <span className={`face-tag ${low ? "above" : ""}`}>
        <Icon symbol={`sh-${state}`} size={14} />
        {words}
      </span>
    </button>
  );
}

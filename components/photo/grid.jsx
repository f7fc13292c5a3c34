// The library's grid: justified rows grouped by month, virtualised. Reads pages from the REST API; only selections go to the server's state.
import { memo, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useNavigate } from "react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { Icon, Shield, keepOrder, placeholder, read, rendition } from "./common.jsx";
import { between, layout, monthOf, vertical } from "./rows.js";

const useWords = wordsOf("library", "reasons");

const PAGE = 120;
const HEIGHTS = { desk: [104, 130, 158, 200, 260], phone: [64, 80, 104, 140, 220] };
const LONG_PRESS = 450;

// ── density: one setting for this browser, shared by the slider and every grid ──
const DENSITY = "photobank_density";
const densityListeners = new Set();
let density = null;
function getDensity() {
  if (density === null) {
    try {
      density = Number(window.localStorage.getItem(DENSITY)) || 3;
    } catch {
      density = 3;
    }
  }
  return density;
}
function setDensity(value) {
  density = value;
  try {
    window.localStorage.setItem(DENSITY, String(value));
  } catch {
    // holds for this page only
  }
  densityListeners.forEach((listener) => listener());
}
const onDensity = (listener) => {
  densityListeners.add(listener);
  return () => densityListeners.delete(listener);
};
const useDensity = () => useSyncExternalStore(onDensity, getDensity, () => 3);

export function DensitySlider() {
  const pb = useWords();
  const value = useDensity();
  return (
    <label className="density" title={pb.t("library.size")}>
      <Icon name="grid-s" />
      <span className="vh">{pb.t("library.size")}</span>
      <input type="range" min="1" max="5" value={value} onChange={(event) => setDensity(Number(event.target.value))} />
      <Icon name="grid-l" />
    </label>
  );
}

// ── reading: pages on the way down, single photos when they change ──
function useAssets(path, query, use, changes, reload) {
  const [state, setState] = useState({ items: [], cursor: null, status: "loading", more: "idle" });
  const base = useMemo(() => {
    const params = new URLSearchParams(query || "");
    if (use) params.set("use", use);
    return params;
  }, [query, use]);
  const address = useCallback((extra) => `${path}?${new URLSearchParams([...base, ...Object.entries(extra)])}`, [path, base]);
  const seen = useRef(new Map());
  const busy = useRef(false);
  const run = useRef(0);

  const start = useCallback(
    async (quiet) => {
      run.current += 1;
      const mine = run.current;
      busy.current = false;
      if (!quiet) setState((before) => ({ ...before, status: before.items.length ? "full" : "loading", more: "idle" }));
      try {
        const page = await read(address({ limit: PAGE }));
        if (mine === run.current) setState({ items: page.items, cursor: page.next_cursor, status: page.items.length ? "full" : "empty", more: "idle" });
      } catch {
        if (mine === run.current) setState((before) => ({ ...before, status: quiet && before.items.length ? "full" : "error" }));
      }
    },
    [address],
  );

  useEffect(() => {
    start(false);
    return () => {
      run.current += 1;
    };
  }, [start, reload]);

  const more = useCallback(async () => {
    if (busy.current || state.cursor === null || state.status !== "full") return;
    busy.current = true;
    const mine = run.current;
    setState((before) => ({ ...before, more: "loading" }));
    try {
      const page = await read(address({ limit: PAGE, cursor: state.cursor }));
      if (mine !== run.current) return;
      setState((before) => {
        const known = new Set(before.items.map((item) => item.id));
        return { ...before, items: [...before.items, ...page.items.filter((item) => !known.has(item.id))], cursor: page.next_cursor, more: "idle" };
      });
    } catch {
      if (mine === run.current) setState((before) => ({ ...before, more: "error" }));
    } finally {
      if (mine === run.current) busy.current = false;
    }
  }, [address, state.cursor, state.status]);

  // Pushed changes: [[id, revision], …]. Only what is new since the last look is read again, as this person.
  useEffect(() => {
    const fresh = (changes || []).filter(([id, revision]) => seen.current.get(id) !== revision);
    const first = seen.current.size === 0 && state.status === "loading";
    fresh.forEach(([id, revision]) => seen.current.set(id, revision));
    if (!fresh.length || first) return;
    if (fresh.length >= 60) {
      start(true);
      return;
    }
    const ids = fresh.map(([id]) => id);
    const mine = run.current;
    read(address({ ids: ids.join(","), limit: 200 }))
      .then((page) => {
        if (mine === run.current) setState((before) => merge(before, ids, page.items, Object.fromEntries(fresh), base.get("sort") === "oldest"));
      })
      .catch(() => start(true));
  }, [changes]); // eslint-disable-line react-hooks/exhaustive-deps

  return { ...state, loadMore: more, retry: () => start(false) };
}

const sortKey = (item) => `${item.sort_at || item.taken_at || item.created_at || ""} ${item.id}`;

function merge(before, ids, items, revisions, oldestFirst) {
  const back = new Map(items.map((item) => [item.id, { ...item, revision: revisions[item.id] }]));
  const kept = [];
  before.items.forEach((item) => {
    if (!ids.includes(item.id)) kept.push(item);
    else if (back.has(item.id)) kept.push(back.get(item.id));
    back.delete(item.id);
  });
  // New ones go where they belong, unless that is below what has been read so far.
  const way = oldestFirst ? -1 : 1;
  const last = before.cursor !== null && kept.length ? sortKey(kept[kept.length - 1]) : null;
  const extra = [...back.values()].filter((item) => last === null || (sortKey(item) < last ? -way : way) > 0);
  const all = extra.length ? [...kept, ...extra].sort((a, b) => (sortKey(a) < sortKey(b) ? way : -way)) : kept;
  return { ...before, items: all, status: all.length ? "full" : "empty" };
}

// ── one photo ──
const Tile = memo(function Tile({ item, width, height, selected, selecting, focused, use, href, pb, on }) {
  const [broken, setBroken] = useState(false);
  const [shown, setShown] = useState(false);
  const ready = item.state === "ready" || item.state === "archived";
  useEffect(() => setBroken(false), [item.revision, item.state]);
  const name = item.title || item.filename || pb.t("grid.untitled");
  const verdict = item.clearance && item.clearance[use];
  const people = item.people_count || 0;
  const lines = [name, people ? pb.t("count.people", { count: people }) : "", selected ? pb.t("grid.selected") : ""].filter(Boolean).join(". ");
  return (
    <div className={`tile ${selected ? "sel" : ""} ${ready ? "" : `is-${item.state}`}`} style={{ width, height }} data-id={item.id}>
      <a
        href={href}
        className="open"
        tabIndex={focused ? 0 : -1}
        data-tile={item.id}
        onClick={(event) => on.click(event, item.id)}
        onFocus={() => on.focus(item.id)}
        onPointerDown={(event) => on.press(event, item.id)}
        onPointerUp={on.release}
        onPointerCancel={on.release}
        onPointerMove={on.moved}
        onContextMenu={(event) => on.menu(event)}
        draggable="false"
      >
        <span className="pic" style={{ backgroundImage: placeholder(item.placeholder) || undefined }}>
          {ready && !broken ? (
            <img
              src={rendition(item.id, "thumb", item.revision)}
              alt=""
              decoding="async"
              draggable="false"
              className={shown ? "in" : ""}
              ref={(node) => {
                if (node?.complete && node.naturalWidth) setShown(true);
              }}
              onLoad={() => setShown(true)}
              onError={() => setBroken(true)}
            />
          ) : null}
          {ready && broken ? <Icon name="lock" size={20} className="locked" /> : null}
          {item.state === "processing" || item.state === "uploading" ? (
            <span className="note"><span className="spin" /><span>{pb.t(`asset.${item.state}`)}</span></span>
          ) : null}
          {item.state === "rejected" ? <span className="note bad"><Icon name="alert" size={18} /><span>{pb.t("grid.rejected")}</span></span> : null}
        </span>
        <span className="cap" aria-hidden="true"><b className="truncate">{name}</b>{people ? pb.t("count.people", { count: people }) : ""}</span>
        <span className="vh">{lines}. </span>
        {ready && verdict ? <Shield state={verdict.state} until={verdict.valid_until} look={width < 128 ? "seal" : "photo"} pb={pb} /> : null}
      </a>
      <button
        type="button"
        className="pick"
        tabIndex={focused || selecting ? 0 : -1}
        aria-pressed={selected}
        aria-label={pb.t("grid.select", { name })}
        onClick={(event) => on.pick(event, item.id)}
      >
        <Icon name="check" size={14} />
      </button>
    </div>
  );
});

const SKELETON = [[1.5, 1.33, 0.75, 1.5], [1.33, 1.78, 1.0, 1.33], [0.75, 1.5, 1.33, 1.5]];

function Skeleton({ pb }) {
  return (
    <div role="status" aria-busy="true">
      <span className="vh">{pb.t("grid.loading")}</span>
      <span className="skeleton sk-line" style={{ width: 150, margin: "10px 0 16px" }} />
      {SKELETON.map((row, at) => (
        <div className="jrow" key={at}>
          {row.map((ratio, nth) => <span key={nth} className="skeleton" style={{ "--ar": ratio, aspectRatio: ratio }} />)}
        </div>
      ))}
    </div>
  );
}

function LoadError({ pb, onRetry }) {
  return (
    <div className="state bad" role="alert">
      <span className="art"><Icon name="alert" size={24} /></span>
      <h2>{pb.t("library.error_title")}</h2>
      <p>{pb.t("library.error_text")}</p>
      <div className="acts"><button type="button" className="btn" onClick={onRetry}><Icon name="renew" />{pb.t("act.retry")}</button></div>
    </div>
  );
}

// ── the grid ──
export function PhotoGrid({ path, query, use, href, changes, reload, clear, actions, months, selectable = true, grouped = true, children, onOpen, onSelection, onAction }) {
  const pb = useWords();
  const navigate = useNavigate();
  const box = useRef(null);
  const [size, setSize] = useState({ width: 0, top: 0, phone: false });
  const [selected, setSelected] = useState(() => new Set());
  const [focus, setFocus] = useState(null);
  const anchor = useRef(null);
  const press = useRef({ timer: 0, done: false, x: 0, y: 0 });
  const level = useDensity();
  const { items, status, more, cursor, loadMore, retry } = useAssets(path || "/api/v1/assets", query, use, changes, reload);

  const scroller = () => box.current?.closest(".scroller, .main") || document.scrollingElement;
  useLayoutEffect(() => {
    const measure = () => {
      if (!box.current) return;
      const root = scroller();
      const width = Math.floor(box.current.clientWidth);
      const top = Math.round(box.current.getBoundingClientRect().top - root.getBoundingClientRect().top + root.scrollTop);
      const phone = window.innerWidth <= 640;
      setSize((before) => (before.width === width && before.top === top && before.phone === phone ? before : { width, top, phone }));
    };
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(box.current);
    if (box.current.parentElement) watch.observe(box.current.parentElement);
    return () => watch.disconnect();
  }, []);

  const gap = size.phone ? 4 : 6;
  const height = HEIGHTS[size.phone ? "phone" : "desk"][level - 1];
  const rows = useMemo(
    () => (size.width ? layout(items, { width: size.width, height, gap, header: grouped ? 44 : 0, complete: cursor === null }) : []),
    [items, size.width, height, gap, grouped, cursor],
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: scroller,
    estimateSize: (at) => rows[at].size,
    overscan: 4,
    scrollMargin: size.top,
  });
  useEffect(() => virtual.measure(), [rows]); // eslint-disable-line react-hooks/exhaustive-deps
  const visible = virtual.getVirtualItems();
  const lastShown = visible.length ? visible[visible.length - 1].index : 0;
  useEffect(() => {
    if (rows.length && lastShown >= rows.length - 6 && more !== "error") loadMore();
  }, [lastShown, rows.length, more, loadMore]);

  // ── selection ──
  const ids = useMemo(() => items.map((item) => item.id), [items]);
  const latest = useRef({});
  latest.current = { ids, rows, selected, focus, virtual, onOpen, onSelection, href, navigate, selectable };
  const select = useCallback((next) => {
    setSelected(next);
    latest.current.selected = next;
    if (latest.current.onSelection) latest.current.onSelection([...next]);
  }, []);
  useEffect(() => {
    if (selected.size) select(new Set());
  }, [clear, query]); // eslint-disable-line react-hooks/exhaustive-deps
  useEffect(() => {
    const here = new Set(ids);
    const left = [...latest.current.selected].filter((id) => here.has(id));
    if (left.length !== latest.current.selected.size) select(new Set(left));
  }, [ids, select]);
  const toggle = useCallback(
    (id, range) => {
      const next = new Set(latest.current.selected);
      if (range && anchor.current) between(latest.current.ids, anchor.current, id).forEach((one) => next.add(one));
      else if (next.has(id)) next.delete(id);
      else next.add(id);
      if (!range) anchor.current = id;
      select(next);
    },
    [select],
  );
  const open = useCallback((id) => {
    const now = latest.current;
    keepOrder(now.ids);
    if (now.onOpen) now.onOpen(id);
    else now.navigate(now.href.replace("{id}", id));
  }, []);
  const on = useMemo(
    () => ({
      click(event, id) {
        if (press.current.done) {
          event.preventDefault();
          press.current.done = false;
          return;
        }
        if (event.metaKey || event.ctrlKey || event.button !== 0) {
          if (!latest.current.selectable) return;
          event.preventDefault();
          toggle(id, false);
          return;
        }
        event.preventDefault();
        const touch = event.nativeEvent.pointerType === "touch";
        if (latest.current.selectable && (event.shiftKey || (touch && latest.current.selected.size))) toggle(id, event.shiftKey);
        else open(id);
      },
      pick(event, id) {
        // Lifting the finger after a long press clicks on the tick that has just appeared under it.
        if (press.current.done) return;
        toggle(id, event.shiftKey);
      },
      focus: setFocus,
      press(event, id) {
        press.current = { timer: 0, done: false, x: event.clientX, y: event.clientY };
        if (event.pointerType !== "touch" || !latest.current.selectable) return;
        press.current.timer = setTimeout(() => {
          press.current.done = true;
          toggle(id, false);
          if (navigator.vibrate) navigator.vibrate(12);
        }, LONG_PRESS);
      },
      release() {
        clearTimeout(press.current.timer);
        setTimeout(() => {
          press.current.done = false;
        }, 350);
      },
      moved(event) {
        if (Math.hypot(event.clientX - press.current.x, event.clientY - press.current.y) > 10) clearTimeout(press.current.timer);
      },
      menu(event) {
        if (press.current.done) event.preventDefault();
      },
    }),
    [toggle, open],
  );

  // ── keyboard ──
  const reach = (id) => {
    if (!id) return;
    setFocus(id);
    const at = rows.findIndex((row) => row.kind === "photos" && row.cells.some((cell) => cell.item.id === id));
    virtual.scrollToIndex(at, { align: "auto" });
    requestAnimationFrame(() => requestAnimationFrame(() => box.current?.querySelector(`[data-tile="${CSS.escape(id)}"]`)?.focus({ preventScroll: true })));
  };
  const onKeyDown = (event) => {
    if (event.target.closest(".actions") || !ids.length) return;
    const here = focus && ids.includes(focus) ? focus : ids[0];
    const at = ids.indexOf(here);
    const steps = { ArrowRight: ids[at + 1], ArrowLeft: ids[at - 1], ArrowDown: vertical(rows, here, 1), ArrowUp: vertical(rows, here, -1), Home: ids[0], End: ids[ids.length - 1] };
    if (event.key in steps) {
      event.preventDefault();
      const next = steps[event.key];
      if (next && event.shiftKey && selectable) {
        anchor.current = anchor.current || here;
        toggle(next, true);
      }
      reach(next);
    } else if (event.key === " " && selectable && event.target.closest("a.open")) {
      event.preventDefault();
      toggle(here, event.shiftKey);
    } else if (event.key === "Escape" && selected.size) {
      event.preventDefault();
      select(new Set());
    } else if (event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey) && selectable) {
      event.preventDefault();
      select(new Set(ids));
    }
  };

  const first = visible.find((row) => row.end > (virtual.scrollOffset || 0) + 60);
  const month = first && rows[first.index] ? rows[first.index].month : null;
  const counts = useMemo(() => new Map(months || []), [months]);
  const tabStop = focus && ids.includes(focus) ? focus : ids[0];
  return (
    <div className={`photos ${selected.size ? "selecting" : ""}`} ref={box} role="group" aria-label={pb.t("grid.label")} onKeyDown={onKeyDown}>
      {status === "loading" ? <Skeleton pb={pb} /> : null}
      {status === "error" ? <LoadError pb={pb} onRetry={retry} /> : null}
      {status === "empty" ? children : null}
      {status === "full" ? (
        <div className="rows" style={{ height: virtual.getTotalSize() }}>
          {visible.map((shown) => {
            const row = rows[shown.index];
            if (!row) return null;
            const style = { transform: `translateY(${shown.start - size.top}px)` };
            if (row.kind === "month") {
              return (
                <h2 key={`m${row.month}`} className="month" style={style}>
                  {row.month ? pb.date(`${row.month}-15`, "month") : pb.t("grid.no_date")}
                  {counts.has(row.month) ? <span className="muted num">{pb.t("count.photos", { count: counts.get(row.month) })}</span> : null}
                </h2>
              );
            }
            return (
              <div key={row.cells[0].item.id} className="line" style={{ ...style, height: row.height, gap }}>
                {row.cells.map((cell) => (
                  <Tile key={cell.item.id} item={cell.item} width={cell.width} height={row.height} selected={selected.has(cell.item.id)} selecting={selected.size > 0}
                    focused={cell.item.id === tabStop} use={use} href={(href || "/photo/{id}/").replace("{id}", cell.item.id)} pb={pb} on={on} />
                ))}
              </div>
            );
          })}
        </div>
      ) : null}
      {status === "full" && virtual.isScrolling && month && grouped ? <span className="now" aria-hidden="true">{pb.date(`${month}-15`, "monthShort")}</span> : null}
      {more === "error" ? (
        <p className="more-failed" role="alert">
          {pb.t("grid.more_failed")} <button type="button" className="link" onClick={loadMore}>{pb.t("act.retry")}</button>
        </p>
      ) : null}
      {selectable && selected.size ? (
        <Selection items={items} selected={selected} use={use} actions={actions || []} pb={pb} onClear={() => select(new Set())} onAction={onAction} />
      ) : null}
    </div>
  );
}

const ALLOWED = new Set(["approved", "expiring", "no_people"]);

// Says first what the selection may be used for; the first action works on what is allowed only.
function Selection({ items, selected, use, actions, pb, onClear, onAction }) {
  const chosen = items.filter((item) => selected.has(item.id));
  const stateOf = (item) => (item.clearance && item.clearance[use] ? item.clearance[use].state : "blocked");
  const allowed = chosen.filter((item) => ALLOWED.has(stateOf(item)));
  const refused = new Map();
  chosen.filter((item) => !ALLOWED.has(stateOf(item))).forEach((item) => refused.set(stateOf(item), (refused.get(stateOf(item)) || 0) + 1));
  return (
    <div className="actions float" role="toolbar" aria-label={pb.t("library.selection")}>
      <span className="count">
        <button type="button" className="btn btn-quiet btn-icon btn-sm" aria-label={pb.t("library.clear_selection")} title={pb.t("library.clear_selection")} onClick={onClear}><Icon name="x" /></button>
        <span className="num" role="status">{pb.t("count.selected", { count: selected.size })}</span>
      </span>
      {use ? <span className="vr" /> : null}
      {use ? (
        <span className="uses">
          <span className="use-name">{pb.t(`use.${use}`)}</span>
          {allowed.length ? <Shield state="approved" look="bare" pb={pb} words={pb.t("clearance.allowed", { count: allowed.length })} /> : null}
          {[...refused].map(([state, count]) => <Shield key={state} state={state} look="bare" pb={pb} words={`${pb.number(count)} ${pb.t(`clearance.${state}`).toLowerCase()}`} />)}
        </span>
      ) : null}
      {actions.length ? <span className="vr" /> : null}
      <span className="acts">
        {actions.map((action) => {
          const which = action.allowed_only ? allowed : chosen;
          return (
            <button key={action.name} type="button" className={`btn ${action.primary ? "btn-primary" : "btn-quiet"} ${action.danger ? "btn-danger" : ""}`} disabled={!which.length}
              onClick={() => onAction && onAction(action.name, which.map((item) => item.id))}>
              <Icon name={action.icon} />
              <span>{which.length || !action.none_key ? pb.t(action.key, { count: which.length }) : pb.t(action.none_key)}</span>
            </button>
          );
        })}
      </span>
    </div>
  );
}

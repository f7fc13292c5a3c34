// The library's grid: justified rows grouped by month, of which only what is in sight is drawn and read. Selections go to the server's state.
import { Suspense, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { late } from "$/public/external/components/ui/behave/behave.jsx";
import { Icon, keepOrder, listOf } from "./common.jsx";
import { countOf, placeOf } from "./blocks.js";
import { useRowHeight } from "./density.jsx";
import { beside, edge, vertical } from "./keys.js";
import { favour, marked, rate } from "./marks.js";
import { usePicking } from "./picking.js";
import { anchorAt, inSight, place, placeAgain, spotAt, topOf } from "./places.js";
import { monthOf } from "./rows.js";
import { Scrubber } from "./scrubber.jsx";
import { useShelf } from "./shelf.js";
import { HIGHEST, useSight } from "./sight.js";
import { LoadError, Loading, Tile, Unread } from "./tile.jsx";

const useWords = wordsOf("library");
const Selection = late(() => import("./selection.jsx").then((module) => ({ default: module.Selection })));
const Arranging = late(() => import("./arranging.js").then((module) => ({ default: module.Arranging })));

const BEHIND = 1; // screens read before they are needed
const AHEAD = 3;
const FAR = 12; // screens after which photos may be forgotten
const RUSH = 12; // screens a second, above which nothing is read
const ORDER = 1500; // photos that "next" and "previous" go through without the server

export function PhotoGrid({ path = "/api/v1/assets", query, use, href = "/photo/{id}/", changes, hearts, hearted = 0, reload, sight, total, clear, actions, most = 500, selectable = true, grouped = true, children, onOpen, onSelection, onAction }) {
  const pb = useWords();
  const navigate = useNavigate();
  const box = useRef(null);
  const shelf = useShelf({ path, query, use, timeline: grouped, changes, hearts, hearted, total, reload, sight });
  const [focus, setFocus] = useState(null);
  const [fresh, setFresh] = useState(0);
  const [said, setSaid] = useState("");
  const drawn = useRef({ spots: [], total: 0, shelf: null, version: -1 });
  const anchor = useRef(null);
  const inside = useRef(false);
  const onRest = useRef(() => null);
  const { s, move, shift, quick, scroller } = useSight(box, drawn.current.total, { onRest: () => onRest.current() });

  // ── where everything is; what one looks at stays where it is ──
  const height = useRowHeight(s.phone);
  const gap = s.phone ? 4 : 6;
  const size = useMemo(() => ({ width: s.width, height, gap }), [s.width, height, gap]);
  if (s.width && (drawn.current.version !== shelf.version || drawn.current.size !== size || drawn.current.shelf !== shelf)) {
    const placed = place(shelf.blocks, size, grouped);
    drawn.current = { ...placed, size, version: shelf.version, shelf };
    s.total = placed.total;
    const again = s.at > 0 ? placeAgain(placed.spots, anchor.current, shelf.blocks.at) : null;
    if (again !== null) shift(again - s.at);
  }
  const { spots } = drawn.current;
  s.drawn = Math.min(drawn.current.total, HIGHEST);
  useLayoutEffect(() => {
    anchor.current = anchorAt(spots, s.at);
    shelf.scroll = s.at;
    // The photo that had the focus went out of sight: keys still belong to the grid.
    if (inside.current && document.activeElement === document.body) box.current.focus({ preventScroll: true });
    inside.current = box.current.contains(document.activeElement);
  });

  // Back from a photo: where one was.
  const restored = useRef(null);
  useLayoutEffect(() => {
    if (restored.current === shelf || !spots.length) return;
    const came = restored.current === null && shelf.left > 0 ? shelf.left : 0;
    restored.current = shelf;
    if (came || s.at > 0) move(came, true);
  }, [shelf, spots, move, s]);
  useEffect(() => () => {
    shelf.left = shelf.scroll;
  }, [shelf]);

  // ── reading what is near ──
  const view = [s.at, s.at + s.height];
  const over = s.height * 0.6;
  const seen = inSight(spots, view[0] - over, view[1] + over);
  useEffect(() => {
    if (shelf.status !== "full" || !s.width) return;
    if (s.speed > RUSH) {
      shelf.want([]);
      return;
    }
    const [up, down] = s.way < 0 ? [AHEAD, BEHIND] : [BEHIND, AHEAD];
    const middle = s.at + s.height / 2;
    const away = (spot) => Math.max(spot.top - middle, middle - spot.top - spot.size, 0);
    const near = inSight(spots, view[0] - up * s.height, view[1] + down * s.height).filter((spot) => spot.block);
    near.sort((one, other) => away(one) - away(other));
    shelf.want(near.map((spot) => spot.block));
    shelf.forget(new Set(inSight(spots, view[0] - FAR * s.height, view[1] + FAR * s.height).map((spot) => spot.block)));
  });

  // ── new photos above what is looked at ──
  const top = s.at < 120;
  shelf.held = (item) => {
    if (top) return false;
    const target = shelf.blocks.holderOf(monthOf(item), placeOf(item));
    return Boolean(target && inSight(spots, s.at, s.at + s.height).some((spot) => spot.block === target));
  };
  shelf.arrived = (item) => {
    const first = anchor.current && anchor.current.id && shelf.blocks.item(anchor.current.id);
    if (!top && (first ? shelf.blocks.before(placeOf(item), placeOf(first)) : !shelf.oldest)) setFresh((n) => n + 1);
  };
  onRest.current = () => {
    if ([...shelf.waiting.values()].every((item) => !shelf.held(item))) shelf.admit();
  };
  useEffect(() => {
    if (!top) return;
    setFresh(0);
    shelf.admit();
  }, [top, shelf]);

  // ── selecting, opening ──
  const marking = Boolean(onAction && (actions || []).some((action) => action.name === "rate"));
  const list = listOf(path, query);
  const open = useCallback((id) => {
    const all = [...shelf.blocks.each()].flatMap((one) => (one.items || []).map((item) => item.id));
    const at = all.indexOf(id);
    keepOrder(list, all.slice(Math.max(0, at - ORDER / 2), at + ORDER / 2));
    if (onOpen) onOpen(id);
    else navigate(href.replace("{id}", id) + list);
  }, [shelf, onOpen, navigate, href, list]);
  const pick = usePicking({ box, shelf, use, selectable, most, scroller, onOpen: open, onSelection });
  const { selected } = pick;
  useEffect(() => pick.clear(), [clear, query]); // eslint-disable-line react-hooks/exhaustive-deps
  const byHand = (actions || []).some((action) => action.name === "front");
  const placed = ({ at, count }) => setSaid(pb.t("grid.moved", { at, all: count }));
  const on = useMemo(() => ({ ...pick.clicks, focus: setFocus, favour: (item) => favour(shelf, item) }), [pick.clicks, shelf]);

  const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const show = async (item) => {
    if (!item) return;
    setFocus(item.id);
    await frame();
    const found = topOf(drawn.current.spots, shelf.blocks.at.get(item.id), item.id);
    if (!found) return;
    const above = found.row === found.spot.block.rows[0] && grouped ? 60 : 12;
    if (found.top - above < s.at) move(found.top - above);
    else if (found.top + found.row.height + 12 > s.at + s.height) move(found.top + found.row.height + 12 - s.height);
    await frame();
    box.current?.querySelector(`[data-tile="${CSS.escape(item.id)}"]`)?.focus({ preventScroll: true });
  };
  const firstSeen = () => {
    const row = seen.filter((spot) => spot.block && spot.block.rows).flatMap((spot) => spot.block.rows.map((one) => ({ one, at: spot.top + one.top }))).find(({ at }) => at >= s.at - 1);
    return row ? row.one.cells[0].item : null;
  };
  const onKeyDown = async (event) => {
    if (event.target.closest(".actions, .scrub, .fresh") || shelf.status !== "full") return;
    const here = (focus && shelf.blocks.item(focus)) || firstSeen();
    if (!here) return;
    const steps = {
      ArrowRight: () => beside(shelf, here.id, 1),
      ArrowLeft: () => beside(shelf, here.id, -1),
      ArrowDown: () => vertical(shelf, here.id, 1, gap, frame),
      ArrowUp: () => vertical(shelf, here.id, -1, gap, frame),
      Home: () => edge(shelf, -1),
      End: () => edge(shelf, 1),
    };
    if (event.altKey && byHand && ["ArrowLeft", "ArrowRight"].includes(event.key)) {
      event.preventDefault();
      const { moveBy } = await import("./arranging.js");
      const moved = await moveBy(shelf, selected.size ? selected : new Set([here.id]), event.key === "ArrowLeft" ? -1 : 1);
      if (moved) placed(moved);
      await show(here);
    } else if (event.key in steps && !event.altKey) {
      event.preventDefault();
      const extend = event.shiftKey && selectable;
      if (extend && !pick.anchor.current) pick.anchor.current = here;
      const next = await steps[event.key]();
      if (next && extend) await pick.reach(next);
      await show(next);
    } else if (event.key === " " && selectable && event.target.closest("a.open")) {
      event.preventDefault();
      if (event.shiftKey) pick.reach(here);
      else pick.toggle(here);
    } else if (event.key === "Escape" && selected.size) {
      event.preventDefault();
      pick.clear();
    } else if (marking && !event.ctrlKey && !event.metaKey && !event.altKey && marked(event.key, [here])) {
      event.preventDefault();
      const chosen = selected.size ? [...selected.values()] : [];
      if (chosen.length) onAction(marked(event.key, chosen), chosen.map((item) => item.id));
      else if (event.key.toLowerCase() === "f") favour(shelf, here);
      else rate(shelf, here, Number(event.key));
    } else if (event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey) && selectable) {
      event.preventDefault();
      const { total: many } = shelf.blocks;
      pick.all(many <= most ? (await edge(shelf, -1)) || here : firstSeen() || here);
    }
  };

  // ── jumping ──
  const months = useMemo(() => (grouped ? shelf.blocks.sections.map((section) => ({ month: section.month, count: countOf(section) })) : []), [shelf, shelf.version, grouped]); // eslint-disable-line react-hooks/exhaustive-deps
  const aimed = s.aim === null ? -1 : months.findIndex(({ month }) => month === s.aim);
  const current = aimed >= 0 ? aimed : spots.length ? spots[spotAt(spots, Math.max(s.at, 0) + 60)].nth : 0;
  const jump = useCallback((month) => {
    const spot = drawn.current.spots.find((one) => one.section.month === month);
    if (!spot) return;
    s.aim = month; // until one scrolls: the last months may be too short to reach the top
    move(spot === drawn.current.spots[0] ? -s.top : spot.top);
  }, [move, s]);

  const holder = focus && shelf.blocks.at.get(focus);
  const tabStop = holder && seen.some((spot) => spot.block === holder) ? focus : firstSeen()?.id;
  const failed = seen.some((spot) => spot.block && spot.block.status === "error");
  const scrubbing = grouped && shelf.status === "full" && months.length > 1 && s.top + drawn.current.total > s.height; // nothing to scroll: nowhere to jump
  return (
    <div className={`photos ${selected.size ? "selecting" : ""} ${grouped ? "scrubbed" : ""}`} ref={box} role="group" tabIndex={-1} aria-label={pb.t("grid.label")} onKeyDown={onKeyDown}>
      {shelf.status === "loading" ? <Loading pb={pb} row={height} /> : null}
      {shelf.status === "error" ? <LoadError pb={pb} onRetry={() => shelf.start()} /> : null}
      {shelf.status === "empty" ? children : null}
      {fresh && !top ? (
        <div className="fresh-at">
          <button type="button" className="fresh" onClick={() => { shelf.admit(); move(-s.top); requestAnimationFrame(() => requestAnimationFrame(() => s.at > 0 && move(-s.top))); }}><Icon name="up" size={14} />{pb.t("grid.fresh", { count: fresh })}</button>
        </div>
      ) : null}
      <div className="rows" style={shelf.status === "full" ? { height: s.drawn } : { height: 0 }}>
        {shelf.status === "full" ? seen.map((spot) => {
          const y = spot.top - s.offset;
          if (spot.kind === "month") {
            return (
              <h2 key={spot.key} className="month" style={{ top: y }}>
                {pb.date(`${spot.section.month}-15`, "month")}
                <span className="muted num">{pb.t("count.photos", { count: countOf(spot.section) })}</span>
              </h2>
            );
          }
          if (!spot.block.items || !spot.block.rows) {
            return <Unread key={spot.key} top={y} size={spot.size} from={view[0] - over - s.offset} to={view[1] + over - s.offset} row={height} width={s.width} gap={gap} />;
          }
          return spot.block.rows
            .filter((row) => spot.top + row.top + row.height > view[0] - over && spot.top + row.top < view[1] + over)
            .flatMap((row) => {
              let left = 0;
              return row.cells.map(({ item, width }) => {
                const at = left;
                left += width + gap;
                return (
                  <Tile key={item.id} item={item} left={at} top={y + row.top} width={width} height={row.height} selected={selected.has(item.id)} selecting={selected.size > 0}
                    focused={item.id === tabStop} marking={marking} quick={quick} use={use} href={href.replace("{id}", item.id) + list} pb={pb} on={on} />
                );
              });
            });
        }) : null}
      </div>
      {scrubbing ? <Scrubber months={months} at={current} height={Math.max(160, s.height - Math.max(s.phone ? 48 : 28, -s.at) - (s.phone ? 72 : 28))} active={s.moving} pb={pb} onJump={jump} /> : null}
      <span className="vh" role="status">{fresh && !top ? pb.t("grid.fresh", { count: fresh }) : said}</span>
      {failed ? (
        <p className="more-failed float" role="alert">
          {pb.t("grid.more_failed")} <button type="button" className="link" onClick={() => shelf.retry()}>{pb.t("act.retry")}</button>
        </p>
      ) : null}
      <Suspense fallback={null}>
        {byHand ? <Arranging box={box} shelf={shelf} selected={selected} scroller={scroller} done={placed} /> : null}
        {selectable && selected.size ? <Selection chosen={[...selected.values()]} most={most} use={use} actions={actions || []} pb={pb} onClear={pick.clear} onAction={onAction} /> : null}
      </Suspense>
    </div>
  );
}

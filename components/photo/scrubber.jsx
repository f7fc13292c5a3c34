// Jump to a month: years as labels, months as ticks, the length of a tick grows with the number of photos. A slider for keys and fingers.
import { memo, useRef, useState } from "react";

const LABEL = 16; // px that a year needs
const TICK = 4;

// Which months are drawn, and where: years first, then as many ticks as fit between them.
function marks(months, height) {
  const step = months.length > 1 ? height / (months.length - 1) : 0;
  const most = Math.max(...months.map((one) => one.count), 1);
  let year = null;
  let label = -Infinity;
  let tick = -Infinity;
  const found = [];
  months.forEach((one, at) => {
    const y = at * step;
    const its = one.month.slice(0, 4);
    if (its !== year && y - label >= LABEL) {
      found.push({ key: one.month, y, label: its });
      label = y;
      tick = y + LABEL / 2;
    } else if (y - tick >= TICK && y - label >= LABEL / 2) {
      found.push({ key: one.month, y, width: Math.round(5 + 28 * Math.sqrt(one.count / most)) });
      tick = y;
    }
    year = its;
  });
  return found;
}

export const Scrubber = memo(function Scrubber({ months, at, height, active, pb, onJump }) {
  const box = useRef(null);
  const [drag, setDrag] = useState(null);
  const last = months.length - 1;
  const here = drag === null ? at : drag;
  const month = months[here];
  if (last < 1 || !month) return null;
  const yOf = (nth) => (last ? (nth / last) * height : 0);
  const aim = (event) => {
    const { top } = box.current.getBoundingClientRect();
    const nth = Math.max(0, Math.min(last, Math.round(((event.clientY - top) / height) * last)));
    if (nth !== drag) {
      setDrag(nth);
      onJump(months[nth].month, false);
    }
  };
  const yearAway = (way) => {
    let nth = here;
    while (nth + way >= 0 && nth + way <= last && months[nth].month.slice(0, 4) === month.month.slice(0, 4)) nth += way;
    return nth;
  };
  const onKeyDown = (event) => {
    const goal = { ArrowDown: here + 1, ArrowRight: here + 1, ArrowUp: here - 1, ArrowLeft: here - 1, PageDown: yearAway(1), PageUp: yearAway(-1), Home: 0, End: last }[event.key];
    if (goal === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onJump(months[Math.max(0, Math.min(last, goal))].month, true);
  };
  const end = (event) => {
    if (drag === null) return;
    box.current.releasePointerCapture?.(event.pointerId);
    setDrag(null);
    onJump(months[drag].month, true);
  };
  return (
    <div className="scrub-rail">
      <div
        ref={box}
        className={`scrub ${active || drag !== null ? "active" : ""}`}
        style={{ height }}
        role="slider"
        tabIndex={0}
        aria-orientation="vertical"
        aria-label={pb.t("grid.scrub")}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={here}
        aria-valuetext={`${pb.date(`${month.month}-15`, "month")}, ${pb.t("count.photos", { count: month.count })}`}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.preventDefault();
          box.current.setPointerCapture(event.pointerId);
          box.current.focus({ preventScroll: true });
          aim(event);
        }}
        onPointerMove={(event) => drag !== null && aim(event)}
        onPointerUp={end}
        onPointerCancel={end}
      >
        {marks(months, height).map((mark) =>
          mark.label ? <span key={mark.key} className="y" style={{ top: mark.y }}>{mark.label}</span> : <i key={mark.key} style={{ top: mark.y, width: mark.width }} />,
        )}
        <span className="now" style={{ top: yOf(here) }}>{pb.date(`${month.month}-15`, "monthShort")}</span>
      </div>
    </div>
  );
});

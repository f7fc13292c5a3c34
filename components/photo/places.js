// Where everything is: months and blocks one below the other, rows within blocks. Pure.
import { guess, layout } from "./rows.js";

export const HEADING = 44;
const same = (one, other) => one && one.width === other.width && one.height === other.height && one.gap === other.gap;

// blocks → {spots: [{kind, top, size, section, block, first}], total}. Rows are laid out once per size and kept with their block.
export function place(blocks, size, headings) {
  const spots = [];
  let top = 0;
  blocks.sections.forEach((section, nth) => {
    if (headings && section.month !== null) {
      spots.push({ kind: "month", key: `m${section.month}`, top, size: HEADING, section, nth });
      top += HEADING;
    }
    section.blocks.forEach((block, at) => {
      const ragged = at === section.blocks.length - 1;
      if (block.items) {
        if (!block.rows || !same(block.size, size) || block.ragged !== ragged) {
          block.rows = layout(block.items, size, ragged);
          Object.assign(block, { size, ragged });
          const last = block.rows[block.rows.length - 1];
          block.height = last ? last.top + last.height + size.gap : 0;
        }
      } else if (!block.height || !same(block.size, size)) {
        block.height = guess(block.ratios, size);
        block.size = size;
      }
      spots.push({ kind: "block", key: `b${block.key}`, top, size: block.height, section, block, nth });
      top += block.height;
    });
  });
  return { spots, total: top };
}

// The first spot that ends after `y`.
export function spotAt(spots, y) {
  let low = 0;
  let high = spots.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spots[middle].top + spots[middle].size > y) high = middle;
    else low = middle + 1;
  }
  return low;
}

// The spots and rows between two heights.
export function inSight(spots, from, to) {
  const found = [];
  for (let at = spotAt(spots, from); at < spots.length && spots[at].top < to; at += 1) found.push(spots[at]);
  return found;
}

// What the eye holds on to at a height: a photo, or a stretch of a block that is not read. `placeAgain` finds it in another arrangement.
export function anchorAt(spots, y) {
  if (!spots.length || y <= 0) return null;
  const spot = spots[spotAt(spots, y)];
  if (spot.kind === "block" && spot.block.rows && spot.block.items) {
    const row = spot.block.rows.find((one) => spot.top + one.top + one.height > y) || spot.block.rows[spot.block.rows.length - 1];
    if (row) return { ids: spot.block.items.slice(spot.block.items.indexOf(row.cells[0].item)).map((item) => item.id), id: row.cells[0].item.id, off: y - spot.top - row.top, block: spot.block, month: spot.section.month };
  }
  const whole = extent(spots, spot.section.month);
  return { block: spot.block || null, month: spot.section.month, off: y - spot.top, share: spot.size ? (y - spot.top) / spot.size : 0, part: whole.size ? (y - whole.top) / whole.size : 0 };
}

// From where to where a month's photos go.
function extent(spots, month) {
  const its = spots.filter((one) => one.block && one.section.month === month);
  if (!its.length) return { top: 0, size: 0 };
  const last = its[its.length - 1];
  return { top: its[0].top, size: last.top + last.size - its[0].top };
}

export function topOf(spots, holder, id) {
  const spot = spots.find((one) => one.block === holder);
  const row = spot && spot.block.rows && spot.block.rows.find((one) => one.cells.some((cell) => cell.item.id === id));
  return row ? { top: spot.top + row.top, row, spot } : null;
}

export function placeAgain(spots, anchor, at) {
  if (!anchor) return null;
  for (const id of anchor.ids || []) {
    const found = at.get(id) && topOf(spots, at.get(id), id);
    if (found) return found.top + (id === anchor.id ? anchor.off : 0);
  }
  const spot = anchor.block && spots.find((one) => one.block === anchor.block);
  if (spot) return spot.top + (anchor.share || 0) * spot.size;
  const month = spots.find((one) => one.section.month === anchor.month);
  if (!month) return null;
  if (!anchor.block) return month.top + Math.min(anchor.off, month.size);
  const whole = extent(spots, anchor.month); // its block was cut meanwhile
  return whole.top + (anchor.part || 0) * whole.size;
}

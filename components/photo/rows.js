// Justified rows: photos side by side at one height, grouped by month. Pure arithmetic, no React.

const USUAL = 4 / 3; // for what has no size yet: a photo that is still processed

export function ratioOf(item) {
  const ratio = item.width && item.height ? item.width / item.height : USUAL;
  return Math.min(Math.max(ratio, 0.45), 3.2); // a panorama may not own the page
}

export function monthOf(item) {
  const at = item.taken_at || item.created_at;
  return at ? String(at).slice(0, 7) : "";
}

// items → [{kind: "month", month, size} | {kind: "photos", cells: [{item, width}], height, size, month}]
export function layout(items, { width, height, gap, header, complete }) {
  const rows = [];
  let cells = [];
  let sum = 0;
  let month = null;
  const close = (last) => {
    if (!cells.length) return;
    const room = width - gap * (cells.length - 1);
    const full = room / sum;
    // The last row of a month keeps its height, unless it is nearly full anyway.
    const high = last && full > height * 1.25 ? height : Math.min(full, height * 1.6);
    let left = room;
    const sized = cells.map((item, at) => {
      const wide = full === high && at === cells.length - 1 ? left : Math.floor(ratioOf(item) * high);
      left -= wide;
      return { item, width: wide };
    });
    const round = Math.round(high);
    rows.push({ kind: "photos", cells: sized, height: round, size: round + gap, month });
    cells = [];
    sum = 0;
  };
  items.forEach((item) => {
    const its = monthOf(item);
    if (its !== month) {
      close(true);
      month = its;
      if (header) rows.push({ kind: "month", month, size: header });
    }
    cells.push(item);
    sum += ratioOf(item);
    if (width - gap * (cells.length - 1) <= sum * height) close(false);
  });
  close(complete);
  return rows;
}

// Ids between two, in the order shown: for shift-click and shift-arrows.
export function between(ids, one, other) {
  const [from, to] = [ids.indexOf(one), ids.indexOf(other)].sort((a, b) => a - b);
  return from < 0 ? [other] : ids.slice(from, to + 1);
}

// The photo above or below: nearest centre in the next row of photos.
export function vertical(rows, id, step) {
  const lines = rows.filter((row) => row.kind === "photos");
  const line = lines.findIndex((row) => row.cells.some((cell) => cell.item.id === id));
  const target = lines[line + step];
  if (line < 0 || !target) return null;
  const centre = (row, which) => {
    let left = 0;
    for (const cell of row.cells) {
      if (which(cell)) return left + cell.width / 2;
      left += cell.width;
    }
    return left;
  };
  const here = centre(lines[line], (cell) => cell.item.id === id);
  let best = null;
  target.cells.forEach((cell) => {
    const off = Math.abs(centre(target, (one) => one === cell) - here);
    if (!best || off < best.off) best = { off, id: cell.item.id };
  });
  return best.id;
}

// Justified rows: photos side by side at one height. Pure arithmetic, no React.

const USUAL = 4 / 3; // for what has no size yet: a photo that is still processed
const LONGEST = 24; // photos in a row, at most

// As photobank/library/assets.py sums them.
export function ratioOf(item) {
  const ratio = item.width && item.height ? item.width / item.height : USUAL;
  return Math.min(Math.max(ratio, 0.45), 3.2); // a panorama may not own the page
}

export function monthOf(item) {
  return String(item.sort_at || item.taken_at || item.created_at || "").slice(0, 7);
}

// What a row of these photos would be high if it filled the width.
const fill = (sum, count, width, gap) => (width - gap * (count - 1)) / sum;

// The breaks for which all rows together are nearest to the wished height. The last row may stay short when `ragged`.
function breaks(ratios, { width, height, gap }, ragged) {
  const best = [0];
  const from = [0];
  for (let end = 1; end <= ratios.length; end += 1) {
    best[end] = Infinity;
    let sum = 0;
    for (let start = end - 1; start >= 0 && end - start <= LONGEST; start -= 1) {
      sum += ratios[start];
      const high = fill(sum, end - start, width, gap);
      const short = ragged && end === ratios.length && high > height;
      const off = short ? 0 : Math.log(high / height);
      const cost = best[start] + off * off;
      if (cost < best[end]) {
        best[end] = cost;
        from[end] = start;
      }
      if (high < height * 0.5) break;
    }
  }
  const ends = [];
  for (let end = ratios.length; end > 0; end = from[end]) ends.unshift(end);
  return ends;
}

// items → [{cells: [{item, width}], height, top}]: rows of one block. Every row fills the width, but for the last one of a month.
export function layout(items, size, ragged) {
  const { width, height, gap } = size;
  const rows = [];
  let start = 0;
  let top = 0;
  breaks(items.map(ratioOf), size, ragged).forEach((end) => {
    const row = items.slice(start, end);
    const sum = row.reduce((total, item) => total + ratioOf(item), 0);
    const full = fill(sum, row.length, width, gap);
    const short = ragged && end === items.length && full > height * 1.25;
    const high = Math.round(short ? height : Math.min(full, height * 1.8));
    const filled = full <= height * 1.8 && !short;
    let left = width - gap * (row.length - 1);
    const cells = row.map((item, at) => {
      const wide = filled && at === row.length - 1 ? left : Math.floor(ratioOf(item) * (filled ? full : high));
      left -= wide;
      return { item, width: wide };
    });
    rows.push({ cells, height: high, top });
    top += high + gap;
    start = end;
  });
  return rows;
}

// How high a block will be of which only the number of photos and the sum of their ratios is known.
export function guess(ratios, { width, height, gap }) {
  return Math.max(1, Math.round((ratios * (height + gap * 0.75)) / width)) * (height + gap);
}

// The photo of a row whose centre is nearest to `x`.
export function nearest(row, x, gap) {
  let left = 0;
  let best = null;
  row.cells.forEach((cell) => {
    const off = Math.abs(left + cell.width / 2 - x);
    if (!best || off < best.off) best = { off, item: cell.item };
    left += cell.width + gap;
  });
  return best && best.item;
}

export function centreOf(row, id, gap) {
  let left = 0;
  for (const cell of row.cells) {
    if (cell.item.id === id) return left + cell.width / 2;
    left += cell.width + gap;
  }
  return left;
}

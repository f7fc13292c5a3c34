// The grid from the keyboard: arrows move, with shift they select, space toggles, Ctrl/Cmd-A takes all, Escape none. Enter opens, as links do.
import { nearest, centreOf } from "./rows.js";

// The photo beside another in the order shown; a block that is not here is read first.
export async function beside(shelf, id, step) {
  const holder = shelf.blocks.at.get(id);
  if (!holder) return null;
  const at = holder.items.findIndex((item) => item.id === id) + step;
  if (holder.items[at]) return holder.items[at];
  const other = shelf.blocks.beside(holder, step);
  const read = other && (await shelf.loaded(other, step < 0));
  return read ? read.items[step > 0 ? 0 : read.items.length - 1] : null;
}

// The photo above or below: nearest centre in the next row.
export async function vertical(shelf, id, step, gap, settle) {
  const holder = shelf.blocks.at.get(id);
  if (!holder || !holder.rows) return null;
  const at = holder.rows.findIndex((row) => row.cells.some((cell) => cell.item.id === id));
  const x = centreOf(holder.rows[at], id, gap);
  if (holder.rows[at + step]) return nearest(holder.rows[at + step], x, gap);
  const other = shelf.blocks.beside(holder, step);
  const read = other && (await shelf.loaded(other, step < 0));
  if (!read) return null;
  await settle();
  const rows = read.rows || [];
  return rows.length ? nearest(rows[step > 0 ? 0 : rows.length - 1], x, gap) : read.items[0];
}

export async function edge(shelf, step) {
  const all = [...shelf.blocks.each()];
  const read = await shelf.loaded(all[step > 0 ? all.length - 1 : 0], step > 0);
  return read && read.items.length ? read.items[step > 0 ? read.items.length - 1 : 0] : null;
}

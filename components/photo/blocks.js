// The library as months cut into blocks. A block is a stretch between two places of the list, so it can be read, dropped and read again
// by itself, and what comes or goes elsewhere never moves its photos. Pure: no requests, no React.
import { monthOf, ratioOf } from "./rows.js";

export const SIZE = 100; // photos of a block
export const MOST = 150; // a block of more is cut before it is read
export const USUAL = 1.4; // of a photo nobody has looked at yet

let made = 0;
export function block(start, end, count, ratios) {
  made += 1;
  return { key: made, start, end, endPlace: end ? placeOfCursor(end) : null, count, ratios: ratios || count * USUAL, items: null, status: "idle", stale: false, height: 0, rows: null };
}

// Moments differ in the number of their digits; places must compare as text.
function place(at, id) {
  const [seconds, fraction = ""] = String(at || "").replace(/(Z|[+]00:00)$/, "").split(".");
  return `${seconds}.${fraction.padEnd(6, "0")} ${id}`;
}
export const placeOf = (item) => place(item.sort_at || item.taken_at || item.created_at, item.id);

export function placeOfCursor(cursor) {
  try {
    const [at, id] = JSON.parse(atob(cursor.replace(/-/g, "+").replace(/_/g, "/")));
    return place(at, id);
  } catch {
    return null; // somebody else's cursor: such a list is read from end to end, and needs no places
  }
}

export class Blocks {
  constructor({ oldest = false, timeline = true } = {}) {
    this.oldest = oldest;
    this.timeline = timeline;
    this.sections = []; // {month, blocks}, in the order shown
    this.at = new Map(); // id → block that holds it
  }

  get total() {
    return this.sections.reduce((sum, section) => sum + countOf(section), 0);
  }

  // Is one place shown before another?
  before(one, other) {
    return this.oldest ? one < other : one > other;
  }

  has = (id) => this.at.has(id);

  item(id) {
    const holder = this.at.get(id);
    return holder ? holder.items.find((item) => item.id === id) : null;
  }

  *each() {
    for (const section of this.sections) for (const one of section.blocks) yield one;
  }

  sectionOf(holder) {
    return this.sections.find((section) => section.blocks.includes(holder));
  }

  // The block shown after (+1) or before (−1) one, across months.
  beside(holder, step) {
    const all = [...this.each()];
    return all[all.indexOf(holder) + step] || null;
  }

  put(holder, items) {
    (holder.items || []).forEach((item) => this.at.get(item.id) === holder && this.at.delete(item.id));
    holder.items = items;
    holder.rows = null;
    holder.stale = false;
    holder.status = "idle";
    if (!items) return;
    items.forEach((item) => this.at.set(item.id, holder));
    holder.count = items.length;
    holder.ratios = items.reduce((sum, item) => sum + ratioOf(item), 0);
  }

  drop(holder) {
    const { count, ratios } = holder;
    this.put(holder, null);
    Object.assign(holder, { count, ratios });
  }

  // What was read of a block. When there was more in it than a page holds, the rest becomes a block of its own.
  fill(holder, page) {
    const section = this.sectionOf(holder);
    if (!section) return;
    const left = holder.count - page.items.length;
    if (page.next_cursor) {
      const rest = block(page.next_cursor, holder.end, Math.max(left, this.timeline ? 1 : SIZE));
      holder.end = page.next_cursor;
      holder.endPlace = placeOfCursor(holder.end);
      section.blocks.splice(section.blocks.indexOf(holder) + 1, 0, rest);
    }
    this.put(holder, page.items);
    if (!page.items.length && section.blocks.length > 1) section.blocks.splice(section.blocks.indexOf(holder), 1);
  }

  // A block that is too long to be read at once becomes those that the server says.
  cut(holder, parts) {
    const section = this.sectionOf(holder);
    if (!section) return;
    const fresh = parts.map((part, at) => block(at ? parts[at - 1].end : holder.start, at === parts.length - 1 ? holder.end : part.end, part.count, part.ratios));
    section.blocks.splice(section.blocks.indexOf(holder), 1, ...(fresh.length ? fresh : [block(holder.start, holder.end, 0)]));
  }

  // The first page of the whole list, before anybody knows how many there are.
  begin(page) {
    this.at.clear();
    this.sections = [];
    if (!this.timeline) {
      this.sections = [{ month: null, blocks: [block(null, null, page.items.length)] }];
      this.fill(this.sections[0].blocks[0], page);
      if (!page.items.length) this.sections = [];
      return;
    }
    page.items.forEach((item) => {
      const month = monthOf(item);
      let section = this.sections[this.sections.length - 1];
      if (!section || section.month !== month) {
        section = { month, blocks: [block(null, null, 0)], run: [] };
        this.sections.push(section);
      }
      section.run.push(item);
    });
    this.sections.forEach((section, at) => {
      const [only] = section.blocks;
      const last = at === this.sections.length - 1 && page.next_cursor;
      if (last) Object.assign(only, { end: page.next_cursor, endPlace: placeOfCursor(page.next_cursor), open: true });
      this.put(only, section.run);
      delete section.run;
    });
  }

  // How many photos there are per month: [["2026-11", 214], …], newest first. What is not accounted for is read, or read again.
  reconcile(months) {
    if (!this.timeline) return;
    const known = new Map(this.sections.map((section) => [section.month, section]));
    const ordered = this.oldest ? [...months].reverse() : months;
    this.sections.filter(({ month }) => !months.some(([one]) => one === month)).forEach((gone) => gone.blocks.forEach((one) => this.put(one, null)));
    this.sections = ordered.map(([month, count]) => {
      const section = known.get(month) || { month, blocks: [block(null, null, count)] };
      const last = section.blocks[section.blocks.length - 1];
      let more = count - countOf(section);
      if (last.open) {
        delete last.open;
        if (more > 0) section.blocks.push(block(last.end, null, more));
        else Object.assign(last, { end: null, endPlace: null });
        more = 0;
      }
      if (more === 0) return section;
      const unread = [...section.blocks].reverse().find((one) => !one.items && one.count + more > 0);
      if (unread) {
        unread.ratios *= (unread.count + more) / Math.max(unread.count, 1);
        unread.count += more;
      } else section.blocks.forEach((one) => (one.stale = true));
      return section;
    });
  }

  // Which block of a month a place falls into.
  holderOf(month, where) {
    const section = this.sections.find((one) => one.month === (this.timeline ? month : null));
    if (!section) return null;
    return section.blocks.find((one) => one.endPlace === null || !this.before(one.endPlace, where)) || null;
  }

  remove(id) {
    const holder = this.at.get(id);
    if (!holder) return;
    this.put(holder, holder.items.filter((item) => item.id !== id));
    const section = this.sectionOf(holder);
    if (holder.items.length || !section) return;
    // An empty block says nothing more; its stretch goes to the one after it.
    const at = section.blocks.indexOf(holder);
    const next = section.blocks[at + 1];
    if (next) next.start = holder.start;
    if (next || holder.end === null) section.blocks.splice(at, 1);
    if (!section.blocks.length) this.sections.splice(this.sections.indexOf(section), 1);
    else if (!next && holder.end === null) Object.assign(section.blocks[at - 1], { end: null, endPlace: null });
  }

  // A photo as it is now. Gives false when it is in a part that is not read.
  take(item) {
    const where = placeOf(item);
    const holder = this.at.get(item.id);
    if (holder) {
      const old = holder.items.find((one) => one.id === item.id);
      if (!this.timeline || placeOf(old) === where) {
        const same = ratioOf(old) === ratioOf(item);
        const rows = holder.rows;
        this.put(holder, holder.items.map((one) => (one.id === item.id ? item : one)));
        if (same && rows) holder.rows = rows.map((row) => ({ ...row, cells: row.cells.map((cell) => (cell.item.id === item.id ? { ...cell, item } : cell)) }));
        return true;
      }
      this.remove(item.id);
    }
    if (!this.timeline) return false;
    const target = this.holderOf(monthOf(item), where);
    if (target && target.items) {
      const at = target.items.findIndex((one) => this.before(where, placeOf(one)));
      const items = [...target.items];
      items.splice(at < 0 ? items.length : at, 0, item);
      this.put(target, items);
      return true;
    }
    if (target) target.count += 1;
    else this.open(item);
    return !target;
  }

  // A month that had no photos so far.
  open(item) {
    const month = monthOf(item);
    const only = block(null, null, 1);
    const at = this.sections.findIndex((one) => (this.oldest ? one.month > month : one.month < month));
    this.sections.splice(at < 0 ? this.sections.length : at, 0, { month, blocks: [only] });
    this.put(only, [item]);
  }
}

export const countOf = (section) => section.blocks.reduce((sum, one) => sum + one.count, 0);

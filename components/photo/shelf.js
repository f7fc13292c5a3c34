// Reads the library: months, blocks and photos over REST, near what is looked at first; drops what is far; takes pushed changes in.
import { useEffect, useMemo, useReducer, useRef } from "react";
import { csrf, read } from "./common.jsx";
import { Blocks, MOST, SIZE, placeOf } from "./blocks.js";
import { monthOf } from "./rows.js";

const AT_ONCE = 4;
const PAGE = 200;
const KEPT = 3000; // photos in memory, at most, beside those near the screen
const BULK = 60; // with more changes than this everything in sight is read again
const SETTLE = 250;

export class Shelf {
  constructor(path, query, use, timeline) {
    Object.assign(this, { path, query, use, timeline });
    const params = new URLSearchParams(query || "");
    this.oldest = params.get("sort") === "oldest";
    this.blocks = new Blocks({ oldest: this.oldest, timeline });
    this.status = "loading";
    this.version = 0;
    this.seen = null; // id → revision; null until the first list of changes
    this.since = "";
    this.listeners = new Set();
    this.flying = new Map();
    this.wanted = [];
    this.near = new Set();
    this.held = null; // decides whether a new photo must wait: (block) → boolean
    this.waiting = new Map();
    this.gone = new Set(); // ids that were here and are no longer in sight
    this.left = 0; // where one was when one went to a photo
    this.run = 0;
    this.scroll = 0;
  }

  address(extra, tail = "") {
    const params = new URLSearchParams(this.query || "");
    if (this.use && !tail) params.set("use", this.use);
    Object.entries(extra).forEach(([name, value]) => value !== null && value !== undefined && params.set(name, value));
    return `${this.path}${tail}?${params}`;
  }

  // Some photos of it, by their ids. A list in an order of its own cannot be asked for those.
  addressOf(ids) {
    if (this.timeline) return this.address({ ids: ids.join(","), limit: PAGE });
    return `/api/v1/assets?${new URLSearchParams({ ids: ids.join(","), limit: PAGE, ...(this.use ? { use: this.use } : {}) })}`;
  }

  changed() {
    this.version += 1;
    this.listeners.forEach((listener) => listener());
  }

  subscribe = (listener) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  // From the beginning. What is shown stays until the answer is there.
  async start() {
    this.stop();
    const mine = this.run;
    if (this.status === "error") this.status = "loading";
    this.changed();
    const months = this.timeline ? read(this.address({}, "/months")) : Promise.resolve(null);
    months.catch(() => null); // told below
    try {
      const page = (await read(this.address({ limit: SIZE }))) || { items: [], next_cursor: null };
      if (mine !== this.run) return;
      this.blocks.begin(page);
      this.status = page.items.length ? "full" : "empty";
      this.changed();
      const counted = await months;
      if (mine === this.run && counted) this.count(counted);
    } catch {
      if (mine !== this.run) return;
      this.status = "error";
      this.changed();
    }
  }

  stop() {
    this.run += 1;
    this.flying.forEach((abort) => abort.abort());
    this.flying.clear();
    clearTimeout(this.timer);
    for (const one of this.blocks.each()) if (one.status === "loading") one.status = "idle";
  }

  count(answer) {
    // Those that wait are counted by the server, and are not to come in by a block that is read again.
    const waiting = new Map();
    this.waiting.forEach((item) => waiting.set(monthOf(item), (waiting.get(monthOf(item)) || 0) + 1));
    const months = answer.items.map(({ month, count }) => [String(month).slice(0, 7), count]);
    this.blocks.reconcile(months.map(([month, count]) => [month, count - (waiting.get(month) || 0)]).filter(([, count]) => count > 0));
    this.status = this.blocks.sections.length ? "full" : "empty";
    this.changed();
  }

  async recount() {
    if (!this.timeline) {
      await this.reread();
      return;
    }
    const mine = this.run;
    try {
      const answer = await read(this.address({}, "/months"));
      if (mine === this.run && answer) this.count(answer);
    } catch {
      // the next change asks again
    }
  }

  // A list in an order of its own: as much of it as is here, read again from its beginning. It changes at one stroke, so that what one
  // looks at stays where it is.
  async reread() {
    if (this.status !== "full") {
      await this.start();
      return;
    }
    const mine = this.run;
    const here = this.blocks.at.size;
    try {
      const pages = [];
      let [found, cursor] = [0, null];
      do {
        const page = (await read(this.address({ limit: PAGE, cursor }))) || { items: [], next_cursor: null };
        if (mine !== this.run) return;
        pages.push(page);
        found += page.items.length;
        cursor = page.next_cursor;
      } while (cursor && found < here);
      this.blocks.begin(pages[0]);
      pages.slice(1).forEach((page) => this.blocks.fill([...this.blocks.each()].at(-1), page));
      this.status = this.blocks.sections.length ? "full" : "empty";
      this.changed();
    } catch {
      // the next change asks again
    }
  }

  recountSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.recount(), SETTLE);
  }

  // What should be here, nearest first. What is on its way and no longer wanted is called back.
  want(list) {
    this.wanted = list.filter((one) => one.status !== "error" && (!one.items || one.stale));
    const keep = new Set(list);
    this.near = keep;
    this.flying.forEach((abort, one) => {
      if (keep.has(one) || abort.asked) return;
      abort.abort();
      this.flying.delete(one);
      if (one.status === "loading") one.status = "idle";
    });
    this.pump();
  }

  pump() {
    for (const one of this.wanted) {
      if (this.flying.size >= AT_ONCE) return;
      if (!this.flying.has(one) && one.status === "idle" && (!one.items || one.stale)) this.load(one);
    }
  }

  // Reads a block, or has it cut when it is too long.
  async load(one, asked = false) {
    const flying = this.flying.get(one);
    if (flying) {
      flying.asked = flying.asked || asked;
      return flying.done;
    }
    const abort = new AbortController();
    abort.asked = asked; // by somebody who waits for it, so that it is not called back
    this.flying.set(one, abort);
    one.status = one.items ? one.status : "loading";
    const mine = this.run;
    abort.done = (async () => {
      const section = this.blocks.sectionOf(one);
      const month = this.timeline && section ? section.month : null;
      const range = { month, cursor: one.start, until: this.timeline ? one.end : null };
      try {
        if (this.timeline && one.count > MOST) {
          const answer = await read(this.address({ ...range, size: SIZE, sort: this.oldest ? "oldest" : null }, "/blocks"), abort.signal);
          if (mine === this.run) this.blocks.cut(one, answer ? answer.items : []);
        } else {
          const page = (await read(this.address({ ...range, limit: this.timeline ? PAGE : SIZE }), abort.signal)) || { items: [], next_cursor: null };
          if (mine === this.run) this.blocks.fill(one, page);
        }
      } catch (error) {
        if (error.name === "AbortError") one.status = "idle";
        else one.status = "error";
      }
      if (this.flying.get(one) === abort) this.flying.delete(one);
      if (mine !== this.run) return;
      this.changed();
      this.pump();
    })();
    return abort.done;
  }

  // A block that is read, when this one is; one that had to be cut gives the first of its parts, or the last.
  async loaded(one, last = false) {
    for (let tries = 0; tries < 3 && one && !one.items; tries += 1) {
      const [before, after] = [this.blocks.beside(one, -1), this.blocks.beside(one, 1)];
      await this.load(one, true);
      if (one.status === "error") return null;
      if (this.blocks.sectionOf(one)) continue;
      const all = [...this.blocks.each()];
      one = last ? all[after ? all.indexOf(after) - 1 : all.length - 1] : all[before ? all.indexOf(before) + 1 : 0];
    }
    return one && one.items ? one : null;
  }

  retry() {
    for (const one of this.blocks.each()) if (one.status === "error") one.status = "idle";
    this.changed();
  }

  // Forgets photos far from the screen; their places stay.
  forget(near) {
    if (!this.timeline || this.blocks.at.size <= KEPT) return;
    for (const one of this.blocks.each()) if (one.items && !near.has(one)) this.blocks.drop(one);
  }

  // Pushed: [[id, revision], …]. Only what is new since the last look is read again, as this person.
  async follow(changes) {
    const list = changes || [];
    // The first list says where things stood; of it only what is here and was read before that change is read again.
    const first = this.seen === null && list.length > 0 && this.status === "full";
    const known = this.seen || new Map();
    // What else comes into a list in an order of its own is not told here, but by that order.
    const fresh = list.filter(([id, revision]) => {
      if ((first || !this.timeline) && !this.blocks.has(id)) return false;
      return first ? moment(this.blocks.item(id).changed_at) !== moment(revision) : known.get(id) !== revision;
    });
    if (list.length) {
      this.since = this.seen === null ? list[0][1] : this.since;
      this.seen = new Map(list);
    }
    if (!fresh.length || this.status === "loading") return;
    if (this.status !== "full") {
      this.start();
      return;
    }
    if (fresh.length >= BULK) {
      this.refresh();
      return;
    }
    const mine = this.run;
    const ids = fresh.map(([id]) => id);
    try {
      const page = await read(this.addressOf(ids));
      if (mine === this.run) this.take(new Map(fresh), page ? page.items : []);
    } catch {
      this.refresh();
    }
  }

  take(fresh, items) {
    const back = new Map(items.map((item) => [item.id, { ...item, changed_at: fresh.get(item.id) }]));
    fresh.forEach((_, id) => {
      this.waiting.delete(id);
      this.gone[back.has(id) ? "delete" : "add"](id);
      if (!back.has(id)) this.blocks.remove(id);
    });
    back.forEach((item) => {
      const isNew = !this.blocks.has(item.id) && String(item.created_at) > this.since.slice(0, 19) && this.since !== "";
      if (this.timeline && !this.blocks.has(item.id) && this.held && this.held(item)) this.waiting.set(item.id, item);
      else this.blocks.take(item);
      if (isNew && this.arrived) this.arrived(item);
    });
    if (!this.blocks.sections.length) this.status = "empty";
    this.changed();
    if (this.timeline) this.recountSoon();
  }

  // Those that had to wait because they would have moved what was looked at.
  admit() {
    if (!this.waiting.size) return;
    this.waiting.forEach((item) => this.blocks.take(item));
    this.waiting.clear();
    this.changed();
  }

  // Everything that is here is read again as it comes into sight; nothing disappears meanwhile. After a change of rights what is not
  // in sight is forgotten at once.
  refresh(forget = false) {
    for (const one of this.blocks.each()) {
      if (forget && this.timeline && one.items && !this.near.has(one)) this.blocks.drop(one);
      else if (one.items) one.stale = true;
    }
    this.changed();
    this.recount();
  }

  // One's own hearts, latest first: [[id, when], …], and how many there are. Those given or taken back elsewhere are read again.
  async hear(hearts, count) {
    const now = new Map(hearts || []);
    const before = this.hearts;
    this.hearts = { now, count };
    if (!before || this.status !== "full") return;
    const moved = [...now.keys(), ...before.now.keys()].filter((id) => now.get(id) !== before.now.get(id) && this.blocks.has(id));
    const gone = [...before.now.keys()].filter((id) => !now.has(id)).length;
    if (count < before.count && !gone) {
      this.refresh(); // one from long ago was taken back
      return;
    }
    if (!moved.length) return;
    const mine = this.run;
    try {
      const found = await this.again([...new Set(moved)]);
      if (mine !== this.run) return;
      found.forEach((item) => this.blocks.has(item.id) && this.blocks.take(item));
      this.changed();
    } catch {
      // the next look shows it
    }
  }

  // These photos as they are now, wherever they are.
  async again(ids) {
    const found = [];
    for (let at = 0; at < ids.length; at += PAGE) {
      const page = await read(this.addressOf(ids.slice(at, at + PAGE)));
      found.push(...(page ? page.items : []));
    }
    return found;
  }

  // The photos from one to another, both included, in the order shown; what lies between and is not here is read.
  async between(one, other, most) {
    const [first, last] = this.blocks.before(placeOf(one), placeOf(other)) ? [one, other] : [other, one];
    if (!this.timeline) {
      const all = [...this.blocks.each()].flatMap((each) => each.items || []);
      const [from, to] = [all.findIndex((item) => item.id === one.id), all.findIndex((item) => item.id === other.id)].sort((a, b) => a - b);
      return from < 0 ? [other] : all.slice(from, to + 1).slice(0, most);
    }
    return this.from(first, last, most);
  }

  async from(first, last, most) {
    const found = [];
    let holder = this.blocks.at.get(first.id);
    const end = last ? placeOf(last) : null;
    while (holder && found.length < most) {
      holder = await this.loaded(holder);
      if (!holder) break;
      for (const item of holder.items) {
        const where = placeOf(item);
        if (this.timeline && this.blocks.before(where, placeOf(first))) continue;
        if (end && this.blocks.before(end, where)) return found;
        found.push(item);
        if (found.length >= most) return found;
      }
      holder = this.blocks.beside(holder, 1);
    }
    return found;
  }
}

const moment = (text) => String(text).replace(/(Z|[+]00:00)$/, "");

// The list last looked at stays for who comes back from a photo, in the same session only.
let kept = null;

export function useShelf({ path, query, use, timeline, changes, hearts, hearted, total, reload, sight }) {
  const name = JSON.stringify([path, query, timeline, csrf()]);
  const shelf = useMemo(() => {
    if (kept && kept.name === name) return kept.shelf;
    kept = { name, shelf: new Shelf(path, query, use, timeline) };
    return kept.shelf;
  }, [name]); // eslint-disable-line react-hooks/exhaustive-deps
  const [, bump] = useReducer((n) => n + 1, 0);
  useEffect(() => shelf.subscribe(bump), [shelf]);
  const before = useRef(null);
  useEffect(() => {
    const now = `${reload} ${sight}`;
    const first = before.current === null || before.current.shelf !== shelf;
    const again = !first && before.current.now !== now;
    const other = !first && before.current.use !== use;
    before.current = { shelf, now, use };
    shelf.use = use;
    if (shelf.status !== "full" && (first || again)) shelf.start();
    else if (first || again || other) shelf.refresh(again);
  }, [shelf, use, reload, sight]);
  useEffect(() => () => shelf.stop(), [shelf]);
  useEffect(() => {
    shelf.follow(changes);
  }, [shelf, changes]);
  useEffect(() => {
    shelf.hear(hearts, hearted);
  }, [shelf, hearts, hearted]);
  // The count that the page was told differs from what the list adds up to: something went that no change tells of.
  const told = useRef(null);
  useEffect(() => {
    if (typeof total !== "number" || total < 0) return;
    // A list in an order of its own does not know how many it has not read: there only a change tells.
    const differs = timeline ? total !== shelf.blocks.total + shelf.waiting.size : told.current !== null && told.current !== total;
    told.current = total;
    if (shelf.status !== "loading" && differs) {
      if (shelf.status === "full") shelf.recountSoon();
      else if (total > 0) shelf.start();
    }
  }, [shelf, total]);
  return shelf;
}

// Words in the reader's language, no reload to change it. Only that language is loaded, and of it only the rooms that the shown pages
// ask for (photobank/i18n/rooms.py). See photobank/i18n/translate.py for the rules.
import { useEffect, useSyncExternalStore } from "react";
import { about, prerendered } from "$/utils/photobank_words.js";

const KEY = "photobank_language";
const HOUSE = "house";
const PATIENCE = 5000; // ms that a page waits for its words; then it shows without them, and they follow
const LOCALES = { nl: "nl-NL", en: "en-GB" };
const UNITS = ["B", "kB", "MB", "GB", "TB"];
const listeners = new Set();
const asked = new Set([HOUSE]); // rooms that any page so far asked for
const loads = new Map(); // "nl/house" → how far that is
const catalogues = { nl: prerendered || {}, en: {} };
const made = {};

// The language of the page as it was prerendered, until the reader's own words are here.
let current = typeof document !== "undefined" && document.documentElement.lang in LOCALES ? document.documentElement.lang : "nl";
const first = current;
let wanted = current;

function initial() {
  let saved = null;
  try {
    saved = window.localStorage.getItem(KEY);
  } catch {
    saved = null; // storage may be switched off; the browser's language decides
  }
  if (saved in LOCALES) return saved;
  const wish = (navigator.languages || [navigator.language]).map((tag) => tag.slice(0, 2)).find((tag) => tag in LOCALES);
  return wish || first;
}

function tell() {
  listeners.forEach((listener) => listener());
}

const sleep = (time) => new Promise((resolve) => { setTimeout(resolve, time); });

// Fetches one room in one language, once; after a failure it goes on trying, and what comes late is told to the open pages.
function load(language, name) {
  if (prerendered) return null;
  const place = `${language}/${name}`;
  if (loads.has(place)) return loads.get(place);
  const held = { here: false, settled: false, late: false };
  const attempt = async (pause) => {
    try {
      const answer = await fetch(`/words/${about.version}/${place}.json`);
      if (!answer.ok) throw new Error(`${answer.status}`);
      Object.assign(catalogues[language], await answer.json());
      held.here = true;
    } catch {
      await sleep(pause);
      return attempt(pause * 2);
    }
    if (held.late && language === current) {
      delete made[language];
      tell();
    }
    return null;
  };
  held.done = Promise.race([attempt(PATIENCE / 4), sleep(PATIENCE)]).then(() => {
    held.settled = true;
    held.late = held.late || !held.here;
  });
  loads.set(place, held);
  return held;
}

function roomOf(key) {
  const parts = key.split(".");
  for (let length = parts.length; length > 0; length -= 1) {
    const name = about.together[parts.slice(0, length).join(".")];
    if (name) return name;
  }
  return parts[0];
}

// A sentence of a room that no page asked for, such as a message of the server: nothing is shown until it is here.
function fetchLate(language, key) {
  const name = roomOf(key);
  if (prerendered || !about.rooms.includes(name)) return false;
  asked.add(name);
  const held = load(language, name);
  if (held.here) return false;
  held.late = true;
  return !held.settled;
}

// A hook that waits for one room. Made when the code of a page arrives, which is when loading begins.
export function room(name) {
  asked.add(name);
  load(current, name);
  if (wanted !== current) load(wanted, name);
  return () => {
    const held = load(current, name);
    // Thrown, not `use`d: React replays a component that `use`s in the middle of its hooks, and then trips over those that follow (error 467).
    if (held && !held.settled) throw held.done;
  };
}

export function getLanguage() {
  return current;
}

// Shows another language as soon as what the open pages need of it is here.
export async function setLanguage(language) {
  if (!(language in LOCALES) || language === wanted) return;
  wanted = language;
  try {
    window.localStorage.setItem(KEY, language);
  } catch {
    // kept for this page only
  }
  await arrive(language);
}

async function arrive(language) {
  // Pages that arrive meanwhile ask for more.
  for (let known = 0; known < asked.size;) {
    known = asked.size;
    await Promise.all([...asked].map((name) => load(language, name).done));
  }
  if (wanted !== language) return;
  current = language;
  document.documentElement.lang = language;
  tell();
}

function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function make(language) {
  const locale = LOCALES[language];
  const catalogue = catalogues[language];
  const plural = new Intl.PluralRules(locale);
  const number = new Intl.NumberFormat(locale);
  const formats = {
    date: new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric" }),
    short: new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" }),
    datetime: new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" }),
    time: new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" }),
    seconds: new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit" }),
    month: new Intl.DateTimeFormat(locale, { month: "long", year: "numeric" }),
    monthShort: new Intl.DateTimeFormat(locale, { month: "short", year: "numeric" }),
  };
  // Parameters of server messages come as text, so digits alone count as a number too.
  const write = (value) => (typeof value === "number" || /^\d{1,15}$/.test(value) ? number.format(value) : String(value ?? ""));
  const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
  const pb = {
    language,
    has: (key) => key in catalogue || `${key}.other` in catalogue,
    t(key, params) {
      const known = params || {};
      let text = catalogue[key];
      if (text === undefined) text = catalogue[`${key}.${known.count === undefined ? "other" : plural.select(Number(known.count))}`];
      if (text === undefined) text = catalogue[`${key}.other`];
      if (text === undefined && fetchLate(language, key)) return "";
      if (text === undefined) return key.slice(key.lastIndexOf(".") + 1).replaceAll("_", " ");
      return text.replace(/\{(\w+)\}/g, (slot, name) => (name in known ? write(known[name]) : slot));
    },
    number: (value) => (value === null || value === undefined ? "" : number.format(value)),
    // A bare date (2026-12-14) is a calendar day, not midnight in Greenwich.
    date(value, style) {
      if (!value) return "";
      const moment = typeof value === "string" && value.length === 10 ? new Date(`${value}T12:00:00`) : new Date(value);
      if (Number.isNaN(moment.getTime())) return "";
      const text = formats[style || "date"].format(moment);
      return style === "month" || style === "monthShort" ? capital(text.replace(".", "")) : text.replace(/\b(\p{L}{3})\./u, "$1");
    },
    size(bytes) {
      if (bytes === null || bytes === undefined) return "";
      let amount = bytes;
      let unit = 0;
      while (Math.round(amount * 10) / 10 >= 1000 && unit < UNITS.length - 1) {
        amount /= 1000;
        unit += 1;
      }
      const digits = unit && amount < 100 ? 1 : 0;
      return `${new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(amount)} ${UNITS[unit]}`;
    },
    left(seconds) {
      if (seconds < 60) return pb.t("time.seconds", { count: Math.max(1, Math.round(seconds)) });
      if (seconds < 5400) return pb.t("time.minutes", { count: Math.round(seconds / 60) });
      return pb.t("time.hours", { count: Math.round(seconds / 3600) });
    },
  };
  return pb;
}

function wordsFor(language) {
  if (!made[language]) made[language] = make(language);
  return made[language];
}

const useHouse = room(HOUSE);

// The hook that every translated expression uses. The page is hydrated in the language it was prerendered in.
export function useWords() {
  const pb = useSyncExternalStore(subscribe, () => wordsFor(current), () => wordsFor(first));
  useHouse();
  return pb;
}

// The same for a component of ours whose sentences are in other rooms: `const useWords = wordsOf("upload")`.
export function wordsOf(...names) {
  const hooks = names.map(room);
  return () => {
    const pb = useWords();
    hooks.forEach((wait) => wait());
    return pb;
  };
}

if (!prerendered) {
  wanted = initial();
  if (wanted !== current) arrive(wanted);
}

// Names of the organisation's own uses, as [id, Dutch, English]: they stand beside ours in both catalogues.
function nameOwnUses(uses) {
  const wanted = uses.filter(([id, nl]) => catalogues.nl[`use.${id}`] !== nl);
  if (!wanted.length) return;
  for (const [id, nl, en] of wanted) {
    for (const kind of ["use", "use_short"]) {
      catalogues.nl[`${kind}.${id}`] = nl;
      catalogues.en[`${kind}.${id}`] = en;
    }
  }
  Object.keys(made).forEach((language) => delete made[language]);
  tell();
}

// Follows the signed-in person's preference; an empty value leaves the browser's choice.
export function LanguagePreference({ language, uses }) {
  useEffect(() => {
    if (language) setLanguage(language);
  }, [language]);
  useEffect(() => {
    nameOwnUses(uses || []);
  }, [uses]);
  return null;
}

// The document's title in the reader's language.
export function PageTitle({ title, product }) {
  useEffect(() => {
    document.title = title ? `${title} · ${product || "Photobank"}` : product || "Photobank";
  }, [title, product]);
  return null;
}

// Words in the reader's language: one store, both catalogues, no reload. See photobank/i18n/translate.py for the rules.
import { useEffect, useSyncExternalStore } from "react";
import words from "$/utils/photobank_words.js";

const KEY = "photobank_language";
const DEFAULT = "nl";
const LOCALES = { nl: "nl-NL", en: "en-GB" };
const UNITS = ["B", "kB", "MB", "GB", "TB"];
const listeners = new Set();
let current = null;

function initial() {
  if (typeof window === "undefined") return DEFAULT;
  let saved = null;
  try {
    saved = window.localStorage.getItem(KEY);
  } catch {
    saved = null; // storage may be switched off; the browser's language decides
  }
  if (saved in words) return saved;
  const wish = (navigator.languages || [navigator.language]).map((tag) => tag.slice(0, 2)).find((tag) => tag in words);
  return wish || DEFAULT;
}

export function getLanguage() {
  if (current === null) {
    current = initial();
    if (typeof document !== "undefined") document.documentElement.lang = current;
  }
  return current;
}

export function setLanguage(language) {
  if (!(language in words) || language === current) return;
  current = language;
  document.documentElement.lang = language;
  try {
    window.localStorage.setItem(KEY, language);
  } catch {
    // kept for this page only
  }
  listeners.forEach((listener) => listener());
}

function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function make(language) {
  const locale = LOCALES[language];
  const catalogue = words[language];
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

const made = {};
export function wordsFor(language) {
  if (!made[language]) made[language] = make(language);
  return made[language];
}

// The hook that every translated expression uses. The prerendered page is in the default language.
export function useWords() {
  return wordsFor(useSyncExternalStore(subscribe, getLanguage, () => DEFAULT));
}

// Follows the signed-in person's preference; an empty value leaves the browser's choice.
export function LanguagePreference({ language }) {
  useEffect(() => {
    if (language) setLanguage(language);
    else getLanguage();
  }, [language]);
  return null;
}

// The document's title in the reader's language.
export function PageTitle({ title, product }) {
  useEffect(() => {
    document.title = title ? `${title} · ${product || "Photobank"}` : product || "Photobank";
  }, [title, product]);
  return null;
}

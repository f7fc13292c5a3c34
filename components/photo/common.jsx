// What grid, uploader and viewer share: the shield, placeholders, reading the API, the order of photos for "next" and "previous".
import { thumbHashToDataURL } from "thumbhash";

const SPRITE = "/icons.svg";

export function Icon({ name, size = 16, symbol, className = "" }) {
  return (
    <svg className={`i ${size === 20 ? "" : `i-${size}`} ${className}`} aria-hidden="true" focusable="false">
      <use href={`${SPRITE}#${symbol || `i-${name}`}`} />
    </svg>
  );
}

// The same markup as components/shield.py. On photos approved and no-people show the icon only; every other state adds its word.
export function Shield({ state, look, pb, until, words }) {
  const word = words || pb.t(`clearance.${state}`);
  const seal = look === "seal" || (look === "photo" && (state === "approved" || state === "no_people"));
  const title = until ? `${word}, ${pb.t("clearance.until", { date: pb.date(until, "short") })}` : word;
  const shape = look === "photo" ? (seal ? "seal" : "plate") : look;
  return (
    <span className={`shield ${shape} s-${state}`} title={seal || until ? title : undefined}>
      <Icon symbol={`sh-${state}`} className="" size={20} />
      <span className={seal ? "vh" : "word"}>{word}</span>
    </span>
  );
}

const pictures = new Map();
export function placeholder(hash) {
  if (!hash) return null;
  if (!pictures.has(hash)) {
    if (pictures.size > 4000) pictures.clear();
    try {
      const text = atob(hash.replace(/-/g, "+").replace(/_/g, "/"));
      pictures.set(hash, `url("${thumbHashToDataURL(Uint8Array.from(text, (letter) => letter.charCodeAt(0)))}")`);
    } catch {
      pictures.set(hash, null); // a placeholder that cannot be read is only a missing nicety
    }
  }
  return pictures.get(hash);
}

export const rendition = (id, name, revision) => `/api/v1/assets/${id}/renditions/${name}${revision ? `?r=${encodeURIComponent(revision)}` : ""}`;

export class ApiError extends Error {
  constructor(status, problem) {
    super(problem.code || `http ${status}`);
    this.status = status;
    this.code = problem.code || "internal";
    this.problem = problem;
  }
}

async function problemOf(response) {
  try {
    return await response.json();
  } catch {
    return {};
  }
}

export async function read(path, signal) {
  const response = await fetch(path, { credentials: "same-origin", headers: { Accept: "application/json" }, signal });
  if (response.status === 404 || response.status === 204) return null;
  if (!response.ok) throw new ApiError(response.status, await problemOf(response));
  return response.json();
}

export function csrf() {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith("pb_csrf="));
  return found ? decodeURIComponent(found.slice(8)) : "";
}

// The list that a photo is opened from stands in its address, so that a copied link and a reload know its neighbours too.
const COLLECTION = /^\/api\/v1\/collections\/([^/]+)\/assets$/;
export function listOf(path, query) {
  const own = COLLECTION.exec(path || "");
  if (own) return `?collection=${own[1]}`;
  if (path !== "/api/v1/assets") return "";
  return `?${query || "sort=newest"}`;
}

// What is on the screen of that list is kept beside it, so that next and previous wait for nothing.
const ORDER = "photobank_order";
export function keepOrder(list, ids) {
  try {
    window.sessionStorage.setItem(ORDER, JSON.stringify({ list, ids }));
  } catch {
    // full or switched off: the server knows the neighbours
  }
}

export function keptBeside(list, id) {
  try {
    const kept = JSON.parse(window.sessionStorage.getItem(ORDER) || "{}");
    const at = kept.list === list ? kept.ids.indexOf(id) : -1;
    if (at >= 0) return { previous: kept.ids[at - 1] || null, next: kept.ids[at + 1] || null };
  } catch {
    // written by another version of the page
  }
  return { previous: null, next: null };
}

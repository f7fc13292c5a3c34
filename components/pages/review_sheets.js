// The sheets of the queue, fetched before they are asked for, pictures and all, so that the next question is there at once.
import { read } from "$/public/external/components/photo/scripts/common.jsx";
import { fetchPicture } from "./review_pictures.jsx";

export const LIKELY = 0.8; // less likely faces start out deselected
// Per cent as shown: the machine is never quite sure, only people are.
export const percent = (part) => Math.min(99, Math.round(part * 100));
const KEPT = 100;
const AT_ONCE = 24; // sheets in one request, as the house allows
const NEAR = 8; // how many questions are fetched ahead however large they are, and how far their order may be left
const PICTURES = 30;
const SEEN_FIRST = 12;

const sheets = new Map(); // cluster → {mark, sheet, done}
const marked = (row) => `${row.faces}/${row.person_id}`;

// What is asked for in one go travels in one request: groups of one face are answered faster than a browser fetches them singly.
let wanted = [];
function ask(id) {
  return new Promise((resolve, reject) => {
    if (!wanted.length) queueMicrotask(flush);
    wanted.push({ id, resolve, reject });
  });
}

function flush() {
  const asked = wanted;
  wanted = [];
  for (let from = 0; from < asked.length; from += AT_ONCE) {
    const some = asked.slice(from, from + AT_ONCE);
    read(`/api/v1/clusters/sheets?${some.map((one) => `id=${one.id}`).join("&")}`).then(
      (found) => some.forEach((one) => one.resolve(found.items.find((sheet) => sheet.id === one.id))),
      (error) => some.forEach((one) => one.reject(error)),
    );
  }
}

// What is known of the row now: a sheet, or null while it comes. `onCome` is called when it has, also with "gone" or "error".
export function sheetOf(row, onCome) {
  const known = sheets.get(row.id);
  if (known && known.mark === marked(row)) {
    if (known.sheet || !onCome) return known.sheet;
    known.done.then(onCome);
    return null;
  }
  const entry = { mark: marked(row), sheet: null };
  entry.done = ask(row.id).then(
    (sheet) => {
      entry.sheet = sheet || { id: row.id, gone: true, faces: [], references: [] };
      [...entry.sheet.references, ...entry.sheet.faces].slice(0, PICTURES).forEach((face) => fetchPicture(face.id));
    },
    () => {
      sheets.delete(row.id);
      entry.sheet = { id: row.id, failed: true, faces: [], references: [] };
    },
  );
  sheets.set(row.id, entry);
  if (sheets.size > KEPT) sheets.delete(sheets.keys().next().value);
  if (onCome) entry.done.then(onCome);
  return null;
}

// What will be asked next, many small groups or a few large ones: asked for again only when half of it has been answered.
export function fetchAhead(rows) {
  let pictures = 0;
  const coming = rows.slice(0, AT_ONCE).filter((row, at) => {
    pictures += Math.min(row.faces, PICTURES);
    return at < NEAR || pictures <= PICTURES * NEAR;
  });
  const asked = (row) => sheets.get(row.id)?.mark === marked(row);
  if (!coming.slice(0, Math.ceil(coming.length / 2)).every(asked)) coming.forEach((row) => sheetOf(row));
}

// The sheet as the row stands now, if it is here.
const here = (row) => {
  const known = sheets.get(row.id);
  return known && known.mark === marked(row) ? known.sheet : null;
};
const pictured = (row) => here(row)?.faces.slice(0, SEEN_FIRST).every((face) => fetchPicture(face.id).settled);

// Which of the rows is asked about next: the first that can be painted whole, or else without its pictures, or else the first. One that
// is being fetched anew, since somebody was recognised in it a moment ago, has its turn right after.
export function readyOf(rows) {
  const near = rows.slice(0, NEAR);
  return near.find(pictured) || near.find(here) || near[0];
}

export const forget = (id) => sheets.delete(id);

// Which faces are selected before anybody touches them: the likely ones, and of a group without a guess all.
export const picked = (sheet, touched) =>
  sheet.faces.filter((face) => touched.get(face.id) ?? (!sheet.guess || (face.probability ?? 0) >= LIKELY)).map((face) => face.id);

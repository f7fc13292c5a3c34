// The sheets of the queue, fetched before they are asked for, pictures and all, so that the next question is there at once.
import { read } from "$/public/external/components/photo/scripts/common.jsx";
import { fetchPicture } from "./review_pictures.jsx";

export const LIKELY = 0.8; // less likely faces start out deselected
// Per cent as shown: the machine is never quite sure, only people are.
export const percent = (part) => Math.min(99, Math.round(part * 100));
const KEPT = 60;
const PICTURES = 30;
const SEEN_FIRST = 12;

const sheets = new Map(); // cluster → {mark, sheet, done}
const marked = (row) => `${row.faces}/${row.person_id}`;

// What is known of the row now: a sheet, or null while it comes. `onCome` is called when it has, also with "gone" or "error".
export function sheetOf(row, onCome) {
  const known = sheets.get(row.id);
  if (known && known.mark === marked(row)) {
    if (known.sheet || !onCome) return known.sheet;
    known.done.then(onCome);
    return null;
  }
  const entry = { mark: marked(row), sheet: null };
  entry.done = read(`/api/v1/clusters/${row.id}`).then(
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

// Whether the sheet is here as the row stands now, with the pictures that are seen first.
export function isHere(row) {
  const known = sheets.get(row.id);
  return Boolean(known && known.sheet && known.mark === marked(row) && known.sheet.faces.slice(0, SEEN_FIRST).every((face) => fetchPicture(face.id).settled));
}

export const forget = (id) => sheets.delete(id);

// Which faces are selected before anybody touches them: the likely ones, and of a group without a guess all.
export const picked = (sheet, touched) =>
  sheet.faces.filter((face) => touched.get(face.id) ?? (!sheet.guess || (face.probability ?? 0) >= LIKELY)).map((face) => face.id);

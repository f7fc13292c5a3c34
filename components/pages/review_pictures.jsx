// Cut-out faces, kept in memory while they may be needed: the house lets no cache keep them, and the next question must not wait for any.
import { useEffect, useState } from "react";

const AT_ONCE = 4; // each is cut from its photo on the way out
const KEPT = 800;
const pictures = new Map(); // face → {url, done, shown}
// What is asked about comes first, then what is shown beside it, then what will be asked next.
const waiting = [[], [], []];
const [DESK, BESIDE, AHEAD] = [0, 1, 2];
let running = 0;

function next() {
  while (running < AT_ONCE) {
    const load = waiting.find((loads) => loads.length)?.shift();
    if (!load) return;
    running += 1;
    load().finally(() => {
      running -= 1;
      next();
    });
  }
}

function evict() {
  for (const [face, entry] of pictures) {
    if (pictures.size <= KEPT) return;
    if (entry.shown || !entry.settled) continue;
    if (entry.url) URL.revokeObjectURL(entry.url);
    pictures.delete(face);
  }
}

export function fetchPicture(face, rank = AHEAD) {
  const known = pictures.get(face);
  if (known) {
    const at = rank < known.rank && !known.settled ? waiting[known.rank].indexOf(known.load) : -1;
    if (at >= 0) {
      waiting[rank].push(...waiting[known.rank].splice(at, 1));
      known.rank = rank;
    }
    return known;
  }
  const entry = { url: "", shown: 0, settled: false, rank };
  entry.done = new Promise((resolve) => {
    entry.load = async () => {
      try {
        const answer = await fetch(`/api/v1/faces/${face}/crop`, { credentials: "same-origin" });
        if (!answer.ok) throw new Error(`${answer.status}`);
        const url = URL.createObjectURL(await answer.blob());
        // Decoded and held: a new element with this address shows it in the frame in which it comes.
        entry.image = new Image();
        entry.image.src = url;
        await entry.image.decode().catch(() => {});
        entry.url = url;
      } catch {
        pictures.delete(face); // asked for again when it is shown again
      }
      entry.settled = true;
      resolve(entry.url);
    };
  });
  pictures.set(face, entry);
  waiting[rank].push(entry.load);
  evict();
  next();
  return entry;
}

export function Face({ id, alt = "", className, size, beside = false }) {
  const [url, setUrl] = useState(() => pictures.get(id)?.url || "");
  useEffect(() => {
    const entry = fetchPicture(id, beside ? BESIDE : DESK);
    entry.shown += 1;
    let here = true;
    if (entry.settled) setUrl(entry.url);
    else entry.done.then((found) => here && setUrl(found));
    return () => {
      here = false;
      entry.shown -= 1;
    };
  }, [id, beside]);
  return url ? <img src={url} alt={alt} className={className} width={size} height={size} /> : <span className={`rv-wait ${className || ""}`} role={alt ? "img" : undefined} aria-label={alt || undefined} />;
}

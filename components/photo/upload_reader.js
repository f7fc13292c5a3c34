// A worker beside the page: reads files for their SHA-256 and for a small picture, so that typing and scrolling never wait for either.
// Memory stays bounded: one file at a time, and a large one piece by piece.
import { sha256 } from "@noble/hashes/sha2.js";

const WHOLE = 64 * 1024 * 1024; // up to here the browser's own digest is quickest; it wants the file in memory
const PIECE = 4 * 1024 * 1024;
const WIDTH = 320;

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

async function digest(file) {
  if (file.size <= WHOLE && self.crypto?.subtle) return hex(new Uint8Array(await self.crypto.subtle.digest("SHA-256", await file.arrayBuffer())));
  const hash = sha256.create();
  for (let at = 0; at < file.size; at += PIECE) hash.update(new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer()));
  return hex(hash.digest());
}

async function thumbnail(file) {
  const bitmap = await createImageBitmap(file, { resizeWidth: WIDTH, resizeQuality: "medium", imageOrientation: "from-image" });
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas.convertToBlob({ type: "image/jpeg", quality: 0.78 });
}

const WORK = { digest, thumbnail };

self.addEventListener("message", async ({ data: { id, what, file } }) => {
  try {
    self.postMessage({ id, result: await WORK[what](file) });
  } catch (error) {
    self.postMessage({ id, failed: error?.name || "Error" });
  }
});

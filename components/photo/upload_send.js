// One file on its way: over tus, in pieces, from where the server has it. What went wrong is told in a word; the queue decides what follows.
import * as tus from "tus-js-client";
import { csrf } from "./common.jsx";

const ENDPOINT = "/api/v1/uploads";
const PIECE = 8 * 1024 * 1024;
const REFUSED = new Set([400, 403, 413, 415, 422]);

function problemOf(error) {
  try {
    return JSON.parse(error.originalResponse.getBody());
  } catch {
    return {};
  }
}

// again: try later · lost: the server no longer knows this upload · different: not the bytes that were announced · here: it is here already
// · signed-out · refused, with a reason
export function verdict(error) {
  const status = error.originalResponse ? error.originalResponse.getStatus() : 0;
  const problem = problemOf(error);
  if (status === 401) return { what: "signed-out" };
  if (status === 404 || status === 410) return error.originalRequest?.getMethod() === "POST" ? { what: "refused", reason: "errors.not_found" } : { what: "lost" };
  if (status === 460) return { what: "different" };
  if (problem.code === "duplicate_asset") return { what: "here" };
  if (REFUSED.has(status)) return { what: "refused", reason: problem.reason ? `rejections.${problem.reason}` : `errors.${problem.code || "unsupported_media"}` };
  return { what: "again", after: status === 429 ? Number(error.originalResponse.getHeader("Retry-After")) || 5 : 0 };
}

// Begins, and gives what stops it. Stopping keeps what has arrived; `end` gives it up.
export function transfer(entry, { onUpload, onAsset, onProgress, onDone, onError }) {
  let open = true;
  const metadata = { filename: entry.name, filetype: entry.file.type || "application/octet-stream", on_duplicate: entry.decision, batch_id: entry.batch };
  if (entry.sha256) metadata.sha256 = entry.sha256;
  const upload = new tus.Upload(entry.file, {
    endpoint: ENDPOINT,
    uploadUrl: entry.upload || null,
    chunkSize: PIECE,
    retryDelays: null,
    storeFingerprintForResuming: false,
    metadata,
    onBeforeRequest: (request) => request.setHeader("X-CSRF-Token", csrf()),
    onAfterResponse: (request, response) => {
      const asset = response.getHeader("Photobank-Asset");
      if (open && asset) onAsset(asset);
    },
    onUploadUrlAvailable: () => open && onUpload(new URL(upload.url, window.location.href).pathname),
    onProgress: (sent, total) => open && onProgress(sent, total),
    onSuccess: () => {
      if (open) onDone();
      open = false;
    },
    onError: (error) => {
      if (open) onError(verdict(error));
      open = false;
    },
  });
  upload.start();
  return {
    stop: () => {
      open = false;
      return upload.abort().catch(() => {});
    },
  };
}

export async function end(url) {
  if (!url) return;
  try {
    await fetch(url, { method: "DELETE", credentials: "same-origin", headers: { "Tus-Resumable": "1.0.0", "X-CSRF-Token": csrf() } });
  } catch {
    // the server forgets it by itself after a week
  }
}

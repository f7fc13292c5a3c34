// One file on its way: over tus, in pieces, from where the server has it. What went wrong is told in a word; the queue decides what follows.
import * as tus from "tus-js-client";
import { csrf } from "./common.jsx";
import { waitOf } from "./upload_server.js";

const ENDPOINT = "/api/v1/uploads";
const PIECE = 32 * 1024 * 1024; // a photo in one request; what arrived of it counts however the request ends
const REFUSED = new Set([400, 403, 413, 415, 422]);
const SILENT = 120_000; // nothing moved for so long: the connection is dead, whatever it says

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
  if (status === 404 || status === 410) return error.originalRequest.getMethod() === "POST" ? { what: "refused", reason: "errors.not_found" } : { what: "lost" };
  if (status === 460) return { what: "different" };
  if (problem.code === "duplicate_asset") return { what: "here" };
  if (REFUSED.has(status)) return { what: "refused", reason: problem.reason ? `rejections.${problem.reason}` : `errors.${problem.code || "unsupported_media"}` };
  return { what: "again", after: waitOf(status, status && error.originalResponse.getHeader("Retry-After")) };
}

// Begins, and gives what stops it. Stopping keeps what has arrived; `end` gives it up.
export function transfer(entry, { onUpload, onAsset, onProgress, onDone, onError }) {
  let open = true;
  let watch = 0;
  // `once`: when the answer to a beginning never comes, the next try is given the same upload, not a second one.
  const metadata = { filename: entry.name, filetype: entry.file.type || "application/octet-stream", on_duplicate: entry.decision, batch_id: entry.batch, once: entry.key };
  if (entry.sha256) metadata.sha256 = entry.sha256;
  const stop = () => {
    open = false;
    clearTimeout(watch);
    return upload.abort().catch(() => {});
  };
  const moved = () => {
    clearTimeout(watch);
    watch = setTimeout(() => {
      stop();
      onError({ what: "again", after: 0 });
    }, SILENT);
  };
  const upload = new tus.Upload(entry.file, {
    // Where there is something to go on with, the client has nowhere to begin anew: it would, at any answer but yes, also while a
    // server is still starting, and leave what was half sent behind.
    endpoint: entry.upload ? null : ENDPOINT,
    uploadUrl: entry.upload || null,
    chunkSize: PIECE,
    retryDelays: null,
    storeFingerprintForResuming: false,
    metadata,
    onBeforeRequest: (request) => {
      moved();
      request.setHeader("X-CSRF-Token", csrf());
    },
    onAfterResponse: (request, response) => {
      const asset = response.getHeader("Photobank-Asset");
      if (open && asset) onAsset(asset);
    },
    onUploadUrlAvailable: () => open && onUpload(new URL(upload.url, window.location.href).pathname),
    onProgress: (sent, total) => {
      if (!open) return;
      moved();
      onProgress(sent, total);
    },
    onSuccess: () => {
      clearTimeout(watch);
      if (open) onDone();
      open = false;
    },
    onError: (error) => {
      clearTimeout(watch);
      if (open) onError(verdict(error));
      open = false;
    },
  });
  upload.start();
  return { stop };
}

export async function end(url) {
  if (!url) return;
  try {
    await fetch(url, { method: "DELETE", credentials: "same-origin", headers: { "Tus-Resumable": "1.0.0", "X-CSRF-Token": csrf() } });
  } catch {
    // the server forgets it by itself after a week
  }
}

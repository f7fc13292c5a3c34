// What the queue asks the server, beside sending bytes: a batch to put photos in, what is known of files, what became of them.
import { ApiError, csrf } from "./common.jsx";

const ROOT = "/api/v1/batches";
const PATIENCE = 60_000; // a connection that died without a word answers never

// True when asking again later may help: no answer, a server in trouble, or too many questions.
export const passing = ({ status }) => !status || status >= 500 || status === 429;
export const waitOf = (status, header) => (status === 429 || status === 503 ? Number(header) || (status === 429 ? 5 : 0) : 0);

async function call(method, path, body) {
  const response = await fetch(`${ROOT}${path}`, {
    method,
    credentials: "same-origin",
    headers: { Accept: "application/json", "X-CSRF-Token": csrf(), ...(body ? { "Content-Type": "application/json" } : {}) },
    body: body ? JSON.stringify(body) : undefined,
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (!response.ok) throw Object.assign(new ApiError(response.status, await response.json().catch(() => ({}))), { after: waitOf(response.status, response.headers.get("Retry-After")) });
  return response.json();
}

export const beginBatch = (said) => call("POST", "", said);
export const getBatch = (id) => call("GET", `/${id}`);
export const changeBatch = (id, said) => call("PATCH", `/${id}`, said);
export const keyOf = (id) => call("GET", `/${id}/key`).then((answer) => answer.key);
export const check = (id, files) => call("POST", `/${id}/check`, { files }).then((answer) => answer.items);

// All files of a batch that moved since then, page after page.
export async function filesOf(id, since) {
  const found = [];
  let asOf = since;
  for (let cursor = ""; cursor !== null;) {
    const query = new URLSearchParams({ limit: "200", ...(since ? { since } : {}), ...(cursor ? { cursor } : {}) });
    const page = await call("GET", `/${id}/files?${query}`);
    if (!cursor) asOf = page.as_of;
    found.push(...page.items);
    cursor = page.next_cursor;
  }
  return { items: found, asOf };
}

// Requests that only HTTP can carry: cookies are set by an answer, files come as one. Everything else goes over the socket.
export function csrf() {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith("pb_csrf="));
  return found ? decodeURIComponent(found.slice(8)) : "";
}

async function problemOf(response) {
  try {
    return await response.json();
  } catch {
    return { code: response.status >= 500 ? "internal" : "refused" };
  }
}

// {ok, status, response, problem, wait}; never throws. `wait` are the seconds to let pass before the next try.
export async function send(method, path, body) {
  const headers = { Accept: "application/json, */*;q=0.5", "X-CSRF-Token": csrf() };
  const file = body instanceof Blob;
  if (body !== undefined && !file) headers["Content-Type"] = "application/json";
  try {
    const response = await fetch(path, { method, credentials: "same-origin", headers, body: body === undefined || file ? body : JSON.stringify(body) });
    if (response.ok) return { ok: true, status: response.status, response };
    return { ok: false, status: response.status, problem: await problemOf(response), wait: Number(response.headers.get("Retry-After")) || 0 };
  } catch {
    return { ok: false, status: 0, problem: { code: "unavailable" }, wait: 0 };
  }
}

// A full page load: the socket learns of a new session only when it is opened again.
export const goTo = (path) => window.location.assign(path);

export async function signOut() {
  await send("DELETE", "/api/v1/session");
  goTo("/sign-in/");
}

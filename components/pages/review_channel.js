// What a reviewer decided goes to the house in the order it was done, in batches, one request at a time; what cannot arrive now waits
// and is sent again. Decisions carry ids of ours, so that one that arrived without our hearing of it counts once. It outlives the page.
import { csrf, send } from "$/public/external/components/http/http.js";

const AT_ONCE = 50;
const WAITS = [500, 1000, 2000, 4000, 8000];
const LEAVING = 60; // as many decisions as surely fit into a request that outlives the page (64 kB)

// crypto.randomUUID is there on secure origins only, and a first try of Photobank may run without TLS.
export function freshId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const text = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join("-");
}

const later = (time) => new Promise((resolve) => { setTimeout(resolve, time); });
const passing = (result) => result.status === 0 || result.status === 429 || result.status >= 500;

class Channel {
  entries = [];
  listeners = new Set();
  running = false;
  lost = false;
  holding = false;
  state = { waiting: 0, lost: false };

  subscribe = (listener) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  snapshot = () => this.state;

  // → {action_id, person_id, error}: what the house made of it.
  decide(decision) {
    return this.add({ kind: "decision", decision });
  }

  // → the result of `send`. `again` says which refusal of a second try means that the first one had arrived.
  call(method, path, body, again) {
    return this.add({ kind: "call", method, path, body, again });
  }

  // Of several claims that wait only the last one counts.
  claim(cluster) {
    this.entries.filter((entry) => entry.kind === "claim" && !entry.sent).forEach((entry) => entry.resolve({ ok: true, skipped: true }));
    this.entries = this.entries.filter((entry) => entry.kind !== "claim" || entry.sent);
    this.holding = true;
    return this.add({ kind: "claim", method: "POST", path: `/api/v1/clusters/${cluster}/claim` });
  }

  // Takes back a decision that has not left yet; false when it has.
  recall(id) {
    const entry = this.entries.find((one) => one.kind === "decision" && one.decision.id === id && !one.sent);
    if (!entry) return false;
    this.entries = this.entries.filter((one) => one !== entry);
    entry.resolve({ recalled: true });
    this.tell();
    return true;
  }

  add(entry) {
    return new Promise((resolve) => {
      this.entries.push({ ...entry, resolve, sent: false });
      this.tell();
      this.run();
    });
  }

  tell() {
    const waiting = this.entries.filter((entry) => entry.kind === "decision").length;
    if (waiting === this.state.waiting && this.lost === this.state.lost) return;
    this.state = { waiting, lost: this.lost };
    this.listeners.forEach((listener) => listener());
  }

  async run() {
    if (this.running) return;
    this.running = true;
    while (this.entries.length) {
      const head = this.entries[0];
      const end = this.entries.findIndex((entry, at) => entry.kind !== "decision" || at >= AT_ONCE);
      const batch = head.kind === "decision" ? this.entries.slice(0, end < 0 ? undefined : end) : [head];
      batch.forEach((entry) => { entry.sent = true; });
      const results = await this.deliver(head, batch); // eslint-disable-line no-await-in-loop
      this.entries = this.entries.filter((entry) => !batch.includes(entry));
      this.tell();
      batch.forEach((entry, at) => entry.resolve(results[at]));
    }
    this.running = false;
  }

  async deliver(head, batch) {
    for (let tries = 0; ; tries += 1) {
      const decided = head.kind === "decision";
      const body = decided ? { decisions: batch.map((entry) => entry.decision) } : head.body;
      const result = await send(decided ? "POST" : head.method, decided ? "/api/v1/review/decisions" : head.path, body); // eslint-disable-line no-await-in-loop
      const arrived = !passing(result);
      if (this.lost === arrived) {
        this.lost = !arrived;
        this.tell();
      }
      if (!arrived && head.kind !== "claim") {
        await later(Math.max(WAITS[Math.min(tries, WAITS.length - 1)], result.wait * 1000 || 0)); // eslint-disable-line no-await-in-loop
        continue;
      }
      if (!decided) return [tries && head.again === result.status ? { ...result, ok: true } : result];
      if (!result.ok) return batch.map(() => ({ error: result.problem.code }));
      const outcomes = (await result.response.json()).outcomes; // eslint-disable-line no-await-in-loop
      return batch.map((entry) => outcomes.find((one) => one.id === entry.decision.id) || { error: "internal" });
    }
  }

  // Others may have the group that one was at.
  release() {
    this.holding = false;
    return this.call("DELETE", "/api/v1/review/claim");
  }

  // The page goes for good: what has not arrived is handed to the browser, which sends it on its own.
  leave() {
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf() };
    const decisions = this.entries.filter((entry) => entry.kind === "decision").map((entry) => entry.decision);
    for (let at = 0; at < decisions.length; at += LEAVING) {
      fetch("/api/v1/review/decisions", {
        method: "POST", keepalive: true, credentials: "same-origin", headers, body: JSON.stringify({ decisions: decisions.slice(at, at + LEAVING) }),
      }).catch(() => {});
    }
    if (this.holding) fetch("/api/v1/review/claim", { method: "DELETE", keepalive: true, credentials: "same-origin", headers }).catch(() => {});
  }
}

export const channel = new Channel();

if (typeof window !== "undefined") {
  window.addEventListener("beforeunload", (event) => {
    if (channel.state.waiting) event.preventDefault();
  });
  window.addEventListener("pagehide", () => channel.leave());
}

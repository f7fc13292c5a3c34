// What a reviewer answers, and what takes it back. Each answer is on the screen before the house has it; a refusal brings the group back.
import { useRef } from "react";
import { channel, freshId } from "./review_channel.js";
import { EMPTY } from "./review_queue.jsx";
import { forget } from "./review_sheets.js";

// `hide` takes a group out of the queue, or puts it back with null; `anew` fetches its sheet again; `onward` goes to the next question,
// `back` to a group that is coming back. `say` shows one message.
export function useAnswers({ pb, row, sheet, chosen, some, hidden, hide, anew, onward, back, say, pace, onDialog }) {
  const done = useRef([]); // what U takes back, latest last
  const failed = (code) => ({ key: pb.has(`review.failed.${code}`) ? `review.failed.${code}` : "review.failed.internal", bad: true });
  const remember = (entry) => {
    done.current.push(entry);
    return entry;
  };
  const refused = (entry, code) => {
    done.current = done.current.filter((one) => one !== entry);
    say(failed(code));
  };

  // → what the house made of it. `settled` hears whether it took it, unless it was taken back before it left.
  const send = (entry, decision, name, settled = () => {}) => {
    const request = freshId();
    Object.assign(remember(entry), { request });
    pace.settled(entry.count);
    entry.outcome = channel.decide({ id: request, ...decision }).then((outcome) => {
      if (!outcome.recalled) settled(!outcome.error);
      if (outcome.error) {
        pace.takenBack(entry.count);
        refused(entry, outcome.error);
      }
      return outcome;
    });
    say({ key: `review.said.${decision.verb}`, params: { count: entry.count, name }, undo: true });
    return entry.outcome;
  };
  const decide = (verb, who = {}, name = "") => {
    if (!row || !sheet || !chosen.length) return say({ key: "review.none_selected" });
    const { id, faces: of } = row;
    const count = chosen.length;
    hide(id, { faces: count, of, arrived: false });
    forget(id);
    send({ row: id, count }, { verb, face_ids: chosen, cluster_id: id, ...who }, name, (took) => {
      if (!took) hide(id, null);
      else if (hidden.has(id)) hide(id, { ...hidden.get(id), arrived: true });
    });
    return onward();
  };
  // Of faces apart from any group.
  const decideSome = (verb, faces, who = {}, words = {}) => send({ count: faces.length }, { verb, face_ids: faces, ...who }, words.name || "");
  const confirm = () => {
    if (!sheet) return undefined;
    if (!chosen.length) return say({ key: "review.none_selected" });
    return sheet.guess ? decide("confirm", { person_id: sheet.guess.person_id }, sheet.guess.name) : onDialog("name");
  };
  const reject = () => sheet?.guess && decide("reject", { person_id: sheet.guess.person_id }, sheet.guess.name);
  const name = (one) => decide("confirm", one.id ? { person_id: one.id } : { name: one.name }, one.name);

  // Something is done to groups, the one in sight among them: it is looked at again. → what the house answered, {} when it refused.
  const regroup = (entry, path, body, settled) => {
    const from = row.id;
    remember(entry);
    onDialog("");
    entry.outcome = channel.call("POST", path, body, 404).then((result) => {
      settled(result.ok);
      anew(from);
      if (result.ok) return result.response ? result.response.json() : {};
      refused(entry, result.problem.code);
      return {};
    });
  };
  const merge = (other) => {
    hide(other.id, { faces: 0, of: other.faces, arrived: false });
    regroup({ row: other.id, count: other.faces }, `/api/v1/clusters/${row.id}/merge`, { cluster_id: other.id }, (ok) => {
      hide(other.id, ok ? { faces: 0, of: other.faces, arrived: true } : null);
    });
    say({ key: "review.said.merge", params: { count: other.faces }, undo: true });
  };
  // The selected faces leave the others here: for a group of their own, or for another one. Never put together with the rest again.
  const part = (path, body, key) => {
    const count = chosen.length;
    regroup({ row: row.id, count }, path, { ...body, face_ids: chosen }, () => {});
    say({ key, params: { count }, undo: true });
  };
  const split = () => (some ? part(`/api/v1/clusters/${row.id}/split`, {}, "review.said.split") : say({ key: "review.split_some" }));
  const moveTo = (other) => {
    forget(other.id);
    part(`/api/v1/clusters/${other.id}/merge`, { cluster_id: row.id }, "review.said.move");
  };

  // Of photos without faces the house has been told already.
  const nobody = (what) => {
    if (what.failed) return say({ key: "review.failed.internal", bad: true });
    remember({ count: what.count, photos: true, outcome: Promise.resolve({ action_id: what.action }) });
    return say({ key: "review.said.nobody", params: { count: what.count }, undo: true });
  };

  const returned = (entry) => {
    if (entry.request) pace.takenBack(entry.count);
    if (entry.row || entry.photos) back(entry.row || EMPTY);
    say({ key: entry.photos ? "review.photos_back" : "review.taken_back", params: { count: entry.count || 0 } });
  };
  // `named`: an action of the history; without it the latest answer given here, or else the latest of all.
  const undo = async (named) => {
    const entry = named ? { count: named.faces, photos: named.kind.endsWith("nobody") } : done.current.pop() || {};
    onDialog("");
    if (entry.request && channel.recall(entry.request)) return returned(entry);
    const action = named ? named.id : entry.outcome && (await entry.outcome).action_id;
    if (entry.outcome && !action) return undefined;
    const result = await channel.call("POST", "/api/v1/review/undo", action ? { action_id: action } : {}, 409);
    if (result.ok) return returned(entry);
    return say({ key: { 404: "review.nothing_to_undo", 409: "review.undo_conflict" }[result.status] || "review.failed.internal", bad: true });
  };
  return { decide, decideSome, confirm, reject, name, merge, split, moveTo, nobody, undo };
}

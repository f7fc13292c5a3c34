"""How answers of a reviewer travel, run by Node on the file that the browser gets, with a house that can be made to fail."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CHANNEL = Path(__file__).parents[2] / "components" / "pages" / "review_channel.js"
NODE = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")

pytestmark = pytest.mark.skipif(NODE is None, reason="Node is not installed")

# A house that answers what `answers` says, and then yes; it remembers what it was sent. Timers run at once.
HOUSE = """
export const csrf = () => "";
export const sent = [];
export const answers = [];
globalThis.setTimeout = (run) => { queueMicrotask(run); return 0; };
export async function send(method, path, body) {
  sent.push({ method, path, ids: body && body.decisions ? body.decisions.map((one) => one.id) : null });
  await Promise.resolve();
  const answer = answers.shift() || { ok: true, status: 200 };
  const outcomes = body && body.decisions ? body.decisions.map((one) => ({ id: one.id, action_id: `a-${one.id}` })) : [];
  return { problem: {}, wait: 0, ...answer, response: { json: async () => ({ outcomes }) } };
}
"""


def run(script: str, tmp_path: Path) -> Any:
    (tmp_path / "http.mjs").write_text(HOUSE, encoding="utf-8")
    module = CHANNEL.read_text(encoding="utf-8").replace("$/public/external/components/http/http.js", "./http.mjs")
    (tmp_path / "channel.mjs").write_text(module, encoding="utf-8")
    start = f"import {{ channel, freshId }} from {json.dumps((tmp_path / 'channel.mjs').as_uri())};"
    start += f"import {{ sent, answers }} from {json.dumps((tmp_path / 'http.mjs').as_uri())};"
    done = subprocess.run(
        [str(NODE), "--input-type=module", "-e", f"{start}\n{script}"], capture_output=True, text=True, check=True, timeout=30
    )
    return json.loads(done.stdout)


def test_what_is_decided_while_one_is_on_its_way_goes_together_and_in_order(tmp_path: Path) -> None:
    script = """
    const all = ["a", "b", "c"].map((id) => channel.decide({ id }));
    const outcomes = await Promise.all(all);
    const actions = outcomes.map((one) => one.action_id);
    console.log(JSON.stringify({ sent: sent.map((one) => one.ids), actions, left: channel.state.waiting }));
    """
    assert run(script, tmp_path) == {"sent": [["a"], ["b", "c"]], "actions": ["a-a", "a-b", "a-c"], "left": 0}


@pytest.mark.parametrize("trouble", [{"ok": False, "status": 0}, {"ok": False, "status": 503}, {"ok": False, "status": 429}])
def test_what_does_not_arrive_is_sent_again_under_the_same_id_and_the_page_says_so(tmp_path: Path, trouble: dict[str, Any]) -> None:
    script = f"""
    answers.push({json.dumps(trouble)}, {json.dumps(trouble)});
    const said = [];
    channel.subscribe(() => said.push(channel.state.lost));
    const outcome = await channel.decide({{ id: "a" }});
    const found = {{ sent: sent.map((one) => one.ids), action: outcome.action_id, said: said.includes(true) }};
    console.log(JSON.stringify({{ ...found, lost: channel.state.lost }}));
    """
    assert run(script, tmp_path) == {"sent": [["a"]] * 3, "action": "a-a", "said": True, "lost": False}


def test_a_refusal_is_told_and_not_repeated(tmp_path: Path) -> None:
    script = """
    answers.push({ ok: false, status: 401, problem: { code: "not_authenticated" } });
    const outcome = await channel.decide({ id: "a" });
    console.log(JSON.stringify({ sent: sent.length, error: outcome.error }));
    """
    assert run(script, tmp_path) == {"sent": 1, "error": "not_authenticated"}


def test_a_claim_follows_the_decisions_before_it_and_only_the_last_one_counts(tmp_path: Path) -> None:
    script = """
    const all = [channel.decide({ id: "a" }), channel.claim("one"), channel.claim("two"), channel.decide({ id: "b" }), channel.claim("three")];
    await Promise.all(all);
    console.log(JSON.stringify(sent.map((one) => one.ids || one.path)));
    """
    assert run(script, tmp_path) == [["a"], ["b"], "/api/v1/clusters/three/claim"]


def test_what_has_not_left_can_be_taken_back_without_the_house(tmp_path: Path) -> None:
    script = """
    const first = channel.decide({ id: "a" });
    const second = channel.decide({ id: "b" });
    const recalled = [channel.recall("b"), channel.recall("a")];
    console.log(JSON.stringify({ recalled, second: await second, first: (await first).action_id, sent: sent.map((one) => one.ids) }));
    """
    assert run(script, tmp_path) == {"recalled": [True, False], "second": {"recalled": True}, "first": "a-a", "sent": [["a"]]}


def test_a_second_try_that_finds_the_work_done_counts_as_done(tmp_path: Path) -> None:
    script = """
    answers.push({ ok: false, status: 0 }, { ok: false, status: 409 }, { ok: false, status: 409 });
    const again = await channel.call("POST", "/undo", {}, 409);
    const refused = await channel.call("POST", "/undo", {}, 409);
    console.log(JSON.stringify([again.ok, refused.ok]));
    """
    assert run(script, tmp_path) == [True, False]


def test_ids_are_of_the_right_shape_and_differ(tmp_path: Path) -> None:
    ids = run("console.log(JSON.stringify([freshId(), freshId()]))", tmp_path)
    assert ids[0] != ids[1]
    assert all(len(one) == 36 and one[14] == "4" and one[19] in "89ab" for one in ids)

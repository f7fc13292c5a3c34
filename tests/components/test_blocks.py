"""The library as blocks, run by Node on the files that the browser gets: what comes, goes and moves lands in the right place."""

import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parents[2] / "components" / "photo"
NODE = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")

pytestmark = pytest.mark.skipif(NODE is None, reason="Node is not installed")


def cursor(at: str, id_: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([at, id_]).encode()).decode().rstrip("=")


def run(body: str, folder: Path) -> Any:
    """`body` has `b` (a list of blocks), `item(id, day)` and `shown()`: what each month shows, unread blocks as their counts."""
    for name in ("rows.js", "blocks.js", "places.js"):
        text = (HERE / name).read_text(encoding="utf-8").replace('./rows.js"', './rows.mjs"')
        (folder / name.replace(".js", ".mjs")).write_text(text, encoding="utf-8")
    (folder / "run.mjs").write_text(
        f"""
        import {{ Blocks, block, countOf, placeOf }} from {json.dumps((folder / "blocks.mjs").as_uri())};
        import {{ place, anchorAt, placeAgain }} from {json.dumps((folder / "places.mjs").as_uri())};
        const b = new Blocks();
        const item = (id, day, more) => ({{ id, sort_at: `2026-${{day}}T10:00:00Z`, width: 300, height: 200, ...more }});
        const says = (one) => (one.items ? one.items.map((i) => i.id).join("") : one.count);
        const shown = () => b.sections.map((s) => [s.month, ...s.blocks.map(says)]);
        const answer = (() => {{ {body} }})();
        console.log(JSON.stringify(answer));
        """,
        encoding="utf-8",
    )
    done = subprocess.run([str(NODE), str(folder / "run.mjs")], capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


FIRST = f"""
b.begin({{ items: [item("f", "11-20"), item("e", "11-10"), item("d", "10-20"), item("c", "10-10")],
          next_cursor: "{cursor("2026-10-10T10:00:00+00:00", "c")}" }});
"""
COUNTED = FIRST + 'b.reconcile([["2026-11", 2], ["2026-10", 50], ["2026-08", 7]]);'


def test_what_the_first_page_does_not_hold_follows_from_the_counts(tmp_path: Path) -> None:
    assert run(FIRST + "return shown()", tmp_path) == [["2026-11", "fe"], ["2026-10", "dc"]]
    assert run(COUNTED + "return [shown(), b.total]", tmp_path) == [[["2026-11", "fe"], ["2026-10", "dc", 48], ["2026-08", 7]], 59]


def test_a_new_photo_lands_in_its_place_or_is_counted_where_it_is_not_read(tmp_path: Path) -> None:
    body = (
        COUNTED + 'b.take(item("n", "11-15")); b.take(item("m", "10-12")); b.take(item("l", "10-01")); b.take(item("k", "09-01")); '
    )
    assert run(body + "return shown()", tmp_path) == [
        ["2026-11", "fne"],
        ["2026-10", "dmc", 49],
        ["2026-09", "k"],
        ["2026-08", 7],
    ]


def test_moments_with_and_without_fractions_are_ordered_by_time(tmp_path: Path) -> None:
    times = "['2026-11-20T10:00:00Z', '2026-11-20T10:00:00.120000Z', '2026-11-20T10:00:00.5+00:00', '2026-11-20T10:00:01Z']"
    assert run(
        f"const p = {times}.map((t) => placeOf({{ id: 'a', sort_at: t }})); return p.join() === [...p].sort().join()", tmp_path
    )


def test_a_photo_that_goes_leaves_no_hole(tmp_path: Path) -> None:
    body = COUNTED + 'b.remove("d"); b.remove("c"); b.remove("f"); b.remove("e"); return [shown(), b.sections[0].blocks[0].start]'
    assert run(body, tmp_path) == [[["2026-10", 48], ["2026-08", 7]], None]


def test_a_photo_whose_date_changes_moves_and_one_that_does_not_keeps_its_row(tmp_path: Path) -> None:
    body = COUNTED + 'b.take(item("f", "10-15")); return shown()'
    assert run(body, tmp_path) == [["2026-11", "e"], ["2026-10", "dfc", 48], ["2026-08", 7]]
    body = COUNTED + (
        "place(b, { width: 900, height: 150, gap: 6 }, true); const before = b.sections[0].blocks[0].rows;"
        'b.take(item("f", "11-20", { title: "new" })); const after = b.sections[0].blocks[0].rows;'
        "return [after[0].cells[0].item.title, after.length === before.length]"
    )
    assert run(body, tmp_path) == ["new", True]


def test_a_long_block_is_cut_and_one_that_grew_meanwhile_too(tmp_path: Path) -> None:
    ends = [cursor(f"2026-08-{day}T10:00:00+00:00", "x") for day in ("20", "10", "02")]
    end_of_page = cursor("2026-08-27T10:00:00Z", "h")
    parts = ", ".join(f'{{ end: "{end}", count: {n}, ratios: {n} }}' for end, n in zip(ends, (3, 3, 1), strict=True))
    body = (
        COUNTED
        + f"""
    b.cut(b.sections[2].blocks[0], [{parts}]);
    b.fill(b.sections[2].blocks[0], {{ items: [item("i", "08-28"), item("h", "08-27")], next_cursor: "{end_of_page}" }});
    b.take(item("z", "08-05"));
    const {{ blocks }} = b.sections[2];
    return [shown()[2], blocks.map((one) => one.start), blocks.at(-1).end];
    """
    )
    months, starts, end = run(body, tmp_path)
    assert months == ["2026-08", "ih", 1, 3, 2]
    assert starts == [None, end_of_page, ends[0], ends[1]]
    assert end is None


def test_the_middle_of_a_month_stays_the_middle_when_it_is_cut(tmp_path: Path) -> None:
    ends = [cursor(f"2026-10-0{9 - n}T10:00:00+00:00", "x") for n in range(4)]
    parts = ", ".join(f'{{ end: "{end}", count: 12, ratios: 16.8 }}' for end in ends)
    body = (
        COUNTED
        + f"""
    const size = {{ width: 320, height: 150, gap: 6 }};
    const before = place(b, size, true);
    const spot = before.spots.find((one) => one.block && one.block.count === 48);
    const anchor = anchorAt(before.spots, spot.top + spot.size / 2);
    b.cut(spot.block, [{parts}]);
    const after = place(b, size, true);
    const again = placeAgain(after.spots, anchor, b.at);
    const holder = after.spots.find((one) => one.top + one.size > again);
    return b.sections[1].blocks.indexOf(holder.block);
    """
    )
    assert run(body, tmp_path) in (2, 3)


def test_what_one_looks_at_stays_when_something_comes_above(tmp_path: Path) -> None:
    body = (
        COUNTED
        + """
    const size = { width: 320, height: 150, gap: 6 };
    const before = place(b, size, true);
    const anchor = anchorAt(before.spots, before.spots[2].top + 60);
    "ghij".split("").forEach((id, n) => b.take(item(id, `11-2${n + 1}`)));
    const after = place(b, size, true);
    const again = placeAgain(after.spots, anchor, b.at);
    return [again - before.spots[2].top - 60, after.spots[2].top - before.spots[2].top];
    """
    )
    moved, grown = run(body, tmp_path)
    assert moved == grown > 150

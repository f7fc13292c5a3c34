"""The arithmetic of justified rows, run by Node on the file that the browser gets."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROWS = Path(__file__).parents[2] / "components" / "photo" / "rows.js"
NODE = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")

pytestmark = pytest.mark.skipif(NODE is None, reason="Node is not installed")


def run(expression: str, tmp_path: Path) -> Any:
    module = tmp_path / "rows.mjs"
    module.write_text(ROWS.read_text(encoding="utf-8"), encoding="utf-8")
    script = f"import * as rows from {json.dumps(module.as_uri())}; console.log(JSON.stringify({expression}))"
    done = subprocess.run([str(NODE), "--input-type=module", "-e", script], capture_output=True, text=True, check=True, timeout=30)
    return json.loads(done.stdout)


ITEMS = (
    "Array.from({length: 40}, (_, n) => ({id: 'p' + n, width: 100 * (1 + n % 4), height: 100 * (1 + n % 3), "
    "sort_at: n < 23 ? '2026-11-02T10:00:00Z' : '2026-10-02T10:00:00Z'}))"
)
SIZE = "{width: 1100, height: 150, gap: 6}"


@pytest.mark.parametrize("ragged", [False, True])
def test_rows_fill_the_width_exactly(tmp_path: Path, ragged: bool) -> None:
    rows = run(f"rows.layout({ITEMS}, {SIZE}, {str(ragged).lower()})", tmp_path)
    widths = [sum(cell["width"] for cell in row["cells"]) + 6 * (len(row["cells"]) - 1) for row in rows]
    assert all(width == 1100 for width in widths[: len(widths) - ragged])
    assert widths[-1] <= 1100
    assert all(100 < row["height"] < 220 for row in rows)


def test_no_photo_is_lost_and_rows_stand_below_one_another(tmp_path: Path) -> None:
    rows = run(f"rows.layout({ITEMS}, {SIZE}, true)", tmp_path)
    assert [cell["item"]["id"] for row in rows for cell in row["cells"]] == [f"p{n}" for n in range(40)]
    assert [row["top"] for row in rows[1:]] == [row["top"] + row["height"] + 6 for row in rows[:-1]]


def test_a_block_becomes_about_as_high_as_was_guessed(tmp_path: Path) -> None:
    real = run(f"rows.layout({ITEMS}, {SIZE}, false)", tmp_path)[-1]
    guessed = run(f"rows.guess({ITEMS}.reduce((sum, item) => sum + rows.ratioOf(item), 0), {SIZE})", tmp_path)
    assert abs(guessed - (real["top"] + real["height"] + 6)) < 160


def test_photos_without_a_size_and_very_wide_ones_keep_the_row_sane(tmp_path: Path) -> None:
    items = "[{id: 'a'}, {id: 'b', width: 9000, height: 100}, {id: 'c', width: 10, height: 900}]"
    rows = run(f"rows.layout({items}, {{width: 390, height: 100, gap: 4}}, true)", tmp_path)
    assert all(row["height"] <= 180 for row in rows)
    assert all(0 < cell["width"] <= 390 for row in rows for cell in row["cells"])


def test_down_and_up_go_to_the_nearest_photo(tmp_path: Path) -> None:
    first, second = run(f"rows.layout({ITEMS}, {SIZE}, true)", tmp_path)[:2]
    middle = second["cells"][0]["width"] / 2
    found = run(f"rows.nearest(rows.layout({ITEMS}, {SIZE}, true)[1], {middle}, 6)", tmp_path)
    assert found["id"] == second["cells"][0]["item"]["id"]
    last = first["cells"][-1]
    centre = run(f"rows.centreOf(rows.layout({ITEMS}, {SIZE}, true)[0], '{last['item']['id']}', 6)", tmp_path)
    assert centre == 1100 - last["width"] / 2

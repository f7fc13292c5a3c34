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
    "taken_at: n < 23 ? '2026-11-02T10:00:00Z' : '2026-10-02T10:00:00Z'}))"
)
SIZE = "{width: 1100, height: 150, gap: 6, header: 44, complete: true}"


def test_full_rows_fill_the_width_exactly(tmp_path: Path) -> None:
    rows = run(f"rows.layout({ITEMS}, {SIZE})", tmp_path)
    lines = [row for row in rows if row["kind"] == "photos"]
    widths = [sum(cell["width"] for cell in row["cells"]) + 6 * (len(row["cells"]) - 1) for row in lines]
    last_of_month = [at for at, row in enumerate(lines) if at + 1 == len(lines) or lines[at + 1]["month"] != row["month"]]
    assert all(width == 1100 for at, width in enumerate(widths) if at not in last_of_month)
    assert all(width <= 1100 for width in widths)


def test_no_photo_is_lost_and_months_have_headings(tmp_path: Path) -> None:
    rows = run(f"rows.layout({ITEMS}, {SIZE})", tmp_path)
    assert [cell["item"]["id"] for row in rows if row["kind"] == "photos" for cell in row["cells"]] == [f"p{n}" for n in range(40)]
    assert [row["month"] for row in rows if row["kind"] == "month"] == ["2026-11", "2026-10"]


def test_photos_without_a_size_and_very_wide_ones_keep_the_row_sane(tmp_path: Path) -> None:
    items = "[{id: 'a'}, {id: 'b', width: 9000, height: 100}, {id: 'c', width: 10, height: 900}]"
    rows = run(f"rows.layout({items}, {{width: 390, height: 100, gap: 4, header: 0, complete: true}})", tmp_path)
    assert all(row["height"] <= 160 for row in rows)
    assert all(0 < cell["width"] <= 390 for row in rows for cell in row["cells"])


def test_a_range_is_the_same_from_either_end(tmp_path: Path) -> None:
    assert (
        run("[rows.between(['a','b','c','d'],'b','d'), rows.between(['a','b','c','d'],'d','b')]", tmp_path) == [["b", "c", "d"]] * 2
    )
    assert run("rows.between(['a','b'],'gone','b')", tmp_path) == ["b"]


def test_down_and_up_go_to_the_nearest_photo(tmp_path: Path) -> None:
    down = run(f"(() => {{const all = rows.layout({ITEMS}, {SIZE}); return rows.vertical(all, 'p0', 1)}})()", tmp_path)
    up = run(f"(() => {{const all = rows.layout({ITEMS}, {SIZE}); return rows.vertical(all, '{down}', -1)}})()", tmp_path)
    first = run(f"rows.layout({ITEMS}, {SIZE})[1].cells.map((cell) => cell.item.id)", tmp_path)
    assert down not in first
    assert up in first
    assert run(f"(() => {{const all = rows.layout({ITEMS}, {SIZE}); return rows.vertical(all, 'p0', -1)}})()", tmp_path) is None

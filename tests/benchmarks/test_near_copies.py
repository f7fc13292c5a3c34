"""The table of near-copies in docs/duplicates.md is that of the benchmark: every kind of copy, none beside."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.near_copies import COPIES

TABLE = Path(__file__).parents[2] / "docs" / "duplicates.md"


def test_every_kind_of_copy_stands_in_the_table() -> None:
    table = TABLE.read_text().split("| bursts")[0]
    rows = re.findall(r"^\| ([^|*]+?) \| +(\d+) \|", table, re.MULTILINE)
    assert [name for name, _ in rows] == list(COPIES)
    assert {int(copies) for _, copies in rows} == {10}

"""Time left, as the browser works it out (components/photo/upload_meter.js): honest, or silent."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

METER = Path(__file__).parents[2] / "components" / "photo" / "upload_meter.js"
NODE = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")

pytestmark = pytest.mark.skipif(NODE is None, reason="Node is not installed")


def meter(script: str) -> Any:
    """What a script gives that uses the meter; `at(ms)` turns its clock."""
    clock = "let now = 1e6; Date.now = () => now; const at = (ms) => { now = 1e6 + ms; };"
    program = f"{clock}\n{METER.read_text(encoding='utf-8')}\nconsole.log(JSON.stringify((() => {{ {script} }})()));"
    done = subprocess.run([str(NODE), "--input-type=module", "-e", program], capture_output=True, text=True, check=True, timeout=30)
    return json.loads(done.stdout)


STEADY = "for (let s = 0; s <= 20; s += 1) { at(s * 1000); bytes.add(1000); files.add(1); }"
ALL = "{ bytesLeft: 10000, filesLeft: 2, unready: 0 }"


def test_nothing_is_said_before_enough_was_seen() -> None:
    assert meter(f"bytes.add(1000); at(3000); bytes.add(1000); files.add(1); return timeLeft({ALL});") == 0


def test_a_steady_pace_is_told_as_it_is() -> None:
    assert abs(meter(f"{STEADY} return timeLeft({ALL});") - 10) < 1


def test_many_small_files_cost_by_the_file() -> None:
    assert abs(meter(f"{STEADY} return timeLeft({{ bytesLeft: 100, filesLeft: 60, unready: 0 }});") - 57) < 3


def test_the_servers_work_counts_when_it_is_the_slowest() -> None:
    slow = STEADY.replace("files.add(1);", "files.add(1); if (s % 10 === 0) ready.add(1);")
    assert meter(f"{slow} return timeLeft({{ bytesLeft: 1000, filesLeft: 1, unready: 30 }});") > 150


def test_what_was_long_ago_is_forgotten_and_a_standstill_says_nothing() -> None:
    assert meter(f"{STEADY} at(120000); return timeLeft({ALL});") == 0
    assert meter(f"{STEADY} pauseMeters(); return timeLeft({ALL});") == 0

"""What a process keeps to itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import ctypes, resource
from photobank.runtime.process import keep_memory_private
keep_memory_private()
print(resource.getrlimit(resource.RLIMIT_CORE)[0], ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="left out: Linux only")
def test_memory_is_neither_dumped_nor_read_by_neighbours() -> None:
    assert subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True).stdout.split() == ["0", "0"]

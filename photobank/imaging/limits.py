"""What the decoding process takes from itself before it sees a stranger's byte: memory, time, files, rights."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import sys
from pathlib import Path

from photobank.imaging import landlock

PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38
MAX_OPEN_FILES = 64


def limit(memory_bytes: int) -> None:
    """Limits for the life of this process; all of them can only be tightened from here on."""
    with contextlib.suppress(OSError):  # /proc may be missing in a container; the memory limit below holds regardless
        Path("/proc/self/oom_score_adj").write_text("1000")
    with contextlib.suppress(OSError):
        os.nice(5)
    _cap(resource.RLIMIT_CORE, 0)
    _cap(resource.RLIMIT_FSIZE, 0)  # not one byte can be written to a file, temporary ones included
    _cap(resource.RLIMIT_NOFILE, MAX_OPEN_FILES)
    _cap(resource.RLIMIT_AS, memory_bytes)
    _cap(resource.RLIMIT_DATA, memory_bytes)
    libc = ctypes.CDLL(None, use_errno=True)
    if hasattr(libc, "prctl"):
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def confine() -> int:
    """Read code, and nothing else, from here on; gives Landlock's version, 0 where the kernel has none."""
    own = Path(__file__).resolve().parents[1]
    code = {Path(place) for place in sys.path if place and Path(place).resolve() != own.parent}
    system = (
        "/usr",
        "/lib",
        "/lib64",
        "/etc/ld.so.cache",
        "/etc/localtime",
        "/proc/self",
        "/sys/devices/system/cpu",
        "/dev/urandom",
    )
    return landlock.read_only({own, Path(sys.prefix), Path(sys.base_prefix), *code, *map(Path, system)})


def allow_cpu(seconds: int) -> None:
    """From now on, this many more seconds of processor time; after them the kernel ends the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _cap(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (value, value))

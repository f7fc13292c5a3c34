"""Child processes that never outlive us, and what is left of those of an earlier life."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import psutil

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(number: int = signal.SIGKILL) -> None:
    """Ask the kernel (Linux) to send us `number` when the parent ends, however it ends."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, number)


def keep_memory_private() -> None:
    """Leave no core file, which would hold keys and pictures, and let no other process of this user (Linux) read our memory."""
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
    if _libc is not None:
        _libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """Around the loading of much code: hardly anything made meanwhile goes again, and looking for what does took a fifth of a start."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _before_exec(parent: int, number: int) -> Callable[[], None]:
    def prepare() -> None:
        die_with_parent(number)
        if os.getppid() != parent:  # the parent ended between fork and prctl: nobody would tell us any more
            os._exit(1)

    return prepare


async def spawn(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    capture: bool = False,
    user: int | None = None,
    group: int | None = None,
    death_signal: int = signal.SIGKILL,
) -> asyncio.subprocess.Process:
    """Start a child in its own process group, so that Ctrl-C reaches only us and we stop the children in order.

    Must be called from the main thread: the kernel ties the death signal to the thread that started the child.
    """
    return await asyncio.create_subprocess_exec(
        *[str(part) for part in command],
        env=env,
        cwd=cwd,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE if capture else None,
        stderr=asyncio.subprocess.STDOUT if capture else None,
        process_group=0,
        preexec_fn=_before_exec(os.getpid(), death_signal),
        user=user,
        group=group,
        extra_groups=None if user is None else [],
    )


async def stop(process: asyncio.subprocess.Process, number: int, seconds: float, harder: int = signal.SIGKILL) -> bool:
    """Send `number`, wait, then send `harder`. True when the first one was enough."""
    if process.returncode is not None:
        return True
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)
    try:
        await asyncio.wait_for(process.wait(), seconds)
        return True
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(harder)
        await process.wait()
        return False


def leftover(pid_file: Path, name: str) -> psutil.Process | None:
    """The process that `pid_file` speaks of, if it lives and is called `name`; a number taken over by another program is not it."""
    try:
        pid = int(pid_file.read_text().split()[0])
        process = psutil.Process(pid)
        return process if name in process.name() and process.status() != psutil.STATUS_ZOMBIE else None
    except (OSError, ValueError, IndexError, psutil.Error):
        return None


def end_leftover(pid_file: Path, name: str, *, gently: int, seconds: float = 10) -> bool:
    """End the server of an earlier life, so that two never write the same files. True when there was one."""
    process = leftover(pid_file, name)
    if process is not None:
        for number in (gently, signal.SIGKILL):
            with contextlib.suppress(psutil.Error):
                process.send_signal(number)
            with contextlib.suppress(psutil.Error):
                process.wait(seconds)
            if not process.is_running():
                break
    pid_file.unlink(missing_ok=True)
    return process is not None


def wait_gone(pid: int, seconds: float) -> bool:
    """True once no process has this number."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not psutil.pid_exists(pid):
            return True
        time.sleep(0.02)
    return False

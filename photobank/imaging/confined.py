"""One process that decodes strangers' bytes: how it is started, spoken to and ended. What it says is bounded here and checked by who asked.

Pictures reach it, and come back, in memory that both sides share (shared.py), or through pipes where they are larger or there is none.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog

import photobank
from photobank.imaging import wire
from photobank.imaging.rejections import Rejection
from photobank.imaging.shared import ROOM, Room
from photobank.kernel.errors import ImageRejected, Unavailable

log = structlog.get_logger(__name__)

MAX_ANSWER = 512 * 2**20
START_SECONDS = 60
GRACE_SECONDS = 3
KEPT_STDERR = 4096
PIECE = 1 << 20
MEMORY_SIGNS = (b"alloc", b"out of memory", b"MemoryError", b"Cannot allocate")
CPU_SIGNALS = {-signal.SIGXCPU}
ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "PATH": os.defpath,
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "random",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    # What a picture needed stays for the next one: taken from the system anew each time, its pages cost a fifth of a hand-over.
    "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
    "MALLOC_TRIM_THRESHOLD_": str(64 * 2**20),
    # libvips keeps a large picture on disc unless told that memory is enough; the memory limit is what bounds it.
    "VIPS_DISC_THRESHOLD": "1000g",
}


class Killed(ImageRejected):
    """Somebody else ended the process in the middle of a picture: the system short of memory, or an operator."""


class Confined:
    """One decoding process and what it wrote to stderr last."""

    def __init__(self, process: asyncio.subprocess.Process, room: Room | None) -> None:
        self.process = process
        self._room = room
        self.pictures = 0
        self.leaves = False
        self.stderr = b""
        self._drain = asyncio.create_task(self._keep_stderr())

    @classmethod
    async def start(cls, memory_bytes: int, threads: int) -> Confined:
        """A process that is ready; raises Unavailable."""
        environment = dict(ENVIRONMENT)
        environment |= {"PYTHONPATH": str(Path(photobank.__file__).parents[1]), "VIPS_CONCURRENCY": str(threads)}
        room = Room.make()
        handles = (room.handle,) if room is not None else ()
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-s", "-P", "-m", "photobank.imaging.child", str(memory_bytes), *map(str, handles),
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
                env=environment, cwd="/", close_fds=True, pass_fds=handles, start_new_session=True, limit=PIECE,
            )  # fmt: skip
        except BaseException:
            if room is not None:
                room.close()
            raise
        _widen(process)
        one = cls(process, room)
        try:
            async with asyncio.timeout(START_SECONDS):
                header, _ = await one.receive()
        except (TimeoutError, asyncio.IncompleteReadError, wire.BrokenWire) as error:
            await one.end()
            raise Unavailable(f"the decoding process does not start: {one.stderr.decode(errors='replace')[-300:]}") from error
        if header.get("ready") is not True:
            await one.end()
            raise Unavailable("the decoding process does not start")
        if not header.get("filtered"):
            log.warning("decoder.unconfined", landlock=header.get("landlock"), reason="this kernel offers no seccomp filter")
        return one

    async def send(self, header: dict[str, Any], pictures: Sequence[bytes]) -> None:
        """Write one message; a process that stops reading has its answer ready or is dead, and reading tells which."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            shared = self._room is not None and self._room.put(pictures)
            self.process.stdin.write(wire.head(header, [len(data) for data in pictures], shared=shared))
            for data in () if shared else pictures:
                view = memoryview(data)
                for at in range(0, len(view), PIECE):
                    self.process.stdin.write(view[at : at + PIECE])
                    await self.process.stdin.drain()
            await self.process.stdin.drain()

    async def receive(self) -> tuple[dict[str, Any], list[bytes]]:
        """Read one message, with bounds on every length."""
        assert self.process.stdout is not None
        (size,) = wire.PREFIX.unpack(await self.process.stdout.readexactly(wire.PREFIX.size))
        if size > wire.MAX_HEADER:
            raise wire.BrokenWire(f"header of {size} bytes")
        header, sizes, shared = wire.parse(await self.process.stdout.readexactly(size))
        if sum(sizes) > (ROOM if shared else MAX_ANSWER) or (shared and self._room is None):
            raise wire.BrokenWire(f"answer of {sum(sizes)} bytes")
        if shared and self._room is not None:
            return header, self._room.take(sizes, bytes)
        return header, [await self.process.stdout.readexactly(size) for size in sizes]

    async def exchange(
        self, header: dict[str, Any], pictures: Sequence[bytes], seconds: float
    ) -> tuple[dict[str, Any], list[bytes]]:
        """One picture and what was made of it; ImageRejected when that takes too long or ends the process."""
        sending = asyncio.create_task(self.send(header, pictures))
        try:
            async with asyncio.timeout(seconds):
                answer, buffers = await self.receive()
        except TimeoutError as error:
            raise ImageRejected(Rejection.too_slow) from error
        except (asyncio.IncompleteReadError, wire.BrokenWire) as error:
            code = await self.end()
            raise (Killed if code == -signal.SIGKILL else ImageRejected)(_why(code, self.stderr)) from error
        finally:
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sending
        self.leaves = self.leaves or bool(answer.pop("bye", False))
        return answer, buffers

    async def end(self) -> int:
        """Kill it if it still runs; its exit status, once all it said has been read."""
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGKILL)  # not process.kill(): that may reap it and lose how it ended
        code = await self.process.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE_SECONDS):
                await self._drain
        if self.process.stdin is not None:
            self.process.stdin.close()
        if self._room is not None:
            self._room.close()
        return code

    async def _keep_stderr(self) -> None:
        assert self.process.stderr is not None
        while piece := await self.process.stderr.read(KEPT_STDERR):
            self.stderr = (self.stderr + piece)[-KEPT_STDERR:]


def _widen(process: asyncio.subprocess.Process) -> None:
    """Pipes that take a megabyte at once, where the system allows it: pixels otherwise go in a hundred turns of 64 KiB. The loop that web
    servers run on gives no pipes but pairs of sockets, which are wider already."""
    resize = getattr(fcntl, "F_SETPIPE_SZ", None)
    for number in (0, 1):
        ends = process._transport.get_pipe_transport(number)  # type: ignore[attr-defined]
        pipe = ends.get_extra_info("pipe") if ends else None
        if resize is not None and pipe is not None:
            with contextlib.suppress(OSError):
                fcntl.fcntl(pipe.fileno(), resize, PIECE)


def _why(code: int, stderr: bytes) -> Rejection:
    """Why the process ended in the middle of a picture."""
    if code in CPU_SIGNALS:
        return Rejection.too_slow
    return Rejection.too_much_memory if any(sign in stderr for sign in MEMORY_SIGNS) else Rejection.crashed

"""Decoding strangers' bytes in processes that may not harm anything; the worker only ever sees checked answers.

A process is kept from picture to picture and replaced after a number of them, after a heavy one, and whenever it is slow or dies.
Whatever happens to it is the fault of one picture: that picture is rejected, and the next one gets a fresh process.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import math
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import structlog
from pydantic import ValidationError

import photobank
from photobank.imaging import wire
from photobank.imaging.crop import MARGIN, Box
from photobank.imaging.recipe import UNLABELLED, Label, Mark, Recipe
from photobank.imaging.rejections import Rejection
from photobank.imaging.renditions import MIMES, Format
from photobank.imaging.results import (
    CompareAnswer,
    Likeness,
    Pixels,
    Plan,
    ProcessAnswer,
    Processed,
    RejectedAnswer,
    Rendition,
    SizeAnswer,
    Words,
    WordsAnswer,
)
from photobank.imaging.results import check_encoded as _check_encoded
from photobank.imaging.results import processed as _processed
from photobank.kernel.errors import ImageRejected, Unavailable
from photobank.settings import Settings

log = structlog.get_logger(__name__)

PICTURES_PER_PROCESS = 250
MAX_ANSWER = 512 * 2**20
START_SECONDS = 60
GRACE_SECONDS = 3
KEPT_STDERR = 4096
PIECE = 1 << 20
COMPARED = wire.MAX_BUFFERS - 1
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
    # libvips keeps a large picture on disc unless told that memory is enough; the memory limit is what bounds it.
    "VIPS_DISC_THRESHOLD": "1000g",
}


class _Killed(ImageRejected):
    """Somebody else ended the process in the middle of a picture: the system short of memory, or an operator."""


class _Process:
    """One decoding process and what it wrote to stderr last."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.pictures = 0
        self.stderr = b""
        self._drain = asyncio.create_task(self._keep_stderr())

    @classmethod
    async def start(cls, memory_bytes: int, threads: int) -> _Process:
        environment = dict(ENVIRONMENT)
        environment |= {"PYTHONPATH": str(Path(photobank.__file__).parents[1]), "VIPS_CONCURRENCY": str(threads)}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-s", "-P", "-m", "photobank.imaging.child", str(memory_bytes),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env=environment, cwd="/", close_fds=True, start_new_session=True, limit=PIECE,
        )  # fmt: skip
        _widen(process)
        one = cls(process)
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
            self.process.stdin.write(wire.head(header, [len(data) for data in pictures]))
            for data in pictures:
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
        header, sizes = wire.parse(await self.process.stdout.readexactly(size))
        if sum(sizes) > MAX_ANSWER:
            raise wire.BrokenWire(f"answer of {sum(sizes)} bytes")
        return header, [await self.process.stdout.readexactly(size) for size in sizes]

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
        return code

    async def _keep_stderr(self) -> None:
        assert self.process.stderr is not None
        while piece := await self.process.stderr.read(KEPT_STDERR):
            self.stderr = (self.stderr + piece)[-KEPT_STDERR:]


class Decoder:
    """Decodes in at most `processes` limited processes at once, started when first needed. Use from one event loop."""

    def __init__(
        self,
        *,
        max_pixels: int,
        seconds: float,
        memory_bytes: int,
        processes: int = 1,
        threads: int = 1,
        pictures_per_process: int = PICTURES_PER_PROCESS,
    ) -> None:
        self.max_pixels = max_pixels
        self.seconds = seconds
        self.memory_bytes = memory_bytes
        self._threads = threads
        self._pictures = pictures_per_process
        self._idle: asyncio.LifoQueue[_Process | None] = asyncio.LifoQueue()
        for _ in range(processes):
            self._idle.put_nowait(None)
        self._processes = processes
        self._running: list[_Process] = []

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """A decoder with this house's limits."""
        return cls(
            max_pixels=settings.max_pixels,
            seconds=settings.decode_seconds,
            memory_bytes=settings.decode_memory_bytes,
            processes=settings.decode_processes,
        )

    @property
    def pids(self) -> tuple[int, ...]:
        """Ids of the processes that are alive, for watching them."""
        return tuple(one.process.pid for one in self._running if one.process.returncode is None)

    async def warm(self) -> None:
        """Have a process ready before the first picture asks for one: starting it takes a second. What goes wrong is told then."""
        one = await self._idle.get()
        try:
            if one is None:
                one = await self._started()
        except Unavailable as error:
            log.warning("decoder.cold", reason=error.detail)
        finally:
            self._idle.put_nowait(one)

    async def process(self, data: bytes, plan: Plan | None = None) -> Processed:
        """Renditions, metadata and fingerprints of an arriving photo; ImageRejected says why there are none."""
        plan = plan or Plan()
        sizes = [{"name": size.name, "side": size.side, "quality": size.quality, "format": size.format} for size in plan.sizes]
        header, buffers = await self._ask(data, {"job": "process", "sizes": sizes, "working": plan.working})
        with _sense():
            return _processed(ProcessAnswer.model_validate(header), buffers, plan)

    async def derive(self, data: bytes, max_side: int = 1920, fmt: Format = "jpeg", quality: int = 85) -> Rendition:
        """The whole photo within a size: upright, sRGB with its profile, never enlarged, without any metadata of the original."""
        return await self.make(data, Recipe(max_side, max_side, format=fmt, quality=quality))

    async def make(
        self,
        data: bytes,
        recipe: Recipe,
        *,
        mark: bytes = b"",
        label: Label = UNLABELLED,
        watermark: tuple[Mark, bytes] | None = None,
        inks: bytes = b"",
        keep: bool = False,
        photo: tuple[int, int] | None = None,
    ) -> Rendition:
        """One picture for a hand-over. Nothing that the original says of itself stays in it; `label` is what we say.

        `mark` is a square of chips (imaging/tracecode.py) to be put in invisibly, `inks` the press profile that a CMYK recipe needs.
        `photo`: the upright size of the photo that `data` is a working copy of; what comes out has the size that the photo itself gives.
        With `keep` the picture comes with the pixels that `finish` makes another one of.
        """
        order = {"job": "derive", **recipe.to_header(), "mark": mark.hex(), "xmp": label.xmp, "iim": label.iim.hex()}
        order |= {"keep": keep, "photo": photo}
        more = []
        if watermark is not None:
            order["watermark"] = watermark[0].to_header()
            more.append(watermark[1])
        if recipe.cmyk:
            more.append(inks)
        header, buffers = await self._ask(data, order, *more)
        base = buffers[1:] if keep and len(buffers) == 3 else []
        made = _one(header, buffers[:1] if base else buffers, recipe.format)
        with _sense():
            if base and len(base[0]) != made.width * made.height * 3:
                raise ValueError("pixels of another size")
        return replace(made, base=base[0], weights=base[1]) if base else made

    async def finish(
        self, base: Rendition, recipe: Recipe, *, mark: bytes = b"", label: Label = UNLABELLED, inks: bytes = b""
    ) -> Rendition:
        """The picture that `make` gave with its pixels, once more, for another hand-over."""
        order = {"job": "finish", **recipe.to_header(), "mark": mark.hex(), "xmp": label.xmp, "iim": label.iim.hex()}
        more = [inks] if recipe.cmyk else []
        header, buffers = await self._ask(base.base, order | {"size": [base.width, base.height]}, base.weights, *more)
        return _one(header, buffers, recipe.format)

    async def logo(self, data: bytes) -> bytes:
        """A logo for watermarks as PNG: sRGB with alpha, nothing else of the file."""
        _, buffers = await self._ask(data, {"job": "logo"})
        with _sense():
            if len(buffers) != 1:
                raise ValueError("not one picture")
            _check_encoded(buffers[0], "png")
        return buffers[0]

    async def face(self, rendition: bytes, box: Box, side: int = 256, *, margin: float = MARGIN, quality: int = 80) -> Rendition:
        """A square WebP around a face; `box` is 0–1 of the upright picture."""
        header, buffers = await self._ask(
            rendition, {"job": "face", "box": list(box), "side": side, "margin": margin, "quality": quality, "source_side": 10_000}
        )
        return _one(header, buffers, "webp")

    async def only_one(
        self, rendition: bytes, sharp: Box | None, others: Sequence[Box], side: int = 480, *, quality: int = 74
    ) -> Rendition:
        """A WebP in which everything but `sharp` (0–1 of the upright picture) is beyond recognition, the faces of `others` above all."""
        places = {"box": list(sharp) if sharp else None, "others": [list(other) for other in others]}
        order = {"job": "only_one", "side": side, "quality": quality, **places}
        header, buffers = await self._ask(rendition, order)
        return _one(header, buffers, "webp")

    async def pixels(self, data: bytes, max_side: int = 2560) -> Pixels:
        """Upright sRGB pixels, for the face engines."""
        header, buffers = await self._ask(data, {"job": "raw", "side": max_side})
        with _sense():
            size = SizeAnswer.model_validate(header)
            if len(buffers) != 1 or len(buffers[0]) != size.width * size.height * 3 or max(size.width, size.height) > max_side:
                raise ValueError("pixels of another size")
        return Pixels(buffers[0], size.width, size.height)

    async def words(self, rendition: bytes) -> Words:
        """What near-copies of this picture share with it."""
        header, _ = await self._ask(rendition, {"job": "words"})
        with _sense():
            answer = WordsAnswer.model_validate(header)
        return Words(tuple(answer.words), tuple(answer.asked))

    async def compare(self, rendition: bytes, others: Sequence[bytes]) -> list[Likeness | None]:
        """How alike this picture is to each of at most COMPARED others; None for one that nothing of it lies on."""
        header, _ = await self._ask(rendition, {"job": "compare"}, *others)
        with _sense():
            answer = CompareAnswer.model_validate(header)
            if len(answer.likenesses) != len(others):
                raise ValueError("other comparisons than were asked for")
        return [Likeness(**one.model_dump() | {"matrix": tuple(one.matrix)}) if one else None for one in answer.likenesses]

    async def close(self) -> None:
        """End all processes, waiting for pictures under way."""
        for _ in range(self._processes):
            one = await self._idle.get()
            if one is not None:
                await one.end()
        for _ in range(self._processes):
            self._idle.put_nowait(None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def _ask(self, data: bytes, job: dict[str, Any], *more: bytes) -> tuple[dict[str, Any], list[bytes]]:
        if not data or not all(more):
            raise ImageRejected(Rejection.empty)
        request = {**job, "max_pixels": self.max_pixels, "seconds": math.ceil(self.seconds)}
        try:
            async with self._one() as one:
                header, buffers = await self._exchange(one, request, (data, *more))
        except _Killed:  # that may have been no fault of the picture, so it gets one more chance
            async with self._one() as one:
                header, buffers = await self._exchange(one, request, (data, *more))
        if "rejected" in header:
            with _sense():
                answer = RejectedAnswer.model_validate(header)
            raise ImageRejected(answer.rejected, "", **answer.params)
        return header, buffers

    async def _started(self) -> _Process:
        one = await _Process.start(self.memory_bytes, self._threads)
        self._running = [other for other in self._running if other.process.returncode is None] + [one]
        return one

    @contextlib.asynccontextmanager
    async def _one(self) -> AsyncIterator[_Process]:
        """A process for one picture; it goes back on the pile only when it is fit for another."""
        one = await self._idle.get()
        fit: _Process | None = None
        try:
            if one is not None and one.process.returncode is not None:
                await one.end()
                one = None
            if one is None:
                one = await self._started()
            one.pictures += 1
            yield one
            fit = one if one.pictures < self._pictures and one.process.returncode is None else None
        finally:
            try:
                if fit is None and one is not None:
                    await one.end()
            finally:
                self._idle.put_nowait(fit)

    async def _exchange(
        self, one: _Process, header: dict[str, Any], pictures: Sequence[bytes]
    ) -> tuple[dict[str, Any], list[bytes]]:
        sending = asyncio.create_task(one.send(header, pictures))
        try:
            async with asyncio.timeout(self.seconds):
                answer, buffers = await one.receive()
        except TimeoutError as error:
            raise ImageRejected(Rejection.too_slow) from error
        except (asyncio.IncompleteReadError, wire.BrokenWire) as error:
            code = await one.end()
            raise (_Killed if code == -signal.SIGKILL else ImageRejected)(_why(code, one.stderr)) from error
        finally:
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sending
        if answer.pop("bye", False):
            one.pictures = self._pictures
        return answer, buffers


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


@contextlib.contextmanager
def _sense() -> Any:
    """An answer that makes no sense counts as a crash: the process is broken or no longer ours."""
    try:
        yield
    except (ValidationError, ValueError) as error:
        raise ImageRejected(Rejection.crashed, "the decoding process answered nonsense") from error


def _one(header: dict[str, Any], buffers: list[bytes], fmt: Format) -> Rendition:
    with _sense():
        size = SizeAnswer.model_validate(header)
        if len(buffers) != 1:
            raise ValueError("not one picture")
        _check_encoded(buffers[0], fmt)
    return Rendition(buffers[0], size.width, size.height, MIMES[fmt])

"""A few confined processes that take turns. One is kept from picture to picture and replaced after a number of them, after a heavy one,
and whenever it is slow or dies.

Whatever happens to it is the fault of one picture: that picture is rejected, and the next one gets a fresh process.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Iterator, Sequence
from types import TracebackType
from typing import Any, Self

import structlog
from pydantic import ValidationError

from photobank.imaging.confined import Confined, Killed
from photobank.imaging.rejections import Rejection
from photobank.imaging.results import RejectedAnswer
from photobank.kernel.errors import ImageRejected, Unavailable
from photobank.settings import Settings

log = structlog.get_logger(__name__)

PICTURES_PER_PROCESS = 250


class Cramped(ImageRejected):
    """Memory ran out in a process that had other pictures before, which left it less room than a picture may take."""


class Pool:
    """At most `processes` limited processes at once, started when first needed. Use from one event loop."""

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
        self._idle: asyncio.LifoQueue[Confined | None] = asyncio.LifoQueue()
        for _ in range(processes):
            self._idle.put_nowait(None)
        self._processes = processes
        self._running: list[Confined] = []

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """With this house's limits."""
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

    async def ask(self, data: bytes, job: dict[str, Any], *more: bytes) -> tuple[dict[str, Any], list[bytes]]:
        """Have a job done; its answer, not checked yet, or ImageRejected."""
        if not data or not all(more):
            raise ImageRejected(Rejection.empty)
        request = {**job, "max_pixels": self.max_pixels, "seconds": math.ceil(self.seconds)}
        try:
            header, buffers = await self._exchange(request, (data, *more))
        except Cramped:
            header, buffers = await self._exchange(request, (data, *more), fresh=True)
        except Killed:  # that may have been no fault of the picture, so it gets one more chance
            header, buffers = await self._exchange(request, (data, *more))
        if "rejected" in header:
            with sense():
                answer = RejectedAnswer.model_validate(header)
            raise ImageRejected(answer.rejected, "", **answer.params)
        return header, buffers

    async def _exchange(
        self, request: dict[str, Any], pictures: Sequence[bytes], *, fresh: bool = False
    ) -> tuple[dict[str, Any], list[bytes]]:
        async with self._one(fresh=fresh) as one:
            try:
                header, buffers = await one.exchange(request, pictures, self.seconds)
            except ImageRejected as error:
                if error.reason == Rejection.too_much_memory and one.pictures > 1:
                    raise Cramped(Rejection.too_much_memory) from error
                raise
            if header.get("rejected") == Rejection.too_much_memory and one.pictures > 1:
                raise Cramped(Rejection.too_much_memory)
        return header, buffers

    async def _started(self) -> Confined:
        one = await Confined.start(self.memory_bytes, self._threads)
        self._running = [other for other in self._running if other.process.returncode is None] + [one]
        return one

    @contextlib.asynccontextmanager
    async def _one(self, *, fresh: bool) -> AsyncIterator[Confined]:
        """A process for one picture, one that has had none if it is to be `fresh`; it goes back on the pile only when it is fit for another."""
        one = await self._idle.get()
        fit: Confined | None = None
        try:
            if one is not None and (fresh or one.process.returncode is not None):
                await one.end()
                one = None
            if one is None:
                one = await self._started()
            one.pictures += 1
            yield one
            fit = one if not one.leaves and one.pictures < self._pictures and one.process.returncode is None else None
        finally:
            try:
                if fit is None and one is not None:
                    await one.end()
            finally:
                self._idle.put_nowait(fit)


@contextlib.contextmanager
def sense() -> Iterator[None]:
    """An answer that makes no sense counts as a crash: the process is broken or no longer ours."""
    try:
        yield
    except (ValidationError, ValueError) as error:
        raise ImageRejected(Rejection.crashed, "the decoding process answered nonsense") from error

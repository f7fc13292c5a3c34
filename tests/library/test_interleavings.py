"""PATCH, HEAD, cut lines and killed processes in any order: what was acknowledged is kept, and in the end one photo is there, byte for byte."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from photobank.kernel.errors import ChecksumMismatch, Conflict
from photobank.library import batch_files, batches, resumable
from photobank.library.incoming import OnDuplicate
from photobank.models.assets import Asset
from tests.factories import picture
from tests.library.test_uploads import read_back

EXAMPLES = int(os.environ.get("PHOTOBANK_TEST_EXAMPLES", "8"))
SIZE = 70_000

step = st.one_of(
    st.tuples(st.just("send"), st.integers(1, SIZE)),
    st.tuples(st.just("cut"), st.integers(1, 40_000)),
    st.tuples(st.just("kill"), st.integers(1, 40_000)),
    st.tuples(st.just("damage"), st.integers(1, 20_000)),
    st.tuples(st.just("elsewhere"), st.integers(0, SIZE)),
    st.tuples(st.just("ask"), st.just(0)),
    st.tuples(st.just("both"), st.integers(1, 30_000)),
)


class Sender:
    """Somebody who sends one file, whatever happens; `known` is what the server has acknowledged."""

    def __init__(self, cast, upload, data):
        self.cast, self.upload, self.data, self.known = cast, upload, data, 0

    async def stream(self, start, stop, then=None):
        for at in range(start, stop, 5_000):
            yield self.data[at : min(at + 5_000, stop)]
            await asyncio.sleep(0)
        if then is not None:
            await then()

    async def append(self, offset, stream, digest=None):
        told = await resumable.append(self.cast.container, self.cast.bob, self.upload.upload_id, offset, stream, digest)
        assert told.offset >= self.known
        self.known = told.offset

    async def ask(self):
        told = await resumable.progress(self.cast.container, self.cast.bob, self.upload.upload_id)
        assert told.offset >= self.known, "what was acknowledged is kept"
        self.known = told.offset
        return told.offset

    async def take(self, kind, count):
        at = await self.ask()
        if at >= len(self.data):
            with pytest.raises(Conflict):
                await self.append(at, self.stream(0, 10))
            return
        stop = min(at + count, len(self.data))
        if kind == "send":
            await self.append(at, self.stream(at, stop))
            assert self.known == stop
        elif kind == "cut":
            with pytest.raises(ConnectionResetError):
                await self.append(at, self.stream(at, min(stop, len(self.data) - 1), self._broken))
        elif kind == "kill":
            await self._killed(at, min(stop, len(self.data) - 1))
        elif kind == "damage":
            with pytest.raises(ChecksumMismatch):
                await self.append(at, self.stream(at, stop), ("sha256", b"another"))
            assert await self.ask() == at
        elif kind == "elsewhere" and count != at:
            with pytest.raises(Conflict):
                await self.append(count, self.stream(0, 10))
        elif kind == "both":
            # A lost answer: the sender tries again while the first try is still being taken.
            tries = await asyncio.gather(*(self.append(at, self.stream(at, stop)) for _ in range(2)), return_exceptions=True)
            assert all(one is None or isinstance(one, Conflict) for one in tries)
            assert None in tries

    @staticmethod
    async def _broken():
        raise ConnectionResetError

    async def _killed(self, at, stop):
        arrived = asyncio.Event()

        async def hang():
            arrived.set()
            await asyncio.Event().wait()

        task = asyncio.create_task(self.append(at, self.stream(at, stop, hang)))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@given(steps=st.lists(step, max_size=10), seed=st.integers(0, 2**32))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
async def test_any_order_ends_in_one_photo_byte_for_byte(cast, steps, seed):
    data = picture(seed % 50) + random.Random(seed).randbytes(SIZE)
    digest = hashlib.sha256(data).digest()
    async with cast.scope(cast.bob) as scope:
        batch = await batches.create(scope, folder_id=cast.shared)
        upload = await resumable.create(
            scope, size=len(data), filename="IMG.jpg", digest=digest, batch_id=batch.id, on_duplicate=OnDuplicate.keep
        )
    sender = Sender(cast, upload, data)
    for kind, count in steps:
        await sender.take(kind, count)
    await sender.take("send", len(data))
    assert await sender.ask() == len(data)
    assert await read_back(cast.container, upload.asset_id) == data
    async with cast.scope(cast.bob) as scope:
        assert (await scope.db.get(Asset, upload.asset_id)).state == "processing"
        assert (await batch_files.counts(scope, [batch.id]))[batch.id] == ({"received": 1}, len(data))

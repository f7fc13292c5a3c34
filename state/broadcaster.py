"""One per web process: listens for pushes, has the pages concerned read again, and sends them what changed.

A push wakes pages at once; those that follow within PAUSE are taken together. All pages that show the same thing to people with the
same rights (see `same_for` of a reader) share one read and one encoded message, so two hundred open audit feeds cost one query. Who
is behind each page is resolved anew, for all of them in one query, before anything is read.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

from prometheus_client import Histogram
from reflex.state import StateUpdate

from photobank.access.actor import Actor
from photobank.kernel.errors import PhotobankError
from photobank.messaging.push import MISSED, SESSION_REVOKED, Push, subscribe
from photobank.web.faults import trace
from photobank.web.house import House
from photobank.web.socket_door import ANONYMOUS
from state.live import Reader, Watch, Watches
from state.sockets import EVENT, NAMESPACE, Emitter, Sockets, delta

log = logging.getLogger(__name__)

PAUSE = 0.05
RETRY = 1.0
READS_AT_ONCE = 4
SWEEP_EVERY = 30.0

REFRESH = Histogram("photobank_ui_refresh_seconds", "From push to the last open page, in seconds.")

# Changes of rights: what is open anywhere may have to be blanked, whatever it shows. They are rare, so everything is read again.
RIGHTS = ("user", "folders")

Group = tuple[str, tuple[tuple[str, Hashable], ...], Hashable]


class Broadcaster:
    """Turns pushes into fresh pages."""

    def __init__(self, house: House, emitter: Emitter, sockets: Sockets, watches: Watches) -> None:
        self._house, self._emitter, self._sockets, self._watches = house, emitter, sockets, watches
        self._woken: set[Watch] = set()
        self._since = 0.0
        self._wake = asyncio.Event()
        self._reading = asyncio.Semaphore(READS_AT_ONCE)
        self._closing: dict[str, datetime] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run for as long as this block does."""
        tasks = [
            asyncio.create_task(_for_ever(work), name=f"photobank broadcaster {work.__name__}")
            for work in (self._listen, self._refresh_woken, self._sweep)
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task

    async def take(self, push: Push) -> None:
        """Act on one push."""
        if push.kind == SESSION_REVOKED:
            await self._sockets.cut(self._emitter, [str(key) for key in push.ids])
            return
        woken = self._watches.all() if push.kind in (MISSED, *RIGHTS) else self._watches.woken_by(push.topics)
        if push.kind == MISSED:
            await self.cut_ended()
        if woken:
            self._wake_up(woken)

    async def cut_ended(self) -> None:
        """Close the sockets of sessions that are no longer valid; catches what no push told, such as sessions that ran out."""
        live = {session_id: token for session_id, token in self._sockets.session_tokens().items() if session_id != ANONYMOUS}
        valid = await self._house.identity.of_sessions(live.values())
        await self._sockets.cut(self._emitter, [session_id for session_id, token in live.items() if token not in valid])
        for session_id, token in live.items():
            if (someone := valid.get(token)) is not None and someone.confirmed_until is not None:
                self._close_in_time(session_id, someone.confirmed_until)

    def _close_in_time(self, session_id: str, until: datetime) -> None:
        """Nobody pushes when a confirmation runs out: what it opened is read again at that moment, and found closed."""
        if self._closing.get(session_id) == until:
            return
        self._closing[session_id] = until

        def close() -> None:
            if self._closing.get(session_id) == until:
                del self._closing[session_id]
            mine = set(self._sockets.of_session(session_id))
            self._wake_up({watch for watch in self._watches.all() if watch.sid in mine})

        wait = (until - self._house.container.clock.now()).total_seconds()
        asyncio.get_running_loop().call_later(max(0.0, wait) + PAUSE, close)

    async def refresh(self, woken: set[Watch]) -> None:
        """Read again what these pages show and send it to them."""
        tokens: dict[Watch, str] = {}
        for watch in woken:
            caller = self._sockets.caller(watch.sid)
            if caller is not None and caller.session_token is not None:
                tokens[watch] = caller.session_token
        people = await self._house.identity.of_sessions(set(tokens.values()))
        groups: dict[Group, tuple[Actor, list[Watch]]] = {}
        for watch, token in tokens.items():
            someone = people.get(token)
            if someone is not None:
                key = (watch.reader.name, watch.params, watch.reader.same_for(someone))
                groups.setdefault(key, (someone, []))[1].append(watch)
        await asyncio.gather(*(self._serve(someone, group) for someone, group in groups.values()))

    async def _serve(self, someone: Actor, group: list[Watch]) -> None:
        try:
            async with self._reading:
                values = await self._read(someone, group[0])
        except Exception as error:
            # A fault of ours: the pages keep what they show, the others are not kept waiting, and it is tried again.
            log.error("broadcaster: %s could not be read\n%s", group[0].reader.name, trace(error))
            asyncio.get_running_loop().call_later(RETRY, self._wake_up, set(group))
            return
        update = StateUpdate(delta=delta(group[0].reader.state(), values))
        here = [watch for watch in group if self._watches.current(watch) and self._sockets.caller(watch.sid) is not None]
        sids = [watch.sid for watch in here if self._watches.is_news(watch, values)]
        if sids:
            await self._emitter.emit(EVENT, update, to=sids, namespace=NAMESPACE)

    async def _read(self, someone: Actor, watch: Watch) -> Mapping[str, Any]:
        return await read_as(self._house, someone, watch.reader, watch.read)

    def _wake_up(self, woken: set[Watch]) -> None:
        self._since = self._since or time.perf_counter()
        self._woken |= {watch for watch in woken if self._watches.current(watch)}
        self._wake.set()

    async def _listen(self) -> None:
        async for push in subscribe(self._house.redis):
            await self.take(push)

    async def _refresh_woken(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            woken, self._woken = self._woken, set()
            since, self._since = self._since, 0.0
            await self.refresh(woken)
            REFRESH.observe(time.perf_counter() - since)
            await asyncio.sleep(PAUSE)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_EVERY)
            await self.cut_ended()


async def read_as(
    house: House, someone: Actor, which: Reader, read: Callable[[Any], Awaitable[Mapping[str, Any]]]
) -> Mapping[str, Any]:
    """What a reader gives this person; its `blank` when they may not see it, or when it is gone."""
    try:
        async with house.scope(someone) as scope:
            return await read(scope)
    except PhotobankError as error:
        if error.status >= 500:
            raise
        return which.blank


async def _for_ever(work: Callable[[], Awaitable[None]]) -> None:
    """Start `work` again when it fails: a page that cannot be read must not keep the others from being told."""
    while True:
        try:
            await work()
        except Exception as error:
            log.error("broadcaster: %s failed\n%s", getattr(work, "__name__", "?"), trace(error))
            await asyncio.sleep(PAUSE)

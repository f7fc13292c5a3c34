"""Further open screens of one page, without a browser each: they replay the opening message of a real one and note what is pushed."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import aiohttp


class Crowd:
    """So many sockets, each with the page loaded. `told` holds when each one first got a message with the word awaited."""

    def __init__(self, origin: str, cookie: str, opening: str, count: int) -> None:
        self._origin, self._cookie, self._opening, self._count = origin, cookie, opening, count
        self._word = ""
        self.loaded = 0
        self.told: dict[int, float] = {}

    def listen_for(self, word: str) -> None:
        """From now on note messages with this word."""
        self._word = word
        self.told.clear()

    async def stay(self) -> None:
        """All of them, until cancelled."""
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
            await asyncio.gather(*(self._one(http, number) for number in range(self._count)))

    async def _one(self, http: aiohttp.ClientSession, number: int) -> None:
        await asyncio.sleep(number * 0.05)
        url = f"{self._origin}/_event/?EIO=4&transport=websocket&token={uuid4()}"
        headers = {"Origin": self._origin, "Cookie": self._cookie}
        async with http.ws_connect(url, headers=headers, max_msg_size=0) as socket:
            async for message in socket:
                text = str(message.data)
                if text.startswith("0"):
                    await socket.send_str(self._opening)
                elif text == "2":
                    await socket.send_str("3")
                elif "limiting_rx_state_" in text and '"status_rx_state_":"full"' in text.replace(" ", ""):
                    self.loaded += 1
                if self._word and number not in self.told and self._word in text:
                    self.told[number] = time.monotonic()


@contextmanager
def crowd(origin: str, cookie: str, opening: str, count: int = 50, patience: float = 60) -> Iterator[Crowd]:
    """A crowd in a thread of its own, all loaded."""
    people = Crowd(origin, cookie, opening, count)
    loop = asyncio.new_event_loop()
    task = loop.create_task(people.stay())

    def run() -> None:
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + patience
        while people.loaded < count and time.monotonic() < deadline:
            time.sleep(0.1)
        assert people.loaded >= count, f"only {people.loaded} of {count} screens were loaded"
        yield people
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(10)

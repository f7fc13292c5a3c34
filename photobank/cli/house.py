"""How commands reach the house: with the servers that run, or with ones started for the length of the command."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from pydantic import SecretStr

from photobank.access.actor import system
from photobank.bootstrap import open_container
from photobank.runtime import logs
from photobank.runtime.process import keep_memory_private
from photobank.runtime.servers import bring_up_to_date, ensure_servers
from photobank.scope import Container
from photobank.settings import load

T = TypeVar("T")

# Whoever can run commands on the server owns the keys anyway; what they do is audited as the system's.
OPERATOR = system("command line")


@asynccontextmanager
async def open_house() -> AsyncIterator[Container]:
    """The container, over a migrated database."""
    keep_memory_private()
    settings = load()
    logs.configure(settings, "command")
    async with ensure_servers(settings) as (database_url, redis_url):
        await bring_up_to_date(settings, database_url)
        with_urls = settings.model_copy(update={"database_url": SecretStr(database_url), "redis_url": SecretStr(redis_url)})
        async with open_container(with_urls) as container:
            yield container


def run(work: Callable[[Container], Awaitable[T]]) -> T:
    """Do some work in the open house."""

    async def inside() -> T:
        async with open_house() as container:
            return await work(container)

    return asyncio.run(inside())

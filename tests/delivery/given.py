"""Words for tests of hand-overs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from photobank.access.actor import Actor
from photobank.delivery import release
from photobank.delivery.deciding import Released
from photobank.models.consents import Download
from photobank.scope import Container
from tests.house import Cast


async def taken(released: Released) -> bytes:
    """All bytes of it."""
    data = b"".join([piece async for piece in released.stream])
    assert len(data) == released.size
    return data


async def take(cast: Cast, actor: Actor, photo: UUID, use: str = "website", preset: str = "original", **more: Any) -> bytes:
    """Download, all of it."""
    async with cast.scope(actor) as scope:
        released = await release.download(scope, photo, preset, use, **more)
    return await taken(released)


async def downloads(container: Container) -> list[Download]:
    """Every hand-over, oldest first."""
    async with container.sessions() as db:
        return list((await db.execute(select(Download).order_by(col(Download.id)))).scalars())

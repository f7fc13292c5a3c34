"""Jobs on assets, for the IO worker."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from photobank.library import processing, succession, upkeep
from photobank.library.processing import WORKER


async def decode_asset(ctx: dict[str, Any], asset_id: str) -> None:
    """Renditions, metadata and fingerprints of a new original."""
    await processing.decode(ctx["container"], UUID(asset_id))


async def adopt_version(ctx: dict[str, Any], asset_id: str) -> None:
    """A new version takes the place of the photo that it is a version of."""
    await succession.adopt(ctx["container"], UUID(asset_id))


async def remove_versions(ctx: dict[str, Any], asset_id: str) -> None:
    """Bytes of versions that were forgotten."""
    async with ctx["container"].scope(WORKER) as scope:
        await upkeep.remove_versions(scope, UUID(asset_id))


async def remove_blobs(ctx: dict[str, Any], asset_id: str) -> None:
    """Bytes of a purged asset."""
    async with ctx["container"].scope(WORKER) as scope:
        await upkeep.remove_blobs(scope, UUID(asset_id))

"""Jobs on faces, for the vision worker."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from photobank.library.processing import WORKER
from photobank.people import detection


async def find_faces(ctx: dict[str, Any], asset_id: str) -> None:
    """Faces on a decoded photo."""
    await detection.find_faces(ctx["container"], ctx["recognition"], UUID(asset_id))


async def suggest_people(ctx: dict[str, Any], face_id: str) -> None:
    """Open faces near one that people decided about."""
    async with ctx["container"].scope(WORKER) as scope:
        await ctx["recognition"].settled(scope, UUID(face_id))

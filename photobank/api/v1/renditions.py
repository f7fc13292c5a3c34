"""What a screen may show of an asset."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from photobank.api import media
from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.delivery import showing

router = APIRouter(prefix="/assets", tags=["assets"], responses=RESPONSES)


class Size(StrEnum):
    """The sizes that screens ask for."""

    thumb = "thumb"
    preview = "preview"
    large = "large"
    full = "full"
    """Up to 6,000 pixels, made for the asking: for looking closer than `large` goes. Not of earlier versions.
    Who neither works on the photo nor may download it gets `large`, and so does who asks for more than 60 a minute."""


@router.get("/{asset_id}/renditions/{name}", response_class=Response, responses=media.answers("image/webp", "image/avif"))
async def rendition(asset_id: UUID, name: Size, scope: InScope) -> Response:
    """A rendition: for who works on the photo, else only while it is cleared for internal use (403 `clearance_refused`)."""
    return media.shown(await showing.show(scope, asset_id, name.value))

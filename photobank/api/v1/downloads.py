"""Photos handed over, for a stated use."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from photobank.api import media
from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body
from photobank.delivery import release
from photobank.imaging.renditions import Format

router = APIRouter(prefix="/assets", tags=["downloads"], responses=RESPONSES)

PICTURES = ("image/jpeg", "image/png", "image/webp", "image/tiff", "image/heic", "image/avif", "image/gif")


class DownloadIn(Body):
    """What for, and as what: `original` is the file as it came, with its metadata; `GET /presets` lists what else there is."""

    preset: str = Field("web", min_length=1, max_length=50)
    use: str = Field(min_length=1, max_length=50)
    format: Format | None = Field(None, description="Instead of the preset's own; not for originals and for print")
    territory: str | None = Field(None, max_length=5, description="Country, EU, EEA or WORLD; the organisation's own if left out")
    redacted: bool = Field(
        False, description="With those who stand in the way made unrecognisable, if that clears it; not for originals"
    )


@router.post("/{asset_id}/downloads", response_class=Response, responses=media.answers(*PICTURES))
async def download(asset_id: UUID, body: DownloadIn, scope: InScope) -> Response:
    """The file, named in `Photobank-Download`, or 403 `clearance_refused` with the reasons per person and the next step.
    With `redacted`, `Photobank-Hidden` says how many people were made unrecognisable."""
    made = await release.download(scope, asset_id, body.preset, body.use, body.territory, body.format, redacted=body.redacted)
    return media.handed_over(made)


@router.get("/{asset_id}/original", response_class=Response, responses=media.answers("application/octet-stream"))
async def rejected_original(asset_id: UUID, scope: InScope) -> Response:
    """The file of a photo that could not be opened, back to who sent it. Any other original is a download."""
    return media.handed_over(await release.fetch_original_of_rejected(scope, asset_id))

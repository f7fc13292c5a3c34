"""Versions of an asset: listed, sent, looked at, shown again, forgotten."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Path, Request
from starlette.responses import Response

from photobank.api import media
from photobank.api.deps import Caller, InScope, TheHouse
from photobank.api.problems import RESPONSES
from photobank.api.v1.asset_answers import AssetOut, listed
from photobank.api.v1.assets import BODY, take
from photobank.api.v1.common import Listed, Out
from photobank.api.v1.renditions import Size
from photobank.delivery import showing
from photobank.library import assets, versions
from photobank.library.incoming import OnDuplicate

router = APIRouter(prefix="/assets/{asset_id}/versions", tags=["versions"], responses=RESPONSES)

Number = Annotated[int, Path(ge=1, le=1_000_000)]


class VersionOut(Out):
    """One version. `same_picture`: it shows what the version shown now shows, resized, recompressed, cropped or graded."""

    number: int
    current: bool
    filename: str
    media_type: str
    size: int
    width: int
    height: int
    same_picture: bool
    made_by: str
    made_at: datetime


@router.get("")
async def list_versions(asset_id: UUID, scope: InScope) -> Listed[VersionOut]:
    """All versions, newest first."""
    return Listed(items=[VersionOut.model_validate(row) for row in await versions.list_of(scope, asset_id)])


@router.post("", status_code=202, openapi_extra=BODY)
async def send(
    asset_id: UUID,
    request: Request,
    response: Response,
    caller: Caller,
    house: TheHouse,
    upload_filename: Annotated[str, Header(max_length=1000)] = "",
    content_digest: Annotated[str | None, Header(max_length=300)] = None,
) -> AssetOut:
    """Send a new version as the raw body. It takes the place of the one shown once it has been processed; 409 for the same file."""
    await take(request, caller, house, None, OnDuplicate.version, asset_id, upload_filename, content_digest)
    response.headers["Location"] = f"/api/v1/assets/{asset_id}/versions"
    async with house.scope(caller) as scope:
        return (await listed(scope, [await assets.find(scope, asset_id)]))[0]


@router.post("/{number}/restore")
async def restore(asset_id: UUID, number: Number, scope: InScope) -> AssetOut:
    """Show an earlier version again."""
    asset = await versions.restore(scope, asset_id, number)
    await scope.db.flush()
    return (await listed(scope, [asset]))[0]


@router.delete("/{number}", status_code=204)
async def forget(asset_id: UUID, number: Number, scope: InScope) -> None:
    """Delete an earlier version for good."""
    await versions.forget(scope, asset_id, number)


@router.get("/{number}/renditions/{name}", response_class=Response, responses=media.answers("image/webp", "image/avif"))
async def rendition(asset_id: UUID, number: Number, name: Size, scope: InScope) -> Response:
    """What a version looks like: for who works on the photo."""
    return media.shown(await showing.show_version(scope, asset_id, number, name.value))

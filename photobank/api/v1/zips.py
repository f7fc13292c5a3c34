"""Selections as one ZIP: ordered, followed, fetched."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from photobank.api import media
from photobank.api.deps import Caller, InScope, TheHouse
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body, Listed, Out
from photobank.delivery import zipping, zips
from photobank.delivery.zips import ZipRow
from photobank.models.handing_over import ZipState

router = APIRouter(prefix="/zips", tags=["downloads"], responses=RESPONSES)


class ZipIn(Body):
    """Photos in sight, and what for. Each is decided about when it is written, not now."""

    asset_ids: list[UUID] = Field(min_length=1, max_length=zips.MOST)
    use: str = Field(min_length=1, max_length=50)
    preset: str = Field("web", min_length=1, max_length=50)
    territory: str | None = Field(None, max_length=5)
    redacted: bool = Field(False, description="With those who stand in the way made unrecognisable, where that clears a photo")


class LeftOutOut(Out):
    """A photo that did not go: the code of an error, and for want of clearance the codes of the reasons."""

    asset_id: UUID
    name: str
    code: str
    reasons: list[str]


class ZipOut(Out):
    """An order, and how far it is: `looked_at` of `total` photos, `written` of which are in the ZIP."""

    id: UUID
    use: str
    preset: str
    state: ZipState
    total: int
    looked_at: int
    written: int
    left_out: list[LeftOutOut]
    created_at: datetime
    file: str


@router.post("", status_code=201)
async def order(body: ZipIn, scope: InScope) -> ZipOut:
    """Order a ZIP; fetch it from `file` within a day."""
    return _out(await zips.order(scope, body.asset_ids, body.use, body.preset, body.territory, redacted=body.redacted))


@router.get("")
async def mine(scope: InScope) -> Listed[ZipOut]:
    """One's own last orders."""
    return Listed(items=[_out(row) for row in await zips.mine(scope)])


@router.get("/{zip_id}")
async def get(zip_id: UUID, scope: InScope) -> ZipOut:
    """How far an order of one's own is."""
    return _out(await zips.get(scope, zip_id))


@router.get("/{zip_id}/file", response_class=Response, responses=media.answers("application/zip"))
async def fetch(zip_id: UUID, actor: Caller, house: TheHouse) -> Response:
    """The ZIP, made as it is sent: photos that may not go are left out, and its manifest says which and why."""
    async with house.scope(actor) as scope:
        stream, name = await zipping.fetch(scope, zip_id)
    headers = media.NOT_KEPT | {"Content-Disposition": media.attachment(name)}
    return StreamingResponse(stream, media_type="application/zip", headers=headers)


def _out(row: ZipRow) -> ZipOut:
    names = ("id", "use", "preset", "state", "total", "looked_at", "written", "created_at")
    told: dict[str, Any] = {name: getattr(row, name) for name in names}
    left_out = [LeftOutOut(asset_id=one.asset_id, name=one.name, code=one.code, reasons=list(one.reasons)) for one in row.left_out]
    return ZipOut(**told, left_out=left_out, file=f"/api/v1/zips/{row.id}/file")

"""Visible watermarks, and what they go on. For admins."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.api import media
from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import RAW_BODY, Body, Listed, Out, read_raw
from photobank.delivery import watermarks
from photobank.delivery.watermarks import Kind, WatermarkRow
from photobank.imaging.recipe import Corner, Layout, Mark

router = APIRouter(prefix="/watermarks", tags=["downloads"], responses=RESPONSES)

Name = Annotated[str, Field(min_length=1, max_length=watermarks.LONGEST_NAME)]
Opacity = Annotated[float, Field(ge=0.05, le=1)]
Size = Annotated[float, Field(ge=0.02, le=1)]


class WatermarkOut(Out):
    """A watermark; without words it is a logo. `size` is its longer side as a share of the photo's."""

    id: UUID
    name: str
    words: str
    layout: Layout
    corner: Corner
    opacity: float
    size: float
    presets: list[str]
    folders: list[UUID]


class WayIn(Body):
    """How it lies on a photo."""

    name: Name
    layout: Layout = "placed"
    corner: Corner = "bottom_right"
    opacity: Opacity = 0.4
    size: Size = 0.2

    def mark(self) -> Mark:
        """As the service takes it."""
        return Mark(self.layout, self.corner, self.opacity, self.size)


class WordsIn(WayIn):
    """A watermark of words."""

    words: str = Field(min_length=1, max_length=watermarks.LONGEST_WORDS)


class LookIn(Body):
    """How it would lie on a photo: words, or a watermark there is."""

    words: str = Field("", max_length=watermarks.LONGEST_WORDS)
    watermark_id: UUID | None = None
    layout: Layout = "placed"
    corner: Corner = "bottom_right"
    opacity: Opacity = 0.4
    size: Size = 0.2


class PlaceIn(Body):
    """What it goes on: a preset by name, or a folder by id and what is below it. Without a watermark: nothing goes on it any more."""

    kind: Kind
    target: str = Field(min_length=1, max_length=100)
    watermark_id: UUID | None = None


@router.get("")
async def list_watermarks(scope: InScope) -> Listed[WatermarkOut]:
    """All of them."""
    return Listed(items=[_out(row) for row in await watermarks.list_all(scope)])


@router.post("", status_code=201)
async def make(body: WordsIn, scope: InScope) -> WatermarkOut:
    """Make one of words."""
    return _out(await watermarks.make(scope, body.name, body.mark(), words=body.words))


@router.post("/logo", status_code=201, openapi_extra=RAW_BODY)
async def make_logo(
    request: Request,
    scope: InScope,
    name: Annotated[str, Query(min_length=1, max_length=watermarks.LONGEST_NAME)],
    layout: Layout = "placed",
    corner: Corner = "bottom_right",
    opacity: Annotated[float, Query(ge=0.05, le=1)] = 0.4,
    size: Annotated[float, Query(ge=0.02, le=1)] = 0.2,
) -> WatermarkOut:
    """Make one of a logo, sent as the raw body; PNG with transparency looks best."""
    require(scope, Action.settings_manage)
    logo = await read_raw(request, watermarks.BIGGEST_LOGO)
    return _out(await watermarks.make(scope, name, Mark(layout, corner, opacity, size), logo=logo))


@router.post("/preview", response_class=Response, responses=media.answers("image/webp"))
async def preview(body: LookIn, scope: InScope) -> Response:
    """A sample picture with it on, before it is made or changed."""
    mark = Mark(body.layout, body.corner, body.opacity, body.size)
    shown = await watermarks.preview(scope, mark, words=body.words, watermark_id=body.watermark_id)
    return Response(shown.data, media_type=shown.mime, headers=media.NOT_KEPT)


@router.put("/{watermark_id}", status_code=204)
async def change(watermark_id: UUID, body: WayIn, scope: InScope) -> Response:
    """Another name, or another way of lying on photos."""
    await watermarks.change(scope, watermark_id, body.name, body.mark())
    return Response(status_code=204)


@router.delete("/{watermark_id}", status_code=204)
async def remove(watermark_id: UUID, scope: InScope) -> Response:
    """Remove it, and from everything it went on."""
    await watermarks.remove(scope, watermark_id)
    return Response(status_code=204)


@router.post("/place", status_code=204)
async def place(body: PlaceIn, scope: InScope) -> Response:
    """Put it on everything of a preset, or out of a folder; or take that back."""
    await watermarks.put_on(scope, body.kind, body.target, body.watermark_id)
    return Response(status_code=204)


def _out(row: WatermarkRow) -> WatermarkOut:
    way: dict[str, Any] = row.mark.to_header()
    return WatermarkOut(id=row.id, name=row.name, words=row.words, presets=list(row.presets), folders=list(row.folders), **way)

"""What photos can be had as: presets, what each makes of a photo, and where the frame is."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body, Listed, Out
from photobank.delivery import cuts, offers, own_presets, presets
from photobank.delivery.cuts import Placed
from photobank.delivery.offers import Offer
from photobank.delivery.presets import Preset
from photobank.imaging.renditions import Format
from photobank.library import assets

router = APIRouter(tags=["downloads"], responses=RESPONSES)

Label = Annotated[str, Field(min_length=1, max_length=own_presets.LONGEST_LABEL)]
Side = Annotated[int, Field(ge=0, le=own_presets.LARGEST_SIDE)]
Share = Annotated[float, Field(ge=0, le=1)]


class PresetOut(Out):
    """A preset. A side of 0 is open; `fills`: cut to exactly this shape, otherwise the whole photo within it. Labels are for own ones."""

    name: str
    width: int
    height: int
    fills: bool
    format: Format
    quality: int
    dpi: int
    cmyk: bool
    as_it_came: bool
    label_nl: str
    label_en: str


class OwnPresetOut(PresetOut):
    """One of the organisation's own."""

    retired: bool


class PresetIn(Body):
    """A preset. A quality of 0 is the usual one of its format; `cmyk` is for TIFF."""

    label_nl: Label
    label_en: Label
    width: Side = 0
    height: Side = 0
    fills: bool = False
    format: Format = "jpeg"
    quality: int = Field(0, ge=0, le=100)
    dpi: int = Field(0, ge=0, le=own_presets.MOST_DPI)
    cmyk: bool = False

    def preset(self) -> Preset:
        """As the service takes it."""
        return Preset("", **self.model_dump())


class Retire(Body):
    """Out of use, or back."""

    retired: bool


class CutOut(Out):
    """The frame, 0–1 of the upright photo. `cut_faces` of the faces on it do not fit inside."""

    box: tuple[float, float, float, float]
    by_hand: bool
    cut_faces: int


class CutIn(Body):
    """Where the frame begins, and how large it is as a share of the largest one of its shape."""

    left: Share
    top: Share
    size: float = Field(1.0, ge=cuts.SMALLEST, le=1)


class OfferOut(Out):
    """A preset for one photo. `width` and `height` are what will come of it; `smaller`: the photo has too few pixels for all of the preset,
    and nothing is enlarged. `paper` is in centimetres."""

    preset: PresetOut
    width: int | None
    height: int | None
    smaller: bool
    paper: tuple[float, float] | None
    cut: CutOut | None
    suits: list[str]


@router.get("/presets")
async def list_presets(scope: InScope) -> Listed[PresetOut]:
    """What photos can be had as, in the order of the menu."""
    require(scope, Action.library_view)
    return Listed(items=[PresetOut.model_validate(one) for one in await presets.offered(scope)])


@router.get("/presets/own")
async def list_own(scope: InScope) -> Listed[OwnPresetOut]:
    """The organisation's own, also those out of use; for admins."""
    return Listed(items=[_own(preset, retired) for preset, retired in await own_presets.list_all(scope)])


@router.post("/presets/own", status_code=201)
async def define(body: PresetIn, scope: InScope) -> PresetOut:
    """Make a preset; its name follows from the English label."""
    return PresetOut.model_validate(await own_presets.define(scope, body.preset()))


@router.put("/presets/own/{preset}")
async def change(preset: str, body: PresetIn, scope: InScope) -> PresetOut:
    """Everything about a preset but its name."""
    return PresetOut.model_validate(await own_presets.change(scope, preset, body.preset()))


@router.patch("/presets/own/{preset}", status_code=204)
async def retire(preset: str, body: Retire, scope: InScope) -> Response:
    """Take a preset out of use, or back into it."""
    await own_presets.retire(scope, preset, body.retired)
    return Response(status_code=204)


@router.get("/assets/{asset_id}/presets")
async def of_photo(asset_id: UUID, scope: InScope) -> Listed[OfferOut]:
    """What comes of this photo in each preset: says nothing about whether it may leave, which `clearance` does."""
    found = await offers.of_photo(scope, await assets.find(scope, asset_id))
    return Listed(items=[_offer(one) for one in found])


@router.put("/assets/{asset_id}/cuts/{preset}")
async def move_cut(asset_id: UUID, preset: str, body: CutIn, scope: InScope) -> CutOut:
    """Put the frame of a preset somewhere else on this photo, for everybody; kept until the photo gets another version."""
    return _cut(await cuts.move(scope, asset_id, preset, body.left, body.top, body.size))


@router.delete("/assets/{asset_id}/cuts/{preset}")
async def forget_cut(asset_id: UUID, preset: str, scope: InScope) -> CutOut:
    """Back to where the rules put it."""
    return _cut(await cuts.forget(scope, asset_id, preset))


def _own(preset: Preset, retired: bool) -> OwnPresetOut:
    return OwnPresetOut(**PresetOut.model_validate(preset).model_dump(), retired=retired)


def _cut(placed: Placed) -> CutOut:
    return CutOut(box=tuple(placed.framed.box), by_hand=placed.by_hand, cut_faces=placed.framed.cut_faces)


def _offer(one: Offer) -> OfferOut:
    return OfferOut(
        preset=PresetOut.model_validate(one.preset),
        width=one.outcome.width if one.outcome else None,
        height=one.outcome.height if one.outcome else None,
        smaller=bool(one.outcome and one.outcome.smaller),
        paper=one.paper,
        cut=_cut(one.placed) if one.placed else None,
        suits=sorted(one.suits),
    )

"""Assets as the REST API shows them: in lists, and one with everything its page shows."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from photobank.api.v1.common import Out
from photobank.api.v1.describing import MarksOut
from photobank.api.v1.faces import FaceOut
from photobank.clearance import index, judgement
from photobank.delivery import screens, showing
from photobank.duplicates import stacks
from photobank.library import assets, marks
from photobank.library.fields import Filled
from photobank.models.assets import Asset, AssetState
from photobank.models.descriptions import FieldKind
from photobank.people import faces
from photobank.scope import Scope


class ShieldOut(Out):
    """Where an asset stands for one use."""

    state: str
    allowed: bool
    valid_until: datetime | None = None
    reasons: list[dict[str, Any]] = Field(default_factory=list)


class InStackOut(Out):
    """The stack that a photo lies in, with how many photos in sight."""

    stack_id: UUID
    is_cover: bool
    count: int


class AssetOut(Out):
    """An asset as lists show it. `shown` says whether the caller will get its picture; `placeholder` is a ThumbHash in base64."""

    id: UUID
    folder_id: UUID
    state: AssetState
    stage: str
    rejection: str | None
    filename: str
    title: str
    size: int
    width: int
    height: int
    media_type: str
    taken_at: datetime | None
    sort_at: datetime
    created_at: datetime
    changed_at: datetime
    placeholder: str | None
    shown: bool
    mine: bool
    version: int
    people_count: int
    open_faces: int
    marks: MarksOut
    stack: InStackOut | None
    clearance: dict[str, ShieldOut]


class RenditionOut(Out):
    """A size that a screen may ask for."""

    name: str
    width: int
    height: int
    media_type: str


class PersonOnAsset(Out):
    """Somebody confirmed on an asset."""

    id: UUID
    name: str


class FilledOut(Out):
    """A custom field with its value; null when empty."""

    id: UUID
    label_nl: str
    label_en: str
    kind: FieldKind
    private: bool
    value: str | float | bool | None


class AssetDetailOut(AssetOut):
    """One asset with everything its page shows. `place` is latitude and longitude as the camera wrote them."""

    caption: str
    credit: str
    event: str
    photographer: str
    tags: list[str]
    fields: list[FilledOut]
    permission: str
    trashed_at: datetime | None
    no_people_at: datetime | None
    place: tuple[float, float] | None
    camera: dict[str, Any]
    renditions: list[RenditionOut]
    faces: list[FaceOut]
    people: list[PersonOnAsset]


async def listed(scope: Scope, found: Sequence[Asset], use: str = "") -> list[AssetOut]:
    """Assets in sight with shields (of one use, if named) and counts, in a few queries however many they are."""
    ids = [asset.id for asset in found]
    shields = await index.shields(scope, ids)
    shown = await screens.expected(scope, found, shields)
    counts = await faces.counts(scope, ids)
    thought = await marks.of_assets(scope, ids)
    stacked = await stacks.of_assets(scope, ids)
    return [
        AssetOut(
            **_plain(scope, asset),
            shown=asset.id in shown,
            people_count=counts[asset.id].people,
            open_faces=counts[asset.id].open,
            marks=MarksOut.model_validate(thought[asset.id]),
            stack=_in_stack(stacked, asset.id),
            clearance={
                name: ShieldOut.model_validate(shield)
                for name, shield in shields.get(asset.id, {}).items()
                if name == use or not use
            },
        )
        for asset in found
    ]


async def detailed(scope: Scope, asset_id: UUID) -> AssetDetailOut:
    """One asset with everything its page shows."""
    one = await assets.detail(scope, asset_id)
    matrix = await judgement.matrix(scope, asset_id)
    rows = (await faces.of_assets(scope, [asset_id]))[asset_id]
    known = await showing.embedded(scope, asset_id)
    people = {row.person_id: row.person_name for row in rows if row.person_id and row.state == "confirmed"}
    asset = one.asset
    return AssetDetailOut(
        **_plain(scope, asset),
        shown=asset.id in await screens.expected(scope, [asset]),
        people_count=len(people),
        open_faces=sum(row.state in ("unknown", "suggested") for row in rows),
        stack=_in_stack(await stacks.of_assets(scope, [asset_id]), asset_id),
        clearance={use: ShieldOut(**judgement.verdict_json(v, matrix.names)) for use, v in matrix.verdicts.items()},
        caption=asset.caption,
        credit=asset.credit,
        event=asset.event,
        photographer=asset.photographer,
        tags=list(one.tags),
        fields=[_filled(filled) for filled in one.fields],
        marks=MarksOut.model_validate(one.marks),
        permission=one.folder_permission.name,
        trashed_at=asset.trashed_at,
        no_people_at=asset.no_people_at,
        place=known.place,
        camera=known.camera,
        renditions=[RenditionOut.model_validate(rendition) for rendition in one.renditions],
        faces=[FaceOut.model_validate(row) for row in rows],
        people=[PersonOnAsset(id=id_, name=name) for id_, name in people.items()],
    )


def _in_stack(stacked: Mapping[UUID, stacks.InStack], asset_id: UUID) -> InStackOut | None:
    return InStackOut.model_validate(stacked[asset_id]) if asset_id in stacked else None


def _filled(filled: Filled) -> FilledOut:
    names = ("id", "label_nl", "label_en", "kind", "private")
    return FilledOut(**{name: getattr(filled.field, name) for name in names}, value=filled.value)


def _plain(scope: Scope, asset: Asset) -> dict[str, Any]:
    names = ("id", "folder_id", "state", "stage", "rejection", "filename", "title", "size", "width", "height", "media_type")
    plain = {name: getattr(asset, name) for name in (*names, "version", "taken_at", "sort_at", "created_at", "changed_at")}
    plain["placeholder"] = base64.b64encode(asset.placeholder).decode() if asset.placeholder else None
    plain["mine"] = asset.uploaded_by is not None and asset.uploaded_by == scope.actor.user_id
    return plain

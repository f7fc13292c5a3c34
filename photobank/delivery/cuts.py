"""Where photos are cut for presets of a fixed shape: by the rules (imaging/framing.py), or where somebody put the frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import col

from photobank.access.authorise import require_on_folder
from photobank.access.permissions import Action, Permission
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.delivery import presets
from photobank.delivery.presets import Preset
from photobank.imaging.crop import Box
from photobank.imaging.framing import Framed, frame, moved
from photobank.kernel.errors import Invalid
from photobank.library import assets
from photobank.messaging.events import AssetsDescribed
from photobank.models.assets import Asset
from photobank.models.handing_over import Cut
from photobank.models.people import Face, FaceState
from photobank.scope import Scope

SMALLEST = 0.2
"""A cut by hand is at least this share of the largest one."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A cut for one preset. `by_hand`: somebody put it there."""

    framed: Framed
    by_hand: bool


async def of_presets(scope: Scope, asset: Asset, wanted: Sequence[Preset]) -> dict[str, Placed]:
    """The cuts of an asset in sight for those of the presets that have a shape, in two queries."""
    shaped = [preset for preset in wanted if preset.ratio is not None]
    if not shaped or not asset.width or not asset.height:
        return {}
    faces = await _faces(scope, asset.id)
    query = select(Cut).where(col(Cut.asset_id) == asset.id, col(Cut.preset).in_([preset.name for preset in shaped]))
    kept = {row.preset: row for row in (await scope.db.execute(query)).scalars() if row.version == asset.version}
    return {preset.name: _placed(asset, preset, faces, kept.get(preset.name)) for preset in shaped}


async def move(scope: Scope, asset_id: UUID, preset_name: str, left: float, top: float, size: float) -> Placed:
    """Put the frame somewhere else, for everybody who takes this photo in this preset from now on."""
    asset, preset = await _mine(scope, asset_id, preset_name)
    if not (SMALLEST <= size <= 1 and 0 <= left <= 1 and 0 <= top <= 1):
        raise Invalid("out of the photo", fields={"left": "presets.error_cut"})
    faces = await _faces(scope, asset_id)
    framed = moved(asset.width, asset.height, _ratio(preset), left, top, size, faces)
    row = Cut(
        asset_id=asset_id,
        preset=preset.name,
        left=framed.box.left,
        top=framed.box.top,
        size=size,
        version=asset.version,
        made_by=scope.actor.user_id,
        made_at=scope.now(),
    )
    await scope.db.merge(row)
    _changed(scope, asset, preset, by_hand=True)
    return Placed(framed, by_hand=True)


async def forget(scope: Scope, asset_id: UUID, preset_name: str) -> Placed:
    """Back to the rules."""
    asset, preset = await _mine(scope, asset_id, preset_name)
    await scope.db.execute(delete(Cut).where(col(Cut.asset_id) == asset_id, col(Cut.preset) == preset.name))
    _changed(scope, asset, preset, by_hand=False)
    return _placed(asset, preset, await _faces(scope, asset_id), None)


async def _mine(scope: Scope, asset_id: UUID, preset_name: str) -> tuple[Asset, Preset]:
    """A photo that the actor may take, and a preset that cuts."""
    asset = await assets.find(scope, asset_id)
    await require_on_folder(scope, Action.asset_download, Permission.download, asset.folder_id, asset_id=asset_id)
    preset = await presets.find(scope, preset_name)
    if preset.ratio is None or not asset.width or not asset.height:
        raise Invalid("this preset shows the whole photo", fields={"preset": "errors.preset"})
    return asset, preset


def _ratio(preset: Preset) -> float:
    assert preset.ratio is not None
    return preset.ratio


def _placed(asset: Asset, preset: Preset, faces: Sequence[Box], row: Cut | None) -> Placed:
    if row is None:
        return Placed(frame(asset.width, asset.height, _ratio(preset), faces), by_hand=False)
    return Placed(moved(asset.width, asset.height, _ratio(preset), row.left, row.top, row.size, faces), by_hand=True)


def _changed(scope: Scope, asset: Asset, preset: Preset, *, by_hand: bool) -> None:
    record(scope, Tag.asset_cut, asset_id=asset.id, folder_id=asset.folder_id, payload={"preset": preset.name, "by_hand": by_hand})
    scope.announce(AssetsDescribed(asset_ids=(asset.id,)))


async def _faces(scope: Scope, asset_id: UUID) -> list[Box]:
    """Every face that may be somebody's: what people said is nobody does not hold up a frame."""
    query = select(col(Face.box)).where(col(Face.asset_id) == asset_id, col(Face.state) != FaceState.ignored)
    return [Box(*box) for box in await scope.db.scalars(query) if box]

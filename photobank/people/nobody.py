"""Nobody recognisable on these photos: said of many at once, listed among what the reviewer did, and taken back, also days later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col

from photobank.access import visibility
from photobank.kernel.errors import Conflict
from photobank.kernel.ids import new_id
from photobank.library import assets
from photobank.models.assets import Asset
from photobank.models.people import ReviewAction
from photobank.scope import Scope

PHOTOS = "photos"
"""In what an action keeps: photo → when it was said of it, or null."""

Words = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Nobody:
    """Photos that took it, and the action for undo; none where no photo did."""

    asset_ids: list[UUID]
    action_id: UUID | None


async def say(scope: Scope, asset_ids: Sequence[UUID]) -> Nobody:
    """A human looked: nobody on these photos is recognisable. Photos with settled or open faces are left out."""
    done = await assets.say_no_people(scope, asset_ids)
    if not done:
        return Nobody([], None)
    said = await _said(scope, done)
    return Nobody(done, await _keep(scope, "nobody", dict.fromkeys(said), said))


async def standing(scope: Scope, action: ReviewAction, *, to_change: bool = False) -> dict[UUID, bool]:
    """The photos of an action that are in sight, and whether what it said of each still stands."""
    after: Words = action.after[PHOTOS]
    query = (await visibility.assets(scope)).where(col(Asset.id).in_([UUID(key) for key in after])).order_by(col(Asset.id))
    if to_change:
        query = query.with_for_update(of=Asset).execution_options(populate_existing=True)
    found = (await scope.db.execute(query)).scalars()
    return {asset.id: asset.no_people_at == _moment(after[str(asset.id)]) for asset in found}


async def undo(scope: Scope, action: ReviewAction) -> UUID:
    """Take the word back, or say it again; photos of which something else was said since are left alone."""
    if action.undone_at is not None:
        raise Conflict("this was undone before")
    before: Words = action.before[PHOTOS]
    stand = [id_ for id_, stands in (await standing(scope, action, to_change=True)).items() if stands]
    unsaid = await assets.unsay_no_people(scope, [id_ for id_ in stand if before[str(id_)] is None])
    said = await assets.say_no_people(scope, [id_ for id_ in stand if before[str(id_)] is not None])
    if not unsaid and not said:
        raise Conflict("everything in it was decided again since, or is gone")
    action.undone_at = scope.now()
    now: dict[str, str | None] = dict.fromkeys(map(str, unsaid)) | await _said(scope, said)
    return await _keep(scope, "undo-nobody", {key: action.after[PHOTOS][key] for key in now}, now, undoes=action.id)


async def _said(scope: Scope, asset_ids: Sequence[UUID]) -> dict[str, str | None]:
    """When it was said of each, to the microsecond: what stands later must be this very word."""
    found = [await scope.db.get_one(Asset, id_) for id_ in asset_ids]
    return {str(asset.id): asset.no_people_at.isoformat() for asset in found if asset.no_people_at is not None}


def _moment(word: str | None) -> datetime | None:
    return datetime.fromisoformat(word) if word else None


async def _keep(scope: Scope, kind: str, before: Words, after: Words, undoes: UUID | None = None) -> UUID:
    action = ReviewAction(
        id=new_id(),
        user_id=scope.actor.user_id,
        kind=kind,
        before={PHOTOS: dict(before)},
        after={PHOTOS: dict(after)},
        created_at=scope.now(),
        undoes=str(undoes) if undoes else None,
    )
    scope.db.add(action)
    await scope.db.flush()
    return action.id

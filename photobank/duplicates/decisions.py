"""What people say of a pair: skip the newer one, make it a new version, keep both, or these are no duplicates. Kept for ever."""

from __future__ import annotations

from uuid import UUID

from photobank.access.authorise import require_on_folder
from photobank.access.permissions import Action, Permission
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.duplicates import inheriting, repository
from photobank.duplicates.inheriting import Estate, Going
from photobank.duplicates.match import key_of
from photobank.kernel.errors import Conflict
from photobank.library import trash, versions
from photobank.messaging.events import DuplicatesChanged
from photobank.models.assets import Asset, AssetState
from photobank.models.duplicates import Answer, DuplicatePair
from photobank.scope import Scope


async def decide(scope: Scope, pair_id: UUID, answer: Answer) -> DuplicatePair:
    """Answer a pair. Takes `edit` where the newer photo lies; `skip` puts that one into the trash."""
    pair = await repository.find(scope, pair_id)
    known = await repository.assets_of(scope, [pair])
    older, newer = known[pair.older_id], known[pair.newer_id]
    await require_on_folder(scope, Action.asset_edit, Permission.edit, newer.folder_id, asset_id=newer.id)
    if pair.answer is not None:
        raise Conflict("this pair was decided before")
    if answer is Answer.skip:
        (estate,) = await inheriting.estates(scope, [Going(newer, older, tuple(pair.matrix))])
        await drop(scope, estate)
    elif answer is Answer.version:
        await versions.replace(scope, older.id, newer.id)
    await say(scope, pair, older, newer, answer)
    return pair


async def drop(scope: Scope, estate: Estate) -> None:
    """Hand over what the copy carries, then put it into the trash; raises Conflict when it has to stay."""
    # A photo that is still looked at for faces carries no decisions yet, so that nothing is lost with it.
    looked_for = estate.going.drop.state == AssetState.processing and estate.going.drop.locked_at is None
    young = looked_for and estate.obstacle is inheriting.Obstacle.state
    # What a copy may be used for is no reason to keep it where somebody looks at both and chooses.
    seen = estate.obstacle is inheriting.Obstacle.clearance_lost
    if estate.obstacle is not None and not young and not seen:
        raise Conflict(f"this copy has to stay: {estate.obstacle}", reason=str(estate.obstacle))
    await inheriting.take_over(scope, estate)
    await trash.trash(scope, estate.going.drop.id)


async def say(scope: Scope, pair: DuplicatePair, older: Asset, newer: Asset, answer: Answer) -> None:
    """Keep the answer, with the pair and for ever."""
    pair.answer, pair.answered_by, pair.answered_at = answer, scope.actor.user_id, scope.now()
    await repository.keep_answer(scope, key_of(older, newer), answer, scope.now())
    payload = {"answer": str(answer), "other": str(older.id)}
    record(scope, Tag.duplicate_decided, asset_id=newer.id, folder_id=newer.folder_id, payload=payload)
    scope.announce(DuplicatesChanged(asset_ids=(older.id, newer.id)))


async def undo(scope: Scope, pair_id: UUID) -> DuplicatePair:
    """Take an answer back; a copy that went into the trash with it comes out again. What was handed over stays: it was true before."""
    pair = await repository.find(scope, pair_id, trashed=True)
    known = await repository.assets_of(scope, [pair])
    older, newer = known[pair.older_id], known[pair.newer_id]
    await require_on_folder(scope, Action.asset_edit, Permission.edit, newer.folder_id, asset_id=newer.id)
    if pair.answer is None:
        raise Conflict("this pair is open")
    if pair.answer == Answer.version:
        raise Conflict("a version is taken back on the photo's own page")
    if pair.answer == Answer.skip:
        for asset in (older, newer):
            if asset.state == AssetState.trashed:
                await trash.restore(scope, asset.id)
    pair.answer = pair.answered_by = pair.answered_at = None
    await repository.forget_answer(scope, key_of(older, newer))
    record(scope, Tag.duplicate_undone, asset_id=newer.id, folder_id=newer.folder_id, payload={"other": str(older.id)})
    scope.announce(DuplicatesChanged(asset_ids=(older.id, newer.id)))
    return pair

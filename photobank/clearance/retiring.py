"""Photos that nothing allows any more: locked at once, put into the archive after a while, then deleted if the organisation wants that.

A photo is due when somebody is on it who allows nothing any more, and once did: withdrawn, objected to or lapsed. What the organisation
does within its own walls on a basis of its own is not theirs to allow, and keeps no photo of who took everything back in the library.
The days count from the last of that person's ends. It is decided afresh from the facts, as the way out does (never from stored
verdicts), and once more before it is deleted. Whatever a legal hold is on stays where it is. A photo that somebody takes out of the
archive again is left alone until something else ends.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.audit.record import Told, record_each
from photobank.audit.tags import Tag
from photobank.clearance import facts, uses
from photobank.clearance.policy import Judge
from photobank.clearance.verdicts import ClearanceState, PersonVerdict, ReasonCode
from photobank.consents import rules
from photobank.kernel.ids import PersonId
from photobank.library import trash
from photobank.library.states import set_state
from photobank.messaging.events import AssetsChanged
from photobank.models.assets import Asset, AssetState
from photobank.models.consents import Consent, ConsentUse
from photobank.models.life import RetiredAsset
from photobank.models.people import Face, FaceState, Person
from photobank.scope import Scope

AT_ONCE: Final = 200
_ENDED: Final = frozenset({ClearanceState.REVOKED, ClearanceState.EXPIRED})


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the rule is about now: photos that the house put into the archive, how many of them a hold keeps, and the next to be deleted."""

    archived: int
    held: int
    next_deletion: datetime | None


async def waiting(scope: Scope) -> Waiting:
    """The numbers beside the rule, for who decides about it."""
    require(scope, Action.consent_rule)
    rule = await rules.in_force(scope)
    held = col(Asset.hold_at).is_not(None)
    query = select(func.count(), func.count().filter(held), func.min(col(RetiredAsset.archived_at)).filter(~held))
    query = query.select_from(RetiredAsset).join(Asset, col(Asset.id) == col(RetiredAsset.asset_id))
    archived, on_hold, first = (await scope.db.execute(query.where(col(Asset.state) == AssetState.archived))).one()
    until = first + timedelta(days=rule.delete_days) if first is not None and rule.delete_days is not None else None
    return Waiting(archived, on_hold, until)


async def archive_due(scope: Scope, after: UUID | None = None) -> UUID | None:
    """Look at the next photos that may be due, and put those that are into the archive; gives where to go on, None at the end."""
    require(scope, Action.asset_edit)
    rule = await rules.in_force(scope)
    if rule.archive_days is None:
        return None
    before = scope.now() - timedelta(days=rule.archive_days)
    query = _suspects(before).where(col(Asset.state) == AssetState.ready, col(Asset.hold_at).is_(None))
    if after is not None:
        query = query.where(col(Asset.id) > after)
    found = list((await scope.db.scalars(query.order_by(col(Asset.id)).limit(AT_ONCE).with_for_update(of=Asset))).all())
    ends = {id_: at for id_, at in (await ended(scope, found)).items() if at is not None and at <= before}
    spared = await _spared(scope, ends)
    await _archive(scope, {id_: at for id_, at in ends.items() if id_ not in spared})
    return found[-1] if len(found) == AT_ONCE else None


async def delete_due(scope: Scope) -> int:
    """Delete for good, with their keys, photos that the house put away long enough ago and that still nothing allows; gives how many.

    Those that may be used again, since somebody signed, stay in the archive and are forgotten here.
    """
    require(scope, Action.asset_purge)
    rule = await rules.in_force(scope)
    if rule.delete_days is None or rule.archive_days is None:
        return 0
    query = (
        select(Asset)
        .join(RetiredAsset, col(RetiredAsset.asset_id) == col(Asset.id))
        .where(col(RetiredAsset.archived_at) <= scope.now() - timedelta(days=rule.delete_days))
        .where(col(Asset.state) == AssetState.archived, col(Asset.hold_at).is_(None))
        .order_by(col(RetiredAsset.archived_at), col(RetiredAsset.asset_id))
        .limit(AT_ONCE)
        .with_for_update(of=Asset, skip_locked=True)
    )
    found = list((await scope.db.scalars(query)).all())
    ends = await ended(scope, [one.id for one in found])
    await trash.erase(scope, [one for one in found if ends[one.id] is not None], "consent_ended")
    for one in found:
        if ends[one.id] is None and (row := await scope.db.get(RetiredAsset, one.id)) is not None:
            await scope.db.delete(row)
    return len(found)


async def ended(scope: Scope, asset_ids: Collection[UUID]) -> dict[UUID, datetime | None]:
    """Since when each photo is due, whatever state it is in; None where it is not."""
    if not asset_ids:
        return {}
    judge = Judge(scope.now(), None, await facts.rules(scope))
    wanted = await uses.facts(scope)
    known = await facts.load(scope, asset_ids)
    return {id_: last_end(judge.person_matrix(one, wanted)) for id_, one in known.items()}


def last_end(matrix: Mapping[PersonId, Mapping[str, PersonVerdict]]) -> datetime | None:
    """Since when somebody on it allows nothing who did before; None when there is nobody like that. Pure."""
    found = []
    for cells in matrix.values():
        ends = [at for cell in cells.values() if (at := _end_of(cell)) is not None]
        if ends and not any(cell.ground is not None and cell.ground.consent_id is not None for cell in cells.values()):
            found.append(max(ends))
    return min(found, default=None)


def _end_of(cell: PersonVerdict) -> datetime | None:
    reason = cell.reason
    if reason is None or not (cell.state in _ENDED or reason.code is ReasonCode.CAME_OF_AGE):
        return None
    return reason.since


def _suspects(before: datetime) -> Select[Any]:
    """Photos with somebody confirmed on them of whom something ended by then. Wider than what is due: the policy decides."""
    owner = func.coalesce(col(Person.merged_into), col(Person.id))
    gone: ColumnElement[bool] = or_(
        col(Consent.withdrawn_at) <= before,
        col(Consent.valid_until) <= before,
        col(ConsentUse.withdrawn_at) <= before,
        col(ConsentUse.valid_until) <= before,
    )
    over = (
        select(owner)
        .join(Consent, col(Consent.person_id) == col(Person.id))
        .join(ConsentUse, col(ConsentUse.consent_id) == col(Consent.id))
        .where(gone)
    )
    of_them = select(col(Person.id)).where(owner.in_(over))
    on_it = exists().where(
        and_(col(Face.asset_id) == col(Asset.id), col(Face.state) == FaceState.confirmed, col(Face.person_id).in_(of_them))
    )
    return select(col(Asset.id)).where(col(Asset.version_of).is_(None), on_it)


async def _spared(scope: Scope, ends: dict[UUID, datetime]) -> set[UUID]:
    """Those that were put away for the same end before: somebody has taken them out again, and knew."""
    query = select(RetiredAsset).where(col(RetiredAsset.asset_id).in_(ends))
    return {row.asset_id for row in (await scope.db.scalars(query)).all() if row.ended_at >= ends[row.asset_id]}


async def _archive(scope: Scope, ends: dict[UUID, datetime]) -> None:
    if not ends:
        return
    rows = [{"asset_id": id_, "ended_at": at, "archived_at": scope.now()} for id_, at in ends.items()]
    writing = insert(RetiredAsset).values(rows)
    fresh = {"ended_at": writing.excluded.ended_at, "archived_at": writing.excluded.archived_at}
    await scope.db.execute(writing.on_conflict_do_update(index_elements=["asset_id"], set_=fresh))
    await set_state(scope, list(ends), AssetState.archived)
    folders = dict((await scope.db.execute(select(col(Asset.id), col(Asset.folder_id)).where(col(Asset.id).in_(ends)))).all())
    events = [Told({"ended_at": at.isoformat()}, {"asset_id": id_, "folder_id": folders[id_]}) for id_, at in ends.items()]
    await record_each(scope, Tag.asset_retired, events)
    scope.announce(AssetsChanged(asset_ids=tuple(sorted(ends))))

"""Consents and releases, read: one, a page of them, those of a person. Only of people in sight."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import may, require
from photobank.access.permissions import Action
from photobank.consents import rules
from photobank.consents.status import ConsentStatus, condition, status_of
from photobank.kernel.errors import Invalid, NotFound
from photobank.kernel.paging import Page, TimeCursor, clamp
from photobank.models.assets import Asset
from photobank.models.consents import Consent, ConsentScope, ConsentUse, Regime
from photobank.models.people import Person
from photobank.scope import Scope


class Extent(StrEnum):
    """Which photos of the person a record is about: all, those in folders and the folders within, or named ones."""

    all = "all"
    folder = "folder"
    photos = "photos"


@dataclass(frozen=True, slots=True)
class GrantedUse:
    """A use on a record."""

    use: str
    valid_until: datetime | None
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """A record as its viewer sees it. `extent_ids` holds the folders or photos in sight; `reason` only for who may record such."""

    id: UUID
    number: int
    person_id: UUID
    person_name: str
    regime: Regime
    status: ConsentStatus
    uses: tuple[GrantedUse, ...]
    valid_from: datetime
    valid_until: datetime | None
    signed_at: datetime | None
    withdrawn_at: datetime | None
    superseded_at: datetime | None
    superseded_by: UUID | None
    extent: Extent
    extent_ids: tuple[UUID, ...]
    territories: tuple[str, ...]
    guardians_signed: int
    biometric: bool
    reason: str
    way_in: str
    language: str
    recorded_by: UUID | None
    created_at: datetime


async def alert_period(scope: Scope) -> timedelta:
    """How long before its end a record counts as expiring."""
    return (await rules.in_force(scope)).alert


async def find(scope: Scope, consent_id: UUID, *, to_change: bool = False) -> Consent:
    """The record itself, of somebody in sight; raises NotFound. With `to_change` it is locked to the end of the transaction."""
    require(scope, Action.consent_view)
    query = select(Consent).where(col(Consent.id) == consent_id, col(Consent.person_id).in_(await people_in_sight(scope)))
    if to_change:
        query = query.with_for_update(of=Consent).execution_options(populate_existing=True)
    consent = await scope.db.scalar(query)
    if consent is None:
        raise NotFound("no such consent")
    return consent


async def get(scope: Scope, consent_id: UUID) -> ConsentRow:
    """One record."""
    return (await _rows(scope, [await find(scope, consent_id)]))[0]


async def page(
    scope: Scope, *, person_id: UUID | None = None, status: str | None = None, cursor: str | None = None, limit: int | None = None
) -> Page[ConsentRow]:
    """Records of people in sight, newest first."""
    require(scope, Action.consent_view)
    size = clamp(limit)
    query = select(Consent).where(col(Consent.person_id).in_(await people_in_sight(scope)))
    if person_id is not None:
        query = query.where(col(Consent.person_id) == person_id)
    if status is not None:
        if status not in ConsentStatus.__members__:
            raise Invalid("status", fields={"status": "errors.status"})
        query = query.where(condition(ConsentStatus(status), scope.now(), await alert_period(scope)))
    if cursor:
        after = TimeCursor.decode(cursor)
        query = query.where(tuple_(col(Consent.created_at), col(Consent.id)) < tuple_(after.at, after.id))
    query = query.order_by(col(Consent.created_at).desc(), col(Consent.id).desc()).limit(size + 1)
    found = list((await scope.db.execute(query)).scalars())
    more = len(found) > size
    found = found[:size]
    return Page(await _rows(scope, found), TimeCursor(found[-1].created_at, found[-1].id).encode() if more else None)


async def first_of_each(scope: Scope, statuses: Sequence[ConsentStatus], limit: int) -> dict[ConsentStatus, list[ConsentRow]]:
    """The newest records of people in sight that stand in each of these ways."""
    require(scope, Action.consent_view)
    in_sight, alert = await people_in_sight(scope), await alert_period(scope)
    found: dict[ConsentStatus, list[Consent]] = {}
    for one in statuses:
        query = select(Consent).where(col(Consent.person_id).in_(in_sight), condition(one, scope.now(), alert))
        query = query.order_by(col(Consent.created_at).desc(), col(Consent.id).desc()).limit(limit)
        found[one] = list((await scope.db.scalars(query)).all())
    rows = {row.id: row for row in await _rows(scope, [consent for some in found.values() for consent in some])}
    return {one: [rows[consent.id] for consent in some] for one, some in found.items()}


async def count(scope: Scope, *groups: Sequence[ConsentStatus]) -> list[int]:
    """How many records of people in sight stand in one of the ways of each group."""
    require(scope, Action.consent_view)
    alert = await alert_period(scope)
    holds = [or_(*(condition(one, scope.now(), alert) for one in group)) for group in groups]
    query = select(*(func.count().filter(one) for one in holds))
    return list((await scope.db.execute(query.where(col(Consent.person_id).in_(await people_in_sight(scope))))).one())


async def of_person(scope: Scope, person_id: UUID) -> list[ConsentRow]:
    """Every record of one person, newest first; raises NotFound when the person is not in sight."""
    await require_person(scope, person_id)
    merged = select(col(Person.id)).where(col(Person.merged_into) == person_id)
    query = select(Consent).where(or_(col(Consent.person_id) == person_id, col(Consent.person_id).in_(merged)))
    found = (await scope.db.execute(query.order_by(col(Consent.created_at).desc(), col(Consent.id).desc()))).scalars()
    return await _rows(scope, list(found))


async def of_people(scope: Scope, person_ids: Collection[UUID]) -> dict[UUID, list[ConsentRow]]:
    """The same for many people whom the caller has found through `visibility`, in a fixed number of queries."""
    survivor = func.coalesce(col(Person.merged_into), col(Person.id))
    entries = dict((await scope.db.execute(select(col(Person.id), survivor).where(survivor.in_(person_ids)))).all())
    query = select(Consent).where(col(Consent.person_id).in_(entries))
    found = (await scope.db.execute(query.order_by(col(Consent.created_at).desc(), col(Consent.id).desc()))).scalars()
    rows: dict[UUID, list[ConsentRow]] = {id_: [] for id_ in person_ids}
    for row in await _rows(scope, list(found)):
        rows[entries[row.person_id]].append(row)
    return rows


async def require_person(scope: Scope, person_id: UUID, *, to_change: bool = False) -> Person:
    """The person, if in sight; raises NotFound. With `to_change`, two people never record for the same person at once."""
    require(scope, Action.consent_view)
    query = (await visibility.people(scope, hidden=True)).where(col(Person.id) == person_id)
    if to_change:
        query = query.with_for_update(of=Person, key_share=True)
    person: Person | None = await scope.db.scalar(query)
    if person is None:
        raise NotFound("no such person")
    return person


async def require_people(scope: Scope, person_ids: Collection[UUID]) -> list[Person]:
    """All of them, locked as `require_person` does; raises NotFound when one is not in sight."""
    require(scope, Action.consent_view)
    query = (await visibility.people(scope, hidden=True)).where(col(Person.id).in_(person_ids)).order_by(col(Person.id))
    found = list((await scope.db.scalars(query.with_for_update(of=Person, key_share=True))).all())
    if {one.id for one in found} != set(person_ids):
        raise NotFound("no such person")
    return found


def sees_contact(scope: Scope) -> bool:
    """Whether the viewer deals with people, and so reads their addresses."""
    return may(scope.actor, Action.person_contact)


async def uses_of(scope: Scope, consent_ids: Sequence[UUID]) -> dict[UUID, list[ConsentUse]]:
    """The uses on these records."""
    query = select(ConsentUse).where(col(ConsentUse.consent_id).in_(consent_ids)).order_by(col(ConsentUse.use_id))
    found: dict[UUID, list[ConsentUse]] = defaultdict(list)
    for use in (await scope.db.execute(query)).scalars():
        found[use.consent_id].append(use)
    return found


async def targets_of(scope: Scope, consent_ids: Sequence[UUID]) -> dict[UUID, set[UUID]]:
    """Every folder and photo that records are limited to, in sight or not: for deciding, never for showing."""
    query = select(ConsentScope).where(col(ConsentScope.consent_id).in_(consent_ids))
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for row in (await scope.db.execute(query)).scalars():
        found[row.consent_id].add(row.target_id)
    return found


async def people_in_sight(scope: Scope) -> Any:
    """Ids of people in sight, and of those who were merged into one of them: their papers stay readable and can be withdrawn."""
    in_sight = (await visibility.people(scope, hidden=True)).with_only_columns(col(Person.id), maintain_column_froms=True)
    anybody = aliased(Person)
    return select(col(anybody.id)).where(or_(col(anybody.id).in_(in_sight), col(anybody.merged_into).in_(in_sight)))


async def _rows(scope: Scope, consents: Sequence[Consent]) -> list[ConsentRow]:
    if not consents:
        return []
    ids = [consent.id for consent in consents]
    uses = await uses_of(scope, ids)
    targets = await _targets(scope, ids)
    people = {consent.person_id for consent in consents}
    query = select(col(Person.id), col(Person.name)).where(col(Person.id).in_(people))
    names = dict((await scope.db.execute(query)).all())
    sees_reason, alert = may(scope.actor, Action.consent_other_basis), await alert_period(scope)
    rows = []
    for consent in consents:
        reason = ""
        if sees_reason and consent.reason_ct is not None:
            reason = scope.vault.fields.open_text("consents", "reason_ct", consent.id, consent.reason_ct)
        rows.append(
            ConsentRow(
                id=consent.id,
                number=consent.number,
                person_id=consent.person_id,
                person_name=names[consent.person_id],
                regime=Regime(consent.regime),
                status=status_of(consent, uses[consent.id], scope.now(), alert),
                uses=tuple(GrantedUse(use.use_id, use.valid_until, use.withdrawn_at) for use in uses[consent.id]),
                valid_from=consent.valid_from,
                valid_until=consent.valid_until,
                signed_at=consent.signed_at,
                withdrawn_at=consent.withdrawn_at,
                superseded_at=consent.superseded_at,
                superseded_by=consent.superseded_by,
                extent=Extent(consent.scope),
                extent_ids=tuple(targets[consent.id]),
                territories=split_territories(consent.territories),
                guardians_signed=consent.guardians_signed,
                biometric=consent.biometric,
                reason=reason,
                way_in=consent.way_in,
                language=consent.language,
                recorded_by=consent.recorded_by,
                created_at=consent.created_at,
            )
        )
    return rows


def split_territories(text: str) -> tuple[str, ...]:
    """The countries as they are stored; none means everywhere."""
    return tuple(part for part in text.split(",") if part)


async def _targets(scope: Scope, consent_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """Folders and photos that the records are limited to, as far as they are in sight."""
    query = select(ConsentScope).where(col(ConsentScope.consent_id).in_(consent_ids)).order_by(col(ConsentScope.target_id))
    rows = list((await scope.db.execute(query)).scalars())
    found: dict[UUID, list[UUID]] = defaultdict(list)
    if not rows:
        return found
    seen = set(await visibility.folder_ids(scope))
    photos = [row.target_id for row in rows if row.kind == Extent.photos]
    if photos:
        in_sight = (await visibility.assets(scope)).with_only_columns(col(Asset.id)).where(col(Asset.id).in_(photos))
        seen |= set((await scope.db.scalars(in_sight)).all())
    for row in rows:
        if row.target_id in seen:
            found[row.consent_id].append(row.target_id)
    return found

"""Coming ends, told once: to those who watch over consents, and to whoever used photos of the person within a year.

An end is that of a record, or of some of its uses. The schedule writes down that it was told and to whom, in one transaction; from
there on the alert stands in the application and goes into that person's next digest (digests.py). What somebody may not see any more
when they read is not shown to them: alerts hold ids.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, exists, func, or_, select, tuple_, union, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import may, require, require_own_account
from photobank.access.permissions import Action
from photobank.audit.record import Told, record_each
from photobank.audit.tags import Tag
from photobank.consents import rules
from photobank.kernel.paging import Page, TimeCursor, clamp
from photobank.messaging.events import AlertsRaised
from photobank.models.accounts import Role, User
from photobank.models.consents import Consent, ConsentUse, Download
from photobank.models.life import ConsentAlert, ConsentEnd
from photobank.models.people import Face, FaceState, Person
from photobank.models.shares import Share, ShareAsset
from photobank.scope import Scope

OVERSIGHT: Final = (Role.privacy_officer, Role.admin)
USED_WITHIN: Final = timedelta(days=365)
AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An end that somebody was told of, and which uses end with it."""

    consent_id: UUID
    number: int
    person_id: UUID
    person_name: str
    uses: tuple[str, ...]
    ends_at: datetime
    why: str
    created_at: datetime
    seen_at: datetime | None


async def tell_due(scope: Scope) -> int:
    """Tell of the ends that came within the organisation's period; gives how many. For the schedule; safe to run twice at once."""
    require(scope, Action.consent_view)
    now, rule = scope.now(), await rules.in_force(scope)
    end = func.least(col(ConsentUse.valid_until), col(Consent.valid_until))
    told = select(col(ConsentEnd.consent_id), col(ConsentEnd.ends_at))
    query = (
        running()
        .with_only_columns(col(Consent.id), end.label("end"), func.coalesce(col(Person.merged_into), col(Person.id)))
        .where(end > now, end <= now + rule.alert, tuple_(col(Consent.id), end).not_in(told))
        .distinct()
        .order_by("end", col(Consent.id))
        .limit(AT_ONCE)
    )
    ends = {(consent_id, at): person_id for consent_id, at, person_id in await scope.db.execute(query)}
    if not ends:
        return 0
    rows = [{"consent_id": consent_id, "ends_at": at, "told_at": now} for consent_id, at in ends]
    writing = insert(ConsentEnd).values(rows).on_conflict_do_nothing()
    ours = (await scope.db.execute(writing.returning(col(ConsentEnd.consent_id), col(ConsentEnd.ends_at)))).all()
    await _tell(scope, [(consent_id, at, ends[consent_id, at]) for consent_id, at in ours])
    return len(ours)


def running() -> Select[Any]:
    """Uses that hold or are about to, each with its record and person: neither withdrawn nor replaced. The caller narrows it."""
    return (
        select(ConsentUse)
        .join(Consent, col(Consent.id) == col(ConsentUse.consent_id))
        .join(Person, col(Person.id) == col(Consent.person_id))
        .where(col(Consent.signed_at).is_not(None), col(Consent.declined_at).is_(None), col(Consent.withdrawn_at).is_(None))
        .where(col(Consent.superseded_at).is_(None), col(ConsentUse.withdrawn_at).is_(None), col(Person.hidden_at).is_(None))
    )


async def _tell(scope: Scope, ours: Sequence[tuple[UUID, datetime, UUID]]) -> None:
    watching = list((await scope.db.scalars(_active().where(col(User.role).in_(OVERSIGHT)))).all())
    used = await _users_of(scope, {person_id for _, _, person_id in ours})
    rows: list[dict[str, Any]] = []
    events = []
    for consent_id, at, person_id in ours:
        whys = dict.fromkeys(used[person_id], "used") | dict.fromkeys(watching, "oversight")
        for user_id, why in whys.items():
            rows.append({"consent_id": consent_id, "ends_at": at, "user_id": user_id, "why": why, "created_at": scope.now()})
        payload = {"ends_at": at.isoformat(), "people": len(whys)}
        events.append(Told(payload, {"consent_id": consent_id, "person_id": person_id}))
    if rows:
        await scope.db.execute(insert(ConsentAlert).values(rows).on_conflict_do_nothing())
        scope.announce(AlertsRaised(user_ids=tuple(sorted({row["user_id"] for row in rows}))))
    await record_each(scope, Tag.consent_end_told, events)


def _active() -> Select[UUID]:
    return select(col(User.id)).where(col(User.disabled_at).is_(None)).order_by(col(User.id))


async def _users_of(scope: Scope, person_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Who took, shared or embedded a photo of each of these people within a year, or has an open share with one."""
    since, now = scope.now() - USED_WITHIN, scope.now()
    on_photo = (
        select(func.coalesce(col(Person.merged_into), col(Person.id)).label("person"), col(Face.asset_id).label("asset"))
        .join(Person, col(Person.id) == col(Face.person_id))
        .where(col(Face.state) == FaceState.confirmed)
        .where(or_(col(Person.id).in_(person_ids), col(Person.merged_into).in_(person_ids)))
        .subquery()
    )
    taken = select(on_photo.c.person, col(Download.user_id)).join(Download, col(Download.asset_id) == on_photo.c.asset)
    open_still = col(Share.revoked_at).is_(None) & or_(col(Share.ends_at).is_(None), col(Share.ends_at) > now)
    shared = (
        select(on_photo.c.person, col(Share.user_id))
        .join(ShareAsset, col(ShareAsset.asset_id) == on_photo.c.asset)
        .join(Share, col(Share.id) == col(ShareAsset.share_id))
    )
    both = union(taken.where(col(Download.created_at) > since), shared.where(or_(col(Share.created_at) > since, open_still)))
    active = set((await scope.db.scalars(_active())).all())
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for person_id, user_id in await scope.db.execute(both):
        if user_id in active:
            found[person_id].append(user_id)
    return found


async def mine(scope: Scope, *, cursor: str | None = None, limit: int | None = None) -> Page[AlertRow]:
    """One's own alerts about ends still to come, of people in sight, the first end first."""
    require(scope, Action.consent_view)
    size = clamp(limit)
    query = await _mine(scope)
    if cursor:
        after = TimeCursor.decode(cursor)
        query = query.where(tuple_(col(ConsentAlert.ends_at), col(ConsentAlert.consent_id)) > tuple_(after.at, after.id))
    query = query.order_by(col(ConsentAlert.ends_at), col(ConsentAlert.consent_id)).limit(size + 1)
    found = [(alert, consent) for alert, consent in await scope.db.execute(query)]
    more, found = len(found) > size, found[:size]
    last = found[-1][0] if more else None
    return Page(await _rows(scope, found), TimeCursor(last.ends_at, last.consent_id).encode() if last else None)


async def unmailed(scope: Scope) -> list[AlertRow]:
    """Those among one's own that no mail told of yet, the first end first."""
    query = (await _mine(scope)).where(col(ConsentAlert.mailed_at).is_(None))
    query = query.order_by(col(ConsentAlert.ends_at), col(ConsentAlert.consent_id)).limit(AT_ONCE)
    return await _rows(scope, [(alert, consent) for alert, consent in await scope.db.execute(query)])


async def unseen(scope: Scope) -> int:
    """How many of them one has not looked at yet."""
    if not may(scope.actor, Action.consent_view) or scope.actor.user_id is None:
        return 0
    query = (await _mine(scope)).where(col(ConsentAlert.seen_at).is_(None))
    found: int | None = await scope.db.scalar(select(func.count()).select_from(query.subquery()))
    return found or 0


async def look(scope: Scope) -> None:
    """One has looked at all of them."""
    require(scope, Action.consent_view)
    user_id = require_own_account(scope)
    change = update(ConsentAlert).where(col(ConsentAlert.user_id) == user_id, col(ConsentAlert.seen_at).is_(None))
    change = change.values(seen_at=scope.now()).execution_options(synchronize_session=False)
    if (await scope.db.execute(change.returning(col(ConsentAlert.user_id)))).first() is not None:
        scope.announce(AlertsRaised(user_ids=(user_id,)))


async def _mine(scope: Scope) -> Select[ConsentAlert, Consent]:
    """Alerts to the actor that still say something, with their records: the use runs on, the person is in sight."""
    owner = aliased(Person)
    survivor = func.coalesce(owner.merged_into, owner.id)
    seen = (await visibility.people(scope)).where(col(Person.id) == survivor).correlate(owner).exists()
    end = func.least(col(ConsentUse.valid_until), col(Consent.valid_until))
    use = exists().where(
        col(ConsentUse.consent_id) == col(Consent.id), col(ConsentUse.withdrawn_at).is_(None), end == col(ConsentAlert.ends_at)
    )
    return (
        select(ConsentAlert, Consent)
        .join(Consent, col(Consent.id) == col(ConsentAlert.consent_id))
        .join(owner, col(owner.id) == col(Consent.person_id))
        .where(col(ConsentAlert.user_id) == scope.actor.user_id, col(ConsentAlert.ends_at) > scope.now())
        .where(col(Consent.withdrawn_at).is_(None), col(Consent.superseded_at).is_(None), use, seen)
    )


async def _rows(scope: Scope, found: Sequence[tuple[ConsentAlert, Consent]]) -> list[AlertRow]:
    """What is shown of alerts that the caller has found in sight."""
    if not found:
        return []
    ids = {consent.id for _, consent in found}
    uses: dict[tuple[UUID, datetime], list[str]] = defaultdict(list)
    ending = select(
        col(ConsentUse.consent_id), col(ConsentUse.use_id), func.least(col(ConsentUse.valid_until), col(Consent.valid_until))
    )
    ending = ending.join(Consent, col(Consent.id) == col(ConsentUse.consent_id)).where(col(ConsentUse.consent_id).in_(ids))
    for consent_id, use, at in await scope.db.execute(
        ending.where(col(ConsentUse.withdrawn_at).is_(None)).order_by(col(ConsentUse.use_id))
    ):
        uses[consent_id, at].append(use)
    survivor = func.coalesce(col(Person.merged_into), col(Person.id))
    people = {consent.person_id for _, consent in found}
    survivors = dict((await scope.db.execute(select(col(Person.id), survivor).where(col(Person.id).in_(people)))).all())
    names = dict(
        (await scope.db.execute(select(col(Person.id), col(Person.name)).where(col(Person.id).in_(survivors.values())))).all()
    )
    return [
        AlertRow(
            consent_id=consent.id,
            number=consent.number,
            person_id=survivors[consent.person_id],
            person_name=names[survivors[consent.person_id]],
            uses=tuple(uses[consent.id, alert.ends_at]),
            ends_at=alert.ends_at,
            why=alert.why,
            created_at=alert.created_at,
            seen_at=alert.seen_at,
        )
        for alert, consent in found
    ]

"""Reading the log: pages for the feed and for the activity of one asset or person, with today's names put beside the ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import Asking, closed_folders, require
from photobank.access.permissions import Action
from photobank.audit.tags import Tag
from photobank.kernel.errors import Invalid
from photobank.kernel.paging import Page, clamp
from photobank.models.accounts import User
from photobank.models.assets import Asset
from photobank.models.audit import AuditEvent
from photobank.models.folders import Folder
from photobank.models.people import Person
from photobank.scope import Scope


@dataclass(frozen=True, slots=True)
class Narrow:
    """What the feed is narrowed to."""

    actor_id: UUID | None = None
    asset_id: UUID | None = None
    person_id: UUID | None = None
    folder_id: UUID | None = None
    tag: Tag | None = None
    refused: bool = False
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event as the feed shows it. Names are looked up now: an erased person has none."""

    id: int
    at: datetime
    tag: Tag
    outcome: str
    actor_kind: str
    actor_id: UUID | None
    actor_name: str
    via: str
    asset_id: UUID | None
    asset_name: str
    person_id: UUID | None
    person_name: str
    folder_id: UUID | None
    folder_name: str
    consent_id: UUID | None
    user_id: UUID | None
    user_name: str
    download_id: UUID | None
    address: str
    payload: dict[str, Any] = field(default_factory=dict)


async def page(scope: Scope, narrow: Narrow, cursor: str | None = None, limit: int | None = None) -> Page[EventRow]:
    """Events, newest first."""
    require(scope, Action.audit_view)
    size = clamp(limit)
    query = select(AuditEvent)
    for column, value in (
        (AuditEvent.actor_id, narrow.actor_id),
        (AuditEvent.asset_id, narrow.asset_id),
        (AuditEvent.person_id, narrow.person_id),
        (AuditEvent.folder_id, narrow.folder_id),
        (AuditEvent.tag, narrow.tag),
    ):
        if value is not None:
            query = query.where(col(column) == value)
    if narrow.refused:
        query = query.where(col(AuditEvent.outcome) == "refused")
    if narrow.since is not None:
        query = query.where(col(AuditEvent.at) >= narrow.since)
    if cursor is not None:
        query = query.where(col(AuditEvent.id) < _position(cursor))
    rows = list((await scope.db.execute(query.order_by(col(AuditEvent.id).desc()).limit(size + 1))).scalars())
    more = len(rows) > size
    rows = rows[:size]
    return Page(await named(scope, rows), str(rows[-1].id) if more else None)


async def latest(scope: Scope, narrow: Narrow, count: int) -> list[EventRow]:
    """The newest events: what open feeds are sent when something happens."""
    return list((await page(scope, narrow, None, count)).items)


async def askers(scope: Scope) -> dict[UUID, str]:
    """Users who are in the log, with today's names: what the feed can be narrowed to."""
    require(scope, Action.audit_view)
    seen = select(col(AuditEvent.actor_id)).where(col(AuditEvent.actor_id) == col(User.id)).exists()
    query = select(col(User.id), col(User.name)).where(seen).order_by(func.lower(col(User.name)), col(User.id))
    return dict((await scope.db.execute(query)).all())


async def named(scope: Scope, events: Sequence[AuditEvent]) -> list[EventRow]:
    """Events with names, in a few queries however many there are. What lies in folders closed to the actor is not named."""
    closed = await closed_folders(scope)
    users = await _names(scope, User, User.name, {*(e.actor_id for e in events), *(e.user_id for e in events)})
    seen = {e.asset_id for e in events} - {e.asset_id for e in events if e.folder_id in closed}
    assets = await _names(scope, Asset, Asset.filename, seen, col(Asset.folder_id).not_in(closed))
    people = await _names(scope, Person, Person.name, {e.person_id for e in events}, await visibility.beyond_locks(scope))
    folders = await _names(scope, Folder, Folder.name, {e.folder_id for e in events} - closed)

    def of(names: dict[UUID, str], id_: UUID | None) -> str:
        return names.get(id_, "") if id_ else ""

    return [
        EventRow(
            id=e.id,
            at=e.at,
            tag=Tag(e.tag),
            outcome=e.outcome,
            actor_kind=e.actor_kind,
            actor_id=e.actor_id,
            actor_name=of(users, e.actor_id),
            via=e.via,
            asset_id=e.asset_id,
            asset_name=of(assets, e.asset_id),
            person_id=e.person_id,
            person_name=of(people, e.person_id),
            folder_id=e.folder_id,
            folder_name=of(folders, e.folder_id),
            consent_id=e.consent_id,
            user_id=e.user_id,
            user_name=of(users, e.user_id),
            download_id=e.download_id,
            address=scope.vault.fields.open_text("audit_events", "address_ct", e.uid, e.address_ct) if e.address_ct else "",
            payload=dict(e.payload),
        )
        for e in events
    ]


async def _names(asking: Asking, table: Any, name: Any, ids: set[UUID | None], *conditions: ColumnElement[bool]) -> dict[UUID, str]:
    wanted = [id_ for id_ in ids if id_ is not None]
    if not wanted:
        return {}
    rows = await asking.db.execute(select(col(table.id), col(name)).where(col(table.id).in_(wanted), *conditions))
    return dict(rows.all())


def _position(cursor: str) -> int:
    if not cursor.isdecimal() or len(cursor) > 18:
        raise Invalid("unknown cursor", fields={"cursor": "errors.cursor"})
    return int(cursor)

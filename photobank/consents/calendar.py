"""A calendar of coming ends, at a secret address of one's own: for Outlook, Google or a phone, which sign in nowhere.

The address is shown once; of its token only a hash is kept. Who reads it acts as its owner, narrowed to reading and without locked
folders: what the owner may not see any more is gone from the calendar at its next look. A new address ends the old one.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from icalendar import Calendar, Event
from sqlalchemy import delete, func, select
from sqlmodel import col

from photobank.access import limits, visibility
from photobank.access.actor import Actor, ActorKind
from photobank.access.authorise import require, require_own_account
from photobank.access.permissions import Action
from photobank.accounts.sessions import departments_of, hash_token
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.consents import alerts
from photobank.i18n.format import HOME_ZONE
from photobank.i18n.translate import DEFAULT_LANGUAGE, Language, is_language, translate
from photobank.kernel.errors import NotFound
from photobank.kernel.ids import new_id
from photobank.models.accounts import Organisation, Role, User
from photobank.models.consents import Consent, ConsentUse, Use
from photobank.models.life import CalendarFeed
from photobank.models.people import Person
from photobank.scope import Container, Scope

BACK: Final = timedelta(days=31)
AHEAD: Final = timedelta(days=3 * 366)
MOST: Final = 5000
LONGEST: Final = 128
AGAIN: Final = timedelta(hours=6)


async def since(scope: Scope) -> datetime | None:
    """When one's own address was made; None when there is none."""
    feed = await _own(scope)
    return feed.created_at if feed else None


async def make(scope: Scope) -> str:
    """A new address, shown this once; an earlier one works no more."""
    require(scope, Action.consent_view)
    user_id, token = require_own_account(scope), secrets.token_urlsafe(32)
    await scope.db.execute(delete(CalendarFeed).where(col(CalendarFeed.user_id) == user_id))
    scope.db.add(CalendarFeed(id=new_id(), user_id=user_id, token_hash=hash_token(token), created_at=scope.now()))
    record(scope, Tag.calendar_made, user_id=user_id)
    return f"{scope.settings.origin}/calendar/{token}.ics"


async def end(scope: Scope) -> None:
    """End the address; doing it twice changes nothing more."""
    feed = await _own(scope)
    if feed is not None:
        await scope.db.delete(feed)
        record(scope, Tag.calendar_ended, user_id=feed.user_id)


async def _own(scope: Scope) -> CalendarFeed | None:
    found: CalendarFeed | None = await scope.db.scalar(
        select(CalendarFeed).where(col(CalendarFeed.user_id) == require_own_account(scope))
    )
    return found


async def read(container: Container, token: str, address: str, device: str) -> bytes:
    """The calendar at an address. Raises NotFound for one that does not hold, RateLimited for who tries many."""
    actor = await _owner(container, token, address, device) if 0 < len(token) <= LONGEST else None
    if actor is None:
        await container.rates.hit(limits.SHARE_UNKNOWN, limits.network_of(address))
        raise NotFound("no such calendar")
    async with container.scope(actor) as scope:
        return await _write(scope)


async def _owner(container: Container, token: str, address: str, device: str) -> Actor | None:
    async with container.sessions() as db:
        query = select(CalendarFeed, User).join(User, col(User.id) == col(CalendarFeed.user_id))
        found = (await db.execute(query.where(col(CalendarFeed.token_hash) == hash_token(token)))).first()
        if found is None or found[1].disabled_at is not None:
            return None
        feed, user = found
        feed.read_at = container.clock.now()
        departments = await departments_of(db, user.id)
        actor = Actor(
            kind=ActorKind.api_key,
            user_id=user.id,
            name=user.name,
            role=Role(user.role),
            language=user.language,
            api_key_id=feed.id,
            key_scopes=frozenset({"read"}),
            departments=departments,
            address=address,
            device=device,
        )
        await db.commit()
    return actor


async def _write(scope: Scope) -> bytes:
    """One day per end of a record, on the last day on which it holds."""
    require(scope, Action.consent_view)
    language: Language = scope.actor.language if is_language(scope.actor.language) else DEFAULT_LANGUAGE
    house = await scope.db.get(Organisation, 1)
    calendar = Calendar()
    calendar.add("prodid", "-//Photobank//Consents//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", translate("calendar.name", language, organisation=house.name if house else ""))
    calendar.add("refresh-interval", AGAIN, parameters={"value": "DURATION"})
    rows = (await scope.db.scalars(select(Use))).all()
    labels = {row.id: row.label_nl if language == "nl" else row.label_en for row in rows}
    for (consent_id, number, person_id, name, at), uses in (await _ends(scope)).items():
        day = (at - timedelta(microseconds=1)).astimezone(HOME_ZONE).date()
        event = Event()
        event.add("uid", f"{consent_id}-{int(at.timestamp())}@photobank")
        event.add("dtstamp", scope.now())
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(days=1))
        event.add("summary", translate("calendar.ends", language, name=name, uses=", ".join(labels[use] for use in uses)))
        event.add("description", translate("calendar.number", language, number=number))
        event.add("url", f"{scope.settings.origin}/person/?id={person_id}")
        event.add("transp", "TRANSPARENT")
        event.add("class", "CONFIDENTIAL")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


async def _ends(scope: Scope) -> dict[tuple[UUID, int, UUID, str, datetime], list[str]]:
    """Ends of what holds now, or held until lately, of people in sight: with the record, its person, and the uses."""
    now = scope.now()
    end = func.least(col(ConsentUse.valid_until), col(Consent.valid_until))
    survivor = func.coalesce(col(Person.merged_into), col(Person.id))
    in_sight = (await visibility.people(scope)).with_only_columns(col(Person.id), maintain_column_froms=True)
    query = (
        alerts.running()
        .with_only_columns(col(Consent.id), col(Consent.number), survivor, end, col(ConsentUse.use_id))
        .where(end.between(now - BACK, now + AHEAD), survivor.in_(in_sight))
        .order_by(end, col(Consent.number), col(ConsentUse.use_id))
        .limit(MOST)
    )
    rows = (await scope.db.execute(query)).all()
    names = select(col(Person.id), col(Person.name)).where(col(Person.id).in_({row[2] for row in rows}))
    known = dict((await scope.db.execute(names)).all())
    found: dict[tuple[UUID, int, UUID, str, datetime], list[str]] = defaultdict(list)
    for consent_id, number, person_id, at, use in rows:
        found[consent_id, number, person_id, known[person_id], at].append(use)
    return found

"""People: made, found, renamed, hidden. Contact data and date of birth are sealed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import may, require
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.addresses import is_address
from photobank.kernel.errors import Invalid, NotFound
from photobank.kernel.ids import new_id
from photobank.kernel.paging import Page, clamp
from photobank.messaging.events import PersonChanged
from photobank.models.assets import Asset, AssetState
from photobank.models.people import Face, FaceState, Person
from photobank.scope import Scope


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person as lists show them; `photos` counts what the actor may see, `cover` is a face on one of those."""

    id: UUID
    name: str
    photos: int
    cover: UUID | None
    is_minor: bool


@dataclass(frozen=True, slots=True)
class PersonDetail:
    """A person with what was sealed, opened."""

    id: UUID
    name: str
    note: str
    email: str
    external_ref: str
    birth_date: date | None
    is_minor: bool
    guardians_needed: int
    photos: int
    cover: UUID | None
    created_at: datetime
    hidden: bool


async def page(
    scope: Scope, search: str = "", cursor: str | None = None, limit: int | None = None, *, hidden: bool = False
) -> Page[PersonRow]:
    """People in sight by name, or those who were hidden; `search` matches anywhere in the name."""
    size = clamp(limit)
    name = func.lower(col(Person.name))
    query = await visibility.people(scope, hidden=hidden)
    if hidden:
        require(scope, Action.person_edit)
        query = query.where(col(Person.hidden_at).is_not(None))
    wanted = search.replace("\0", "").strip()
    if wanted:
        query = query.where(name.contains(wanted.lower(), autoescape=True))
    if cursor:
        # Only somebody in sight is a place in this list: another id would tell whether, and after whom, that person exists.
        # The database compares with its own idea of lower case, or pages would skip and repeat names.
        after = (await visibility.people(scope, hidden=True)).with_only_columns(name).where(col(Person.id) == _id(cursor))
        start = await scope.db.scalar(after)
        if start is None:
            raise Invalid("unknown cursor", fields={"cursor": "errors.cursor"})
        query = query.where((name > start) | ((name == start) & (col(Person.id) > _id(cursor))))
    people = list((await scope.db.execute(query.order_by(name, col(Person.id)).limit(size + 1))).scalars())
    more = len(people) > size
    people = people[:size]
    return Page(await rows(scope, people), str(people[-1].id) if more else None)


async def find(scope: Scope, person_id: UUID, *, hidden: bool = False) -> Person:
    """One person in sight, with `hidden` also a hidden one; raises NotFound for any other."""
    person = await scope.db.scalar((await visibility.people(scope, hidden=hidden)).where(col(Person.id) == person_id))
    if person is None:
        raise NotFound("no such person")
    return person


async def names(scope: Scope, person_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Names of the people in sight among these, in one query."""
    if not person_ids:
        return {}
    query = (await visibility.people(scope)).with_only_columns(col(Person.id), col(Person.name))
    return dict((await scope.db.execute(query.where(col(Person.id).in_(person_ids)))).all())


async def rows_of(scope: Scope, person_ids: Collection[UUID]) -> dict[UUID, PersonRow]:
    """Those of these people who are in sight, as lists show them, hidden ones too."""
    if not person_ids:
        return {}
    query = (await visibility.people(scope, hidden=True)).where(col(Person.id).in_(person_ids))
    return {row.id: row for row in await rows(scope, list((await scope.db.scalars(query)).all()))}


async def merged_among(scope: Scope, person_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Those of them who were merged into another entry since, with the one that stayed. For what was written down before."""
    found: dict[UUID, UUID] = {}
    ask = set(person_ids)
    while ask:
        query = select(col(Person.id), col(Person.merged_into)).where(col(Person.id).in_(ask), col(Person.merged_into).is_not(None))
        step = {id_: kept for id_, kept in await scope.db.execute(query) if kept is not None}
        found |= step
        ask = set(step.values()) - found.keys()
    return {id_: _end(id_, found) for id_ in found}


async def detail(scope: Scope, person_id: UUID) -> PersonDetail:
    """One person with everything a person page shows of them; what was sealed and the note only to those who deal with people."""
    person = await find(scope, person_id, hidden=True)
    row = (await rows(scope, [person]))[0]
    close = may(scope.actor, Action.person_contact)

    def opened(column: str, value: bytes | None) -> str:
        if not close:
            return ""
        return scope.vault.fields.open_text("people", column, person.id, value) if value else ""

    born = opened("birth_date_ct", person.birth_date_ct)
    return PersonDetail(
        id=person.id,
        name=person.name,
        note=person.note if close else "",
        email=opened("email_ct", person.email_ct),
        external_ref=opened("external_ref_ct", person.external_ref_ct),
        birth_date=date.fromisoformat(born) if born else None,
        is_minor=person.is_minor,
        guardians_needed=person.guardians_needed,
        photos=row.photos,
        cover=row.cover,
        created_at=person.created_at,
        hidden=person.hidden_at is not None,
    )


async def create(scope: Scope, name: str) -> Person:
    """Make a person. Two people may have one name; the screens warn, people decide."""
    require(scope, Action.person_edit)
    now = scope.now()
    person = Person(id=new_id(), name=_name(name), created_by=scope.actor.user_id, created_at=now, changed_at=now)
    scope.db.add(person)
    await scope.db.flush()
    record(scope, Tag.person_created, person_id=person.id)
    scope.announce(PersonChanged(person_id=person.id))
    return person


async def change(
    scope: Scope,
    person_id: UUID,
    *,
    name: str | None = None,
    note: str | None = None,
    email: str | None = None,
    external_ref: str | None = None,
    birth_date: date | None = None,
    is_minor: bool | None = None,
    guardians_needed: int | None = None,
    hidden: bool | None = None,
) -> Person:
    """Change what is known of a person. An empty e-mail or reference removes it."""
    require(scope, Action.person_edit, person_id=person_id)
    person = await find(scope, person_id, hidden=True)
    changed: list[str] = []
    if name is not None:
        person.name = _name(name)
        changed.append("name")
    if note is not None:
        person.note = note[:5000]
        changed.append("note")
    for column, value in (("email", email), ("external_ref", external_ref)):
        if value is not None:
            text = value.strip()[:320]
            sealed = scope.vault.fields.seal_text("people", f"{column}_ct", person.id, text) if text else None
            setattr(person, f"{column}_ct", sealed)
            changed.append(column)
    if email is not None:
        if email.strip() and not is_address(email.strip()):
            raise Invalid("email", fields={"email": "errors.email"})
        person.email_index = scope.vault.blind.email("people.email", email) if email.strip() else None
    if birth_date is not None:
        if birth_date.year < 1900 or birth_date > scope.now().date():
            raise Invalid("birth_date", fields={"birth_date": "errors.date"})
        person.birth_date_ct = scope.vault.fields.seal_text("people", "birth_date_ct", person.id, birth_date.isoformat())
        changed.append("birth_date")
    if is_minor is not None:
        person.is_minor = is_minor
        changed.append("is_minor")
    if guardians_needed is not None:
        if guardians_needed not in (1, 2):
            raise Invalid("guardians_needed", fields={"guardians_needed": "errors.number"})
        person.guardians_needed = guardians_needed
        changed.append("guardians_needed")
    if hidden is not None:
        person.hidden_at = scope.now() if hidden else None
        changed.append("hidden")
    person.changed_at = scope.now()
    record(scope, Tag.person_changed, person_id=person.id, payload={"fields": changed})
    scope.announce(PersonChanged(person_id=person.id))
    return person


async def rows(scope: Scope, people: Sequence[Person]) -> list[PersonRow]:
    """These people as lists show them, in their order."""
    ids = [person.id for person in people]
    seen = (
        select(col(Face.person_id), func.count(func.distinct(col(Face.asset_id))))
        .join(Asset, col(Asset.id) == col(Face.asset_id))
        .where(
            col(Face.person_id).in_(ids),
            col(Face.state) == FaceState.confirmed,
            col(Asset.state) != AssetState.trashed,
            await visibility.in_sight(scope),
        )
        .group_by(col(Face.person_id))
    )
    photos = dict((await scope.db.execute(seen)).all())
    covers = (
        select(col(Face.person_id), col(Face.id))
        .join(Asset, col(Asset.id) == col(Face.asset_id))
        .where(
            col(Face.person_id).in_(ids),
            col(Face.state) == FaceState.confirmed,
            col(Face.box).is_not(None),
            col(Asset.state) != AssetState.trashed,
            await visibility.in_sight(scope),
        )
        .ext(distinct_on(col(Face.person_id)))
        .order_by(col(Face.person_id), col(Face.quality).desc(), col(Face.id))
    )
    cover = dict((await scope.db.execute(covers)).all())
    return [PersonRow(p.id, p.name, photos.get(p.id, 0), cover.get(p.id), p.is_minor) for p in people]


def _name(name: str) -> str:
    clean = " ".join(name.split())
    if not clean or len(clean) > 200 or "\0" in clean:
        raise Invalid("name", fields={"name": "errors.name"})
    return clean


def _end(id_: UUID, merged: dict[UUID, UUID]) -> UUID:
    while id_ in merged:
        id_ = merged[id_]
    return id_


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("unknown cursor", fields={"cursor": "errors.cursor"}) from None

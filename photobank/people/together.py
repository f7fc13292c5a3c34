"""With whom somebody is often on one photo, as far as the viewer may see those photos and those people."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from photobank.access import visibility
from photobank.models.assets import Asset, AssetState
from photobank.models.people import Face, FaceState, Person
from photobank.people import persons
from photobank.people.persons import PersonRow
from photobank.scope import Scope

MOST = 12


@dataclass(frozen=True, slots=True)
class Beside:
    """Somebody who is on `photos` of the other's photos too."""

    person: PersonRow
    photos: int


async def of_person(scope: Scope, person_id: UUID, limit: int = MOST) -> list[Beside]:
    """The people who are on most photos with this one, most first; raises NotFound for a person out of sight."""
    await persons.find(scope, person_id, hidden=True)
    own, other = aliased(Face), aliased(Face)
    photos = func.count(func.distinct(col(Asset.id)))
    seen = (await visibility.people(scope)).with_only_columns(col(Person.id))
    query = (
        select(col(other.person_id), photos)
        .join(own, col(own.asset_id) == col(other.asset_id))
        .join(Asset, col(Asset.id) == col(own.asset_id))
        .where(
            col(own.person_id) == person_id,
            col(own.state) == FaceState.confirmed,
            col(other.state) == FaceState.confirmed,
            col(other.person_id) != person_id,
            col(other.person_id).in_(seen),
            col(Asset.state) != AssetState.trashed,
            await visibility.in_sight(scope),
        )
        .group_by(col(other.person_id))
        .order_by(photos.desc(), col(other.person_id))
        .limit(limit)
    )
    counted = {id_: count for id_, count in await scope.db.execute(query) if id_ is not None}
    people = (await scope.db.execute(select(Person).where(col(Person.id).in_(list(counted))))).scalars()
    rows = {row.id: row for row in await persons.rows(scope, list(people))}
    return [Beside(rows[id_], count) for id_, count in counted.items()]

"""Who on a selection of photos does not allow certain uses: the people to ask, and what stands in the way of asking them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.clearance import facts, uses
from photobank.clearance.facts_types import UseFacts
from photobank.clearance.policy import Judge
from photobank.clearance.verdicts import PersonVerdict, ReasonCode
from photobank.consents import hindrances
from photobank.kernel.errors import Invalid, NotFound
from photobank.models.assets import Asset
from photobank.people import persons
from photobank.scope import Scope

MOST_PHOTOS = 2000
_SAID_NO = frozenset({ReasonCode.WITHDRAWN, ReasonCode.OBJECTED, ReasonCode.DECLINED, ReasonCode.USE_REFUSED})


class Way(StrEnum):
    """What asking everybody means for one of them. `said_no`: can be asked, and has answered before."""

    ask = "ask"
    said_no = "said_no"
    waiting = "waiting"
    minor = "minor"
    no_address = "no_address"
    covered = "covered"


@dataclass(frozen=True, slots=True)
class OnPhotos:
    """Somebody on the selection, and on how many of its photos. `lacks`: the uses that they do not allow there."""

    person_id: UUID
    name: str
    photos: int
    lacks: tuple[str, ...]
    way: Way


async def people(scope: Scope, asset_ids: Collection[UUID], wanted: Collection[str]) -> dict[UUID, str]:
    """Confirmed people in sight on these photos, with their names, whose own consents do not cover one of the uses on one of them.

    Who withdrew or declined is among them: whether to ask again is for people to decide. Raises NotFound for photos out of sight.
    """
    lacking = {id_ for id_, (_, cells) in (await _found(scope, asset_ids, wanted)).items() if _lacks(cells)}
    return await persons.names(scope, sorted(lacking))


async def preview(scope: Scope, asset_ids: Collection[UUID], wanted: Collection[str], template_id: UUID | None) -> list[OnPhotos]:
    """Everybody in sight on these photos by name, and what asking for these uses on that form would mean for each."""
    require(scope, Action.consent_request)
    require(scope, Action.person_contact)
    found = await _found(scope, asset_ids, wanted)
    names = await persons.names(scope, sorted(found))
    ways = await hindrances.of(scope, [id_ for id_ in names if _lacks(found[id_][1])], template_id)
    rows = []
    for id_, name in names.items():
        photos, cells = found[id_]
        lacks = _lacks(cells)
        if not lacks:
            way = Way.covered
        elif (hindrance := ways.get(id_)) is not None:
            way = Way(hindrance)
        else:
            way = Way.said_no if any(_said_no(cell) for _, cell in cells) else Way.ask
        rows.append(OnPhotos(id_, name, photos, lacks, way))
    return sorted(rows, key=lambda row: (row.name.casefold(), str(row.person_id)))


Cells = list[tuple[str, PersonVerdict]]


async def _found(scope: Scope, asset_ids: Collection[UUID], wanted: Collection[str]) -> dict[UUID, tuple[int, Cells]]:
    """Everybody on these photos: on how many, and how they stand for each use on each."""
    require(scope, Action.consent_view)
    if not 0 < len(asset_ids) <= MOST_PHOTOS:
        raise Invalid("photos", fields={"asset_ids": "errors.bulk_size"})
    query = (await visibility.assets(scope)).with_only_columns(col(Asset.id)).where(col(Asset.id).in_(asset_ids))
    seen = (await scope.db.scalars(query)).all()
    if len(seen) != len(set(asset_ids)):
        raise NotFound("no such photo")
    named = await _uses(scope, wanted)
    judge = Judge(scope.now(), None, await facts.rules(scope))
    found: dict[UUID, tuple[int, Cells]] = {}
    for one in (await facts.load(scope, seen)).values():
        for id_, cells in judge.person_matrix(one, named).items():
            photos, known = found.get(id_, (0, []))
            found[id_] = (photos + 1, [*known, *cells.items()])
    return found


async def _uses(scope: Scope, wanted: Collection[str]) -> tuple[UseFacts, ...]:
    named = tuple(use for use in await uses.facts(scope) if use.key in wanted)
    if not wanted or len(named) != len(set(wanted)):
        raise Invalid("no such use", fields={"uses": "errors.use"})
    return named


def _lacks(cells: Cells) -> tuple[str, ...]:
    return tuple(sorted({use for use, cell in cells if not cell.state.allowed}))


def _said_no(cell: PersonVerdict) -> bool:
    return not cell.allowed and cell.reason is not None and cell.reason.code in _SAID_NO

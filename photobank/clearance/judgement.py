"""Verdicts for whoever asks: of assets in sight, fresh from the facts, with names only where the asker may see the person."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import may
from photobank.access.permissions import Action
from photobank.clearance import facts, hiding, uses
from photobank.clearance.policy import Judge
from photobank.clearance.verdicts import PersonVerdict, Reason, Verdict
from photobank.consents.days import is_moment
from photobank.consents.uses import UseRow, load
from photobank.kernel.errors import Invalid, NotFound
from photobank.kernel.ids import PersonId
from photobank.models.assets import Asset
from photobank.people import persons
from photobank.scope import Scope

Names = Mapping[UUID, str]
TERRITORY = re.compile(r"[A-Z]{2}|EEA|WORLD")


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person on an asset: where they stand per use. Without id and name when the asker may not see the person."""

    person_id: UUID | None
    name: str
    cells: Mapping[str, PersonVerdict]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The permissions panel of the photo page: uses in order, the asset's verdict per use, and a line per person."""

    asset_id: UUID
    uses: tuple[UseRow, ...]
    verdicts: Mapping[str, Verdict]
    people: tuple[PersonLine, ...]
    names: Names


async def verdicts(
    scope: Scope,
    asset_ids: Collection[UUID],
    use: str | None = None,
    *,
    at: datetime | None = None,
    territory: str | None = None,
    redacted: bool = False,
) -> dict[UUID, dict[str, Verdict]]:
    """The verdicts of those of the assets that are in sight, for one use or for all; `redacted`: once who stands in the way is hidden."""
    require_territory(territory)
    wanted = (await uses.one(scope, use),) if use is not None else await uses.facts(scope)
    if at is not None and not is_moment(at):
        raise Invalid("a moment without time zone or out of reach", fields={"at": "errors.moment"})
    query = (await visibility.assets(scope)).with_only_columns(col(Asset.id)).where(col(Asset.id).in_(asset_ids))
    in_sight = (await scope.db.scalars(query)).all()
    if redacted:
        found = await hiding.of_photos(scope, in_sight, wanted, at=at, territory=territory)
        decided = {id_: {use: one.verdict for use, one in mine.items()} for id_, mine in found.items()}
    else:
        known = await facts.load(scope, in_sight)
        judge = Judge(at or scope.now(), territory, await facts.rules(scope))
        decided = {id_: judge.decide_all(one, wanted) for id_, one in known.items()}
    names = await names_for(scope, (verdict for mine in decided.values() for verdict in mine.values()))
    return {id_: {key: without_strangers(verdict, names) for key, verdict in mine.items()} for id_, mine in decided.items()}


async def matrix(scope: Scope, asset_id: UUID) -> Matrix:
    """The permissions of one asset in sight; raises NotFound."""
    query = (await visibility.assets(scope)).with_only_columns(col(Asset.id)).where(col(Asset.id) == asset_id)
    if await scope.db.scalar(query) is None:
        raise NotFound("no such photo")
    rows = await load(scope)
    in_force = await uses.facts(scope)
    known = (await facts.load(scope, [asset_id]))[asset_id]
    judge = Judge(scope.now(), None, await facts.rules(scope))
    decided, cells = judge.decide_all(known, in_force), judge.person_matrix(known, in_force)
    names = await _names(scope, cells)
    lines = [
        PersonLine(
            person_id if person_id in names else None,
            names.get(person_id, ""),
            {use: _cell_without_strangers(cell, names) for use, cell in mine.items()},
        )
        for person_id, mine in cells.items()
    ]
    lines.sort(key=lambda line: (line.person_id is None, line.name.lower(), str(line.person_id)))
    told = {use: without_strangers(verdict, names) for use, verdict in decided.items()}
    return Matrix(asset_id, tuple(rows), told, tuple(lines), names)


async def person_states(scope: Scope, person_id: UUID) -> dict[str, PersonVerdict]:
    """Where somebody in sight stands per use, apart from any photo; raises NotFound."""
    await persons.find(scope, person_id, hidden=True)
    judge = Judge(scope.now(), None, await facts.rules(scope))
    known = await facts.person(scope, person_id)
    if known is None:
        raise NotFound("no such person")
    return {use.key: judge.person_state(known, use) for use in await uses.facts(scope)}


def require_territory(territory: str | None) -> None:
    """Raise Invalid for what is no country code, EU, EEA or WORLD."""
    if territory is not None and not TERRITORY.fullmatch(territory):
        raise Invalid("no such territory", fields={"territory": "errors.territory"})


async def name_of(scope: Scope, person_id: UUID) -> str:
    """The name of somebody in sight; raises NotFound."""
    return (await persons.find(scope, person_id)).name


async def names_for(scope: Scope, about: Iterable[Verdict]) -> Names:
    """Names of the people whom these verdicts speak of, as far as the asker may see them."""
    people: set[PersonId] = set()
    for verdict in about:
        people.update(reason.person_id for reason in verdict.reasons if reason.person_id is not None)
        people.update(ground.person_id for ground in verdict.grounds)
    return await _names(scope, people)


def without_strangers(verdict: Verdict, names: Names) -> Verdict:
    """The verdict without the ids of people whom the asker may not see: that somebody is in the way is told, who is not."""
    reasons = tuple(_reason_without_strangers(reason, names) for reason in verdict.reasons)
    return replace(verdict, reasons=reasons, grounds=tuple(ground for ground in verdict.grounds if ground.person_id in names))


def reason_json(reason: Reason, names: Names) -> dict[str, Any]:
    """The reason as doors show it, with the name where the asker may see it."""
    told = _reason_without_strangers(reason, names)
    return told.to_json() | {"person_name": names.get(told.person_id) if told.person_id else None}


def verdict_json(verdict: Verdict, names: Names) -> dict[str, Any]:
    """The verdict as doors show it."""
    return verdict.to_json() | {"reasons": [reason_json(reason, names) for reason in verdict.reasons]}


def _reason_without_strangers(reason: Reason, names: Names) -> Reason:
    if reason.person_id is None or reason.person_id in names:
        return reason
    return replace(reason, person_id=None)


def _cell_without_strangers(cell: PersonVerdict, names: Names) -> PersonVerdict:
    ground = cell.ground if cell.ground and cell.ground.person_id in names else None
    return replace(cell, reason=_reason_without_strangers(cell.reason, names) if cell.reason else None, ground=ground)


async def _names(scope: Scope, people: Collection[UUID]) -> Names:
    if not people or not may(scope.actor, Action.person_view):
        return {}
    return await persons.names(scope, list(people))

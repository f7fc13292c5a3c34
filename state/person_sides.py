"""What stands beside a person's photos and consents: recognition, who is often with them, what was merged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from photobank.access.authorise import may
from photobank.access.permissions import Action
from photobank.people import doubles, merging, templates, together
from photobank.scope import Scope
from state.people import PersonCard, cards
from state.people_rows import initials, moment

SUREST = 99  # per cent: only people are sure


@dataclass
class Recognition:
    """Whether the person may be recognised by name. `why`: opt_in, documented, off or none; empty: not the viewer's to know."""

    why: str = ""
    allowed: bool = False
    until: str = ""
    templates: int = 0


@dataclass
class MergedEntry:
    """An entry that went into this one and can come apart again."""

    id: str
    name: str
    at: str
    faces: int
    consents: int


@dataclass
class DoubleEntry:
    """An entry that may be of the same person. `later`: it came after the one shown, and would go into that. `percent`: by face, 0 for
    not."""

    id: str
    name: str
    initials: str
    face: str
    photos: int
    later: bool
    same_address: bool
    percent: int


@dataclass
class Outlook:
    """What a merge would do, and to whom."""

    face: str = ""
    initials: str = ""
    photos: int = 0
    consents: int = 0
    together: int = 0
    minor: bool = False
    off: bool = False


async def beside(scope: Scope, person_id: UUID) -> list[PersonCard]:
    """With whom this person is often on one photo; `photos` counts those."""
    found = await together.of_person(scope, person_id)
    return [
        replace(card, photos=one.photos) for card, one in zip(await cards(scope, [one.person for one in found]), found, strict=True)
    ]


async def recognition(scope: Scope, person_id: UUID) -> Recognition:
    """What may be recognised of this person, for who deals with people."""
    if not may(scope.actor, Action.person_contact):
        return Recognition()
    told = await templates.of_person(scope, person_id)
    return Recognition(told.why, told.allowed, moment(told.until), told.templates)


async def doubled(scope: Scope, person_id: UUID) -> list[DoubleEntry]:
    """Entries that may be of the same person, for who may put them together."""
    if not may(scope.actor, Action.person_edit):
        return []
    found = []
    for pair in await doubles.listed(scope, person_id):
        later = pair.later.id != person_id
        other = pair.later if later else pair.earlier
        percent = min(SUREST, round(pair.alike * 100)) if pair.alike else 0
        found.append(
            DoubleEntry(
                str(other.id),
                other.name,
                initials(other.name),
                str(other.cover or ""),
                other.photos,
                later,
                pair.same_address,
                percent,
            )
        )
    return found


async def merged(scope: Scope, person_id: UUID) -> list[MergedEntry]:
    """What was merged into this person, for who may take it apart."""
    if not may(scope.actor, Action.person_edit):
        return []
    rows = await merging.merged_in(scope, person_id)
    return [MergedEntry(str(row.id), row.name, moment(row.at), row.faces, row.consents) for row in rows]

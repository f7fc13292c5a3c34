"""Loads what the policy is told, for many assets at once (facts_rows.py). Decides nothing and authorises nothing.

Whoever calls has either authorised already or is the system. What cannot be read stops the caller: nothing is left out in silence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from types import MappingProxyType
from uuid import UUID

from photobank.clearance.facts_rows import FactRows, Line, read
from photobank.clearance.facts_types import (
    EVERYTHING,
    AssetFacts,
    AssetState,
    FaceFact,
    FaceState,
    GrantFact,
    GrantScope,
    PersonFact,
    Regime,
    Rules,
    ScopeKind,
    UseGrant,
)
from photobank.consents import house
from photobank.consents.progress import Progress
from photobank.consents.records import Extent, split_territories
from photobank.consents.rules import in_force
from photobank.kernel.ids import AssetId, ConsentId, FaceId, FolderId, PersonId
from photobank.scope import Scope

SCOPE_KINDS = {Extent.folder: ScopeKind.FOLDERS, Extent.photos: ScopeKind.ASSETS}


async def rules(scope: Scope) -> Rules:
    """What this organisation has set."""
    organisation = (await house.of(scope)).organisation
    return Rules(
        alert_period=(await in_force(scope)).alert,
        home_territory=organisation.territory if organisation else Rules().home_territory,
        trust_detector=scope.settings.trust_detector,
    )


async def load(scope: Scope, asset_ids: Collection[UUID]) -> dict[UUID, AssetFacts]:
    """The facts of these assets, as far as they exist. People who are on several of them are one object."""
    if not asset_ids:
        return {}
    rows = await read(scope, asset_ids)
    people, survivors = _people(scope, rows)
    faces: dict[str, list[FaceFact]] = defaultdict(list)
    tagged: dict[str, set[PersonId]] = defaultdict(set)
    for face in rows.faces:
        person_id = face["person_id"] and UUID(face["person_id"])
        who = survivors.get(person_id, PersonId(person_id)) if person_id else None
        if face["unseen"] and face["state"] == FaceState.CONFIRMED and who:
            tagged[face["asset_id"]].add(who)
            continue
        faces[face["asset_id"]].append(FaceFact(FaceId(UUID(face["id"])), FaceState(face["state"]), who))
    paths: dict[str, list[FolderId]] = defaultdict(list)
    for step in rows.paths:
        paths[step["start"]].append(FolderId(UUID(step["id"])))
    return {
        UUID(asset["id"]): _asset(
            asset, tuple(faces[asset["id"]]), frozenset(tagged[asset["id"]]), people, tuple(paths[asset["folder_id"]])
        )
        for asset in rows.assets
    }


async def people(scope: Scope, person_ids: Collection[UUID]) -> dict[UUID, PersonFact]:
    """The facts of many people, apart from any photo; under the id that was asked for, also where the entry was merged."""
    found, survivors = _people(scope, await read(scope, (), person_ids))
    return {id_: found[survivors[id_]] for id_ in person_ids if id_ in survivors}


async def family(scope: Scope, person_id: UUID) -> frozenset[UUID]:
    """All entries that are this person: the one that survived merging, and what was merged into it."""
    return frozenset(UUID(entry["id"]) for entry in (await read(scope, (), [person_id])).entries)


async def person(scope: Scope, person_id: UUID) -> PersonFact | None:
    """The facts of one person, apart from any photo."""
    return (await people(scope, [person_id])).get(person_id)


def _asset(
    asset: Line,
    faces: tuple[FaceFact, ...],
    tagged: frozenset[PersonId],
    people: dict[PersonId, PersonFact],
    path: tuple[FolderId, ...],
) -> AssetFacts:
    named = tagged | {face.person_id for face in faces if face.person_id}
    on_it = {key: people[key] for key in named if key in people}
    return AssetFacts(
        id=AssetId(UUID(asset["id"])),
        state=AssetState(asset["state"]),
        faces=faces,
        tagged=tagged,
        people=MappingProxyType(on_it),
        faces_done=asset["faces_done"],
        no_people_confirmed=asset["nobody"],
        locked_by_hand=asset["locked"],
        hold=asset["held"],
        folder_path=path,
        pictures=tuple((datetime.fromisoformat(one["at"]), int(one["picture"])) for one in asset["pictures"]),
    )


def _people(scope: Scope, rows: FactRows) -> tuple[dict[PersonId, PersonFact], dict[UUID, PersonId]]:
    """People with all their grants, and who survives each entry that was merged. A merged entry's papers count, its noes above all."""
    grants: dict[str, list[GrantFact]] = defaultdict(list)
    for paper in rows.papers:
        grants[paper["person_id"]].append(_grant(paper))
    for asked in rows.asked:
        grants[asked["person_id"]].append(_asked(asked))
    families: dict[str, list[Line]] = defaultdict(list)
    for entry in rows.entries:
        families[entry["survivor"]].append(entry)
    people = {PersonId(UUID(id_)): _person(scope, PersonId(UUID(id_)), family, grants) for id_, family in families.items()}
    return people, {UUID(entry["id"]): PersonId(UUID(entry["survivor"])) for entry in rows.entries}


def _person(scope: Scope, survivor: PersonId, family: list[Line], grants: dict[str, list[GrantFact]]) -> PersonFact:
    born = {entry["id"]: _birth_date(scope, entry) for entry in family}
    # Two entries that disagree: the survivor's date counts, else the youngest, who is protected longest.
    dates = [one for one in born.values() if one is not None]
    return PersonFact(
        id=survivor,
        grants=tuple(grant for entry in family for grant in grants[entry["id"]]),
        birth_date=born.get(str(survivor)) or max(dates, default=None),
        minor=any(entry["is_minor"] for entry in family),
        guardians_needed=max(entry["guardians_needed"] for entry in family),
    )


def _birth_date(scope: Scope, entry: Line) -> date | None:
    if entry["birth_date"] is None:
        return None
    sealed = bytes.fromhex(entry["birth_date"])
    return date.fromisoformat(scope.vault.fields.open_text("people", "birth_date_ct", UUID(entry["id"]), sealed))


def _asked(asked: Line) -> GrantFact:
    """What somebody was asked. It grants nothing, and says what to do next."""
    return GrantFact(
        id=ConsentId(UUID(asked["id"])),
        regime=Regime(asked["regime"]),
        uses=tuple(UseGrant(use) for use in asked["uses"]),
        scope=_extent(asked),
        territories=_territories(asked),
        sent_at=_moment(asked["created_at"]),
        declined_at=_moment(asked["finished_at"]) if asked["outcome"] == Progress.declined else None,
    )


def _grant(paper: Line) -> GrantFact:
    signed = _moment(paper["signed_at"])
    return GrantFact(
        id=ConsentId(UUID(paper["id"])),
        regime=Regime(paper["regime"]),
        uses=tuple(UseGrant(use, _moment(until), _moment(withdrawn)) for use, until, withdrawn in paper["uses"] or ()),
        signed_at=signed,
        # What staff enter is one paper: guardians signed it when it was signed.
        guardians_signed=(signed,) * paper["guardians_signed"] if signed is not None else (),
        valid_from=_moment(paper["valid_from"]),
        valid_until=_moment(paper["valid_until"]),
        scope=_extent(paper),
        territories=_territories(paper),
        declined_at=_moment(paper["declined_at"]),
        withdrawn_at=_moment(paper["withdrawn_at"]),
        superseded_at=_moment(paper["superseded_at"]),
        refused=frozenset(part for part in paper["refused"].split(",") if part),
    )


def _extent(line: Line) -> GrantScope:
    extent = Extent(line["scope"])
    if extent is Extent.all:
        return EVERYTHING
    return GrantScope(SCOPE_KINDS[extent], frozenset(UUID(target) for target in line["targets"] or ()))


def _territories(line: Line) -> frozenset[str] | None:
    return frozenset(split_territories(line["territories"])) or None


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written is not None else None

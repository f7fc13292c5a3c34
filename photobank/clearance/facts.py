"""Loads what the policy is told, for many assets in a fixed number of queries. Decides nothing and authorises nothing.

Whoever calls has either authorised already or is the system. What cannot be read stops the caller: nothing is left out in silence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

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
from photobank.consents.progress import Progress
from photobank.consents.records import Extent, split_territories
from photobank.consents.rules import in_force
from photobank.kernel.ids import AssetId, ConsentId, FaceId, FolderId, PersonId
from photobank.models.accounts import Organisation
from photobank.models.assets import Asset
from photobank.models.consents import Consent, ConsentScope, ConsentUse
from photobank.models.folders import Folder
from photobank.models.people import Face, Person
from photobank.models.requests import ConsentRequest, ConsentTemplate, TemplateVersion
from photobank.scope import Scope

SCOPE_KINDS = {Extent.folder: ScopeKind.FOLDERS, Extent.photos: ScopeKind.ASSETS}


async def rules(scope: Scope) -> Rules:
    """What this organisation has set."""
    organisation = await scope.db.get(Organisation, 1)
    return Rules(
        alert_period=(await in_force(scope)).alert,
        home_territory=organisation.territory if organisation else Rules().home_territory,
        trust_detector=scope.settings.trust_detector,
    )


async def load(scope: Scope, asset_ids: Collection[UUID]) -> dict[UUID, AssetFacts]:
    """The facts of these assets, as far as they exist. People who are on several of them are one object."""
    query = select(Asset).where(col(Asset.id).in_(asset_ids)).execution_options(populate_existing=True)
    assets = list((await scope.db.execute(query)).scalars())
    faces: dict[UUID, list[Face]] = defaultdict(list)
    columns = select(Face).where(col(Face.asset_id).in_(asset_ids)).order_by(col(Face.id))
    for face in (await scope.db.execute(columns.execution_options(populate_existing=True))).scalars():
        faces[face.asset_id].append(face)
    named = {face.person_id for found in faces.values() for face in found if face.person_id is not None}
    people, survivors = await _people(scope, named)
    paths = await _paths(scope, {asset.folder_id for asset in assets})
    return {asset.id: _asset(asset, faces[asset.id], people, survivors, paths[asset.folder_id]) for asset in assets}


async def people(scope: Scope, person_ids: Collection[UUID]) -> dict[UUID, PersonFact]:
    """The facts of many people, apart from any photo; under the id that was asked for, also where the entry was merged."""
    found, survivors = await _people(scope, person_ids)
    return {id_: found[survivors[id_]] for id_ in person_ids if id_ in survivors}


async def family(scope: Scope, person_id: UUID) -> frozenset[UUID]:
    """All entries that are this person: the one that survived merging, and what was merged into it."""
    return frozenset(entry.id for entry, _ in await _entries(scope, {person_id}))


async def person(scope: Scope, person_id: UUID) -> PersonFact | None:
    """The facts of one person, apart from any photo."""
    people, survivors = await _people(scope, {person_id})
    return people.get(survivors.get(person_id, PersonId(person_id)))


def _asset(
    asset: Asset,
    faces: Iterable[Face],
    people: dict[PersonId, PersonFact],
    survivors: dict[UUID, PersonId],
    path: tuple[FolderId, ...],
) -> AssetFacts:
    told = tuple(
        FaceFact(
            FaceId(face.id),
            FaceState(face.state),
            survivors.get(face.person_id, PersonId(face.person_id)) if face.person_id is not None else None,
        )
        for face in faces
    )
    on_it = {face.person_id: people[face.person_id] for face in told if face.person_id in people}
    return AssetFacts(
        id=AssetId(asset.id),
        state=AssetState(asset.state),
        faces=told,
        people=MappingProxyType(on_it),
        faces_done=asset.faces_done,
        no_people_confirmed=asset.no_people_at is not None,
        locked_by_hand=asset.locked_at is not None,
        hold=asset.hold_at is not None,
        folder_path=path,
        pictures=tuple((datetime.fromisoformat(one["at"]), int(one["picture"])) for one in asset.pictures),
    )


async def _people(scope: Scope, ids: Collection[UUID]) -> tuple[dict[PersonId, PersonFact], dict[UUID, PersonId]]:
    """People with all their grants, and who survives each entry that was merged. A merged entry's papers count, its noes above all."""
    if not ids:
        return {}, {}
    entries = await _entries(scope, ids)
    grants = await _grants(scope, [entry.id for entry, _ in entries])
    families: dict[PersonId, list[Person]] = defaultdict(list)
    for entry, survivor in entries:
        families[survivor].append(entry)
    people = {survivor: _person(scope, survivor, family, grants) for survivor, family in families.items()}
    return people, {entry.id: survivor for entry, survivor in entries}


async def _entries(scope: Scope, ids: Collection[UUID]) -> list[tuple[Person, PersonId]]:
    """These people, whoever they were merged into, and everybody else who was merged into those; each with the survivor."""
    above = aliased(Person)
    up = select(col(Person.id), col(Person.merged_into)).where(col(Person.id).in_(ids)).cte("up", recursive=True)
    up = up.union(select(col(above.id), col(above.merged_into)).where(col(above.id) == up.c.merged_into))
    below = aliased(Person)
    down = select(up.c.id.label("survivor"), up.c.id).where(up.c.merged_into.is_(None)).cte("down", recursive=True)
    down = down.union(select(down.c.survivor, col(below.id)).where(col(below.merged_into) == down.c.id))
    query = select(Person, down.c.survivor).join(down, down.c.id == col(Person.id)).order_by(col(Person.id))
    rows = await scope.db.execute(query.execution_options(populate_existing=True))
    return [(entry, PersonId(survivor)) for entry, survivor in rows]


def _person(scope: Scope, survivor: PersonId, family: list[Person], grants: dict[UUID, list[GrantFact]]) -> PersonFact:
    born = {entry.id: _birth_date(scope, entry) for entry in family}
    # Two entries that disagree: the survivor's date counts, else the youngest, who is protected longest.
    dates = [one for one in born.values() if one is not None]
    return PersonFact(
        id=survivor,
        grants=tuple(grant for entry in family for grant in grants[entry.id]),
        birth_date=born.get(survivor) or max(dates, default=None),
        minor=any(entry.is_minor for entry in family),
        guardians_needed=max(entry.guardians_needed for entry in family),
    )


def _birth_date(scope: Scope, entry: Person) -> date | None:
    if entry.birth_date_ct is None:
        return None
    return date.fromisoformat(scope.vault.fields.open_text("people", "birth_date_ct", entry.id, entry.birth_date_ct))


async def _grants(scope: Scope, person_ids: Collection[UUID]) -> dict[UUID, list[GrantFact]]:
    query = select(Consent).where(col(Consent.person_id).in_(person_ids)).order_by(col(Consent.id))
    consents = list((await scope.db.execute(query.execution_options(populate_existing=True))).scalars())
    ids = [consent.id for consent in consents]
    uses: dict[UUID, list[UseGrant]] = defaultdict(list)
    granted = select(ConsentUse).where(col(ConsentUse.consent_id).in_(ids)).order_by(col(ConsentUse.use_id))
    for use in (await scope.db.execute(granted.execution_options(populate_existing=True))).scalars():
        uses[use.consent_id].append(UseGrant(use.use_id, use.valid_until, use.withdrawn_at))
    targets: dict[UUID, set[UUID]] = defaultdict(set)
    for consent_id, target in await scope.db.execute(
        select(col(ConsentScope.consent_id), col(ConsentScope.target_id)).where(col(ConsentScope.consent_id).in_(ids))
    ):
        targets[consent_id].add(target)
    grants: dict[UUID, list[GrantFact]] = defaultdict(list)
    for consent in consents:
        grants[consent.person_id].append(_grant(consent, tuple(uses[consent.id]), frozenset(targets[consent.id])))
    for person_id, asked in await _asked(scope, person_ids):
        grants[person_id].append(asked)
    return grants


async def _asked(scope: Scope, person_ids: Collection[UUID]) -> list[tuple[UUID, GrantFact]]:
    """What these people were asked and have not answered yet, or answered with no. It grants nothing, and says what to do next."""
    query = (
        select(ConsentRequest, TemplateVersion, col(ConsentTemplate.regime))
        .join(TemplateVersion, col(TemplateVersion.id) == col(ConsentRequest.version_id))
        .join(ConsentTemplate, col(ConsentTemplate.id) == col(TemplateVersion.template_id))
        .where(col(ConsentRequest.person_id).in_(person_ids))
        .where(
            or_(
                col(ConsentRequest.outcome) == Progress.declined,
                and_(col(ConsentRequest.outcome).is_(None), col(ConsentRequest.expires_at) > scope.now()),
            )
        )
        .order_by(col(ConsentRequest.id))
    )
    return [
        (
            request.person_id,
            GrantFact(
                id=ConsentId(request.id),
                regime=Regime(regime),
                uses=tuple(UseGrant(use) for use in version.content["uses"]),
                scope=_extent(Extent(request.scope), frozenset(UUID(target) for target in request.targets)),
                territories=frozenset(split_territories(request.territories)) or None,
                sent_at=request.created_at,
                declined_at=request.finished_at if request.outcome == Progress.declined else None,
            ),
        )
        for request, version, regime in await scope.db.execute(query)
    ]


def _extent(extent: Extent, targets: frozenset[UUID]) -> GrantScope:
    return EVERYTHING if extent is Extent.all else GrantScope(SCOPE_KINDS[extent], targets)


def _grant(consent: Consent, uses: tuple[UseGrant, ...], targets: frozenset[UUID]) -> GrantFact:
    extent = Extent(consent.scope)
    signed = consent.signed_at
    return GrantFact(
        id=ConsentId(consent.id),
        regime=Regime(consent.regime),
        uses=uses,
        signed_at=signed,
        # What staff enter is one paper: guardians signed it when it was signed.
        guardians_signed=(signed,) * consent.guardians_signed if signed is not None else (),
        valid_from=consent.valid_from,
        valid_until=consent.valid_until,
        scope=_extent(extent, targets),
        territories=frozenset(split_territories(consent.territories)) or None,
        declined_at=consent.declined_at,
        withdrawn_at=consent.withdrawn_at,
        superseded_at=consent.superseded_at,
        refused=frozenset(part for part in consent.refused.split(",") if part),
    )


async def _paths(scope: Scope, folder_ids: Collection[UUID]) -> dict[UUID, tuple[FolderId, ...]]:
    """Per folder: itself and every folder above it."""
    above = aliased(Folder)
    start = col(Folder.id)
    up = (
        select(start.label("start"), start.label("id"), col(Folder.parent_id))
        .where(start.in_(folder_ids))
        .cte("up", recursive=True)
    )
    up = up.union(select(up.c.start, col(above.id), col(above.parent_id)).where(col(above.id) == up.c.parent_id))
    paths: dict[UUID, tuple[FolderId, ...]] = defaultdict(tuple)
    for folder_id, step in await scope.db.execute(select(up.c.start, up.c.id)):
        paths[folder_id] = (*paths[folder_id], FolderId(step))
    return paths

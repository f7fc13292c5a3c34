"""Faces, read: with their state, who they are confirmed as, and who they may be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select, tuple_
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import may, require, require_on_folder
from photobank.access.permissions import Action, Permission
from photobank.db.among import among
from photobank.kernel.errors import Invalid, NotFound
from photobank.kernel.paging import Page, clamp
from photobank.models.assets import Asset, AssetState
from photobank.models.people import Face, FaceRejection, FaceState, FaceSuggestion
from photobank.people import persons
from photobank.scope import Scope

MOST_SUGGESTIONS = 3


@dataclass(frozen=True, slots=True)
class Suggested:
    """Who a face may be. Only people the actor may see are named."""

    person_id: UUID
    name: str
    probability: float


@dataclass(frozen=True, slots=True)
class FaceRow:
    """One face. `box` is x, y, width, height in 0–1 of the upright picture; None: somebody on it without a visible face.

    The name is empty for a person out of sight.
    """

    id: UUID
    asset_id: UUID
    box: tuple[float, float, float, float] | None
    state: FaceState
    source: str
    quality: float
    person_id: UUID | None
    person_name: str
    cluster_id: UUID | None
    suggestions: tuple[Suggested, ...]
    disowned_by: str = ""
    """Somebody in sight who says of an open face, on their own page, that it is not theirs."""
    by_itself: float | None = None
    """With which probability it was confirmed without a person."""


@dataclass(frozen=True, slots=True)
class Counts:
    """People confirmed on an asset, and faces nobody has settled."""

    people: int
    open: int


async def of_assets(scope: Scope, asset_ids: Sequence[UUID]) -> dict[UUID, list[FaceRow]]:
    """The faces on these assets, left to right, then people without one, in four queries. The caller has made sure that the assets
    are in sight."""
    query = select(Face).where(among(col(Face.asset_id), asset_ids), standing())
    found: dict[UUID, list[FaceRow]] = defaultdict(list)
    rows = await rows_of(scope, list((await scope.db.execute(query)).scalars()))
    for row in sorted(rows, key=lambda row: (row.box is None, row.box or (), row.id)):
        found[row.asset_id].append(row)
    return found


async def counts(scope: Scope, asset_ids: Sequence[UUID]) -> dict[UUID, Counts]:
    """How many people are confirmed and how many faces are open on each of these assets, in one query."""
    confirmed = func.count(func.distinct(col(Face.person_id))).filter(col(Face.state) == FaceState.confirmed)
    still_open = func.count().filter(col(Face.state).in_([FaceState.unknown, FaceState.suggested]))
    query = (
        select(col(Face.asset_id), confirmed, still_open).where(among(col(Face.asset_id), asset_ids)).group_by(col(Face.asset_id))
    )
    found = {asset_id: Counts(people, open_) for asset_id, people, open_ in await scope.db.execute(query)}
    return {asset_id: found.get(asset_id, Counts(0, 0)) for asset_id in asset_ids}


async def rows_of(scope: Scope, faces: Sequence[Face]) -> list[FaceRow]:
    """Faces with names and suggestions, in the order given."""
    open_ids = [face.id for face in faces if face.state in (FaceState.unknown, FaceState.suggested)]
    guesses: dict[UUID, list[FaceSuggestion]] = defaultdict(list)
    disowned: dict[UUID, UUID] = {}
    if open_ids:
        query = select(FaceSuggestion).where(col(FaceSuggestion.face_id).in_(open_ids))
        for guess in (await scope.db.execute(query.order_by(col(FaceSuggestion.probability).desc()))).scalars():
            guesses[guess.face_id].append(guess)
        noes = select(col(FaceRejection.face_id), col(FaceRejection.person_id))
        own = noes.where(col(FaceRejection.face_id).in_(open_ids), col(FaceRejection.own)).order_by(col(FaceRejection.rejected_at))
        disowned = dict((await scope.db.execute(own)).all())
    wanted = (
        {face.person_id for face in faces}
        | {guess.person_id for many in guesses.values() for guess in many}
        | set(disowned.values())
    )
    known = await persons.names(scope, [id_ for id_ in wanted if id_]) if may(scope.actor, Action.person_view) else {}
    return [
        FaceRow(
            id=face.id,
            asset_id=face.asset_id,
            box=(face.box[0], face.box[1], face.box[2], face.box[3]) if face.box else None,
            state=FaceState(face.state),
            source=face.source,
            quality=face.quality,
            person_id=face.person_id if face.person_id in known else None,
            person_name=known.get(face.person_id, "") if face.person_id else "",
            cluster_id=face.cluster_id,
            suggestions=tuple(
                Suggested(guess.person_id, known[guess.person_id], guess.probability)
                for guess in guesses[face.id]
                if guess.person_id in known
            )[:MOST_SUGGESTIONS],
            disowned_by=known.get(disowned[face.id], "") if face.id in disowned else "",
            by_itself=face.by_itself if face.person_id in known else None,
        )
        for face in faces
    ]


async def page(
    scope: Scope,
    *,
    state: FaceState | None = None,
    asset_id: UUID | None = None,
    person_id: UUID | None = None,
    cluster_id: UUID | None = None,
    by_itself: bool | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[FaceRow]:
    """Faces on assets in sight, newest first."""
    require(scope, Action.person_view)
    size = clamp(limit)
    query = select(Face).join(Asset, col(Asset.id) == col(Face.asset_id)).where(await visibility.in_sight(scope))
    query = query.where(col(Asset.state) != AssetState.trashed, standing())
    for column, value in (
        (Face.state, state),
        (Face.asset_id, asset_id),
        (Face.person_id, person_id),
        (Face.cluster_id, cluster_id),
    ):
        if value is not None:
            query = query.where(col(column) == value)
    if by_itself is not None:
        alone = and_(col(Face.state) == FaceState.confirmed, col(Face.by_itself).is_not(None))
        query = query.where(alone if by_itself else not_(alone))
    if cursor:
        query = query.where(tuple_(col(Face.id)) < tuple_(_cursor(cursor)))
    rows = list((await scope.db.execute(query.order_by(col(Face.id).desc()).limit(size + 1))).scalars())
    more = len(rows) > size
    rows = rows[:size]
    return Page(await rows_of(scope, rows), str(rows[-1].id) if more else None)


def standing() -> ColumnElement[bool]:
    """Condition on faces: not a tag that was taken off again, of which the row stays for undo alone."""
    return or_(col(Face.box).is_not(None), col(Face.state) != FaceState.ignored)


async def tags_of(scope: Scope, asset_ids: Select[UUID] | Sequence[UUID], person_id: UUID) -> list[UUID]:
    """Where somebody stands on these photos without a visible face."""
    query = select(col(Face.id)).where(
        col(Face.asset_id).in_(asset_ids),
        col(Face.person_id) == person_id,
        col(Face.state) == FaceState.confirmed,
        col(Face.box).is_(None),
    )
    return list((await scope.db.scalars(query.order_by(col(Face.id)))).all())


async def is_on(scope: Scope, asset_id: UUID, person_id: UUID) -> bool:
    """Was this person confirmed on the photo, with a face or without."""
    here = select(col(Face.id)).where(
        col(Face.asset_id) == asset_id, col(Face.person_id) == person_id, col(Face.state) == FaceState.confirmed
    )
    return await scope.db.scalar(here.limit(1)) is not None


async def find_for_review(scope: Scope, face_id: UUID) -> tuple[Face, Asset]:
    """One face that the actor may decide about, locked; NotFound when out of sight, Refused when only in sight."""
    query = (
        select(Face, Asset)
        .join(Asset, col(Asset.id) == col(Face.asset_id))
        .where(col(Face.id) == face_id, col(Asset.state) != AssetState.trashed, await visibility.in_sight(scope))
        .with_for_update(of=Face)
        .execution_options(populate_existing=True)
    )
    found = (await scope.db.execute(query)).first()
    if found is None:
        raise NotFound("no such face")
    face, asset = found
    await require_on_folder(scope, Action.face_review, Permission.edit, asset.folder_id, asset_id=asset.id, face_id=face_id)
    return face, asset


def _cursor(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("unknown cursor", fields={"cursor": "errors.cursor"}) from None

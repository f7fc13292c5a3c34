"""What a photo takes over from a copy that goes: who is on it, and what people wrote. Permissions hang on people, so they come along.

Nothing of it is lost: a copy that carries what the photo that stays cannot take over stays too, and the plan says why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from sqlalchemy import literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from photobank.access.authorise import folder_rights, may
from photobank.access.permissions import Action, Permission
from photobank.clearance import index
from photobank.duplicates import policy
from photobank.library import assets, collections, tags
from photobank.library.describing import Description
from photobank.models.assets import Asset, AssetState
from photobank.models.collections import CollectionAsset
from photobank.models.consents import Consent, ConsentScope
from photobank.models.descriptions import Favourite, Rating
from photobank.models.people import Face, FaceState
from photobank.people import review, tagged
from photobank.scope import Scope

SAME_FACE = 0.4
SETTLED = (FaceState.confirmed, FaceState.ignored)
TEXTS = ("title", "caption", "credit")


class Obstacle(StrEnum):
    """Why a copy stays; keys of the catalogues."""

    may_not = "may_not"
    held = "held"
    state = "state"
    consent_names_it = "consent_names_it"
    faces_differ = "faces_differ"
    faces_need_reviewer = "faces_need_reviewer"
    clearance_lost = "clearance_lost"


@dataclass(frozen=True, slots=True)
class Going:
    """A copy that is to go, the photo that stays, and the way from the first to the second."""

    drop: Asset
    keep: Asset
    matrix: tuple[float, ...]


@dataclass(slots=True)
class Estate:
    """What comes along: faces (of the photo that stays) to settle, faces to draw, texts; or why the copy stays."""

    going: Going
    confirm: dict[UUID, list[UUID]] = field(default_factory=lambda: defaultdict(list))
    ignore: list[UUID] = field(default_factory=list)
    draw: list[tuple[tuple[float, float, float, float], UUID, float | None]] = field(default_factory=list)
    """Faces to draw: where, who, and how sure it was where nobody said so."""
    people: list[UUID] = field(default_factory=list)
    """Who is on it without a visible face."""
    texts: dict[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    obstacle: Obstacle | None = None

    @property
    def faces(self) -> int:
        """How many decisions about faces come along."""
        return sum(len(faces) for faces in self.confirm.values()) + len(self.ignore) + len(self.draw) + len(self.people)


async def estates(scope: Scope, goings: Sequence[Going]) -> list[Estate]:
    """What would come along with each of these, and what stands in the way. Changes nothing; a handful of queries for all."""
    ids = {asset.id for going in goings for asset in (going.drop, going.keep)}
    faces: dict[UUID, list[Face]] = defaultdict(list)
    for face in (await scope.db.execute(select(Face).where(col(Face.asset_id).in_(ids)))).scalars():
        faces[face.asset_id].append(face)
    named = await _named(scope, ids | {going.drop.folder_id for going in goings})
    shields = await index.shields(scope, list(ids))
    rights = await folder_rights(scope)
    labels = await tags.of_assets(scope, list(ids))
    return [_estate(scope, going, faces, named, shields, rights, labels) for going in goings]


async def take_over(scope: Scope, estate: Estate) -> None:
    """Settle the faces of the photo that stays as they were settled on the copy, and fill in empty texts. Before the copy goes."""
    keep = estate.going.keep
    for person_id, face_ids in sorted(estate.confirm.items()):
        await review.confirm(scope, face_ids, person_id, kind="duplicate")
    if estate.ignore:
        await review.ignore(scope, estate.ignore, kind="duplicate")
    for box, person_id, by_itself in estate.draw:
        await review.draw(scope, keep.id, box, person_id, by_itself=by_itself)
    for person_id in estate.people:
        await tagged.tag(scope, keep.id, person_id=person_id)
    words = Description(
        title=estate.texts.get("title"),
        caption=estate.texts.get("caption"),
        credit=estate.texts.get("credit"),
        add_tags=estate.tags,
    )
    # Hearts and stars move along by themselves: they are each person's own, so nobody is asked for rights over them.
    for mark, columns in ((Favourite, ("user_id", "at")), (Rating, ("user_id", "stars", "at"))):
        given = [getattr(mark, name) for name in columns]
        theirs = select(literal(keep.id), *given).where(col(mark.asset_id) == estate.going.drop.id)
        put = insert(mark).from_select(["asset_id", *columns], theirs)
        await scope.db.execute(put.on_conflict_do_nothing())
    holding = select(col(CollectionAsset.collection_id)).where(col(CollectionAsset.asset_id) == estate.going.drop.id)
    for collection_id in sorted((await scope.db.scalars(holding)).all()):
        await collections.put_in(scope, collection_id, [keep.id])
    if words:
        await assets.edit(scope, keep.id, words)


def _estate(
    scope: Scope,
    going: Going,
    faces: Mapping[UUID, Sequence[Face]],
    named: Collection[UUID],
    shields: Mapping[UUID, Mapping[str, index.Shield]],
    rights: Mapping[UUID, Permission],
    labels: Mapping[UUID, Sequence[str]],
) -> Estate:
    estate = Estate(going)
    drop, keep = going.drop, going.keep
    edits_drop = may(scope.actor, Action.asset_edit) and rights.get(drop.folder_id, Permission.view) >= Permission.edit
    edits_keep = may(scope.actor, Action.asset_edit) and rights.get(keep.folder_id, Permission.view) >= Permission.edit
    if not edits_drop:
        estate.obstacle = Obstacle.may_not
    elif drop.hold_at is not None:
        estate.obstacle = Obstacle.held
    elif (
        drop.locked_at is not None or drop.state != AssetState.ready or keep.state not in (AssetState.ready, AssetState.processing)
    ):
        estate.obstacle = Obstacle.state
    elif (drop.id in named and keep.id not in named) or (drop.folder_id != keep.folder_id and drop.folder_id in named):
        estate.obstacle = Obstacle.consent_names_it
    if estate.obstacle is None:
        _match_faces(estate, faces[drop.id], faces[keep.id])
    if estate.obstacle is None and estate.faces and not (edits_keep and may(scope.actor, Action.face_review)):
        estate.obstacle = Obstacle.faces_need_reviewer
    if estate.obstacle is None and not estate.faces and _allowed(shields[drop.id]) - _allowed(shields[keep.id]):
        estate.obstacle = Obstacle.clearance_lost
    if edits_keep and keep.state == AssetState.ready:
        estate.texts = {name: text for name in TEXTS if (text := getattr(drop, name)) and not getattr(keep, name)}
        estate.tags = tuple(tag for tag in labels.get(drop.id, ()) if tag not in labels.get(keep.id, ()))
    return estate


def _match_faces(estate: Estate, gone: Sequence[Face], kept: Sequence[Face]) -> None:
    """Faces that were settled on the copy, at their place on the photo that stays."""
    free = [face for face in kept if face.box is not None]
    for face in gone:
        if face.state not in SETTLED or face.box is None:
            continue
        place = policy.place_of(face.box, estate.going.matrix)
        there = max(free, key=lambda other: policy.overlap(place, other.box or ()), default=None)
        if there is None or policy.overlap(place, there.box or ()) < SAME_FACE:
            if face.state == FaceState.confirmed and face.person_id is not None and (box := _inside(place)) is not None:
                estate.draw.append((box, face.person_id, face.by_itself))
            continue
        free.remove(there)
        if there.state in SETTLED:
            if (there.state, there.person_id) != (face.state, face.person_id):
                estate.obstacle = Obstacle.faces_differ
            continue
        if face.by_itself is not None:
            continue  # nobody said it of the copy either: the open face waits for a person
        if face.state == FaceState.confirmed and face.person_id is not None:
            estate.confirm[face.person_id].append(there.id)
        else:
            estate.ignore.append(there.id)
    there_already = {face.person_id for face in kept if face.state == FaceState.confirmed}
    there_already |= {*estate.confirm, *(person_id for _, person_id, _ in estate.draw)}
    unseen = {face.person_id for face in gone if face.box is None and face.state == FaceState.confirmed and face.person_id}
    estate.people = sorted(unseen - there_already)


def _inside(box: tuple[float, float, float, float]) -> tuple[float, float, float, float] | None:
    """The part of a face inside the picture; None when most of it is cut off: then nobody is recognised by it."""
    left, top = max(0.0, box[0]), max(0.0, box[1])
    right, bottom = min(1.0, box[0] + box[2]), min(1.0, box[1] + box[3])
    if right <= left or bottom <= top or (right - left) * (bottom - top) < 0.5 * box[2] * box[3]:
        return None
    return left, top, right - left, bottom - top


def _allowed(shields: Mapping[str, index.Shield]) -> set[str]:
    return {use for use, shield in shields.items() if shield.allowed}


async def _named(scope: Scope, ids: Collection[UUID]) -> set[UUID]:
    """Photos and folders among these that a standing consent is limited to."""
    query = (
        select(col(ConsentScope.target_id))
        .join(Consent, col(Consent.id) == col(ConsentScope.consent_id))
        .where(col(ConsentScope.target_id).in_(ids), col(Consent.withdrawn_at).is_(None), col(Consent.superseded_at).is_(None))
        .distinct()
    )
    return set((await scope.db.scalars(query)).all())

"""Faces from one version of a photo to the next: what people decided goes along where the picture is the same, else it is asked again.

Fail closed throughout: a face that lies in the new picture but looks otherwise there is open again; nobody is taken off a picture
because a machine no longer sees them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased
from sqlmodel import col

from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.imaging.shift import Shift
from photobank.messaging.events import TemplatesDeleted
from photobank.models.people import Face, FaceState, FaceSuggestion, FaceTemplate, Person
from photobank.models.versions import VersionFace
from photobank.scope import Scope
from photobank.vision.matching import iou

SAME_BOX = 0.35
"""Overlap (intersection over union) from which two boxes are of one face."""
STILL_IN = 0.4
"""Share of a face's box that must lie within the new picture for the face to be on it."""
F = TypeVar("F", Face, VersionFace)
SETTLED = (FaceState.confirmed, FaceState.ignored)
KEPT = (
    "box",
    "landmarks",
    "score",
    "quality",
    "source",
    "state",
    "person_id",
    "settled_by",
    "settled_at",
    "by_itself",
    "created_at",
)


class Match(Protocol):
    """Two pictures laid over one another (imaging/registration.py)."""

    @property
    def shift(self) -> Shift:
        """Where the old one lies in the new one."""
        ...

    def same_at(self, box: Sequence[float]) -> bool:
        """Whether what lies in this box of the old one looks the same in the new one."""
        ...


@dataclass(slots=True)
class Carried:
    """What became of the faces, in numbers."""

    kept: int = 0
    opened: int = 0
    found: int = 0


async def keep(scope: Scope, asset_id: UUID, number: int) -> None:
    """Write down the faces of the version that is about to go, as they stand."""
    await scope.db.execute(delete(VersionFace).where(col(VersionFace.asset_id) == asset_id, col(VersionFace.number) == number))
    for face in await _of(scope, asset_id):
        scope.db.add(VersionFace(asset_id=asset_id, number=number, face_id=face.id, **{name: getattr(face, name) for name in KEPT}))
    await scope.db.flush()


async def succeed(scope: Scope, asset_id: UUID, new_id: UUID, match: Match | None) -> Carried:
    """The faces found on `new_id` come to `asset_id`, together with those that were there already and are on the new picture too."""
    done = Carried()
    old, found = await _of(scope, asset_id), await _of(scope, new_id)
    taken: set[UUID] = set()
    gone: list[UUID] = []
    open_before = {face.id for face in old if face.state not in SETTLED}
    for face in old:
        if match is not None and face.box is None:
            continue  # somebody without a visible face: it is the same picture, and nobody is taken off it
        box = inside(match.shift.box(face.box)) if match and face.box else None
        if match is None or box is None or face.box is None:
            gone.append(face.id)
            continue
        twin = _nearest(box, [one for one in found if one.id not in taken])
        if match.same_at(face.box):
            _move(scope, face, box)
            done.kept += 1
            if twin is not None:
                taken.add(twin.id)
                _agree(face, twin)
                gone.append(twin.id)
        elif twin is not None:
            gone.append(face.id)
        else:
            _move(scope, face, box)
            _open(face)
            done.opened += 1
            await scope.db.execute(delete(FaceSuggestion).where(col(FaceSuggestion.face_id) == face.id))
    for face in found:
        if face.id not in taken:
            face.asset_id = asset_id
            face.changed_at = scope.now()
            done.found += 1
    await scope.db.flush()
    await scope.db.execute(delete(Face).where(col(Face.id).in_(gone)))
    await _each_once(scope, asset_id)
    await _forget_open_looks(scope, [face.id for face in old if face.id in open_before and face.state in SETTLED])
    return done


async def bring_back(scope: Scope, asset_id: UUID, number: int, shift: Shift | None) -> Carried:
    """An earlier version is shown again: its faces as they stood, what was decided since where it is the same face.

    `shift`: where the picture shown so far lies in the one that comes back; None when they are different pictures.
    """
    done = Carried()
    query = select(VersionFace).where(col(VersionFace.asset_id) == asset_id, col(VersionFace.number) == number)
    stored = {one.face_id: one for one in (await scope.db.execute(query)).scalars()}
    present = {face.id: face for face in await _of(scope, asset_id)}
    people = await _survivors(scope, {one.person_id for one in stored.values() if one.person_id})
    gone: list[UUID] = []
    decided: list[UUID] = []
    for face in present.values():
        if face.id in stored:
            was = stored[face.id]
            if was.box is not None:
                _move(scope, face, was.box)
            face.landmarks = list(was.landmarks)
            # Opened because it looked otherwise, by nobody's decision: what was decided of this very picture stands again.
            if face.settled_at is None and was.settled_at is not None:
                values = _decided(was, people)
                face.state, face.person_id = values["state"], values["person_id"]
                face.settled_by, face.settled_at, face.by_itself = was.settled_by, was.settled_at, was.by_itself
                if face.state in SETTLED:
                    decided.append(face.id)
            done.kept += 1
            continue
        if shift is not None and face.box is None:
            done.found += 1
            continue
        box = inside(shift.box(face.box)) if shift and face.box else None
        if box is None or _nearest(box, [one for id_, one in stored.items() if id_ not in present]) is not None:
            gone.append(face.id)
        else:
            _move(scope, face, box)
            done.found += 1
    await scope.db.execute(delete(Face).where(col(Face.id).in_(gone)))
    for face_id, one in stored.items():
        if face_id in present:
            continue
        values = {name: getattr(one, name) for name in KEPT} | _decided(one, people)
        row = {"id": face_id, "asset_id": asset_id, "changed_at": scope.now(), **values}
        # The face of that id may have been moved to another photo meanwhile; then this one is asked about anew.
        await scope.db.execute(insert(Face).values(row).on_conflict_do_nothing())
        done.kept += 1
    await scope.db.flush()
    await _each_once(scope, asset_id)
    await _forget_open_looks(scope, decided)
    return done


async def _forget_open_looks(scope: Scope, face_ids: Sequence[UUID]) -> None:
    """Faces that were open and are settled by what people said of another version: a template that an open face may have, a settled one
    may have on a basis only. It goes at once, and is made anew where the rule allows it (people/templates.py)."""
    gone = delete(FaceTemplate).where(col(FaceTemplate.face_id).in_(face_ids)).returning(col(FaceTemplate.face_id))
    if deleted := sorted(set((await scope.db.scalars(gone)).all())):
        record(scope, Tag.templates_deleted, payload={"faces": len(deleted), "why": "settled"})
        scope.announce(TemplatesDeleted(face_ids=tuple(deleted)))
    await scope.db.execute(delete(FaceSuggestion).where(col(FaceSuggestion.face_id).in_(face_ids)))


async def _each_once(scope: Scope, asset_id: UUID) -> None:
    """Whoever is on the picture with a face, or was tagged before, is not tagged as well."""
    other = aliased(Face)
    sooner = or_(col(other.box).is_not(None), col(other.id) < col(Face.id))
    same = (col(other.asset_id) == col(Face.asset_id), col(other.person_id) == col(Face.person_id), col(other.id) != col(Face.id))
    twice = exists().where(*same, col(other.state) == FaceState.confirmed, sooner)
    tags = (col(Face.asset_id) == asset_id, col(Face.box).is_(None), col(Face.state) == FaceState.confirmed)
    await scope.db.execute(delete(Face).where(*tags, twice))


def inside(box: Sequence[float]) -> list[float] | None:
    """The part of a box within the picture; None when too little of it is."""
    left, top = max(0.0, box[0]), max(0.0, box[1])
    right, bottom = min(1.0, box[0] + box[2]), min(1.0, box[1] + box[3])
    if right <= left or bottom <= top or (right - left) * (bottom - top) < STILL_IN * box[2] * box[3]:
        return None
    return [left, top, right - left, bottom - top]


def _nearest(box: Sequence[float], faces: Iterable[F]) -> F | None:
    alike = [(iou(box, face.box), face) for face in faces if face.box is not None]
    sureness, best = max(alike, key=lambda one: one[0], default=(0.0, None))
    return best if sureness >= SAME_BOX else None


def _move(scope: Scope, face: Face, box: Sequence[float]) -> None:
    if list(face.box or ()) != list(box):
        face.landmarks = []
    face.box = [float(part) for part in box]
    face.changed_at = scope.now()


def _agree(face: Face, twin: Face) -> None:
    """Two rows of one face: what people said of either counts; where they said different things, they are asked again."""
    face.landmarks = list(twin.landmarks)
    if twin.state not in SETTLED:
        return
    if face.state not in SETTLED:
        face.state, face.person_id = twin.state, twin.person_id
        face.settled_by, face.settled_at, face.by_itself = twin.settled_by, twin.settled_at, twin.by_itself
    elif (face.state, face.person_id) != (twin.state, twin.person_id):
        _open(face)


def _open(face: Face) -> None:
    face.state = FaceState.unknown
    face.person_id = face.settled_by = face.settled_at = face.by_itself = None


def _decided(was: VersionFace, people: dict[UUID, UUID]) -> dict[str, Any]:
    """What people had said of a face; of somebody who is no longer known here, nothing."""
    person = people.get(was.person_id) if was.person_id else None
    if was.state == FaceState.ignored or (was.state == FaceState.confirmed and person is not None):
        return {"state": was.state, "person_id": person}
    return {"state": FaceState.unknown, "person_id": None}


async def _of(scope: Scope, asset_id: UUID) -> list[Face]:
    query = select(Face).where(col(Face.asset_id) == asset_id).order_by(col(Face.id)).with_for_update()
    return list((await scope.db.execute(query.execution_options(populate_existing=True))).scalars())


async def _survivors(scope: Scope, ids: set[UUID]) -> dict[UUID, UUID]:
    """Who these people are today: entries are merged."""
    found: dict[UUID, UUID] = {id_: id_ for id_ in ids}
    for _ in range(20):
        query = select(col(Person.id), col(Person.merged_into)).where(
            col(Person.id).in_(set(found.values())), col(Person.merged_into).is_not(None)
        )
        merged = {row.id: row.merged_into for row in await scope.db.execute(query)}
        if not merged:
            break
        found = {id_: merged.get(now) or now for id_, now in found.items()}
    return found

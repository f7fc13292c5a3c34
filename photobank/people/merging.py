"""Two entries that were one person: what a merge would do, the merge, and taking it apart again, also much later.

What moved is written down (PersonMerge), so that unmerging gives back exactly that, save what was decided anew since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import may, require
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import Conflict, NotFound
from photobank.kernel.ids import new_id
from photobank.messaging.events import AssetsChanged, PersonChanged
from photobank.models.assets import Asset, AssetState
from photobank.models.consents import Consent
from photobank.models.people import Face, FaceRejection, FaceState, FaceSuggestion, Person, PersonMerge, Selfie
from photobank.people import doubles, persons
from photobank.people.persons import PersonRow
from photobank.scope import Scope


@dataclass(frozen=True, slots=True)
class Preview:
    """What a merge would do: what of the one entry goes to the other. `together`: photos that both are on, which forbids it; all counts
    are of what is in sight, and without consents for who may not see those."""

    gone: PersonRow
    kept: PersonRow
    faces: int
    consents: int
    together: int
    becomes_minor: bool
    recognition_off: bool


@dataclass(frozen=True, slots=True)
class MergeRow:
    """An entry that went into this one, with what would go back to it: faces and consents that nobody decided about since."""

    id: UUID
    name: str
    at: datetime
    by: UUID | None
    faces: int
    consents: int


async def preview(scope: Scope, person_id: UUID, into_id: UUID) -> Preview:
    """What merging the first into the second would do."""
    require(scope, Action.person_edit, person_id=person_id)
    if person_id == into_id:
        raise Conflict("a person cannot be merged with themself")
    gone, kept = await persons.find(scope, person_id), await persons.find(scope, into_id)
    rows = await persons.rows(scope, [gone, kept])
    sight = [col(Asset.state) != AssetState.trashed, await visibility.in_sight(scope)]
    mine = _photos(gone.id).join(Asset, col(Asset.id) == col(Face.asset_id)).where(*sight)
    faces = await scope.db.scalar(mine.with_only_columns(func.count(), maintain_column_froms=True)) or 0
    theirs = _photos(kept.id).join(Asset, col(Asset.id) == col(Face.asset_id)).where(*sight)
    consents = 0
    if may(scope.actor, Action.consent_view):
        consents = await scope.db.scalar(select(func.count()).where(col(Consent.person_id) == gone.id)) or 0
    return Preview(
        gone=rows[0],
        kept=rows[1],
        faces=faces,
        consents=consents,
        together=await scope.db.scalar(select(func.count()).select_from(mine.intersect(theirs).subquery())) or 0,
        becomes_minor=gone.is_minor and not kept.is_minor,
        recognition_off=gone.biometrics_off_at is not None and kept.biometrics_off_at is None,
    )


async def merge(scope: Scope, person_id: UUID, into_id: UUID) -> Person:
    """Faces, noes and consents move to `into`; the other entry stays as a pointer. Whatever protected either of them protects both.
    Refused when the entries are on one photo together, since nobody is there twice."""
    require(scope, Action.person_edit, person_id=person_id)
    if person_id == into_id:
        raise Conflict("a person cannot be merged with themself")
    # One after the other: two merges at once, there and back, would leave two entries that each point at the other.
    await _hold(scope, person_id, into_id)
    gone, kept = await persons.find(scope, person_id), await persons.find(scope, into_id)
    both = _photos(gone.id).intersect(_photos(kept.id)).subquery()
    if await scope.db.scalar(select(func.count()).select_from(both)):
        raise Conflict("both are on one photo, so they are two people")
    now = scope.now()
    # `changed_at` is how the vision worker hears that a face, or what was said of it, is another's now.
    said_no = select(col(FaceRejection.face_id)).where(col(FaceRejection.person_id) == gone.id)
    await scope.db.execute(update(Face).where(col(Face.id).in_(said_no)).values(changed_at=now))
    noes = await _noes(scope, gone.id)
    move = update(Face).where(col(Face.person_id) == gone.id).values(person_id=kept.id, changed_at=now)
    faces = (await scope.db.execute(move.returning(col(Face.id), col(Face.asset_id)))).all()
    already = select(col(FaceRejection.face_id)).where(col(FaceRejection.person_id) == kept.id)
    taken = await scope.db.scalars(
        update(FaceRejection)
        .where(col(FaceRejection.person_id) == gone.id, col(FaceRejection.face_id).not_in(already))
        .values(person_id=kept.id)
        .returning(col(FaceRejection.face_id))
    )
    added = set(taken.all())
    # Whoever said "not the other entry" of a face that is this one knew two entries. There is one now, and the face is theirs.
    theirs = select(col(Face.id)).where(col(Face.person_id) == kept.id)
    void = [col(FaceRejection.person_id) == kept.id, col(FaceRejection.face_id).in_(theirs)]
    dropped = [no for no in await _noes(scope, kept.id, *void) if UUID(no[0]) not in added]
    await scope.db.execute(delete(FaceRejection).where(*void))
    await scope.db.execute(delete(FaceSuggestion).where(col(FaceSuggestion.person_id) == gone.id))
    moving = update(Consent).where(col(Consent.person_id) == gone.id).values(person_id=kept.id)
    consents = (await scope.db.scalars(moving.returning(col(Consent.id)))).all()
    moving = update(Selfie).where(col(Selfie.person_id) == gone.id).values(person_id=kept.id)
    pictures = (await scope.db.scalars(moving.returning(col(Selfie.id)))).all()
    await doubles.carry(scope, gone.id, kept.id)
    before = _protection(kept)
    kept.is_minor = kept.is_minor or gone.is_minor
    kept.guardians_needed = max(kept.guardians_needed, gone.guardians_needed)
    kept.biometrics_off_at = kept.biometrics_off_at or gone.biometrics_off_at
    gone.merged_into = kept.id
    gone.changed_at = kept.changed_at = now
    moved: dict[str, Any] = {
        "faces": [str(id_) for id_, _ in faces],
        "noes": noes,
        "added": sorted(str(id_) for id_ in added),
        "dropped": dropped,
        "consents": [str(id_) for id_ in consents],
        "selfies": [str(id_) for id_ in pictures],
        "before": before,
        "after": _protection(kept),
    }
    scope.db.add(
        PersonMerge(id=new_id(), gone_id=gone.id, kept_id=kept.id, merged_by=scope.actor.user_id, merged_at=now, moved=moved)
    )
    assets = {asset for _, asset in faces}
    record(scope, Tag.person_merged, person_id=kept.id, payload={"merged": str(gone.id), "photos": len(assets)})
    _announce(scope, gone.id, kept.id, assets)
    return kept


async def merged_in(scope: Scope, person_id: UUID) -> list[MergeRow]:
    """Entries that went into this one and can come apart again, the latest first."""
    require(scope, Action.person_edit, person_id=person_id)
    person = await persons.find(scope, person_id, hidden=True)
    query = (
        select(PersonMerge, col(Person.name))
        .join(Person, col(Person.id) == col(PersonMerge.gone_id))
        .where(col(PersonMerge.kept_id) == person.id, col(PersonMerge.undone_at).is_(None))
        .order_by(col(PersonMerge.id).desc())
    )
    found = []
    for one, name in await scope.db.execute(query):
        faces = await scope.db.scalar(select(func.count()).select_from(Face).where(*_back(one))) or 0
        found.append(MergeRow(one.id, name, one.merged_at, one.merged_by, faces, len(one.moved["consents"])))
    return found


async def unmerge(scope: Scope, person_id: UUID, merge_id: UUID) -> Person:
    """Two people after all: what moved goes back, save faces and papers that were decided about anew since; gives who came back."""
    require(scope, Action.person_edit, person_id=person_id)
    kept = await persons.find(scope, person_id, hidden=True)
    done = await scope.db.scalar(
        select(PersonMerge)
        .where(col(PersonMerge.id) == merge_id, col(PersonMerge.kept_id) == kept.id, col(PersonMerge.undone_at).is_(None))
        .with_for_update()
    )
    if done is None:
        raise NotFound("no such merge")
    gone = (await _hold(scope, done.gone_id, kept.id))[done.gone_id]
    now = scope.now()
    back = update(Face).where(*_back(done)).values(person_id=gone.id, changed_at=now)
    faces = (await scope.db.execute(back.returning(col(Face.id), col(Face.asset_id)))).all()
    moved, ids = done.moved, [id_ for id_, _ in faces]
    # Noes go back to whom they were said of. One that is out of date, since the face was named so afterwards, is not said again.
    added = [UUID(id_) for id_ in moved["added"]]
    await scope.db.execute(
        delete(FaceRejection).where(
            col(FaceRejection.person_id) == kept.id,
            col(FaceRejection.face_id).in_(added),
            col(FaceRejection.rejected_at) <= done.merged_at,
        )
    )
    await _say_no(scope, gone.id, moved["noes"])
    await _say_no(scope, kept.id, moved["dropped"])
    await scope.db.execute(
        update(Face).where(col(Face.id).in_([UUID(no[0]) for no in (*moved["noes"], *moved["dropped"])])).values(changed_at=now)
    )
    await scope.db.execute(delete(FaceSuggestion).where(col(FaceSuggestion.person_id) == kept.id))
    consents = [UUID(id_) for id_ in moved["consents"]]
    returning = update(Consent).where(col(Consent.id).in_(consents), col(Consent.person_id) == kept.id).values(person_id=gone.id)
    await scope.db.execute(returning)
    pictures = [UUID(id_) for id_ in moved.get("selfies", ())]
    await scope.db.execute(
        update(Selfie).where(col(Selfie.id).in_(pictures), col(Selfie.person_id) == kept.id).values(person_id=gone.id)
    )
    await doubles.look_anew(scope, kept.id)
    if _protection(kept) == moved["after"]:
        before = moved["before"]
        kept.is_minor, kept.guardians_needed = before["minor"], before["guardians"]
        kept.biometrics_off_at = datetime.fromisoformat(before["off"]) if before["off"] else None
    gone.merged_into = None
    gone.changed_at = kept.changed_at = done.undone_at = now
    done.undone_by = scope.actor.user_id
    await doubles.keep_apart(scope, gone.id, kept.id)
    assets = {asset for _, asset in faces}
    record(scope, Tag.person_unmerged, person_id=kept.id, payload={"merged": str(gone.id), "faces": len(ids)})
    _announce(scope, gone.id, kept.id, assets)
    return gone


def _photos(person_id: UUID) -> Select[UUID]:
    return select(col(Face.asset_id)).where(col(Face.person_id) == person_id, col(Face.state) == FaceState.confirmed)


def _back(done: PersonMerge) -> list[Any]:
    """Faces that moved then and that nobody decided about since."""
    moved = [UUID(id_) for id_ in done.moved["faces"]]
    since = func.coalesce(col(Face.settled_at), col(Face.created_at)) <= done.merged_at
    return [col(Face.id).in_(moved), col(Face.person_id) == done.kept_id, since]


async def _hold(scope: Scope, *person_ids: UUID) -> dict[UUID, Person]:
    rows = await scope.db.execute(select(Person).where(col(Person.id).in_(person_ids)).order_by(col(Person.id)).with_for_update())
    return {person.id: person for person in rows.scalars()}


async def _noes(scope: Scope, person_id: UUID, *which: Any) -> list[list[str]]:
    query = select(FaceRejection).where(col(FaceRejection.person_id) == person_id, *which).order_by(col(FaceRejection.face_id))
    rows = (await scope.db.execute(query)).scalars()
    return [[str(row.face_id), str(row.rejected_by or ""), row.rejected_at.isoformat()] for row in rows]


async def _say_no(scope: Scope, person_id: UUID, noes: Sequence[Sequence[str]]) -> None:
    faces = [UUID(no[0]) for no in noes]
    theirs = select(col(Face.id)).where(col(Face.id).in_(faces), col(Face.person_id).is_distinct_from(person_id))
    open_ = set((await scope.db.scalars(theirs)).all())
    rows = [
        {
            "face_id": UUID(face),
            "person_id": person_id,
            "rejected_by": UUID(by) if by else None,
            "rejected_at": datetime.fromisoformat(at),
        }
        for face, by, at in noes
        if UUID(face) in open_
    ]
    if rows:
        await scope.db.execute(insert(FaceRejection).values(rows).on_conflict_do_nothing())


def _protection(person: Person) -> dict[str, Any]:
    off = person.biometrics_off_at
    return {"minor": person.is_minor, "guardians": person.guardians_needed, "off": off.isoformat() if off else None}


def _announce(scope: Scope, gone: UUID, kept: UUID, assets: set[UUID]) -> None:
    for id_ in (gone, kept):
        scope.announce(PersonChanged(person_id=id_))
    if assets:
        scope.announce(AssetsChanged(asset_ids=tuple(sorted(assets))))

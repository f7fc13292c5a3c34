"""Deciding about faces, one at a time or many: confirm, reject, ignore, unassign, draw. People settle, and all can be undone; where an
organisation switched it on, what is sure is confirmed by itself, in the same way (confirming.py).

Every decision is written as a ReviewAction with what stood before and after, so that `undo` can put it back, also days later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from photobank.access.authorise import require, require_on_folder
from photobank.access.permissions import Action, Permission
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import AlreadyOnPhoto, Conflict, Invalid, NotAuthenticated, NotFound
from photobank.kernel.ids import new_id
from photobank.library import assets
from photobank.messaging.events import FacesSettled
from photobank.models.assets import Asset, AssetState
from photobank.models.people import Face, FaceRejection, FaceState, FaceSuggestion, ReviewAction
from photobank.people import persons, templates
from photobank.people.faces import find_for_review, is_on, tags_of
from photobank.scope import Scope

Look = dict[str, Any]


@dataclass(slots=True)
class Decision:
    """One decision under way: what it touched, as it was and as it is."""

    kind: str
    before: dict[str, Look] = field(default_factory=dict)
    after: dict[str, Look] = field(default_factory=dict)
    faces: list[UUID] = field(default_factory=list)
    assets: set[UUID] = field(default_factory=set)


async def confirm(
    scope: Scope, face_ids: Sequence[UUID], person_id: UUID, kind: str = "confirm", *, by_itself: float | None = None
) -> UUID:
    """These faces are this person; gives the id of the action, for undo. `by_itself`: with this probability, and nobody said so.

    Where the person was only tagged on the photo so far, the face takes the place of the tag.
    """
    person = await persons.find(scope, person_id)
    how = None if by_itself is None else {"by_itself": True, "probability": round(by_itself, 4)}
    seen = select(col(Face.asset_id)).where(col(Face.id).in_(face_ids), col(Face.box).is_not(None))
    replaced = set(await tags_of(scope, seen, person.id)) - set(face_ids)

    async def settle(face: Face, asset: Asset) -> None:
        if face.id in replaced:
            take_off(scope, face, asset)
            return
        if face.box is None and await is_on(scope, asset.id, person.id):
            raise AlreadyOnPhoto("this person is on the photo already")
        face.state = FaceState.confirmed
        face.person_id = person.id
        face.by_itself = by_itself
        await _forget(scope, FaceRejection, face.id, person.id)
        await _forget(scope, FaceSuggestion, face.id)
        record(
            scope,
            Tag.face_confirmed,
            payload=how,
            asset_id=asset.id,
            face_id=face.id,
            person_id=person.id,
            folder_id=asset.folder_id,
        )

    return await decide(scope, kind, [*face_ids, *replaced], settle)


async def reject(scope: Scope, face_id: UUID, person_id: UUID) -> UUID:
    """This face is not that person, now or after any new look at it."""
    return await reject_all(scope, [face_id], person_id)


async def reject_all(scope: Scope, face_ids: Sequence[UUID], person_id: UUID, kind: str = "reject") -> UUID:
    """None of these is that person."""
    person = await persons.find(scope, person_id)

    async def settle(face: Face, asset: Asset) -> None:
        row = {"face_id": face.id, "person_id": person.id, "rejected_by": scope.actor.user_id, "rejected_at": scope.now()}
        await scope.db.execute(insert(FaceRejection).values(**row).on_conflict_do_nothing())
        await _forget(scope, FaceSuggestion, face.id, person.id)
        if face.person_id == person.id or face.state == FaceState.suggested:
            face.state = FaceState.unknown
            face.person_id = face.by_itself = None
        record(scope, Tag.face_rejected, asset_id=asset.id, face_id=face.id, person_id=person.id, folder_id=asset.folder_id)

    return await decide(scope, kind, face_ids, settle)


async def ignore(scope: Scope, face_ids: Sequence[UUID], kind: str = "ignore") -> UUID:
    """Not a recognisable person: a poster, a statue, a blur, or no face at all."""

    async def settle(face: Face, asset: Asset) -> None:
        face.state = FaceState.ignored
        face.person_id = face.by_itself = None
        await _forget(scope, FaceSuggestion, face.id)
        record(scope, Tag.face_ignored, asset_id=asset.id, face_id=face.id, folder_id=asset.folder_id)

    return await decide(scope, kind, face_ids, settle)


async def unassign(scope: Scope, face_id: UUID) -> UUID:
    """Open a settled face again, without saying who it is not."""
    return await unassign_all(scope, [face_id])


async def unassign_all(scope: Scope, face_ids: Sequence[UUID]) -> UUID:
    """Open settled faces again."""

    async def settle(face: Face, asset: Asset) -> None:
        face.state = FaceState.unknown
        face.person_id = face.by_itself = None
        record(scope, Tag.face_unassigned, asset_id=asset.id, face_id=face.id, folder_id=asset.folder_id)

    return await decide(scope, "unassign", face_ids, settle)


async def draw(
    scope: Scope, asset_id: UUID, box: Sequence[float], person_id: UUID | None = None, *, by_itself: float | None = None
) -> Face:
    """A face that detection missed. `box` is x, y, width, height in 0–1 of the upright picture; `by_itself` as in `confirm`."""
    asset = await assets.find(scope, asset_id)
    await require_on_folder(scope, Action.face_review, Permission.edit, asset.folder_id, asset_id=asset_id)
    if asset.state not in (AssetState.ready, AssetState.processing):
        raise Conflict("this photo takes no faces now")
    if (
        len(box) != 4
        or not all(0 <= part <= 1 for part in box)
        or box[2] <= 0
        or box[3] <= 0
        or box[0] + box[2] > 1.0001
        or box[1] + box[3] > 1.0001
    ):
        raise Invalid("box", fields={"box": "errors.box"})
    now = scope.now()
    corners = [float(part) for part in box]
    face = Face(id=new_id(), asset_id=asset_id, box=corners, source="manual", created_at=now, changed_at=now)
    scope.db.add(face)
    # Somebody is on the photo after all.
    asset.no_people_at = asset.no_people_by = None
    await scope.db.flush()
    record(scope, Tag.face_drawn, asset_id=asset_id, face_id=face.id, folder_id=asset.folder_id)
    await templates.want(scope, col(Face.id) == face.id)
    scope.announce(FacesSettled(face_ids=(face.id,), asset_ids=(asset_id,)))
    if person_id is not None:
        await confirm(scope, [face.id], person_id, by_itself=by_itself)
    return face


async def undo(scope: Scope, action_id: UUID | None = None) -> UUID:
    """Put back what an action changed: the one named, else the actor's latest. Faces decided again since are left alone.

    Raises NotFound when there is nothing to undo, Conflict when it was undone before or nothing of it still stands.
    """
    require(scope, Action.face_review)
    action = await _action(scope, action_id)
    if action.undone_at is not None:
        raise Conflict("this was undone before")
    decision = Decision("undo")
    merged = await persons.merged_among(scope, _people_in(action))
    for key in await _tags_last(scope, action.before):
        was = action.before[key]
        try:
            face, asset = await find_for_review(scope, UUID(key))
        except NotFound:
            continue  # in the trash, or gone, since
        now = await look(scope, face)
        then = _followed(was, merged)
        if not same_decision(now, _followed(action.after[key], merged)) or await _twice(scope, face, then):
            continue
        decision.before[key] = now
        await _restore(scope, face, then)
        await _replace_tags(scope, decision, face, asset)
        _take_back_nobody(face, asset)
        decision.after[key] = await look(scope, face)
        decision.faces.append(face.id)
        decision.assets.add(asset.id)
        record(scope, Tag.review_undone, asset_id=asset.id, face_id=face.id, folder_id=asset.folder_id)
    if not decision.faces:
        raise Conflict("everything in it was decided again since, or is gone")
    action.undone_at = scope.now()
    return await _keep(scope, decision, undoes=action.id)


def take_off(scope: Scope, face: Face, asset: Asset) -> None:
    """A tag no longer stands; its row stays, for undo."""
    record(scope, Tag.person_untagged, asset_id=asset.id, face_id=face.id, person_id=face.person_id, folder_id=asset.folder_id)
    face.state = FaceState.ignored
    face.person_id = None


async def decide(scope: Scope, kind: str, face_ids: Iterable[UUID], settle: Any) -> UUID:
    """Settle these faces, each by `settle`, and write it down as one action."""
    require(scope, Action.face_review)
    decision = Decision(kind)
    for face_id in sorted(set(face_ids)):
        face, asset = await find_for_review(scope, face_id)
        if asset.state not in (AssetState.ready, AssetState.processing, AssetState.archived):
            raise Conflict("this photo is not ready")
        decision.before[str(face.id)] = await look(scope, face)
        await settle(face, asset)
        _take_back_nobody(face, asset)
        face.settled_by = scope.actor.user_id
        face.settled_at = face.changed_at = scope.now()
        await scope.db.flush()
        decision.after[str(face.id)] = await look(scope, face)
        decision.faces.append(face.id)
        decision.assets.add(asset.id)
    if not decision.faces:
        raise NotFound("no faces")
    return await _keep(scope, decision)


async def _keep(scope: Scope, decision: Decision, undoes: UUID | None = None) -> UUID:
    action = ReviewAction(
        id=new_id(),
        user_id=scope.actor.user_id,
        kind=decision.kind,
        before=decision.before,
        after=decision.after,
        created_at=scope.now(),
        undoes=str(undoes) if undoes else None,
    )
    scope.db.add(action)
    await scope.db.flush()
    # A confirmed face may keep its template only on a basis; an opened one may have its own again.
    await templates.drop(scope, col(Face.id).in_(decision.faces), why="settled")
    await templates.want(scope, col(Face.id).in_(decision.faces))
    scope.announce(FacesSettled(face_ids=tuple(decision.faces), asset_ids=tuple(sorted(decision.assets))))
    return action.id


async def _action(scope: Scope, action_id: UUID | None) -> ReviewAction:
    if scope.actor.user_id is None:
        raise NotAuthenticated("undo")
    query = select(ReviewAction).where(col(ReviewAction.user_id) == scope.actor.user_id).with_for_update()
    if action_id is not None:
        query = query.where(col(ReviewAction.id) == action_id)
    else:
        query = query.where(col(ReviewAction.undone_at).is_(None), col(ReviewAction.undoes).is_(None))
    action = await scope.db.scalar(query.order_by(col(ReviewAction.id).desc()).limit(1))
    if action is None:
        raise NotFound("nothing to undo")
    return action


async def look(scope: Scope, face: Face) -> Look:
    """How a face stands: state, person, whether anybody said so, who it is not, and whether it is a tag."""
    rejected = await scope.db.scalars(select(col(FaceRejection.person_id)).where(col(FaceRejection.face_id) == face.id))
    return {
        "state": str(face.state),
        "person": str(face.person_id) if face.person_id else None,
        "rejected": sorted(str(id_) for id_ in rejected),
        **({"by_itself": face.by_itself} if face.by_itself is not None else {}),
        **({"unseen": True} if face.box is None else {}),
    }


def same_decision(one: Look, other: Look) -> bool:
    """Whether people decided the same in both."""
    return _decided(one) == _decided(other)


async def followed(scope: Scope, action: ReviewAction) -> dict[str, tuple[Look, Look]]:
    """How each face stood before and after an action, with people who were merged since named by who stayed. Nothing of actions on
    clusters."""
    if any("state" not in sides for sides in action.before.values()):
        return {}
    merged = await persons.merged_among(scope, _people_in(action))
    return {key: (_followed(was, merged), _followed(action.after[key], merged)) for key, was in action.before.items()}


def _decided(look: Look) -> tuple[Any, ...]:
    """What people decided of it. Whether an open face has a suggestion is the machine's affair and may change under our hands."""
    open_ = look["state"] in (FaceState.unknown, FaceState.suggested)
    return ("open" if open_ else look["state"], look["person"], look["rejected"], "by_itself" in look)


def _people_in(action: ReviewAction) -> set[UUID]:
    looks = (*action.before.values(), *action.after.values())
    return {UUID(id_) for look in looks for id_ in (look["person"], *look["rejected"]) if id_}


def _followed(look: Look, merged: Mapping[UUID, UUID]) -> Look:
    """The same with everybody who was merged since named by the entry that stayed."""

    def now(id_: str) -> str:
        return str(merged.get(UUID(id_), id_))

    rejected = {now(id_) for id_ in look["rejected"]} - {now(look["person"]) if look["person"] else ""}
    return look | {"person": now(look["person"]) if look["person"] else None, "rejected": sorted(rejected)}


async def _restore(scope: Scope, face: Face, was: Look) -> None:
    face.state = FaceState(was["state"])
    face.person_id = UUID(was["person"]) if was["person"] else None
    face.by_itself = was.get("by_itself")
    face.settled_by = scope.actor.user_id
    face.settled_at = face.changed_at = scope.now()
    await _forget(scope, FaceRejection, face.id)
    for person in was["rejected"]:
        scope.db.add(
            FaceRejection(face_id=face.id, person_id=UUID(person), rejected_by=scope.actor.user_id, rejected_at=scope.now())
        )
    await scope.db.flush()


async def _tags_last(scope: Scope, keys: Iterable[str]) -> list[str]:
    """Faces before tags: whether somebody comes back as tagged depends on whether a face of theirs is still there."""
    unseen = select(col(Face.id)).where(col(Face.id).in_([UUID(key) for key in keys]), col(Face.box).is_(None))
    tags = {str(id_) for id_ in await scope.db.scalars(unseen)}
    return sorted(keys, key=lambda key: (key in tags, key))


async def _replace_tags(scope: Scope, decision: Decision, face: Face, asset: Asset) -> None:
    """A face that is somebody's again takes the place of a tag that was put there since."""
    if face.box is None or face.state != FaceState.confirmed or face.person_id is None:
        return
    for tag_id in await tags_of(scope, [asset.id], face.person_id):
        tag, _ = await find_for_review(scope, tag_id)
        decision.before[str(tag_id)] = await look(scope, tag)
        take_off(scope, tag, asset)
        tag.settled_by = scope.actor.user_id
        tag.settled_at = tag.changed_at = scope.now()
        await scope.db.flush()
        decision.after[str(tag_id)] = await look(scope, tag)
        decision.faces.append(tag_id)


async def _twice(scope: Scope, face: Face, then: Look) -> bool:
    """Would somebody come back as tagged on a photo that they are on already."""
    if face.box is not None or then["state"] != FaceState.confirmed or face.state == FaceState.confirmed:
        return False
    return await is_on(scope, face.asset_id, UUID(then["person"]))


def _take_back_nobody(face: Face, asset: Asset) -> None:
    """Whoever names or opens a face says that there may be somebody after all: "nobody on this photo" has to be said anew."""
    if face.state != FaceState.ignored:
        asset.no_people_at = asset.no_people_by = None


async def _forget(
    scope: Scope, table: type[FaceRejection] | type[FaceSuggestion], face_id: UUID, person_id: UUID | None = None
) -> None:
    query = delete(table).where(col(table.face_id) == face_id)
    if person_id is not None:
        query = query.where(col(table.person_id) == person_id)
    await scope.db.execute(query)

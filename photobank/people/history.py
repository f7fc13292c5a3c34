"""What a reviewer did, newest first, each action with what taking it back would change now; also days later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.kernel.errors import Invalid, NotAuthenticated, NotFound
from photobank.kernel.paging import Page, clamp
from photobank.models.people import Face, ReviewAction
from photobank.people import nobody, persons, regrouping, review
from photobank.people.faces import find_for_review
from photobank.scope import Scope


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One thing the actor did, with so many faces, or photos without any. `person_*`: whom it was about, where that was one person in sight."""

    id: UUID
    kind: str
    faces: int
    at: datetime
    undone_at: datetime | None
    undoes: UUID | None
    person_id: UUID | None
    person_name: str


@dataclass(frozen=True, slots=True)
class Change:
    """One face of an action, or one photo without any: how it stands now and how it would after undo. `changes` is False where it was
    decided again since; `seen`: there is a face to be shown."""

    face_id: UUID | None
    asset_id: UUID
    now: dict[str, Any]
    then: dict[str, Any]
    changes: bool
    seen: bool = True


async def page(scope: Scope, cursor: str | None = None, limit: int | None = None) -> Page[ActionRow]:
    """One's own actions, newest first."""
    size = clamp(limit)
    query = _own(scope)
    if cursor:
        query = query.where(col(ReviewAction.id) < _cursor(cursor))
    actions = list((await scope.db.execute(query.order_by(col(ReviewAction.id).desc()).limit(size + 1))).scalars())
    more = len(actions) > size
    actions = actions[:size]
    about = {action.id: _about(action) for action in actions}
    names = await persons.names(scope, [id_ for id_ in set(about.values()) if id_])
    rows = [_row(action, about[action.id], names) for action in actions]
    return Page(rows, str(actions[-1].id) if more else None)


async def preview(scope: Scope, action_id: UUID) -> list[Change]:
    """What undo of this action would change now, face by face; faces that are gone or out of sight are left out."""
    action = await _find(scope, action_id)
    if nobody.PHOTOS in action.before:
        return await _of_photos(scope, action)
    followed = await review.followed(scope, action)
    changes = []
    for key in action.before:
        if key == regrouping.LINKS:
            continue
        try:
            face, asset = await find_for_review(scope, UUID(key))
        except NotFound:
            continue
        now, then, stands = await _sides(scope, action, face, followed.get(key))
        changes.append(Change(face.id, asset.id, now, then, stands and action.undone_at is None, face.box is not None))
    return changes


async def undo(scope: Scope, action_id: UUID | None = None) -> UUID:
    """Put back what an action changed: the one named, else the actor's latest. Faces decided again since are left alone."""
    action = await _find(scope, action_id)
    if regrouping.LINKS in action.before:
        return await regrouping.undo(scope, action)
    if nobody.PHOTOS in action.before:
        return await nobody.undo(scope, action)
    return await review.undo(scope, action.id)


async def _of_photos(scope: Scope, action: ReviewAction) -> list[Change]:
    before, after = (
        {UUID(key): word is not None for key, word in side[nobody.PHOTOS].items()} for side in (action.before, action.after)
    )
    return [
        Change(
            None,
            id_,
            {"nobody": after[id_] if stands else not after[id_]},
            {"nobody": before[id_]},
            stands and action.undone_at is None,
        )
        for id_, stands in (await nobody.standing(scope, action)).items()
    ]


async def _sides(
    scope: Scope, action: ReviewAction, face: Face, followed: tuple[dict[str, Any], dict[str, Any]] | None
) -> tuple[dict[str, Any], dict[str, Any], bool]:
    if followed is None:
        now = {"cluster": str(face.cluster_id) if face.cluster_id else None}
        return now, action.before[str(face.id)], now == action.after[str(face.id)]
    was, became = followed
    looks = await review.look(scope, face)
    return looks, was, review.same_decision(looks, became)


def _own(scope: Scope) -> Any:
    require(scope, Action.face_review)
    if scope.actor.user_id is None:
        raise NotAuthenticated("undo")
    return select(ReviewAction).where(col(ReviewAction.user_id) == scope.actor.user_id)


async def _find(scope: Scope, action_id: UUID | None) -> ReviewAction:
    query = _own(scope).with_for_update()
    if action_id is not None:
        query = query.where(col(ReviewAction.id) == action_id)
    else:
        query = query.where(col(ReviewAction.undone_at).is_(None), col(ReviewAction.undoes).is_(None))
    action: ReviewAction | None = await scope.db.scalar(query.order_by(col(ReviewAction.id).desc()).limit(1))
    if action is None:
        raise NotFound("nothing to undo")
    return action


def _about(action: ReviewAction) -> UUID | None:
    people = {look.get("person") for key, look in action.after.items() if key != regrouping.LINKS} - {None}
    return UUID(str(people.pop())) if len(people) == 1 else None


def _row(action: ReviewAction, about: UUID | None, names: dict[UUID, str]) -> ActionRow:
    seen = about if about in names else None
    faces = [look for key, look in action.after.items() if key != regrouping.LINKS]
    # A tag whose place a face took is none of the faces that it was about.
    boxed = [look for look in faces if not look.get("unseen")]
    return ActionRow(
        action.id,
        action.kind,
        len(action.after.get(nobody.PHOTOS) or boxed or faces),
        action.created_at,
        action.undone_at,
        UUID(action.undoes) if action.undoes else None,
        seen,
        names.get(seen, "") if seen else "",
    )


def _cursor(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("unknown cursor", fields={"cursor": "errors.cursor"}) from None

"""Taking suggestions back: what they rest on is gone. A face that nobody is likely to be any more is unknown again."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, exists, update
from sqlmodel import col

from photobank.messaging.events import AssetsChanged
from photobank.models.people import Face, FaceState, FaceSuggestion
from photobank.scope import Scope

LIKELY = 0.5


async def forget(scope: Scope, which: ColumnElement[bool]) -> None:
    """Take the suggestions of `which` back."""
    lost = set((await scope.db.scalars(delete(FaceSuggestion).where(which).returning(col(FaceSuggestion.face_id)))).all())
    if not lost:
        return
    likely = exists().where(col(FaceSuggestion.face_id) == col(Face.id), col(FaceSuggestion.probability) >= LIKELY)
    turned = (
        update(Face)
        .where(col(Face.id).in_(lost), col(Face.state) == FaceState.suggested, ~likely)
        .values(state=FaceState.unknown, changed_at=scope.now())
        .returning(col(Face.asset_id))
    )
    assets = set((await scope.db.scalars(turned)).all())
    if assets:
        scope.announce(AssetsChanged(asset_ids=tuple(sorted(assets))))

"""Assets that clearance cannot tell apart: what is decided of one of them holds for all.

A hundred thousand photos of the same few people come down to a handful of kinds. `TELLS_APART` names, for every fact of an asset, what of
its row stands for it; a fact that is missing there fails a test. An asset that some consent names by its id is a kind of its own.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, case, cast, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlmodel import col

from photobank.consents.records import Extent
from photobank.models.assets import Asset
from photobank.models.consents import ConsentScope
from photobank.models.people import Face
from photobank.scope import Scope

_asked = any_(bindparam("asked", type_=ARRAY(Uuid)))
_named = select(col(ConsentScope.target_id)).where(col(ConsentScope.kind) == Extent.photos, col(ConsentScope.target_id) == _asked)
_unseen = case((col(Face.box).is_(None), ":unseen"), else_="")
_face = col(Face.state) + ":" + func.coalesce(cast(col(Face.person_id), Text), "") + _unseen
_seen = func.array_agg(aggregate_order_by(_face, _face)).label("faces")
# Of all of them at once: asked photo by photo this is most of the work.
_faces = select(col(Face.asset_id), _seen).where(col(Face.asset_id) == _asked).group_by(col(Face.asset_id)).subquery()
TELLS_APART: Final[dict[str, Any]] = {
    "id": case((col(Asset.id).in_(_named), col(Asset.id))),
    "state": col(Asset.state),
    "faces": _faces.c.faces,
    "people": None,  # with their faces
    "tagged": None,  # with the faces: who is tagged is one without a box
    "quarantined": None,  # no photo is yet, nor of an event (clearance/facts.py)
    "event_id": None,
    "faces_done": col(Asset.faces_done),
    "no_people_confirmed": col(Asset.no_people_at).is_(None),
    "locked_by_hand": col(Asset.locked_at).is_(None),
    "hold": col(Asset.hold_at).is_(None),
    "folder_path": col(Asset.folder_id),
    "pictures": col(Asset.pictures),
}


async def kinds(scope: Scope, asset_ids: Collection[UUID]) -> list[list[UUID]]:
    """These assets, as far as they exist, with those that are alike together."""
    parts = [part.label(name) for name, part in TELLS_APART.items() if part is not None]
    with_faces = select(col(Asset.id).label("asset"), *parts).outerjoin(_faces, _faces.c.asset_id == col(Asset.id))
    rows = with_faces.where(col(Asset.id) == _asked).subquery()
    alike = select(func.array_agg(rows.c.asset)).group_by(*(rows.c[part.name] for part in parts))
    return [list(ids) for ids in (await scope.db.scalars(alike, {"asked": list(asset_ids)})).all()]

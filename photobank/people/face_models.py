"""Face models beside one another: acknowledged, filled while another works, scored on the organisation's own faces, switched, given up.

Boxes and decisions belong to faces, not to models, so a switch loses none of them (docs/guides/models.md).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlmodel import col

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.db.locks import one_at_a_time
from photobank.kernel.errors import ConfigurationError, Conflict, Invalid, NotFound
from photobank.kernel.ids import new_id
from photobank.messaging.events import ModelsChanged
from photobank.models.people import Face, FaceTemplate
from photobank.models.recognition import FaceModel, ModelState
from photobank.people import selfies, templates
from photobank.scope import Scope
from photobank.vision import packs

LATELY = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class PackRow:
    """A pack on this machine, with what its licence asks. `model_id` once it was ever taken up."""

    name: str
    title: str
    licence: str
    licence_key: str
    research_only: bool
    acknowledgement: bool
    model_id: UUID | None


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model that is or was used. `filled` of `wanted` faces have a template of it."""

    id: UUID
    pack: str
    title: str
    state: ModelState
    licence: str
    acknowledged_by: UUID | None
    acknowledged_at: datetime | None
    activated_at: datetime | None
    filled: int
    wanted: int
    minutes: int | None
    """How long filling still takes at the pace of late; None where nothing lacks or nothing moves."""
    calibration: dict[str, Any]
    scores: dict[str, Any]
    loaded: bool
    """Whether a worker has read it yet."""


async def installed(scope: Scope) -> list[PackRow]:
    """What is on this machine."""
    require(scope, Action.recognition_manage)
    known = {model.pack: model.id for model in (await scope.db.execute(select(FaceModel))).scalars()}
    return [
        PackRow(
            pack.name,
            pack.title,
            pack.licence,
            pack.licence_key,
            pack.research_only,
            pack.acknowledgement,
            known.get(pack.name),
        )
        for pack in packs.installed(_folder(scope))
    ]


async def listed(scope: Scope) -> list[ModelRow]:
    """Models, the one in use first."""
    require(scope, Action.recognition_manage)
    models = list((await scope.db.execute(select(FaceModel).order_by(col(FaceModel.id)))).scalars())
    return [await _row(scope, model) for model in sorted(models, key=lambda model: model.state != ModelState.active)]


async def get(scope: Scope, model_id: UUID) -> ModelRow:
    """One of them."""
    require(scope, Action.recognition_manage)
    return await _row(scope, await _find(scope, model_id))


async def fill(scope: Scope, pack: str, *, acknowledge: bool = False) -> ModelRow:
    """Compute templates of this pack beside the model in use; again for one that was given up. Its licence must be acknowledged."""
    require(scope, Action.recognition_manage)
    await one_at_a_time(scope.db, "face models")
    model = await scope.db.scalar(select(FaceModel).where(col(FaceModel.pack) == pack))
    if model is None and pack not in {one.name for one in packs.installed(_folder(scope))}:
        raise NotFound("no such pack")
    try:
        described = packs.describe(pack, _folder(scope))
    except ConfigurationError as error:
        raise Conflict(str(error)) from error
    if model is not None and model.state == ModelState.active:
        raise Conflict("this model is in use")
    if described.acknowledgement and not acknowledge and (model is None or model.acknowledged_at is None):
        raise Invalid("acknowledge", fields={"acknowledge": "errors.licence"})
    if model is None:
        model = FaceModel(id=new_id(), pack=pack, created_at=scope.now())
        scope.db.add(model)
    if acknowledge and model.acknowledged_at is None:
        model.acknowledged_by, model.acknowledged_at = scope.actor.user_id, scope.now()
        record(scope, Tag.model_acknowledged, payload={"pack": Path(pack).name, "licence": described.licence})
    model.state, model.licence = ModelState.indexing, described.licence
    await scope.db.flush()
    record(scope, Tag.model_indexing, payload={"pack": Path(pack).name})
    scope.announce(ModelsChanged(model_id=model.id))
    return await _row(scope, model)


async def ask_score(scope: Scope, model_id: UUID) -> ModelRow:
    """Have it measured on the faces that people confirmed; the result comes by and by."""
    require(scope, Action.recognition_manage)
    model = await _find(scope, model_id)
    if not model.tag:
        raise Conflict("this model has not been loaded yet")
    scope.announce(ModelsChanged(model_id=model.id))
    return await _row(scope, model)


async def activate(scope: Scope, model_id: UUID) -> ModelRow:
    """Switch to it. Only when every face that may have a template has one of it; the model before stays, to fall back on."""
    require(scope, Action.recognition_manage)
    await one_at_a_time(scope.db, "face models")
    model = await _find(scope, model_id)
    if model.state == ModelState.active:
        return await _row(scope, model)
    row = await _row(scope, model)
    if not model.tag or row.filled < row.wanted:
        raise Conflict(f"{row.wanted - row.filled} faces have no template of this model yet")
    active = update(FaceModel).where(col(FaceModel.state) == ModelState.active)
    await scope.db.execute(active.values(state=ModelState.retired))
    await scope.db.flush()
    model.state, model.activated_at, model.setting = ModelState.active, scope.now(), scope.settings.face_pack
    record(scope, Tag.model_activated, payload={"pack": Path(model.pack).name, "by": "person"})
    scope.announce(ModelsChanged(model_id=model.id))
    return await _row(scope, model)


async def retire(scope: Scope, model_id: UUID) -> None:
    """Give a model up that is not in use, and delete its templates."""
    require(scope, Action.recognition_manage)
    await one_at_a_time(scope.db, "face models")
    model = await _find(scope, model_id)
    if model.state == ModelState.active:
        raise Conflict("this model is in use")
    gone = await scope.db.scalars(
        delete(FaceTemplate).where(col(FaceTemplate.model) == model.tag).returning(col(FaceTemplate.face_id))
    )
    await selfies.drop_of_model(scope, model.tag)
    model.state, model.scores = ModelState.retired, {}
    record(scope, Tag.model_retired, payload={"pack": Path(model.pack).name, "templates": len(gone.all())})
    scope.announce(ModelsChanged(model_id=model.id))


async def is_active(scope: Scope, model_id: UUID) -> bool:
    """Whether it is the one in use."""
    require(scope, Action.recognition_manage)
    return (await _find(scope, model_id)).state == ModelState.active


async def _row(scope: Scope, model: FaceModel) -> ModelRow:
    wanted, filled = await progress(scope, model.tag)
    speed = await pace(scope, model.tag) if filled < wanted else 0.0
    title, licence = Path(model.pack).name, model.licence
    with suppress(ConfigurationError):  # its folder may be gone by now
        described = packs.describe(model.pack, _folder(scope))
        title, licence = described.title, licence or described.licence
    return ModelRow(
        id=model.id,
        pack=model.pack,
        title=title,
        state=ModelState(model.state),
        licence=licence,
        acknowledged_by=model.acknowledged_by,
        acknowledged_at=model.acknowledged_at,
        activated_at=model.activated_at,
        filled=filled,
        wanted=wanted,
        minutes=ceil((wanted - filled) / speed) if speed else None,
        calibration=model.calibration,
        scores=model.scores,
        loaded=bool(model.tag),
    )


async def progress(scope: Scope, tag: str) -> tuple[int, int]:
    """How many faces may have a template of this model, and how many do."""
    lacks = templates.lacking(await templates.rule(scope), scope.now(), tag)
    lacking = await scope.db.scalar(select(func.count()).select_from(Face).where(lacks)) or 0
    have = await scope.db.scalar(select(func.count()).where(col(FaceTemplate.model) == tag)) or 0
    return lacking + have, have


async def pace(scope: Scope, tag: str) -> float:
    """Templates of this model made a minute, of late."""
    since = col(FaceTemplate.created_at) > scope.now() - LATELY
    made = await scope.db.scalar(select(func.count()).where(col(FaceTemplate.model) == tag, since)) or 0
    return made / (LATELY.total_seconds() / 60)


async def _find(scope: Scope, model_id: UUID) -> FaceModel:
    model = await scope.db.get(FaceModel, model_id)
    if model is None:
        raise NotFound("no such model")
    return model


def _folder(scope: Scope) -> Path:
    return scope.settings.data_dir / "models"

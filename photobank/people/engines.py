"""The engines of a vision worker: the one in use, and those being filled beside it. Which these are stands in the database.

The setting names the model of the first start. Later the last word counts: a switch made in the application holds until somebody changes
the setting, and a changed setting holds until somebody switches.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlmodel import col

from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.db.locks import one_at_a_time
from photobank.kernel.errors import ConfigurationError
from photobank.kernel.ids import new_id
from photobank.library.processing import WORKER
from photobank.models.recognition import FaceModel, ModelState
from photobank.people.recognition import Recognition
from photobank.scope import Container, Scope
from photobank.vision import packs
from photobank.vision.engine import FaceEngine

log = structlog.get_logger(__name__)

Load = Callable[[str], FaceEngine]


def from_disk(models_dir: Path) -> Load:
    """Engines as packs.py loads them."""
    return lambda pack: packs.load(pack, models_dir)


class Engines:
    """Loaded engines by pack, one Recognition each. One per worker process."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._open: dict[str, Recognition] = {}

    async def lead(self, container: Container) -> Recognition:
        """The model in use."""
        async with container.scope(WORKER) as scope:
            model = await scope.db.scalar(select(FaceModel).where(col(FaceModel.state) == ModelState.active))
        pack = model.pack if model and model.setting == container.settings.face_pack else container.settings.face_pack
        found = await self._recognition(pack)
        found.leads = True
        for other, recognition in self._open.items():
            recognition.leads = other == pack
        if model is None or model.pack != pack or model.tag != found.engine.tag:
            async with container.scope(WORKER) as scope:
                await _take_into_use(scope, pack, found.engine.tag)
        return found

    async def beside(self, container: Container) -> list[Recognition]:
        """Models that are being filled; one that cannot be loaded is left out, and said so in the log."""
        async with container.scope(WORKER) as scope:
            query = select(FaceModel).where(col(FaceModel.state) == ModelState.indexing).order_by(col(FaceModel.id))
            wanted = [(model.id, model.pack, model.tag) for model in (await scope.db.execute(query)).scalars()]
        found = []
        for id_, pack, tag in wanted:
            try:
                recognition = await self._recognition(pack)
            except ConfigurationError as error:
                log.warning("face model cannot be loaded", pack=pack, reason=str(error))
                continue
            found.append(recognition)
            if recognition.engine.tag != tag:
                async with container.scope(WORKER) as scope:
                    await scope.db.execute(update(FaceModel).where(col(FaceModel.id) == id_).values(tag=recognition.engine.tag))
        return found

    def forget(self, face_ids: tuple[UUID, ...]) -> int:
        """Drop the vectors of these faces from the memory of every model; gives how many there were."""
        return sum(recognition.forget(face_ids) for recognition in self._open.values())

    def empty(self) -> None:
        """Forget all vectors; the next use reads them again."""
        for recognition in self._open.values():
            recognition.empty()

    async def _recognition(self, pack: str) -> Recognition:
        if pack not in self._open:
            self._open[pack] = Recognition(await asyncio.to_thread(self._load, pack), leads=False)
        return self._open[pack]


async def _take_into_use(scope: Scope, pack: str, tag: str) -> None:
    """What the setting asks for, or weights that changed under the same name: written down as the model in use."""
    await one_at_a_time(scope.db, "face models")
    model = await scope.db.scalar(select(FaceModel).where(col(FaceModel.pack) == pack))
    if model is not None and (model.state, model.tag) == (ModelState.active, tag):
        return
    others = update(FaceModel).where(col(FaceModel.state) == ModelState.active, col(FaceModel.pack) != pack)
    await scope.db.execute(others.values(state=ModelState.retired))
    if model is None:
        model = FaceModel(id=new_id(), pack=pack, created_at=scope.now())
        scope.db.add(model)
    model.tag, model.state, model.setting = tag, ModelState.active, scope.settings.face_pack
    model.activated_at = scope.now()
    record(scope, Tag.model_activated, payload={"pack": Path(pack).name, "by": "setting"})

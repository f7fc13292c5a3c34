"""Face models: what is installed, filling one beside the one in use, scores, the switch and the way back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field

from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body, Out
from photobank.models.recognition import ModelState
from photobank.people import face_models, installing, looking

router = APIRouter(prefix="/face-models", tags=["face models"], responses=RESPONSES)


class PackOut(Out):
    """A pack on this machine, with what its licence asks."""

    name: str
    title: str
    licence: str
    research_only: bool
    acknowledgement: bool
    model_id: UUID | None


class ModelOut(Out):
    """A model that is or was used; `filled` of `wanted` faces have a template of it. `calibration`: what its scores mean here, and
    what asking for a probability implies; `scores`: measured on the faces that people confirmed."""

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
    calibration: dict[str, Any]
    scores: dict[str, Any]
    loaded: bool


class WaitingOut(Out):
    """Photos that wait to be looked at again."""

    waiting: int
    photos: int


class ModelsOut(Out):
    """Everything about models."""

    installed: list[PackOut]
    models: list[ModelOut]
    looking_again: WaitingOut


class FillIn(Body):
    """Which pack. `acknowledge` says that whoever asks has read its licence and may use it."""

    pack: str = Field(min_length=1, max_length=200)
    acknowledge: bool = False


Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
Sum = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")]
ZIP: dict[str, Any] = {"requestBody": {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}}


class InstallIn(Body):
    """A ZIP with .onnx models, under a name of one's own, from an https address; `sha256` is that of the ZIP."""

    name: Name
    address: Annotated[str, Field(pattern=r"^https://", max_length=2000)]
    sha256: Sum


@router.get("")
async def overview(scope: InScope) -> ModelsOut:
    """What is installed, which models there are and how far they are."""
    return ModelsOut(
        installed=[PackOut.model_validate(row) for row in await face_models.installed(scope)],
        models=[ModelOut.model_validate(row) for row in await face_models.listed(scope)],
        looking_again=WaitingOut.model_validate(await looking.waiting(scope)),
    )


@router.post("", status_code=202)
async def fill(body: FillIn, scope: InScope) -> ModelOut:
    """Compute templates of a pack beside the model in use."""
    return ModelOut.model_validate(await face_models.fill(scope, body.pack, acknowledge=body.acknowledge))


@router.post("/install", status_code=201)
async def install(body: InstallIn, scope: InScope) -> PackOut:
    """Fetch a pack and put it beside the others; it is not used before it is filled and switched to."""
    return PackOut.model_validate(await installing.from_address(scope, body.name, body.address, body.sha256))


@router.put("/packs/{name}", status_code=201, openapi_extra=ZIP)
async def install_sent(name: Name, sha256: Sum, request: Request, scope: InScope) -> PackOut:
    """The same with the ZIP in the body."""
    return PackOut.model_validate(await installing.from_stream(scope, name, request.stream(), sha256))


@router.post("/look-again", status_code=202)
async def look_again(scope: InScope) -> WaitingOut:
    """Look for faces on every photo once more. What people decided stays with its faces."""
    return WaitingOut.model_validate(await looking.all_again(scope))


@router.get("/{model_id}")
async def one(model_id: UUID, scope: InScope) -> ModelOut:
    """One model."""
    return ModelOut.model_validate(await face_models.get(scope, model_id))


@router.post("/{model_id}/activate")
async def activate(model_id: UUID, scope: InScope) -> ModelOut:
    """Switch to it, once it is filled. The one before stays, to fall back on."""
    return ModelOut.model_validate(await face_models.activate(scope, model_id))


@router.post("/{model_id}/score", status_code=202)
async def score(model_id: UUID, scope: InScope) -> ModelOut:
    """Measure it on the faces that people confirmed."""
    return ModelOut.model_validate(await face_models.ask_score(scope, model_id))


@router.delete("/{model_id}", status_code=204)
async def retire(model_id: UUID, scope: InScope) -> None:
    """Give it up and delete its templates."""
    await face_models.retire(scope, model_id)

"""Jobs on faces: for the vision worker, and those on templates for the light queue."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog

from photobank.library.processing import WORKER
from photobank.messaging import asking
from photobank.messaging.jobs import Job
from photobank.messaging.push import MISSED, subscribe
from photobank.people import (
    by_picture,
    confirming,
    detection,
    embedding,
    face_models,
    looking,
    model_scores,
    selfies,
    templates,
    unattended,
)
from photobank.scope import Container

log = structlog.get_logger(__name__)


async def find_faces(ctx: dict[str, Any], asset_id: str) -> None:
    """Faces on a decoded photo."""
    await detection.find_faces(ctx["container"], await ctx["engines"].lead(ctx["container"]), UUID(asset_id))


async def look_again(ctx: dict[str, Any], asset_id: str) -> None:
    """Faces on a photo that somebody asked to look at once more."""
    await detection.look_again(ctx["container"], await ctx["engines"].lead(ctx["container"]), UUID(asset_id))


async def suggest_people(ctx: dict[str, Any], face_id: str) -> None:
    """Open faces near one that people decided about."""
    recognition = await ctx["engines"].lead(ctx["container"])
    async with ctx["container"].scope(WORKER) as scope:
        await recognition.settled(scope, UUID(face_id))


async def suggest_selfie(ctx: dict[str, Any], selfie_id: str) -> None:
    """Open faces at an event that are like a selfie taken there."""
    recognition = await ctx["engines"].lead(ctx["container"])
    async with ctx["container"].scope(WORKER) as scope:
        await recognition.held_against(scope, UUID(selfie_id))


async def make_templates(ctx: dict[str, Any], asset_id: str) -> None:
    """Templates that faces on a photo may have and lack, of the model in use and of those being filled."""
    container, engines = ctx["container"], ctx["engines"]
    models = [await engines.lead(container), *await engines.beside(container)]
    await embedding.make_templates(container, models, UUID(asset_id))


async def prepare_model(ctx: dict[str, Any], model_id: str) -> None:
    """A model was taken up, given up or switched to: load it, measure it, have it filled; suggest anew when it leads now."""
    container, engines = ctx["container"], ctx["engines"]
    lead = await engines.lead(container)
    for recognition in (lead, *await engines.beside(container)):
        await model_scores.measure(container, recognition)
    async with container.scope(WORKER) as scope:
        if await face_models.is_active(scope, UUID(model_id)):
            await lead.suggest_all(scope)
        await templates.want(scope)


async def confirm_by_itself(ctx: dict[str, Any]) -> None:
    """Replay decisions, and confirm what they support without a person, where that is switched on."""
    await confirming.turn(ctx["container"], await ctx["engines"].lead(ctx["container"]))


async def apply_biometrics(ctx: dict[str, Any], person_id: str) -> None:
    """A consent was recorded or withdrawn: delete the person's templates that are not allowed any more, ask for those that are."""
    async with ctx["container"].scope(WORKER) as scope:
        await templates.apply(scope, UUID(person_id))


async def purge_templates(ctx: dict[str, Any]) -> None:
    """Templates whose time is over, and selfies whose model is not in use any more; by the clock."""
    async with ctx["container"].scope(WORKER) as scope:
        await templates.purge_due(scope)
        await selfies.ask_anew(scope)


async def catch_up(ctx: dict[str, Any]) -> None:
    """Photos that wait to be looked at again, templates that are lacking, whatever happened to their jobs, and faces that may be
    confirmed without a person; by the clock."""
    container: Container = ctx["container"]
    async with container.scope(WORKER) as scope:
        await templates.want(scope, limit=100)
        waiting = await looking.due(scope)
        alone = await unattended.due(scope)
    for asset_id in waiting:
        await container.queue.put(looking.JOB, str(asset_id), unique=f"{looking.JOB}:{asset_id}")
    if alone:
        await container.queue.put(Job.confirm_by_itself, unique=Job.confirm_by_itself)


async def answer(ctx: dict[str, Any]) -> None:
    """Pictures that somebody holds up, one after the other, for as long as the worker runs."""
    container, engines = ctx["container"], ctx["engines"]
    async for question, sealed in asking.questions(container.redis):
        try:
            models = [await engines.lead(container), *await engines.beside(container)]
            await by_picture.answer(container, models, question, sealed)
        except Exception:
            # Whatever one picture does, the next one is answered; who asked is told that it did not work.
            log.exception("a picture could not be looked for")
            await asking.answer(container.redis, question, b"")


async def listen(ctx: dict[str, Any]) -> None:
    """Forget deleted templates the moment they are deleted, whichever worker or page did it."""
    container, engines = ctx["container"], ctx["engines"]
    async for push in subscribe(container.redis):
        if push.kind == "templates":
            engines.forget(push.ids)
        elif push.kind == MISSED:
            # Deletions may have been among what was missed; the next use reads again, but nothing may lie here until then.
            engines.empty()

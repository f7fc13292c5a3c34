"""The switch: whether faces may be confirmed without a person, with which error, and what the organisation's own decisions support.

Off until somebody who rules over biometrics switches it on, and of no effect where decisions do not support it (support.py). What they
say is written beside the model, with a mark of the decisions that it rests on: with any other mark, or another model, it counts for
nothing until the vision worker has replayed them (confirming.py).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, cast, exists, func, select
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import Invalid
from photobank.kernel.ids import new_id
from photobank.models.assets import Asset, AssetState
from photobank.models.people import Face, FaceRejection, FaceState, FaceSuggestion, FaceTemplate
from photobank.models.recognition import FaceModel, ModelState, UnattendedRule
from photobank.people import support
from photobank.people.support import Level
from photobank.scope import Scope

WHILE_ON, WHILE_OFF = timedelta(minutes=2), timedelta(minutes=10)
"""How long a replay is good for while people go on deciding; until it is made anew nothing is confirmed without them."""


@dataclass(frozen=True, slots=True)
class Rule:
    """At most one wrong in so many; 0 is off."""

    one_in: int = 0
    set_by: UUID | None = None
    set_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the decisions of a moment said under one model."""

    model: str
    mark: str
    at: datetime
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """What may be chosen: one wrong in so many, from which level on that is supported, else how many more decisions it takes."""

    one_in: int
    level: Level | None
    needed: int


@dataclass(frozen=True, slots=True)
class Standing:
    """The switch, and what there is to say of it. `level`: from where on faces are confirmed at this moment; None where none are."""

    one_in: int
    set_by: UUID | None
    set_at: datetime | None
    level: Level | None
    counted_at: datetime | None
    choices: tuple[Choice, ...]
    confirmed: int
    """Faces that are confirmed by themselves and that nobody has spoken about since."""


async def rule(scope: Scope) -> Rule:
    """What was decided last."""
    last = await scope.db.scalar(select(UnattendedRule).order_by(col(UnattendedRule.id).desc()).limit(1))
    return Rule(last.one_in, last.set_by, last.set_at) if last else Rule()


async def standing(scope: Scope) -> Standing:
    """The switch and what supports it, for whoever watches over biometrics."""
    require(scope, Action.biometrics_view)
    now, model = await rule(scope), await in_use(scope)
    known = replayed(model) if model else None
    confirmed = select(func.count()).where(col(Face.state) == FaceState.confirmed, col(Face.by_itself).is_not(None))
    choices = tuple(_choice(known, one_in) for one_in in support.ERRORS)
    return Standing(
        one_in=now.one_in,
        set_by=now.set_by,
        set_at=now.set_at,
        level=next((one.level for one in choices if one.one_in == now.one_in), None),
        counted_at=known.at if known else None,
        choices=choices,
        confirmed=await scope.db.scalar(confirmed) or 0,
    )


async def of_person(scope: Scope, person_id: UUID) -> tuple[int, UUID | None]:
    """Faces in sight that were confirmed as this person by themselves, for who reviews: how many, and the photo of the latest."""
    require(scope, Action.face_review)
    alone = (
        select(col(Face.asset_id))
        .join(Asset, col(Asset.id) == col(Face.asset_id))
        .where(col(Face.person_id) == person_id, col(Face.state) == FaceState.confirmed, col(Face.by_itself).is_not(None))
        .where(col(Asset.state) != AssetState.trashed, await visibility.in_sight(scope))
    )
    count = await scope.db.scalar(select(func.count()).select_from(alone.subquery())) or 0
    return count, await scope.db.scalar(alone.order_by(col(Face.id).desc()).limit(1)) if count else None


async def switch(scope: Scope, one_in: int) -> Standing:
    """Switch it on with this error, or off with 0. On only while decisions support it; what was confirmed stays when it is switched off."""
    require(scope, Action.biometrics_manage)
    if one_in not in (0, *support.ERRORS):
        raise Invalid("one_in", fields={"one_in": "errors.number"})
    model = await in_use(scope)
    choice = _choice(replayed(model) if model else None, one_in) if one_in else None
    if choice and choice.level is None:
        raise Invalid("decisions do not support it", fields={"one_in": "errors.unattended"})
    scope.db.add(UnattendedRule(id=new_id(), one_in=one_in, set_by=scope.actor.user_id, set_at=scope.now()))
    await scope.db.flush()
    from_ = {"probability": choice.level.probability} if choice and choice.level else {}
    record(scope, Tag.biometrics_unattended, payload={"one_in": one_in, **from_})
    scope.wake("biometrics")
    return await standing(scope)


async def in_use(scope: Scope) -> FaceModel | None:
    """The model in use."""
    found: FaceModel | None = await scope.db.scalar(select(FaceModel).where(col(FaceModel.state) == ModelState.active))
    return found


def replayed(model: FaceModel) -> Replayed | None:
    """What is written beside the model, if it is about these very weights."""
    told = model.support
    if not model.tag or told.get("model") != model.tag:
        return None
    levels = tuple(Level(**one) for one in told["levels"])
    return Replayed(told["model"], told["mark"], datetime.fromisoformat(told["at"]), levels)


def write(scope: Scope, model: FaceModel, mark: str, levels: list[Level]) -> None:
    """Keep what the decisions with this mark said."""
    told = [asdict(one) for one in levels]
    model.support = {"model": model.tag, "mark": mark, "at": scope.now().isoformat(), "levels": told}
    scope.wake("biometrics")


async def mark(scope: Scope, tag: str) -> str:
    """What decisions there are: any that is made, changed or taken back gives another mark, as does a template that goes."""
    examples = (
        select(*_sums(col(Face.id), col(Face.person_id)))
        .join(FaceTemplate, col(FaceTemplate.face_id) == col(Face.id))
        .where(col(FaceTemplate.model) == tag, col(Face.state) == FaceState.confirmed, col(Face.by_itself).is_(None))
    )
    noes = select(*_sums(col(FaceRejection.face_id), col(FaceRejection.person_id)))
    said = [*(await scope.db.execute(examples)).one(), *(await scope.db.execute(noes)).one()]
    return " ".join(str(part) for part in said)


async def due(scope: Scope) -> bool:
    """Whether the vision worker has something to do: decisions to replay, or faces that may be confirmed."""
    model = await in_use(scope)
    if model is None or not model.tag:
        return False
    known, on = replayed(model), (await rule(scope)).one_in
    if known is None:
        return True
    fresh = scope.now() - known.at < (WHILE_ON if on else WHILE_OFF)
    if fresh and not on:
        return False  # whatever was decided meanwhile; looking at it takes a while where there is much
    if known.mark != await mark(scope, model.tag):
        return not fresh
    level = support.supported(known.levels, on) if on else None
    if level is None:
        return False
    return await scope.db.scalar(waiting(model.tag, level).limit(1)) is not None


def waiting(tag: str, level: Level) -> Select[UUID]:
    """Faces that nobody decided about and that may be sure enough."""
    sure = exists().where(
        col(FaceSuggestion.face_id) == col(Face.id), col(FaceSuggestion.model) == tag, col(FaceSuggestion.score) >= level.score
    )
    return select(col(Face.id)).where(col(Face.state) == FaceState.suggested, col(Face.settled_at).is_(None), sure)


def _choice(known: Replayed | None, one_in: int) -> Choice:
    levels = known.levels if known else ()
    return Choice(one_in, support.supported(levels, one_in), support.needed(levels, one_in))


def _sums(one: Any, other: Any) -> tuple[Any, Any]:
    """How many pairs there are, and a number that differs for any other set of pairs (but for one chance in 2⁶⁴)."""
    pair = func.hashtextextended(func.concat(cast(one, Text), " ", cast(other, Text)), 0)
    return func.count(), func.coalesce(func.bit_xor(pair), 0)

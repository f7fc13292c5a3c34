"""Which face templates may exist, why and until when; those that may not are deleted at once (docs/guides/biometrics.md).

A face nobody has named yet may have one for `days`, so that it can be put before a reviewer together with its like. A confirmed face
may have one while its person opted in, or the organisation has another basis that it has written down, and nobody switched this
person off. Any other face has none. Boxes, decisions and the need for review stay when a template goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, delete, exists, func, or_, select, true
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import Invalid
from photobank.kernel.ids import new_id
from photobank.messaging.events import PersonChanged, TemplatesDeleted, TemplatesWanted
from photobank.models.assets import Asset, AssetState
from photobank.models.consents import Consent
from photobank.models.people import Face, FaceState, FaceSuggestion, FaceTemplate, Person, Selfie, SelfieLikeness, SelfieVector
from photobank.models.recognition import Basis, BiometricRule, FaceModel, ModelState
from photobank.people import optins, persons, selfies, unsuggesting
from photobank.scope import Scope

OPEN = (FaceState.unknown, FaceState.suggested)
DAYS = 30
LEAST_REASON = 20
AGE = 16
BATCH = 500
LIKELY = 0.5


@dataclass(frozen=True, slots=True)
class Rule:
    """What the organisation decided. The default holds until somebody decides."""

    basis: Basis = Basis.opt_in
    reason: str = ""
    days: int = DAYS
    set_by: UUID | None = None
    set_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How many templates there are of one model for one reason, and when the first and last of them end by themselves."""

    model: str
    why: str
    templates: int
    people: int
    first_end: datetime | None
    last_end: datetime | None


@dataclass(frozen=True, slots=True)
class PersonTemplates:
    """What there is of one person. `why`: opt_in, documented, off, or none when no basis covers them."""

    allowed: bool
    why: str
    until: datetime | None
    templates: int
    switched_off_at: datetime | None


async def rule(scope: Scope) -> Rule:
    """The rule in force."""
    last = await scope.db.scalar(select(BiometricRule).order_by(col(BiometricRule.id).desc()).limit(1))
    return Rule(Basis(last.basis), last.reason, last.days, last.set_by, last.set_at) if last else Rule()


async def get_rule(scope: Scope) -> Rule:
    """The rule in force, for whoever watches over biometrics."""
    require(scope, Action.biometrics_view)
    return await rule(scope)


async def set_rule(scope: Scope, basis: Basis, reason: str, days: int) -> Rule:
    """Decide anew. What is not allowed any more is deleted in the same transaction; what is now allowed is made again by and by."""
    require(scope, Action.biometrics_manage)
    reason = reason.strip()
    if basis is Basis.documented and not LEAST_REASON <= len(reason) <= 2000:
        raise Invalid("reason", fields={"reason": "errors.biometric_reason"})
    if not 1 <= days <= 365:
        raise Invalid("days", fields={"days": "errors.number"})
    scope.db.add(
        BiometricRule(id=new_id(), basis=basis, reason=reason[:2000], days=days, set_by=scope.actor.user_id, set_at=scope.now())
    )
    await scope.db.flush()
    record(scope, Tag.biometrics_ruled, payload={"basis": str(basis), "days": days})
    await drop(scope, why="rule")
    await want(scope)
    scope.wake("biometrics")
    return await rule(scope)


async def names_anybody(scope: Scope) -> bool:
    """Whether anybody at all may be suggested by name: on a documented basis everybody, else who opted in and has been named."""
    require(scope, Action.face_review)
    if (await rule(scope)).basis is Basis.documented:
        return True
    named = select(col(Face.id)).join(FaceTemplate, col(FaceTemplate.face_id) == col(Face.id))
    if await scope.db.scalar(named.where(col(Face.state) == FaceState.confirmed).limit(1)) is not None:
        return True
    return await scope.db.scalar(select(col(Selfie.id)).limit(1)) is not None


async def switch(scope: Scope, person_id: UUID, *, on: bool) -> PersonTemplates:
    """Switch recognition off for one person, whatever the basis, or back to what the rule says."""
    require(scope, Action.person_edit, person_id=person_id)
    person = await persons.find(scope, person_id, hidden=True)
    if (person.biometrics_off_at is None) != on:
        person.biometrics_off_at = None if on else scope.now()
        record(scope, Tag.biometrics_switched, person_id=person_id, payload={"on": on})
        await scope.db.flush()
        await apply(scope, person_id, why="switched-off")
        scope.announce(PersonChanged(person_id=person_id))
    return await of_person(scope, person_id)


async def apply(scope: Scope, person_id: UUID, why: str = "consent") -> int:
    """After anything that may change what is allowed of a person. Gives how many templates went."""
    person = await scope.db.get(Person, person_id)
    if person is not None and person.is_minor and person.biometrics_off_at is None and _grown(scope, person):
        # A guardian's word ends on the birthday; the person can be asked anew, and be switched on again then.
        person.biometrics_off_at = scope.now()
        record(scope, Tag.biometrics_switched, person_id=person_id, payload={"on": False, "why": "of-age"})
        await scope.db.flush()
    gone = await drop(scope, col(Face.person_id) == person_id, person_id=person_id, why=why)
    await want(scope, col(Face.person_id) == person_id)
    return gone


async def drop(scope: Scope, which: ColumnElement[bool] | None = None, *, why: str, person_id: UUID | None = None) -> int:
    """Delete the templates that are not allowed, of all models, among the faces of `which`, and selfies. Gives of how many faces."""
    in_force = await rule(scope)
    faces = select(col(Face.id)).where(~allowed(in_force, scope.now()), true() if which is None else which)
    deleted = delete(FaceTemplate).where(col(FaceTemplate.face_id).in_(faces)).returning(col(FaceTemplate.face_id))
    gone = sorted(set((await scope.db.scalars(deleted)).all()))
    await selfies.drop(scope, person_id)
    if gone:
        record(scope, Tag.templates_deleted, person_id=person_id, payload={"faces": len(gone), "why": why})
        for start in range(0, len(gone), BATCH):
            scope.announce(TemplatesDeleted(face_ids=tuple(gone[start : start + BATCH])))
        await _forget_suggestions(scope, gone)
    return len(gone)


async def want(scope: Scope, which: ColumnElement[bool] | None = None, limit: int = BATCH) -> list[UUID]:
    """Ask for the templates that are allowed and lacking; gives the photos concerned, the newest first."""
    models = select(FaceModel).where(col(FaceModel.state) != ModelState.retired, col(FaceModel.tag) != "")
    found: set[UUID] = set()
    for model in (await scope.db.execute(models)).scalars():
        query = (
            select(col(Face.asset_id))
            .where(lacking(await rule(scope), scope.now(), model.tag), true() if which is None else which)
            .group_by(col(Face.asset_id))
            .order_by(col(Face.asset_id).desc())
            .limit(limit)
        )
        found |= set((await scope.db.scalars(query)).all())
    if found:
        scope.announce(TemplatesWanted(asset_ids=tuple(sorted(found, reverse=True))))
    return sorted(found, reverse=True)


async def purge_due(scope: Scope) -> int:
    """What time has ended: faces never named, opt-ins that expired, guardians' words. By the clock."""
    require(scope, Action.asset_purge)
    minors = (
        select(col(Person.id))
        .join(Face, col(Face.person_id) == col(Person.id))
        .join(FaceTemplate, col(FaceTemplate.face_id) == col(Face.id))
        .where(col(Person.is_minor), col(Person.biometrics_off_at).is_(None), col(Person.birth_date_ct).is_not(None))
    )
    gone = 0
    for person_id in (await scope.db.scalars(minors.distinct())).all():
        gone += await apply(scope, person_id, why="time")
    return gone + await drop(scope, why="time")


async def report(scope: Scope) -> list[Count]:
    """How many templates exist, of which model, why, and until when."""
    require(scope, Action.biometrics_view)
    in_force = await rule(scope)
    now = scope.now()
    opted = optins.of_faces(now)
    why = case((col(Face.state).in_(OPEN), "unsettled"), (exists(opted), "opt_in"), else_="documented")
    ends = opted.with_only_columns(func.max(func.coalesce(col(Consent.valid_until), optins.NEVER))).scalar_subquery()
    until = case((col(Face.state).in_(OPEN), _open_since() + timedelta(days=in_force.days)), (exists(opted), ends), else_=None)
    rows = (
        select(col(FaceTemplate.model), why.label("why"), until.label("until"), col(Face.person_id).label("person"))
        .join(Face, col(Face.id) == col(FaceTemplate.face_id))
        .subquery()
    )
    query = (
        select(
            rows.c.model,
            rows.c.why,
            func.count(),
            func.count(func.distinct(rows.c.person)),
            func.min(rows.c.until),
            func.max(rows.c.until),
        )
        .group_by(rows.c.model, rows.c.why)
        .order_by(rows.c.model, rows.c.why)
    )
    found = [*(await scope.db.execute(query)).all(), *(await scope.db.execute(selfies.counted(now))).all()]
    return [
        Count(model, reason, templates, people, optins.end_of(first), optins.end_of(last))
        for model, reason, templates, people, first, last in found
    ]


async def of_person(scope: Scope, person_id: UUID) -> PersonTemplates:
    """Whether templates of this person may exist, why and until when, and how many there are: on photos in sight, and of selfies."""
    require(scope, Action.person_contact, person_id=person_id)
    person = await persons.find(scope, person_id, hidden=True)
    opted = (
        optins.of(scope.now(), person_id)
        .with_only_columns(func.count(), func.max(func.coalesce(col(Consent.valid_until), optins.NEVER)))
        .order_by(None)
    )
    consents, until = (await scope.db.execute(opted)).one()
    count = await scope.db.scalar(
        select(func.count())
        .select_from(FaceTemplate)
        .join(Face, col(Face.id) == col(FaceTemplate.face_id))
        .join(Asset, col(Asset.id) == col(Face.asset_id))
        .where(col(Face.person_id) == person_id, await visibility.in_sight(scope))
    )
    why = "off" if person.biometrics_off_at else "opt_in" if consents else "none"
    if why == "none" and (await rule(scope)).basis is Basis.documented:
        why = "documented"
    ends = optins.end_of(until) if why == "opt_in" else None
    seen = select(func.count()).select_from(SelfieVector).join(Selfie, col(Selfie.id) == col(SelfieVector.selfie_id))
    own = await scope.db.scalar(seen.where(col(Selfie.person_id) == person_id))
    return PersonTemplates(why in ("opt_in", "documented"), why, ends, (count or 0) + (own or 0), person.biometrics_off_at)


def allowed(in_force: Rule, now: datetime) -> ColumnElement[bool]:
    """Condition on faces: a template of it may exist."""
    young = and_(col(Face.state).in_(OPEN), _open_since() > now - timedelta(days=in_force.days))
    covered = true() if in_force.basis is Basis.documented else exists(optins.of_faces(now))
    person = exists().where(col(Person.id) == col(Face.person_id), col(Person.biometrics_off_at).is_(None), covered)
    return and_(col(Face.box).is_not(None), or_(young, and_(col(Face.state) == FaceState.confirmed, person)))


def lacking(in_force: Rule, now: datetime, tag: str) -> ColumnElement[bool]:
    """Condition on faces: a template of this model may exist and does not."""
    usable = exists().where(
        col(Asset.id) == col(Face.asset_id),
        col(Asset.state).in_([AssetState.ready, AssetState.archived]),
        col(Asset.faces_done),
    )
    there = exists().where(col(FaceTemplate.face_id) == col(Face.id), col(FaceTemplate.model) == tag)
    return and_(allowed(in_force, now), usable, ~there)


def _open_since() -> ColumnElement[datetime]:
    return func.coalesce(col(Face.settled_at), col(Face.created_at))


def _grown(scope: Scope, person: Person) -> bool:
    if person.birth_date_ct is None:
        return False
    born = date.fromisoformat(scope.vault.fields.open_text("people", "birth_date_ct", person.id, person.birth_date_ct))
    today = scope.now().date()
    return (today.year - born.year - ((today.month, today.day) < (born.month, born.day))) >= AGE


async def _forget_suggestions(scope: Scope, gone: Sequence[UUID]) -> None:
    """Suggestions for faces that lost their template, and those that name people who have none left."""
    with_template = (
        select(col(Face.person_id))
        .join(FaceTemplate, col(FaceTemplate.face_id) == col(Face.id))
        .where(col(Face.state) == FaceState.confirmed, col(Face.by_itself).is_(None))
    )
    touched = select(col(Face.person_id)).where(col(Face.id).in_(gone), col(Face.person_id).is_not(None))
    alike = delete(SelfieLikeness).where(col(SelfieLikeness.person_id).in_(touched))
    await scope.db.execute(alike.where(col(SelfieLikeness.person_id).not_in(with_template)))
    nobody_left = and_(col(FaceSuggestion.person_id).in_(touched), col(FaceSuggestion.person_id).not_in(with_template))
    await unsuggesting.forget(scope, or_(col(FaceSuggestion.face_id).in_(gone), nobody_left))

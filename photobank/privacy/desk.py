"""The privacy desk: what people ask about their own data, from their page or through staff, until it is answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, tuple_
from sqlmodel import col

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.clearance import facts
from photobank.consents import days, portal
from photobank.kernel.errors import Conflict, Invalid, NotFound
from photobank.kernel.ids import new_id
from photobank.kernel.paging import Page, TimeCursor, clamp
from photobank.messaging.events import PrivacyAsked
from photobank.models.people import Person
from photobank.models.privacy import PrivacyKind, PrivacyRequest
from photobank.notices import mails
from photobank.notices.mails import Kind
from photobank.privacy import deadlines
from photobank.scope import Scope

LONGEST_ANSWER = 4000
LONGEST_AGO = timedelta(days=366)


class Outcome(StrEnum):
    """How a request was answered."""

    granted = "granted"
    refused = "refused"


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request. `own_page`: the person asked for it there, and reads the answer there."""

    id: UUID
    person_id: UUID
    person_name: str
    kind: PrivacyKind
    asked_at: datetime
    due_at: datetime
    late: bool
    own_page: bool
    outcome: Outcome | None
    answer: str
    closed_at: datetime | None


async def ask(scope: Scope, token: str, signer_id: UUID, kind: str) -> RequestRow:
    """The person asks, on their own page. Asking again while it waits changes nothing; a letter confirms it."""
    link = await portal.open_page(scope, token, signer_id, to_change=True)
    row, fresh = await _make(scope, link.person, kind, signer_id)
    if fresh and link.signer.email_ct is not None:
        mails.put_down(scope, Kind.privacy, signer_id)
    return _row(scope, row, link.person.name)


async def own(scope: Scope, token: str, signer_id: UUID) -> list[RequestRow]:
    """What was asked about this person, newest first, for their own page."""
    person = (await portal.open_page(scope, token, signer_id)).person
    family = await facts.family(scope, person.id)
    query = select(PrivacyRequest).where(col(PrivacyRequest.person_id).in_(family)).order_by(col(PrivacyRequest.asked_at).desc())
    return [_row(scope, row, person.name) for row in (await scope.db.scalars(query.limit(20))).all()]


async def enter(scope: Scope, person_id: UUID, kind: str, asked_at: datetime | None = None) -> RequestRow:
    """Staff enter what came by letter or by phone. `asked_at`: when it came, if not just now."""
    require(scope, Action.privacy_manage, person_id=person_id)
    person = await scope.db.get(Person, person_id, with_for_update={"key_share": True})
    if person is None or person.merged_into is not None:
        raise NotFound("no such person")
    if asked_at is not None and not (days.is_moment(asked_at) and scope.now() - LONGEST_AGO <= asked_at <= scope.now()):
        raise Invalid("asked_at", fields={"asked_at": "errors.came_in"})
    row, fresh = await _make(scope, person, kind, None, asked_at)
    if not fresh:
        raise Conflict("this was asked already, and waits for an answer")
    return _row(scope, row, person.name)


async def page(
    scope: Scope, *, waiting: bool = True, person_id: UUID | None = None, cursor: str | None = None, limit: int | None = None
) -> Page[RequestRow]:
    """Requests that wait, the most urgent first; or those that were answered, newest first. Of everybody, or of one person."""
    require(scope, Action.privacy_manage)
    size, after = clamp(limit), TimeCursor.decode(cursor) if cursor else None
    at, key = col(PrivacyRequest.due_at if waiting else PrivacyRequest.closed_at), col(PrivacyRequest.id)
    open_ones = col(PrivacyRequest.outcome).is_(None)
    query: Select[PrivacyRequest, str] = select(PrivacyRequest, col(Person.name)).join(
        Person, col(Person.id) == col(PrivacyRequest.person_id)
    )
    query = query.where(open_ones if waiting else ~open_ones)
    if person_id is not None:
        query = query.where(col(PrivacyRequest.person_id).in_(await facts.family(scope, person_id)))
    if after is not None:
        place = tuple_(after.at, after.id)
        query = query.where(tuple_(at, key) > place if waiting else tuple_(at, key) < place)
    query = query.order_by(*((at, key) if waiting else (at.desc(), key.desc()))).limit(size + 1)
    found: Sequence[Any] = (await scope.db.execute(query)).all()
    rows = [_row(scope, row, name) for row, name in found[:size]]
    if len(found) <= size:
        return Page(rows, None)
    last = rows[-1]
    return Page(rows, TimeCursor(last.due_at if waiting else last.closed_at or last.due_at, last.id).encode())


async def count_waiting(scope: Scope) -> int:
    """How many wait for an answer."""
    require(scope, Action.privacy_manage)
    query = select(func.count()).select_from(PrivacyRequest).where(col(PrivacyRequest.outcome).is_(None))
    return await scope.db.scalar(query) or 0


async def close(scope: Scope, request_id: UUID, outcome: str, answer: str = "") -> RequestRow:
    """Answer a request. A refusal needs its reason, which the person reads on their page (Art. 12(4))."""
    require(scope, Action.privacy_manage)
    row = await scope.db.get(PrivacyRequest, request_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("no such request")
    said = answer.strip()
    faults: dict[str, str] = {}
    if outcome not in Outcome.__members__:
        faults["outcome"] = "errors.outcome"
    elif outcome == Outcome.refused and not said:
        faults["answer"] = "errors.reason_needed"
    if len(said) > LONGEST_ANSWER or "\0" in said:
        faults["answer"] = "errors.too_long"
    if faults:
        raise Invalid("answer", fields=faults)
    if row.outcome is not None:
        raise Conflict("this request was answered already")
    row.outcome, row.closed_at, row.closed_by = Outcome(outcome), scope.now(), scope.actor.user_id
    if said:
        row.answer_ct = scope.vault.fields.seal_text("privacy_requests", "answer_ct", row.id, said)
    payload = {"request": str(row.id), "kind": row.kind, "outcome": outcome, "late": scope.now() >= row.due_at}
    record(scope, Tag.privacy_answered, person_id=row.person_id, payload=payload)
    scope.announce(PrivacyAsked(person_id=row.person_id))
    if row.signer_id is not None:
        mails.put_down(scope, Kind.privacy, row.signer_id)
    person = await scope.db.get_one(Person, row.person_id)
    return _row(scope, row, person.name)


async def _make(
    scope: Scope, person: Person, kind: str, signer_id: UUID | None, asked_at: datetime | None = None
) -> tuple[PrivacyRequest, bool]:
    """The request that waits, and whether it is new. The caller has locked the person."""
    if kind not in PrivacyKind.__members__:
        raise Invalid("kind", fields={"kind": "errors.privacy_kind"})
    family = await facts.family(scope, person.id)
    waiting = select(PrivacyRequest).where(col(PrivacyRequest.person_id).in_(family), col(PrivacyRequest.kind) == kind)
    if (there := await scope.db.scalar(waiting.where(col(PrivacyRequest.outcome).is_(None)).limit(1))) is not None:
        return there, False
    asked = asked_at or scope.now()
    row = PrivacyRequest(
        id=new_id(),
        person_id=person.id,
        signer_id=signer_id,
        kind=PrivacyKind(kind),
        asked_at=asked,
        due_at=deadlines.due(asked),
        entered_by=scope.actor.user_id,
    )
    scope.db.add(row)
    await scope.db.flush()
    payload = {
        "request": str(row.id),
        "kind": kind,
        "due": row.due_at.isoformat(),
        "by": "staff" if signer_id is None else "signer",
    }
    record(scope, Tag.privacy_asked, person_id=person.id, payload=payload)
    scope.announce(PrivacyAsked(person_id=person.id))
    return row, True


def _row(scope: Scope, row: PrivacyRequest, name: str) -> RequestRow:
    answer = scope.vault.fields.open_text("privacy_requests", "answer_ct", row.id, row.answer_ct) if row.answer_ct else ""
    return RequestRow(
        id=row.id,
        person_id=row.person_id,
        person_name=name,
        kind=PrivacyKind(row.kind),
        asked_at=row.asked_at,
        due_at=row.due_at,
        late=(row.closed_at or scope.now()) >= row.due_at,
        own_page=row.signer_id is not None,
        outcome=Outcome(row.outcome) if row.outcome else None,
        answer=answer,
        closed_at=row.closed_at,
    )

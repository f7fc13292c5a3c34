"""Requests to sign as staff see them: who was asked for what, by which way, and how far it got. Asking itself is in asking.py."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, tuple_
from sqlmodel import col

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.consents import records
from photobank.consents.progress import Progress, Way, progress_of
from photobank.kernel.errors import NotFound
from photobank.kernel.paging import Page, TimeCursor, clamp
from photobank.messaging.events import RequestMoved
from photobank.models.consents import Regime
from photobank.models.people import Person
from photobank.models.requests import ConsentRequest, ConsentSigner, ConsentTemplate, TemplateVersion
from photobank.scope import Scope


@dataclass(frozen=True, slots=True)
class SignerRow:
    """One who has to sign. The address is for those who deal with people."""

    id: UUID
    role: str
    name: str
    email: str
    sent_at: datetime | None
    opened_at: datetime | None
    bounced_at: datetime | None
    signed_at: datetime | None
    declined_at: datetime | None


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request as its viewer sees it."""

    id: UUID
    person_id: UUID
    person_name: str
    template_id: UUID
    template_nl: str
    template_en: str
    version: int
    regime: Regime
    uses: tuple[str, ...]
    way: Way
    language: str
    progress: Progress
    signers: tuple[SignerRow, ...]
    created_at: datetime
    expires_at: datetime
    finished_at: datetime | None
    consent_id: UUID | None
    renews: UUID | None
    reminders: int


async def find(scope: Scope, request_id: UUID, *, to_change: bool = False) -> ConsentRequest:
    """The request itself, of somebody in sight; raises NotFound."""
    require(scope, Action.consent_view)
    query = select(ConsentRequest).where(col(ConsentRequest.id) == request_id, await _in_sight(scope))
    if to_change:
        query = query.with_for_update(of=ConsentRequest).execution_options(populate_existing=True)
    found: ConsentRequest | None = await scope.db.scalar(query)
    if found is None:
        raise NotFound("no such request")
    return found


async def get(scope: Scope, request_id: UUID) -> RequestRow:
    """One request."""
    return (await _rows(scope, [await find(scope, request_id)]))[0]


async def page(
    scope: Scope,
    *,
    person_id: UUID | None = None,
    waiting: bool | None = None,
    outcome: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[RequestRow]:
    """Requests to people in sight, newest first: all, those that wait (or not), or those that ended in one way."""
    require(scope, Action.consent_view)
    size = clamp(limit)
    query: Select[Any] = select(ConsentRequest).where(await _in_sight(scope))
    if person_id is not None:
        query = query.where(col(ConsentRequest.person_id) == person_id)
    if waiting is not None:
        query = query.where(col(ConsentRequest.outcome).is_(None) if waiting else col(ConsentRequest.outcome).is_not(None))
    if outcome is not None:
        query = query.where(col(ConsentRequest.outcome) == outcome)
    if cursor:
        after = TimeCursor.decode(cursor)
        query = query.where(tuple_(col(ConsentRequest.created_at), col(ConsentRequest.id)) < tuple_(after.at, after.id))
    query = query.order_by(col(ConsentRequest.created_at).desc(), col(ConsentRequest.id).desc()).limit(size + 1)
    found = list((await scope.db.execute(query)).scalars())
    more = len(found) > size
    found = found[:size]
    return Page(await _rows(scope, found), TimeCursor(found[-1].created_at, found[-1].id).encode() if more else None)


async def count(scope: Scope) -> dict[str, int]:
    """How many requests in sight wait, and how many ended in which way."""
    require(scope, Action.consent_view)
    query = select(col(ConsentRequest.outcome), func.count()).where(await _in_sight(scope)).group_by(col(ConsentRequest.outcome))
    return {outcome or "waiting": number for outcome, number in await scope.db.execute(query)}


async def signers_of(scope: Scope, request_ids: Sequence[UUID]) -> dict[UUID, list[ConsentSigner]]:
    """Who has to sign, per request, in order. The caller has found the requests."""
    query = select(ConsentSigner).where(col(ConsentSigner.request_id).in_(request_ids)).order_by(col(ConsentSigner.position))
    found: dict[UUID, list[ConsentSigner]] = defaultdict(list)
    for signer in (await scope.db.execute(query)).scalars():
        found[signer.request_id].append(signer)
    return found


def name_of(scope: Scope, signer: ConsentSigner) -> str:
    """The signer's name, opened."""
    return scope.vault.fields.open_text("consent_signers", "name_ct", signer.id, signer.name_ct)


def email_of(scope: Scope, signer: ConsentSigner) -> str:
    """The signer's address, opened; empty for none."""
    if signer.email_ct is None:
        return ""
    return scope.vault.fields.open_text("consent_signers", "email_ct", signer.id, signer.email_ct)


def moved(scope: Scope, request: ConsentRequest) -> None:
    """Tell that a request got further."""
    scope.announce(RequestMoved(request_id=request.id, person_id=request.person_id))


async def _in_sight(scope: Scope) -> Any:
    return col(ConsentRequest.person_id).in_(await records.people_in_sight(scope))


async def _rows(scope: Scope, found: Sequence[ConsentRequest]) -> list[RequestRow]:
    if not found:
        return []
    signers = await signers_of(scope, [one.id for one in found])
    people = select(col(Person.id), col(Person.name)).where(col(Person.id).in_({one.person_id for one in found}))
    names = dict((await scope.db.execute(people)).all())
    joined = (
        select(TemplateVersion, ConsentTemplate)
        .join(ConsentTemplate, col(ConsentTemplate.id) == col(TemplateVersion.template_id))
        .where(col(TemplateVersion.id).in_({one.version_id for one in found}))
    )
    forms = {version.id: (version, template) for version, template in await scope.db.execute(joined)}
    return [_row(scope, one, signers[one.id], names[one.person_id], *forms[one.version_id]) for one in found]


def _row(
    scope: Scope,
    request: ConsentRequest,
    signers: Sequence[ConsentSigner],
    person_name: str,
    version: TemplateVersion,
    template: ConsentTemplate,
) -> RequestRow:
    contact = records.sees_contact(scope)
    return RequestRow(
        id=request.id,
        person_id=request.person_id,
        person_name=person_name,
        template_id=template.id,
        template_nl=version.content["nl"]["name"],
        template_en=version.content["en"]["name"],
        version=version.number,
        regime=Regime(template.regime),
        uses=tuple(version.content["uses"]),
        way=Way(request.way),
        language=request.language,
        progress=progress_of(request, signers, scope.now()),
        signers=tuple(
            SignerRow(
                id=one.id,
                role=one.role,
                name=name_of(scope, one) if contact else "",
                email=email_of(scope, one) if contact else "",
                sent_at=one.sent_at,
                opened_at=one.opened_at,
                bounced_at=one.bounced_at,
                signed_at=one.signed_at,
                declined_at=one.declined_at,
            )
            for one in signers
        ),
        created_at=request.created_at,
        expires_at=request.expires_at,
        finished_at=request.finished_at,
        consent_id=request.consent_id,
        renews=request.renews,
        reminders=request.reminders,
    )

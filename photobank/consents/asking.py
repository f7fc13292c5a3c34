"""Asking somebody to sign: by mail, by a code to scan, on a tablet. One link each, that ends and can be sent again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.consents import days, links, recording, records, requests, templates
from photobank.consents.progress import Progress, Way
from photobank.consents.records import Extent
from photobank.consents.requests import RequestRow
from photobank.i18n.translate import is_language
from photobank.kernel.addresses import is_address
from photobank.kernel.birthdays import birthday
from photobank.kernel.errors import Conflict, Invalid, NotFound
from photobank.kernel.ids import new_id
from photobank.models.accounts import Organisation
from photobank.models.people import Person
from photobank.models.requests import ConsentRequest, ConsentSigner, ConsentTemplate, TemplateVersion
from photobank.notices import mails
from photobank.notices.mails import Kind
from photobank.scope import Scope

AGE_OF_CONSENT = 16
MOST_AT_ONCE = 500
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Guardian:
    """Somebody with parental authority, who signs for a minor."""

    name: str
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """Whom to ask for what. Without `language` in that of the organisation; minors are asked through their guardians."""

    person_id: UUID
    template_id: UUID
    way: str = Way.email
    language: str = ""
    extent: str = Extent.all
    extent_ids: tuple[UUID, ...] = ()
    territories: tuple[str, ...] = ()
    guardians: tuple[Guardian, ...] = ()
    renews: UUID | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of asking many: requests made, and who was left out and why."""

    made: tuple[UUID, ...]
    without_address: tuple[UUID, ...]
    minors: tuple[UUID, ...]
    waiting: tuple[UUID, ...]


async def ask(scope: Scope, new: NewRequest) -> RequestRow:
    """Ask somebody. An open request for the same form is replaced by this one, and its link ends."""
    require(scope, Action.consent_request, person_id=new.person_id)
    require(scope, Action.person_contact, person_id=new.person_id)
    person = await records.require_person(scope, new.person_id, to_change=True)
    template, version = await templates.current(scope, new.template_id)
    signers = _signers(scope, person, new)
    _check(scope, new, template, signers)
    await recording.require_targets(scope, new.extent, new.extent_ids)
    if new.renews is not None and (await records.find(scope, new.renews)).person_id != person.id:
        raise NotFound("no such consent")
    for older in await _open_ones(scope, [person.id], template.id):
        await _cancel(scope, older)
    request = await _make(scope, person, version, new, signers)
    return await requests.get(scope, request.id)


async def ask_many(scope: Scope, person_ids: Collection[UUID], template_id: UUID, language: str = "") -> Asked:
    """Ask all of them by mail who have an address and were not asked for this form yet. Minors need their guardians' addresses."""
    require(scope, Action.consent_request)
    require(scope, Action.person_contact)
    if len(person_ids) > MOST_AT_ONCE:
        raise Invalid("too many at once", fields={"person_ids": "errors.too_many"})
    template, version = await templates.current(scope, template_id)
    people = await records.require_people(scope, set(person_ids))
    waiting = {request.person_id for request in await _open_ones(scope, [one.id for one in people], template.id)}
    made: list[UUID] = []
    left: dict[str, list[UUID]] = defaultdict(list)
    for person in people:
        if person.id in waiting:
            left["waiting"].append(person.id)
        elif is_minor(scope, person):
            left["minors"].append(person.id)
        elif not address_of(scope, person):
            left["without"].append(person.id)
        else:
            new = NewRequest(person_id=person.id, template_id=template_id, language=language)
            signers = _signers(scope, person, new)
            _check(scope, new, template, signers)
            made.append((await _make(scope, person, version, new, signers)).id)
    return Asked(tuple(made), tuple(left["without"]), tuple(left["minors"]), tuple(left["waiting"]))


async def waiting_for(scope: Scope, person_ids: Sequence[UUID], template_id: UUID) -> set[UUID]:
    """Those of them who were asked for this form and have not answered yet."""
    require(scope, Action.consent_request)
    return {request.person_id for request in await _open_ones(scope, person_ids, template_id)}


async def send_again(scope: Scope, request_id: UUID) -> RequestRow:
    """A fresh link to everybody who has not signed, with a fresh end. The earlier links work no more."""
    request = await requests.find(scope, request_id, to_change=True)
    require(scope, Action.consent_request, person_id=request.person_id)
    if request.outcome is not None:
        raise Conflict("this request is over")
    signers = (await requests.signers_of(scope, [request.id]))[request.id]
    request.expires_at = end_of_link(scope)
    for signer in signers:
        if signer.signed_at is None:
            signer.link_number += 1
            signer.token_hash = links.kept(scope.vault, signer.id, signer.link_number)
            signer.sent_at = signer.bounced_at = None
            if request.way == Way.email:
                mails.put_down(scope, Kind.request, signer.id)
    requests.moved(scope, request)
    record(scope, Tag.consent_request_sent_again, person_id=request.person_id, payload={"request": str(request.id)})
    await scope.db.flush()
    return await requests.get(scope, request.id)


async def cancel(scope: Scope, request_id: UUID) -> RequestRow:
    """Take a request back. Its link leads nowhere from now on; doing it twice changes nothing more."""
    request = await requests.find(scope, request_id, to_change=True)
    require(scope, Action.consent_request, person_id=request.person_id)
    if request.outcome is None:
        await _cancel(scope, request)
    return await requests.get(scope, request.id)


async def guardians_of(scope: Scope, person_id: UUID) -> int:
    """How many guardians have to sign for somebody in sight; 0 for who decides alone."""
    person = await records.require_person(scope, person_id)
    return max(1, person.guardians_needed) if is_minor(scope, person) else 0


async def link_of(scope: Scope, signer_id: UUID) -> str:
    """The link itself, to be shown as a code or opened on a tablet. That it was shown is recorded."""
    require(scope, Action.consent_request)
    signer = await scope.db.get(ConsentSigner, signer_id)
    if signer is None:
        raise NotFound("no such request")  # the same words as for one out of sight
    request = await requests.find(scope, signer.request_id)
    if request.outcome is not None or signer.signed_at is not None or request.expires_at <= scope.now():
        raise Conflict("this link works no more")
    record(scope, Tag.consent_link_shown, person_id=request.person_id, payload={"request": str(request.id)})
    return links.address(scope.settings.origin, scope.vault, signer.id, signer.link_number)


def grown_at(scope: Scope, person: Person) -> datetime | None:
    """When somebody who is a minor now comes of age; None for everybody else. Raises Invalid when that cannot be told."""
    of_age = comes_of_age(scope, person)
    if of_age is None and person.is_minor:
        raise Invalid("birth date", fields={"person_id": "errors.birth_date_needed"})
    return of_age if of_age is not None and scope.now() < of_age else None


def comes_of_age(scope: Scope, person: Person) -> datetime | None:
    """From when somebody decides alone, or has; None where the date of birth is not known."""
    if person.birth_date_ct is None:
        return None
    born = date.fromisoformat(scope.vault.fields.open_text("people", "birth_date_ct", person.id, person.birth_date_ct))
    return birthday(born, AGE_OF_CONSENT, str(days.ZONE))


def end_of_link(scope: Scope) -> datetime:
    """Until when a link that goes out now works."""
    return scope.now() + timedelta(days=scope.settings.request_days)


def address_of(scope: Scope, person: Person) -> str:
    """Where mail to this person goes, opened; empty for nowhere."""
    return scope.vault.fields.open_text("people", "email_ct", person.id, person.email_ct) if person.email_ct else ""


def is_minor(scope: Scope, person: Person) -> bool:
    """Whether guardians decide for this person, as far as is known."""
    return person.is_minor if person.birth_date_ct is None else grown_at(scope, person) is not None


def _signers(scope: Scope, person: Person, new: NewRequest) -> list[Guardian]:
    """Who has to sign, the person or the guardians."""
    if grown_at(scope, person) is None:
        if new.guardians:
            raise Invalid("guardians", fields={"guardians": "errors.guardians_of_age"})
        return [Guardian(person.name, address_of(scope, person))]
    if len(new.guardians) != max(1, person.guardians_needed):
        raise Invalid("guardians", fields={"guardians": "errors.guardians_missing"}, count=person.guardians_needed)
    return [Guardian(" ".join(one.name.split()), one.email.strip()) for one in new.guardians]


def _check(scope: Scope, new: NewRequest, template: ConsentTemplate, signers: Sequence[Guardian]) -> None:
    faults: dict[str, str] = {}
    if new.way not in Way.__members__:
        faults["way"] = "errors.request_way"
    if new.language and not is_language(new.language):
        faults["language"] = "errors.language"
    faults |= recording.extent_faults(new.extent, new.extent_ids)
    if not all(recording.TERRITORY.fullmatch(code) for code in new.territories):
        faults["territories"] = "errors.territory"
    if any(not one.name or len(one.name) > LONGEST_NAME or "\0" in one.name for one in signers):
        faults["guardians"] = "errors.name"
    if any(one.email and not is_address(one.email) for one in signers):
        faults["guardians" if new.guardians else "person_id"] = "errors.email"
    if new.way == Way.email:
        if not scope.container.mailer.ready:
            faults["way"] = "errors.no_mail_server"
        elif any(not one.email for one in signers):
            faults["guardians" if new.guardians else "person_id"] = "errors.no_address"
    if faults:
        raise Invalid("request", fields=faults)


async def _make(
    scope: Scope, person: Person, version: TemplateVersion, new: NewRequest, signers: Sequence[Guardian]
) -> ConsentRequest:
    house = await scope.db.get(Organisation, 1)
    request = ConsentRequest(
        id=new_id(),
        person_id=person.id,
        version_id=version.id,
        way=Way(new.way),
        language=new.language or (house.language if house else "nl"),
        scope=Extent(new.extent),
        targets=sorted(str(id_) for id_ in set(new.extent_ids)),
        territories=",".join(sorted(set(new.territories))),
        renews=new.renews,
        created_by=scope.actor.user_id,
        created_at=scope.now(),
        expires_at=end_of_link(scope),
    )
    scope.db.add(request)
    await scope.db.flush()
    minor = bool(new.guardians)
    for position, one in enumerate(signers, 1):
        id_ = new_id()
        sealed = scope.vault.fields.seal_text
        signer = ConsentSigner(
            id=id_,
            request_id=request.id,
            position=position,
            role="guardian" if minor else "subject",
            name_ct=sealed("consent_signers", "name_ct", id_, one.name),
            email_ct=sealed("consent_signers", "email_ct", id_, one.email) if one.email else None,
            token_hash=links.kept(scope.vault, id_, 1),
        )
        scope.db.add(signer)
        await scope.db.flush()
        if request.way == Way.email:
            mails.put_down(scope, Kind.renewal if new.renews else Kind.request, id_)
    payload = {"request": str(request.id), "way": request.way, "version": str(version.id), "signers": len(signers)}
    record(scope, Tag.consent_requested, person_id=person.id, consent_id=new.renews, payload=payload)
    requests.moved(scope, request)
    await scope.db.flush()
    return request


async def _cancel(scope: Scope, request: ConsentRequest) -> None:
    request.outcome, request.finished_at = Progress.cancelled, scope.now()
    record(scope, Tag.consent_request_cancelled, person_id=request.person_id, payload={"request": str(request.id)})
    requests.moved(scope, request)
    await scope.db.flush()


async def _open_ones(scope: Scope, person_ids: Sequence[UUID], template_id: UUID) -> list[ConsentRequest]:
    """Requests for a form that still wait, and have not ended by time."""
    query = (
        select(ConsentRequest)
        .join(TemplateVersion, col(TemplateVersion.id) == col(ConsentRequest.version_id))
        .where(col(ConsentRequest.person_id).in_(person_ids), col(ConsentRequest.outcome).is_(None))
        .where(col(TemplateVersion.template_id) == template_id, col(ConsentRequest.expires_at) > scope.now())
        .with_for_update(of=ConsentRequest)
    )
    return list((await scope.db.execute(query)).scalars())

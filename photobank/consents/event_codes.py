"""A code that hangs at an event: whoever scans it gives a name and an address, and gets a form of their own for that event's photos.

The code opens nothing but that question. Who was here before is not looked up for a stranger: they stand in the list as somebody new,
and staff put two entries of one person together (people/merging.py). Whoever never signs is forgotten when their link has lapsed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from photobank.access import limits, visibility
from photobank.access.actor import ActorKind
from photobank.access.authorise import require
from photobank.access.permissions import Action, Permission
from photobank.accounts.sessions import hash_token
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.consents import days, links, requests, templates
from photobank.consents.progress import Progress, Way
from photobank.consents.records import Extent
from photobank.i18n.translate import Language
from photobank.kernel.addresses import is_address
from photobank.kernel.errors import Gone, Invalid, NotFound, Refused
from photobank.kernel.ids import new_id
from photobank.messaging.events import PersonChanged
from photobank.models.consents import Consent
from photobank.models.folders import Folder
from photobank.models.people import Face, Person
from photobank.models.privacy import PrivacyRequest
from photobank.models.requests import ConsentRequest, ConsentSigner, EventCode, Mail
from photobank.scope import Scope
from photobank.vault import Vault

PAGE: Final = "/e/"
LONGEST_TITLE, LONGEST_NAME = 120, 200
LONGEST_OPEN: Final = timedelta(days=92)
TO_SIGN: Final = timedelta(days=2)
"""For how long somebody who scanned the code can still sign; afterwards nothing is kept of them."""
MOST: Final = 100


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A code, and how many who scanned it were asked and signed."""

    id: UUID
    title: str
    template_id: UUID
    folder_id: UUID
    folder: str
    ends_at: datetime
    open: bool
    asked: int
    signed: int


async def make(scope: Scope, template_id: UUID, folder_id: UUID, title: str, last_day: date) -> CodeRow:
    """A code for an event whose photos are, or will be, in this folder. It works up to the end of its last day."""
    require(scope, Action.consent_request)
    require(scope, Action.person_contact)
    if folder_id not in await visibility.folder_ids(scope, Permission.edit):
        raise Invalid("folder", fields={"folder_id": "errors.folder"})
    template, _ = await templates.current(scope, template_id)
    name, ends_at, faults = " ".join(title.split()), days.end_of(last_day), {}
    if not 1 <= len(name) <= LONGEST_TITLE or "\0" in name:
        faults["title"] = "errors.name"
    if not scope.now() < ends_at <= scope.now() + LONGEST_OPEN:
        faults["last_day"] = "errors.event_day"
    if not scope.container.mailer.ready:
        faults["template_id"] = "errors.no_mail_server"
    if faults:
        raise Invalid("event code", fields=faults)
    id_ = new_id()
    scope.db.add(
        EventCode(
            id=id_,
            template_id=template.id,
            folder_id=folder_id,
            title=name,
            token_hash=hash_token(token(scope.vault, id_)),
            created_by=scope.actor.user_id,
            created_at=scope.now(),
            ends_at=ends_at,
        )
    )
    await scope.db.flush()
    record(scope, Tag.event_code_made, folder_id=folder_id, payload={"code": str(id_), "until": ends_at.isoformat()})
    return await get(scope, id_)


async def listed(scope: Scope) -> list[CodeRow]:
    """Codes for folders where one may ask, those that still work first, then the latest."""
    require(scope, Action.consent_request)
    here = col(EventCode.folder_id).in_(await visibility.folder_ids(scope, Permission.edit))
    query = select(EventCode).where(here).order_by(col(EventCode.ends_at).desc(), col(EventCode.id).desc()).limit(MOST)
    rows = await _rows(scope, list((await scope.db.scalars(query)).all()))
    return sorted(rows, key=lambda row: not row.open)


async def get(scope: Scope, code_id: UUID) -> CodeRow:
    """One code."""
    return (await _rows(scope, [await _find(scope, code_id)]))[0]


async def address_of(scope: Scope, code_id: UUID) -> str:
    """What the code says, to be shown and printed."""
    code = await _find(scope, code_id)
    if not _open(scope, code):
        raise Gone("this code works no more")
    return f"{scope.settings.origin}{PAGE}{token(scope.vault, code.id)}/"


async def close(scope: Scope, code_id: UUID) -> CodeRow:
    """Nobody is asked through it any more; who was asked may still sign. Twice is the same as once."""
    code = await _find(scope, code_id)
    if code.closed_at is None:
        code.closed_at = scope.now()
        record(scope, Tag.event_code_closed, folder_id=code.folder_id, payload={"code": str(code.id)})
    return (await _rows(scope, [code]))[0]


async def look(scope: Scope, given: str) -> EventCode:
    """What somebody scanned; NotFound for what is no code, Gone for one that is over."""
    code: EventCode | None = await scope.db.scalar(select(EventCode).where(col(EventCode.token_hash) == hash_token(given)))
    if code is None:
        await scope.container.rates.hit(limits.LINK_ADDRESS, limits.network_of(scope.actor.address))
        raise NotFound("no such code")
    if not _open(scope, code):
        raise Gone("this code works no more")
    return code


async def join(scope: Scope, given: str, name: str, email: str, language: Language, *, of_age: bool) -> str:
    """Somebody at the event wants to be asked: they are entered, and get a form of their own. Gives the token of its link."""
    if scope.actor.kind is not ActorKind.subject:
        raise Refused("for the people at the event", action=Tag.event_code_used)
    code = await look(scope, given)
    called, address, faults = " ".join(name.split()), email.strip(), {}
    if not 1 <= len(called) <= LONGEST_NAME or "\0" in called:
        faults["name"] = "errors.name"
    if not is_address(address):
        faults["email"] = "errors.email"
    if not of_age:
        faults["of_age"] = "errors.of_age"
    if faults:
        raise Invalid("who", fields=faults)
    await scope.container.rates.hit(limits.EVENT_CODE, str(code.id))
    await scope.container.rates.hit(limits.EVENT_GUEST, str(code.id), limits.network_of(scope.actor.address))
    await scope.container.rates.hit(limits.EVENT_ADDRESS, address.casefold())  # nobody's mailbox is filled with codes by others
    person = await _enter(scope, called, address, code)
    _, version = await templates.current(scope, code.template_id)
    request = ConsentRequest(
        id=new_id(),
        person_id=person.id,
        version_id=version.id,
        way=Way.link,
        language=language,
        scope=Extent.folder,
        targets=[str(code.folder_id)],
        event_code_id=code.id,
        created_by=code.created_by,
        created_at=scope.now(),
        expires_at=scope.now() + TO_SIGN,
    )
    scope.db.add(request)
    await scope.db.flush()
    id_, sealed = new_id(), scope.vault.fields.seal_text
    scope.db.add(
        ConsentSigner(
            id=id_,
            request_id=request.id,
            name_ct=sealed("consent_signers", "name_ct", id_, called),
            email_ct=sealed("consent_signers", "email_ct", id_, address),
            token_hash=links.kept(scope.vault, id_, 1),
            sent_at=scope.now(),
        )
    )
    payload = {"request": str(request.id), "way": "event", "version": str(version.id), "signers": 1, "code": str(code.id)}
    record(scope, Tag.consent_requested, person_id=person.id, payload=payload)
    requests.moved(scope, request)
    return links.token(scope.vault, id_, 1)


async def forget_unsigned(scope: Scope, limit: int = 200) -> int:
    """Delete whoever scanned a code and did not sign in time, or said no: nobody else entered anything about them. By the clock."""
    require(scope, Action.asset_purge)
    kept = exists().where(col(Consent.person_id) == col(ConsentRequest.person_id))
    seen = exists().where(col(Face.person_id) == col(ConsentRequest.person_id))
    other = aliased(ConsentRequest)
    others = select(col(other.id)).where(col(other.person_id) == col(Person.id), col(other.event_code_id).is_(None))
    asked = select(col(PrivacyRequest.id)).where(col(PrivacyRequest.person_id) == col(Person.id))
    over = col(ConsentRequest.expires_at) <= scope.now()
    query = (
        select(col(ConsentRequest.id), col(ConsentRequest.person_id))
        .join(Person, col(Person.id) == col(ConsentRequest.person_id))
        .where(col(ConsentRequest.event_code_id).is_not(None), col(ConsentRequest.consent_id).is_(None), over, ~kept, ~seen)
        .where(
            ~others.exists(), ~asked.exists(), col(Person.merged_into).is_(None), col(Person.changed_at) == col(Person.created_at)
        )
        .limit(limit)
        .with_for_update(of=ConsentRequest, skip_locked=True)
    )
    found = (await scope.db.execute(query)).all()
    if not found:
        return 0
    gone, people = [row[0] for row in found], {row[1] for row in found}
    signers = select(col(ConsentSigner.id)).where(col(ConsentSigner.request_id).in_(gone))
    await scope.db.execute(delete(Mail).where(col(Mail.signer_id).in_(signers)))
    await scope.db.execute(delete(ConsentSigner).where(col(ConsentSigner.request_id).in_(gone)))
    await scope.db.execute(delete(ConsentRequest).where(col(ConsentRequest.id).in_(gone)))
    still = select(col(ConsentRequest.id)).where(col(ConsentRequest.person_id) == col(Person.id))
    await scope.db.execute(delete(Person).where(col(Person.id).in_(people), ~still.exists()))
    record(scope, Tag.event_guests_forgotten, payload={"people": len(people)})
    for person_id in sorted(people):
        scope.announce(PersonChanged(person_id=person_id))
    return len(people)


def token(vault: Vault, code_id: UUID) -> str:
    """What the code says: like a signer's link it follows from the system key, and is kept nowhere."""
    mac = hmac.digest(vault.secret("event codes"), str(code_id).encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(mac[: links.TOKEN_BYTES]).decode()


def _open(scope: Scope, code: EventCode) -> bool:
    return code.closed_at is None and scope.now() < code.ends_at


async def _find(scope: Scope, code_id: UUID) -> EventCode:
    require(scope, Action.consent_request)
    found = await scope.db.get(EventCode, code_id)
    if found is None or found.folder_id not in await visibility.folder_ids(scope, Permission.edit):
        raise NotFound("no such code")
    return found


async def _enter(scope: Scope, name: str, email: str, code: EventCode) -> Person:
    id_, now = new_id(), scope.now()
    person = Person(
        id=id_,
        name=name,
        email_ct=scope.vault.fields.seal_text("people", "email_ct", id_, email),
        email_index=scope.vault.blind.email("people.email", email),
        created_by=code.created_by,
        created_at=now,
        changed_at=now,
    )
    scope.db.add(person)
    await scope.db.flush()
    record(scope, Tag.event_code_used, person_id=id_, folder_id=code.folder_id, payload={"code": str(code.id)})
    scope.announce(PersonChanged(person_id=id_))
    return person


async def _rows(scope: Scope, codes: Sequence[EventCode]) -> list[CodeRow]:
    if not codes:
        return []
    ids = [code.id for code in codes]
    signed = func.count().filter(col(ConsentRequest.outcome) == Progress.signed)
    counting = select(col(ConsentRequest.event_code_id), func.count(), signed).where(col(ConsentRequest.event_code_id).in_(ids))
    counts = {
        id_: (asked, done) for id_, asked, done in await scope.db.execute(counting.group_by(col(ConsentRequest.event_code_id)))
    }
    named = select(col(Folder.id), col(Folder.name)).where(col(Folder.id).in_({code.folder_id for code in codes}))
    names = dict((await scope.db.execute(named)).all())
    return [
        CodeRow(
            id=code.id,
            title=code.title,
            template_id=code.template_id,
            folder_id=code.folder_id,
            folder=names.get(code.folder_id, ""),
            ends_at=code.ends_at,
            open=_open(scope, code),
            asked=counts.get(code.id, (0, 0))[0],
            signed=counts.get(code.id, (0, 0))[1],
        )
        for code in codes
    ]

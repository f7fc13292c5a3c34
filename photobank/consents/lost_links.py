"""A fresh link to one's own page, for who lost the mail or has another address now. The earlier links end."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.consents import asking, links, records, requests
from photobank.consents.progress import Progress
from photobank.kernel.addresses import is_address
from photobank.kernel.errors import Invalid
from photobank.models.people import Person
from photobank.models.requests import ConsentRequest
from photobank.notices import mails
from photobank.notices.mails import Kind
from photobank.scope import Scope


async def send(scope: Scope, person_id: UUID) -> int:
    """Mail it to the address that the person has now, or to the guardians who signed last; gives to how many it goes.

    It belongs to the newest request that was signed, or else was answered with no: who was never asked has no page.
    """
    require(scope, Action.consent_request, person_id=person_id)
    require(scope, Action.person_contact, person_id=person_id)
    person = await records.require_person(scope, person_id, to_change=True)
    if not scope.container.mailer.ready:
        raise Invalid("no mail server", fields={"way": "errors.no_mail_server"})
    merged = select(col(Person.id)).where(col(Person.merged_into) == person.id)
    theirs = (col(ConsentRequest.person_id) == person.id) | col(ConsentRequest.person_id).in_(merged)
    query = (
        select(ConsentRequest)
        .where(theirs, col(ConsentRequest.outcome).in_((Progress.signed, Progress.declined)))
        .order_by((col(ConsentRequest.outcome) == Progress.signed).desc(), col(ConsentRequest.finished_at).desc())
        .limit(1)
        .with_for_update(of=ConsentRequest)
    )
    request = await scope.db.scalar(query)
    if request is None:
        raise Invalid("never asked", fields={"person_id": "errors.no_own_page"})
    young = asking.grown_at(scope, person) is not None
    sent = 0
    for signer in (await requests.signers_of(scope, [request.id]))[request.id]:
        if (signer.role == "guardian") != young:
            continue
        address = requests.email_of(scope, signer) if young else asking.address_of(scope, person)
        if not is_address(address):
            continue
        signer.email_ct = scope.vault.fields.seal_text("consent_signers", "email_ct", signer.id, address)
        signer.link_number += 1
        signer.token_hash = links.kept(scope.vault, signer.id, signer.link_number)
        mails.put_down(scope, Kind.own_page, signer.id)
        sent += 1
    if not sent:
        raise Invalid("no address", fields={"person_id": "errors.no_address"})
    record(scope, Tag.own_page_sent, person_id=person.id, payload={"request": str(request.id), "to": sent})
    return sent

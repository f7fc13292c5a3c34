"""Letters that did not arrive: why, and the way on once somebody knows the right address."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.consents import asking, requests
from photobank.consents.requests import RequestRow
from photobank.kernel.addresses import is_address
from photobank.kernel.errors import Conflict, Invalid, NotFound
from photobank.models.people import Person
from photobank.models.requests import ConsentSigner, Mail
from photobank.scope import Scope


async def reasons(scope: Scope, request_ids: Collection[UUID]) -> dict[UUID, str]:
    """What the mail server said of the letters of these requests, which the caller has found: `unknown`, `refused` or `away`."""
    query = (
        select(col(ConsentSigner.request_id), col(Mail.trouble))
        .join(ConsentSigner, col(ConsentSigner.id) == col(Mail.signer_id))
        .where(col(ConsentSigner.request_id).in_(request_ids), col(ConsentSigner.bounced_at).is_not(None))
        .where(col(Mail.failed_at).is_not(None))
        .order_by(col(Mail.failed_at))
    )
    return {request_id: _kind(trouble or "") for request_id, trouble in await scope.db.execute(query)}


def _kind(trouble: str) -> str:
    """550 and 553 say that there is nobody there (RFC 5321); other codes that they will not take it; words, that nobody answered."""
    code = trouble[:3]
    if code in ("550", "551", "553"):
        return "unknown"
    return "refused" if code.isdecimal() else "away"


async def correct(scope: Scope, signer_id: UUID, email: str) -> tuple[RequestRow, UUID | None]:
    """Write the address that bounced anew and send again: with a fresh link, since the old one may have reached a stranger.

    Gives the person whose own address it is, for the caller to correct with it; None where a guardian signs.
    """
    require(scope, Action.consent_request)
    require(scope, Action.person_contact)
    signer = await scope.db.get(ConsentSigner, signer_id)
    if signer is None:
        raise NotFound("no such request")
    request = await requests.find(scope, signer.request_id, to_change=True)
    await scope.db.refresh(signer, with_for_update=True)
    if request.outcome is not None or signer.signed_at is not None:
        raise Conflict("this request is over")
    address = email.strip()
    if not is_address(address):
        raise Invalid("address", fields={"email": "errors.email"})
    if not scope.container.mailer.ready:
        raise Invalid("no mail server", fields={"email": "errors.no_mail_server"})
    signer.email_ct = scope.vault.fields.seal_text("consent_signers", "email_ct", signer.id, address)
    record(scope, Tag.address_corrected, person_id=request.person_id, payload={"request": str(request.id), "role": signer.role})
    await scope.db.flush()
    person = await scope.db.get_one(Person, request.person_id)
    own = (person.merged_into or person.id) if signer.role == "subject" else None
    return await asking.send_again(scope, request.id), own

"""A letter that came back later: what a mail server reports once it had taken it (RFC 3464), read from the message itself.

The report names the letter by its Message-ID, which holds ours (mail/sender.py); nothing else of what a stranger's server writes is
believed, and nothing is kept of it but the kind of trouble.
"""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.consents import letters
from photobank.kernel.errors import Conflict, Invalid, NotFound
from photobank.mail.sender import REFERENCE
from photobank.models.requests import ConsentRequest, ConsentSigner, Mail
from photobank.scope import Scope

LARGEST: Final = 2 * 2**20
_OURS: Final = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})" + re.escape(REFERENCE), re.IGNORECASE)
_STATUS: Final = re.compile(r"^([245])\.\d{1,3}\.\d{1,3}\b")


@dataclass(frozen=True, slots=True)
class Report:
    """What such a message says: of which letter, and what became of it. `status` as in RFC 3463, such as 5.1.1."""

    mail_id: UUID
    action: str
    status: str


def read(message: bytes) -> Report:
    """Raises Invalid for whatever is no report on a letter of ours."""
    if len(message) > LARGEST:
        raise Invalid("too large", fields={"message": "errors.too_large"})
    parsed = email.message_from_bytes(message, policy=email.policy.default)
    if parsed.get_content_type() != "multipart/report":
        raise Invalid("not a report", fields={"message": "errors.not_returned"})
    action = status = about = ""
    for part in parsed.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            for block in part.get_payload() if isinstance(part.get_payload(), list) else []:
                action = str(block.get("Action", action)).strip().lower()  # type: ignore[union-attr]
                status = str(block.get("Status", status)).strip()  # type: ignore[union-attr]
        elif kind == "text/rfc822-headers":
            about = about or str(part.get_payload())
        elif part is not parsed and part.get("Message-ID") and not about:
            about = f"Message-ID: {part['Message-ID']}"
    ours = _OURS.search(about)
    if ours is None:
        raise NotFound("no letter of this house")
    return Report(UUID(ours[1]), action, status if _STATUS.match(status) else "")


async def take(scope: Scope, message: bytes) -> bool:
    """Note on the board that a letter came back; False for a report of a delay or of success. Twice is the same as once."""
    require(scope, Action.consent_request)
    report = read(message)
    if report.action != "failed":
        return False
    mail = await scope.db.scalar(select(Mail).where(col(Mail.id) == report.mail_id).with_for_update())
    if mail is None:
        raise NotFound("no letter of this house")
    signer = await scope.db.get_one(ConsentSigner, mail.signer_id)
    request = await scope.db.get_one(ConsentRequest, signer.request_id)
    if request.outcome is not None or signer.signed_at is not None:
        raise Conflict("this request is over")
    if mail.failed_at is None and (signer.sent_at is None or mail.sent_at is None or mail.sent_at >= signer.sent_at):
        await letters.bounced(scope, mail, _code(report.status))
    return True


def _code(status: str) -> str:
    """The reply code that says the same as the status: there is nobody there, or they will not take it."""
    return "550" if status.startswith("5.1.") or not status else "554"

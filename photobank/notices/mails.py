"""Mail that is to go out: put down with the fact it tells of, sent by a job, tried again when the server is away.

A row holds ids only; what the letter says is written at the moment it is sent, and then a letter whose reason is gone is dropped.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from photobank.kernel.ids import new_id
from photobank.messaging.events import MailDue
from photobank.models.requests import Mail
from photobank.scope import Scope

# Seconds to the next try; after the last one the letter has failed.
PAUSES = (30, 120, 600, 1800, 3600, 4 * 3600, 12 * 3600, 24 * 3600)
AT_ONCE = 200


class Kind(StrEnum):
    """What a letter is about."""

    request = "request"
    reminder = "reminder"
    renewal = "renewal"
    code = "code"
    copy = "copy"
    withdrawn = "withdrawn"
    privacy = "privacy"
    own_page = "own_page"
    selfie = "selfie"


def put_down(scope: Scope, kind: Kind, signer_id: UUID, *, number: int = 0, consent_id: UUID | None = None) -> Mail:
    """A letter to a signer, to go out after the commit. `number`: of the code that it holds."""
    now = scope.now()
    mail = Mail(
        id=new_id(), kind=kind, signer_id=signer_id, consent_id=consent_id, number=number, created_at=now, due_at=now, tries=0
    )
    scope.db.add(mail)
    scope.announce(MailDue(mail_id=mail.id))
    return mail


async def take(scope: Scope, mail_id: UUID) -> Mail | None:
    """The letter, locked to the end of the transaction, if it is still to be sent and its time has come."""
    query = (
        select(Mail)
        .where(col(Mail.id) == mail_id, col(Mail.sent_at).is_(None), col(Mail.failed_at).is_(None))
        .where(col(Mail.due_at) <= scope.now())
        .with_for_update(skip_locked=True)
    )
    found: Mail | None = await scope.db.scalar(query)
    return found


async def due(scope: Scope) -> list[UUID]:
    """Letters whose time has come: what a lost queue forgot, and second tries."""
    query = select(col(Mail.id)).where(col(Mail.sent_at).is_(None), col(Mail.failed_at).is_(None), col(Mail.due_at) <= scope.now())
    return list((await scope.db.scalars(query.order_by(col(Mail.due_at)).limit(AT_ONCE))).all())


def later(scope: Scope, mail: Mail, trouble: str) -> None:
    """It could not go now. After the last try it has failed."""
    mail.trouble = trouble[:300]
    if mail.tries >= len(PAUSES):
        mail.failed_at = scope.now()
        return
    mail.due_at = scope.now() + timedelta(seconds=PAUSES[mail.tries])
    mail.tries += 1

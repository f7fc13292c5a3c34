"""Jobs about consents: mail goes out, evidence is sealed. Both also run by the clock, for what a lost queue forgot."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog

from photobank.consents import letters, sealing, series
from photobank.kernel.errors import Unavailable
from photobank.library.processing import WORKER
from photobank.mail.sender import Bounced
from photobank.messaging.jobs import Job, name_of
from photobank.notices import mails
from photobank.scope import Container

log = structlog.get_logger(__name__)


async def send_mail(ctx: dict[str, Any], mail_id: str) -> None:
    """Write and send one letter. Whoever is killed between the server's yes and the commit sends it twice, never not at all."""
    container: Container = ctx["container"]
    async with container.scope(WORKER) as scope:
        mail = await mails.take(scope, UUID(mail_id))
        if mail is None:
            return
        letter = await letters.compose(scope, mail)
        if letter is None:
            mail.failed_at, mail.trouble = scope.now(), "not needed any more"
            return
        try:
            await container.mailer.send(letter)
        except Bounced as gone:
            await letters.bounced(scope, mail, str(gone))
        except Unavailable as away:
            mails.later(scope, mail, away.detail)
            log.warning("mail waits", mail=mail_id, tries=mail.tries, reason=away.detail)
            if mail.failed_at is not None:
                await letters.bounced(scope, mail, away.detail)  # nobody answered for days: people must know
        else:
            await letters.sent(scope, mail)


async def seal_evidence(ctx: dict[str, Any], consent_id: str) -> None:
    """Set the seal on the proof of a consent."""
    container: Container = ctx["container"]
    async with container.scope(WORKER) as scope:
        await sealing.seal(scope, UUID(consent_id))


async def catch_up(ctx: dict[str, Any]) -> None:
    """Queue letters whose time has come, and proofs without a seal."""
    container: Container = ctx["container"]
    async with container.scope(WORKER) as scope:
        waiting, unsealed = await mails.due(scope), await sealing.unsealed(scope)
    for mail_id in waiting:
        await container.queue.put(Job.send_mail, str(mail_id))
    for consent_id in unsealed:
        await container.queue.put(Job.seal_evidence, str(consent_id), unique=name_of(Job.seal_evidence, str(consent_id)))


async def ask_again(ctx: dict[str, Any]) -> None:
    """Ask to renew what is about to end, and remind of what was asked; one transaction each, so that one that cannot be asked stops none."""
    container: Container = ctx["container"]
    if not container.mailer.ready:
        return
    async with container.scope(WORKER) as scope:
        await series.remind(scope)
        ending = await series.ending(scope)
    while ending:
        for consent_id in ending:
            async with container.scope(WORKER) as scope:
                await series.ask_to_renew(scope, consent_id)
        async with container.scope(WORKER) as scope:
            ending = await series.ending(scope, ending[-1])

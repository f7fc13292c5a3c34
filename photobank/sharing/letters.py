"""Mail with the address of a share. The password never goes the same way: its maker passes it on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.i18n import format as written
from photobank.i18n.translate import DEFAULT_LANGUAGE, Language, is_language, translate
from photobank.kernel.addresses import is_address
from photobank.kernel.errors import Invalid, Unavailable
from photobank.kernel.ids import new_id
from photobank.mail.sender import Bounced, Letter
from photobank.mail.writing import Words, write
from photobank.messaging.events import ShareChanged, ShareLetterDue
from photobank.models.accounts import Organisation, User
from photobank.models.shares import Share, ShareKind, ShareLetter
from photobank.notices.mails import AT_ONCE, PAUSES
from photobank.scope import Scope
from photobank.sharing import policy
from photobank.sharing.policy import Standing
from photobank.sharing.tokens import url_of

MOST = 20
PAUSE = timedelta(seconds=1)


def check(scope: Scope, addresses: Sequence[str]) -> list[str]:
    """The addresses to write to, each once; raises Invalid."""
    found = list(dict.fromkeys(address.strip() for address in addresses if address.strip()))
    if len(found) > MOST or not all(is_address(address) for address in found):
        raise Invalid("no mail address", fields={"mail_to": "errors.email"})
    if found and not scope.container.mailer.ready:
        raise Invalid("no mail server", fields={"mail_to": "errors.no_mail_server"})
    return found


def put_down(scope: Scope, share_id: UUID, addresses: Sequence[str]) -> None:
    """A letter to each, to go out after the commit."""
    for address in addresses:
        id_ = new_id()
        sealed = scope.vault.fields.seal_text("share_letters", "address_ct", id_, address)
        scope.db.add(
            ShareLetter(id=id_, share_id=share_id, address_ct=sealed, language=scope.actor.language, due_at=scope.now(), tries=0)
        )
        scope.announce(ShareLetterDue(letter_id=id_))


async def due(scope: Scope) -> list[UUID]:
    """Letters whose time has come: what a lost queue forgot, and second tries."""
    waiting = col(ShareLetter.sent_at).is_(None), col(ShareLetter.failed_at).is_(None), col(ShareLetter.due_at) <= scope.now()
    return list((await scope.db.scalars(select(col(ShareLetter.id)).where(*waiting).limit(AT_ONCE))).all())


async def send(scope: Scope, letter_id: UUID) -> None:
    """Write and send one letter, if it is still to go and its share still open. For the job."""
    waiting = col(ShareLetter.sent_at).is_(None), col(ShareLetter.failed_at).is_(None), col(ShareLetter.due_at) <= scope.now()
    query = select(ShareLetter).where(col(ShareLetter.id) == letter_id, *waiting).with_for_update(skip_locked=True)
    row = await scope.db.scalar(query)
    if row is None:
        return
    letter = await _compose(scope, row)
    if letter is None:
        row.failed_at = scope.now()
        return
    try:
        await scope.container.mailer.send(letter)
    except Bounced:
        await _give_up(scope, row)
    except Unavailable:
        if row.tries >= len(PAUSES):
            await _give_up(scope, row)
            return
        row.due_at = scope.now() + PAUSE * PAUSES[row.tries]
        row.tries += 1
    else:
        row.sent_at = scope.now()


async def delivery(scope: Scope, share_ids: Sequence[UUID]) -> dict[UUID, tuple[int, tuple[str, ...]]]:
    """Per share how many letters went, and the addresses that none could be delivered to. For who made them."""
    query = select(ShareLetter).where(col(ShareLetter.share_id).in_(share_ids)).order_by(col(ShareLetter.id))
    found: dict[UUID, tuple[int, tuple[str, ...]]] = {}
    for row in (await scope.db.execute(query)).scalars():
        went, failed = found.get(row.share_id, (0, ()))
        if row.failed_at is not None:
            failed = (*failed, scope.vault.fields.open_text("share_letters", "address_ct", row.id, row.address_ct))
        found[row.share_id] = went + (row.sent_at is not None), failed
    return found


async def _give_up(scope: Scope, row: ShareLetter) -> None:
    """It cannot be delivered, and its maker is told."""
    row.failed_at = scope.now()
    share = await scope.db.get_one(Share, row.share_id)
    record(scope, Tag.mail_bounced, payload={"share": str(share.id)})
    scope.announce(ShareChanged(share_id=share.id, user_id=share.user_id))


async def _compose(scope: Scope, row: ShareLetter) -> Letter | None:
    share, house = await scope.db.get_one(Share, row.share_id), await scope.db.get(Organisation, 1)
    sender = await scope.db.get_one(User, share.user_id)
    if policy.standing(share, scope.now()) is not Standing.open or sender.disabled_at is not None:
        return None
    language: Language = row.language if is_language(row.language) else DEFAULT_LANGUAGE
    kind = ShareKind(share.kind)
    names = {"name": sender.name, "organisation": house.name if house else "", "title": share.title}

    def say(key: str, **more: str) -> str:
        return translate(f"share_mail.{key}", language, **(names | more))

    after = [say("until", date=written.moment(share.ends_at, language))] if share.ends_at else []
    if share.password_hash is not None:
        after.append(say("password"))
    words = Words(
        language=language,
        organisation=names["organisation"],
        subject=share.title or say(f"{kind}_subject"),
        greeting=say("greeting"),
        before=(say(f"{kind}_text"),),
        button=(say(f"{kind}_open"), f"{url_of(scope, share.id, kind)}?lang={language}"),
        after=after,
        foot=(say("foot"),),
    )
    return write(scope.vault.fields.open_text("share_letters", "address_ct", row.id, row.address_ct), words)

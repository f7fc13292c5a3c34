"""The terms of a share as people fill them in: each checked, with a remark for the field that does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from photobank.accounts import passwords
from photobank.accounts.sessions import hash_token
from photobank.kernel.errors import Invalid
from photobank.models.shares import Share, ShareKind
from photobank.scope import Scope
from photobank.sharing import policy
from photobank.sharing.tokens import token_of

DAYS = 7
MOST_DAYS = 366
MOST_COUNT = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What every kind of share has: a name, an end, and who may open it how often."""

    title: str = ""
    recipient: str = ""
    mail_to: Sequence[str] = ()
    """Addresses that get the link by mail; the password, if any, goes another way."""
    ends_at: datetime | None = None
    password: str = ""
    addresses: Sequence[str] = ()
    view_limit: int | None = None


async def share_of(scope: Scope, share_id: UUID, maker: UUID, kind: ShareKind, terms: Terms, **more: Any) -> Share:
    """A new share on these terms, not yet saved."""
    return Share(
        id=share_id,
        kind=kind,
        user_id=maker,
        token_hash=hash_token(token_of(scope, share_id)),
        title=line(terms.title, "title"),
        recipient_ct=_sealed(scope, share_id, line(terms.recipient, "recipient")),
        password_hash=await passwords.hash_password(passwords.check(terms.password)) if terms.password else None,
        addresses=policy.networks(terms.addresses),
        view_limit=count(terms.view_limit, "view_limit"),
        created_at=scope.now(),
        ends_at=_end(terms.ends_at, kind, scope.now()),
        **more,
    )


def count(limit: int | None, name: str) -> int | None:
    """A limit on how often; None for none."""
    if limit is not None and not 0 < limit <= MOST_COUNT:
        raise Invalid("limit", fields={name: "errors.share_limit"})
    return limit


def cap(side: int | None) -> int | None:
    """A longest side in pixels; None for none."""
    if side is not None and not policy.SMALLEST_CAP <= side <= policy.LARGEST_CAP:
        raise Invalid("size", fields={"largest_side": "errors.share_size"})
    return side


def line(text: str, name: str) -> str:
    """One line of text."""
    clean = " ".join(text.split())
    if len(clean) > 200 or not clean.isprintable():
        raise Invalid(name, fields={name: "errors.share_text"})
    return clean


def _end(ends_at: datetime | None, kind: ShareKind, now: datetime) -> datetime | None:
    """When it ends by itself. A link always does; an embed may last for as long as the consent does."""
    if ends_at is None:
        return None if kind is ShareKind.embed else now + timedelta(days=DAYS)
    if ends_at.tzinfo is None or not now < ends_at <= now + timedelta(days=MOST_DAYS):
        raise Invalid("an end in the past or too far off", fields={"ends_at": "errors.share_end"}, days=MOST_DAYS)
    return ends_at


def _sealed(scope: Scope, share_id: UUID, text: str) -> bytes | None:
    return scope.vault.fields.seal_text("shares", "recipient_ct", share_id, text) if text else None

"""Refusals are kept although the work they ended rolls back: each is written in a transaction of its own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from photobank.access.actor import Actor
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import ClearanceRefused, Refused
from photobank.scope import Container


async def keep(container: Container, actor: Actor, tag: Tag, payload: dict[str, Any] | None = None, **targets: UUID | None) -> None:
    """Write one refusal, now."""
    async with container.scope(actor) as scope:
        record(scope, tag, outcome="refused", payload=payload, **targets)


async def on_refusal(container: Container, actor: Actor, refused: Refused) -> None:
    """Called by a Scope that a Refused error leaves. `refused.targets` name what it was about."""
    tag = Tag(refused.action) if refused.action in set(Tag) else Tag.request_refused
    payload: dict[str, Any] = {"code": refused.code, "action": refused.action}
    if isinstance(refused, ClearanceRefused):
        payload |= {"state": refused.state, "use": refused.use, "reasons": sorted({str(r.get("code")) for r in refused.reasons})}
    await keep(container, actor, tag, payload, **refused.targets)

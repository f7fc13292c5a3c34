"""Refusals are kept although the work they ended rolls back: each is written in a transaction of its own.

The log is append-only, so it must not grow at the will of whoever is being refused: beyond a rate per asker and minute, one event
says that there were more, and the rest is only counted.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from redis.exceptions import RedisError

from photobank.access import limits
from photobank.access.actor import Actor
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import ClearanceRefused, RateLimited, Refused
from photobank.scope import Container

MORE = "refusals:more"


async def keep(container: Container, actor: Actor, tag: Tag, payload: dict[str, Any] | None = None, **targets: UUID | None) -> None:
    """Write one refusal, now."""
    async with container.scope(actor) as scope:
        record(scope, tag, outcome="refused", payload=payload, **targets)


async def on_refusal(container: Container, actor: Actor, refused: Refused) -> None:
    """Called by a Scope that a Refused error leaves. `refused.targets` name what it was about."""
    tag = Tag(refused.action) if refused.action in set(Tag) else Tag.request_refused
    payload: dict[str, Any] = {"code": refused.code, "action": refused.action}
    if not await _is_kept(container, actor, refused):
        return
    if isinstance(refused, ClearanceRefused):
        payload |= {"state": refused.state, "use": refused.use, "reasons": sorted({str(r.get("code")) for r in refused.reasons})}
    await keep(container, actor, tag, payload, **refused.targets)


async def _is_kept(container: Container, actor: Actor, refused: Refused) -> bool:
    """Whether this refusal gets a line of its own. When Redis cannot count, it does."""
    asker = str(actor.id or limits.network_of(actor.address))
    try:
        if isinstance(refused, RateLimited):
            return await container.rates.allows(limits.ONCE, refused.action, asker)  # the first in a minute tells it all
        if await container.rates.allows(limits.REFUSALS, asker):
            return True
        if await container.rates.allows(limits.ONCE, MORE, asker):
            await keep(container, actor, Tag.request_refused, {"code": refused.code, "action": MORE})
        return False
    except (RedisError, OSError):
        return True

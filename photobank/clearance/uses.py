"""The uses as the policy knows them. The list itself, with its names, is kept by consents/uses.py."""

from __future__ import annotations

from photobank.clearance.facts_types import UseFacts
from photobank.consents.uses import INTERNAL, UseRow, list_all, load
from photobank.kernel.errors import Invalid
from photobank.scope import Scope

__all__ = ["INTERNAL", "UseRow", "facts", "list_all", "one"]


async def facts(scope: Scope) -> tuple[UseFacts, ...]:
    """Every use in force."""
    return tuple(UseFacts(use.id, use.outside) for use in await load(scope))


async def one(scope: Scope, use_id: str) -> UseFacts:
    """A use in force; raises Invalid when there is no such use."""
    for use in await facts(scope):
        if use.key == use_id:
            return use
    raise Invalid("no such use", fields={"use": "errors.use"})

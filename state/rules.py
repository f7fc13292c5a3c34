"""Who may call which event handler. Every handler is a public remote call, so every one needs a rule, or the app will not start.

A state declares one rule for all its handlers, and a handler may declare its own:

    class PeopleState(PhotobankState):
        access: ClassVar[Rule] = SIGNED_IN

        @handler(role("reviewer", "admin"))
        async def merge(self, ...): ...

Rules are the outer fence; what this person may do to that thing is decided by the service, as always.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import reflex as rx
from reflex_base.registry import RegisteredEventHandler, RegistrationContext

if TYPE_CHECKING:
    from photobank.access.actor import Actor

_ATTRIBUTE = "__photobank_rule__"
_DECLARATION = "access"

# The framework's own handlers that a page cannot do without. All its others are refused: setvar, shared states, uploads.
FRAMEWORK = frozenset(
    {
        "reflex___state____state.hydrate",
        "reflex___state____state.hydrate_and_load",
        "reflex___state____state.set_is_hydrated",
        "reflex___state____state.reflex___state____on_load_internal_state.on_load_internal",
        "reflex___state____state.reflex___state____on_load_internal_state.set_is_hydrated",
        "reflex___state____state.reflex___state____update_vars_internal_state.update_vars_internal",
        "reflex___state____state.reflex___state____frontend_event_exception_state.handle_frontend_exception",
    }
)
HYDRATE = frozenset({"reflex___state____state.hydrate", "reflex___state____state.hydrate_and_load"})
ON_LOAD = "reflex___state____state.reflex___state____on_load_internal_state.on_load_internal"


class Kind(StrEnum):
    """Who a rule lets through."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    ROLE = "role"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may call. Made by the names below, not by hand."""

    kind: Kind
    roles: frozenset[str] = frozenset()

    def allows(self, someone: Actor | None) -> bool:
        """True when this person may call; nobody is None."""
        if self.kind is Kind.PUBLIC:
            return True
        if self.kind is Kind.SIGNED_IN:
            return someone is not None
        return self.kind is Kind.ROLE and someone is not None and str(someone.role) in self.roles


PUBLIC = Rule(Kind.PUBLIC)
"""Anybody, signed in or not: sign-in and set-up pages."""
SIGNED_IN = Rule(Kind.SIGNED_IN)
"""Anybody who is signed in."""
INTERNAL = Rule(Kind.INTERNAL)
"""Only the server itself, by returning the event from another handler; never a browser."""


def role(*names: str) -> Rule:
    """Anybody signed in with one of these roles."""
    return Rule(Kind.ROLE, frozenset(str(name) for name in names))


def handler(which: Rule | None = None, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """An event handler, with a rule of its own where the one of its state does not fit.

    Use it in place of `rx.event`, whose options (`background`, `supersedes`, `throttle`, …) it takes; it also gives type checkers
    a handler that can be called with vars.
    """

    def mark(function: Callable[..., Any]) -> Any:
        if which is not None:
            setattr(function, _ATTRIBUTE, which)
        return rx.event(function, **options)

    return mark


def rule_of(registered: RegisteredEventHandler) -> Rule | None:
    """The declared rule. A state's declaration counts for its own handlers only: inheriting one would hide a forgotten one."""
    own = getattr(registered.handler.fn, _ATTRIBUTE, None)
    if isinstance(own, Rule):
        return own
    if not registered.states or registered.handler.fn.__name__ == "setvar":
        return None
    declared = vars(registered.states[0]).get(_DECLARATION)
    return declared if isinstance(declared, Rule) else None


def all_handlers() -> dict[str, RegisteredEventHandler]:
    """Every event handler there is, by its full name."""
    return dict(RegistrationContext.ensure_context().event_handlers)


def _is_ours(registered: RegisteredEventHandler) -> bool:
    # States made inside functions (component states too) are moved to the framework's module for such: those are ours as well.
    if not registered.states:
        return False
    module = registered.states[0].__module__
    return module == "reflex.istate.dynamic" or not module.startswith(("reflex.", "reflex_"))


def unruled_handlers() -> list[str]:
    """Handlers of our states that nobody wrote a rule for; must be empty. `setvar` is refused always and needs none."""
    return sorted(
        name
        for name, handler in all_handlers().items()
        if _is_ours(handler) and handler.handler.fn.__name__ != "setvar" and rule_of(handler) is None
    )


def client_storage_vars() -> frozenset[str]:
    """Full names of the vars that browsers keep and send back; the only ones `update_vars_internal` may name."""
    states: set[type[rx.State]] = {handler.states[0] for handler in all_handlers().values() if handler.states}  # type: ignore[misc]
    return frozenset(
        f"{state.get_full_name()}.{name}" for state in states for name in state.base_vars if state._is_client_storage(name)
    )

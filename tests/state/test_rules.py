"""Rules: declared per state or per handler, never inherited, and never forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import pytest
from reflex_base.registry import RegistrationContext

from photobank.access.actor import Actor, ActorKind
from photobank.kernel.errors import Conflict, Damaged
from photobank.models.accounts import Role
from state.base import PhotobankState, problem_event
from state.errors import backend_problem
from state.rules import INTERNAL, PUBLIC, SIGNED_IN, Rule, all_handlers, handler, role, rule_of, unruled_handlers


def actor(role: str) -> Actor:
    return Actor(ActorKind.user, name="A", role=Role(role))


@pytest.mark.parametrize(
    ("rule", "allowed"),
    [
        (PUBLIC, [None, "viewer", "admin"]),
        (SIGNED_IN, ["viewer", "admin"]),
        (role("admin"), ["admin"]),
        (role(Role.viewer, Role.admin), ["viewer", "admin"]),
        (role(), []),
        (INTERNAL, []),
    ],
)
def test_a_rule_lets_through_whom_it_names(rule: Rule, allowed: list[str | None]) -> None:
    assert [who for who in (None, "viewer", "admin") if rule.allows(actor(who) if who else None)] == allowed


@contextmanager
def forgotten() -> Iterator[None]:
    """States of a newcomer who forgot the rule, in a registry of their own."""
    fork = RegistrationContext.ensure_context().fork()
    token = RegistrationContext.set(fork)

    class Ruled(PhotobankState):
        access: ClassVar[Rule] = SIGNED_IN

        @handler()
        def fine(self) -> None:
            """Has the rule of its state."""

    class Forgotten(Ruled):
        @handler()
        def open_to_all(self) -> None:
            """Inherits nothing."""

        @handler(role("admin"))
        def named(self) -> None:
            """Has its own."""

        def undecorated(self) -> None:
            """A handler all the same: the framework takes every method without an underscore."""

        def _helper(self) -> None:
            """Not a handler."""

    try:
        yield
    finally:
        RegistrationContext.reset(token)


def test_a_forgotten_rule_is_found_also_where_a_parent_state_has_one() -> None:
    with forgotten():
        missing, all_of_them = unruled_handlers(), all_handlers()
    assert [name.rpartition(".")[2] for name in missing] == ["open_to_all", "undecorated"]
    rules = {name.rpartition(".")[2]: rule_of(one) for name, one in all_of_them.items() if "dynamic____" in name}
    assert rules["fine"] == SIGNED_IN
    assert rules["named"] == role("admin")
    assert rules["setvar"] is None


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (Conflict("secret detail", name="Anna"), "errors.conflict"),
        (Damaged("secret"), "errors.internal"),
        (ValueError("secret"), "errors.internal"),
    ],
)
def test_a_problem_becomes_a_key(error: Exception, key: str) -> None:
    event = problem_event(error)
    assert key in str(event.args)
    assert "secret" not in str(event.args)
    assert str(backend_problem(error).args) == str(event.args)

"""Walks every event handler there is, as nobody and as each role, and compares what the running server lets through with the rules."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from redis.asyncio import Redis

from photobank.web.socket_door import MESSAGE_BURST
from state.rules import FRAMEWORK, Kind, Rule, all_handlers, rule_of, unruled_handlers
from tests.security import server as served
from tests.security.conftest import BASE, DESK, People
from tests.security.server import REACHED, RECORDING

LAST = f"{DESK}.greet"
ROLES = ("viewer", "contributor", "reviewer", "privacy_officer", "admin")


@pytest.fixture(scope="module")
def handlers() -> dict[str, Any]:
    import photobank.photobank  # registers every state and page

    assert photobank.photobank.app.event_namespace is not None
    assert served.DeskState
    return all_handlers()


def arguments(function: Any) -> dict[str, Any]:
    """Something for every argument that has no default."""
    wanted = list(inspect.signature(function).parameters.values())[1:]
    return {
        one.name: {} if one.name == "vars" else "1"
        for one in wanted
        if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD
    }


def test_every_handler_has_a_rule(handlers: dict[str, Any]) -> None:
    assert unruled_handlers() == []


def test_the_list_of_framework_handlers_names_only_what_exists(handlers: dict[str, Any]) -> None:
    assert set(handlers) >= FRAMEWORK


def test_no_handler_of_the_framework_has_appeared_that_nobody_judged(handlers: dict[str, Any]) -> None:
    """A new version may bring new ones: they are refused until somebody adds them to FRAMEWORK, but look at them."""
    theirs = {
        name for name, one in handlers.items() if not one.states or one.states[0].__module__.startswith(("reflex.", "reflex_"))
    }
    assert {name for name in theirs - FRAMEWORK if not name.endswith(".setvar")} == set()


def batched(names: list[str]) -> list[list[str]]:
    """As many to a socket as it takes at once, before its pace is measured."""
    most = int(MESSAGE_BURST * 3 / 4)
    return [names[at : at + most] for at in range(0, len(names), most)]


def expected(name: str, rule: Rule | None, role: str | None) -> bool:
    if name in FRAMEWORK:
        return True
    if rule is None or rule.kind is Kind.INTERNAL:
        return False
    if rule.kind is Kind.PUBLIC:
        return True
    if rule.kind is Kind.SIGNED_IN:
        return role is not None
    return role in rule.roles


@pytest.mark.parametrize("role", [None, *ROLES])
async def test_the_server_lets_through_what_was_declared(
    handlers: dict[str, Any], browser: Any, people: People, redis: Redis, role: str | None
) -> None:
    account = await people.sign_in("Walker", role) if role else None
    await redis.set(RECORDING, 1)
    try:
        await redis.delete(REACHED)
        for some in batched([name for name in handlers if name != LAST]):
            tab = await browser(account)
            for name in some:
                await tab.send(name, **arguments(handlers[name].handler.fn))
            # The last one is known to get through, so when it has, all before it on this socket were judged.
            await redis.srem(REACHED, LAST)
            await tab.send(LAST)
            assert await tab.until_true(lambda: redis.sismember(REACHED, LAST), 60), f"the server hung up: {tab.closed.is_set()}"
        reached = {name.decode() for name in await redis.smembers(REACHED)}
    finally:
        await redis.delete(RECORDING)
    reached -= {f"{BASE}.report"}  # the guard itself chains it to tell of a refusal; sent by a browser it is refused (test_socket)
    assert reached == {name for name, handler in handlers.items() if expected(name, rule_of(handler), role)}

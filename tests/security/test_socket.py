"""Attacks on the UI socket. Each of these worked against the framework as it comes (design 7)."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from redis.asyncio import Redis
from socketio.exceptions import ConnectionError as Refused

from photobank.messaging.push import SESSION_REVOKED, publish
from state.sockets import SIGN_IN
from tests.plain_house import CALLS, REFUSALS
from tests.security.conftest import BASE, DESK, HYDRATE, STATE, People, Server

QUIET = 0.25


async def ran(redis: Redis, name: str) -> int:
    return int(await redis.hget(CALLS, name) or 0)


async def no_socket_left(redis: Redis) -> bool:
    """True when the server has noticed that every tab was closed; until then their tokens count as taken."""
    return not [key async for key in redis.scan_iter(match="token_manager_socket_record_*")]


def everything(tab: Any) -> str:
    return repr(tab.updates)


async def test_a_signed_in_person_gets_their_page(browser: Any, people: People) -> None:
    tab = await browser(await people.sign_in("Anna de Vries"), path="/desk/")
    assert await tab.until(lambda: tab.value(DESK, "secret") == "secret of Anna de Vries")
    assert tab.value(BASE, "my_name") == "Anna de Vries"
    assert tab.value(BASE, "my_initials") == "AV"


async def test_a_stolen_token_opens_nothing(browser: Any, people: People) -> None:
    token = str(uuid4())
    anna = await browser(await people.sign_in("Anna"), token=token, path="/desk/")
    assert await anna.until(lambda: tab_shows(anna, "secret of Anna"))
    # While she is there, and after she left; signed out, and as somebody else.
    mallory = await people.sign_in("Mallory")
    for who in (None, mallory):
        thief = await browser(who, token=token)
        await asyncio.sleep(QUIET)
        assert "Anna" not in everything(thief)
        assert thief.new_token is None  # not even a hint that the token is in use
    await anna.close()
    for who in (None, mallory):
        thief = await browser(who, token=token)
        assert await thief.until(lambda tab=thief: tab.value(DESK, "secret") == "")
        assert "Anna" not in everything(thief)


async def test_her_own_token_brings_her_own_page_back(browser: Any, people: People, redis: Redis) -> None:
    anna, token = await people.sign_in("Anna"), str(uuid4())
    first = await browser(anna, token=token, path="/desk/")
    assert await first.until(lambda: tab_shows(first, "secret of Anna"))
    await first.close()
    assert await first.until_true(lambda: no_socket_left(redis))
    again = await browser(anna, token=token, event={"name": HYDRATE, "payload": {}, "router_data": {}})
    assert await again.until(lambda: again.value(DESK, "secret") == "secret of Anna")


async def test_signed_out_hydration_shows_nothing_and_leads_to_the_sign_in_page(browser: Any, redis: Redis) -> None:
    tab = await browser(path="/desk/")
    assert await tab.until(lambda: SIGN_IN in tab.redirects())
    assert tab.value(DESK, "secret") == ""
    assert await ran(redis, "load") == 0


async def test_a_revoked_session_is_not_believed_at_the_handshake(browser: Any, people: People) -> None:
    anna, token = await people.sign_in("Anna"), str(uuid4())
    tab = await browser(anna, token=token, path="/desk/")
    assert await tab.until(lambda: tab_shows(tab, "secret of Anna"))
    await tab.close()
    await people.end(anna)
    again = await browser(anna, token=token, path="/desk/")
    assert await again.until(lambda: SIGN_IN in again.redirects())
    assert "Anna" not in everything(again)


async def test_a_revoked_session_is_not_believed_on_a_socket_that_stayed_open(browser: Any, people: People, redis: Redis) -> None:
    anna = await people.sign_in("Anna", "admin")
    tab = await browser(anna)
    await people.end(anna)  # and no push tells of it
    before = await ran(redis, "rule_the_house")
    await tab.send(f"{DESK}.rule_the_house")
    assert await tab.until(lambda: tab.closed.is_set())
    assert SIGN_IN in tab.redirects()
    assert await ran(redis, "rule_the_house") == before


@pytest.mark.parametrize("event", ["hydrate", "hydrate_and_load"])
async def test_hydration_on_a_socket_whose_session_ended_resets_the_state(browser: Any, people: People, event: str) -> None:
    anna = await people.sign_in("Anna")
    tab = await browser(anna, path="/desk/")
    assert await tab.until(lambda: tab_shows(tab, "secret of Anna"))
    await people.end(anna)
    tab.updates.clear()
    await tab.send(f"{STATE}.{event}")
    assert await tab.until(lambda: tab.closed.is_set())
    assert "Anna" not in everything(tab)


async def test_live_sockets_of_a_revoked_session_are_cut_within_a_second(browser: Any, people: People, redis: Redis) -> None:
    anna, bob = await people.sign_in("Anna"), await people.sign_in("Bob")
    tabs = [await browser(anna), await browser(anna)]
    other = await browser(bob)
    await people.end(anna)
    await publish(redis, {SESSION_REVOKED: [anna.session_id]})
    for tab in tabs:
        assert await tab.until(lambda tab=tab: tab.closed.is_set(), 1.0)
        assert SIGN_IN in tab.redirects()
    assert not other.closed.is_set()


@pytest.mark.parametrize("name", ["load", "rule_the_house", "slow", "set_secret", "fail"])
async def test_nobody_calls_a_handler_that_is_not_public(browser: Any, redis: Redis, name: str) -> None:
    tab = await browser()
    await tab.send(f"{DESK}.{name}", **({"value": "x"} if name == "set_secret" else {}))
    assert await tab.until(lambda: SIGN_IN in tab.redirects())
    assert await ran(redis, name) == 0
    assert tab.value(DESK, "secret") == ""


async def test_a_public_handler_can_be_called_by_anybody(browser: Any, redis: Redis) -> None:
    tab = await browser()
    await tab.send(f"{DESK}.greet")
    assert await tab.until(lambda: tab.value(DESK, "secret") == "hello")


async def test_a_role_is_asked_for_and_the_refusal_is_told(browser: Any, people: People, redis: Redis) -> None:
    before = await ran(redis, "rule_the_house")
    viewer = await browser(await people.sign_in("Vera", "viewer"))
    await viewer.send(f"{DESK}.rule_the_house")
    assert await viewer.until(lambda: viewer.value(BASE, "toasts"))
    assert viewer.value(BASE, "toasts")[0]["key"] == "errors.refused"
    assert b"Vera ui:rule_the_house" in await redis.lrange(REFUSALS, 0, -1)
    assert await ran(redis, "rule_the_house") == before
    admin = await browser(await people.sign_in("Adam", "admin"))
    await admin.send(f"{DESK}.rule_the_house")
    await asyncio.sleep(QUIET)
    assert await ran(redis, "rule_the_house") == before + 1


async def test_an_event_that_a_public_handler_chains_is_judged_by_its_own_rule(browser: Any, people: People, redis: Redis) -> None:
    before = await ran(redis, "rule_the_house")
    tab = await browser(await people.sign_in("Vera", "viewer"))
    await tab.send(f"{DESK}.chain")
    assert await tab.until(lambda: tab.value(BASE, "toasts"))
    assert await ran(redis, "rule_the_house") == before


async def test_a_change_of_role_counts_at_once(browser: Any, people: People, redis: Redis) -> None:
    before = await ran(redis, "rule_the_house")
    adam = await people.sign_in("Adam", "admin")
    tab = await browser(adam)
    await people.change(adam, role="viewer")
    await tab.send(f"{DESK}.rule_the_house")
    assert await tab.until(lambda: tab.value(BASE, "toasts"))
    assert await ran(redis, "rule_the_house") == before


@pytest.mark.parametrize(
    "name",
    [
        f"{DESK}.setvar",
        f"{STATE}.setvar",
        f"{BASE}.report",
        f"{DESK}.inside",
        f"{DESK}._watch",
        f"{DESK}.reset",
        f"{DESK}.get_state",
        f"{STATE}.reflex___istate___shared____shared_state_base_internal.setvar",
        "no.such_handler",
        "",
    ],
)
async def test_nothing_but_declared_handlers_can_be_called(browser: Any, people: People, redis: Redis, name: str) -> None:
    tab = await browser(await people.sign_in("Adam", "admin"))
    assert await tab.until(lambda: tab.value(STATE, "is_hydrated"), 30)
    tab.updates.clear()
    await tab.send(name, **({"var_name": "secret", "value": "mine"} if name.endswith("setvar") else {}))
    await asyncio.sleep(QUIET)
    assert tab.updates == []
    assert await ran(redis, "inside") == 0


@pytest.mark.parametrize(
    "stored",
    [
        {f"{DESK}.secret": "mine"},
        {f"{BASE}.signed_in": True},
        {f"{BASE}.my_role": "admin"},
        {f"{DESK}.note": {"not": "text"}},
        {f"{DESK}.note": "x" * 5000},
        {"nonsense": "x"},
        "not even a dict",
    ],
)
@pytest.mark.parametrize("event", ["hydrate_and_load", "reflex___state____update_vars_internal_state.update_vars_internal"])
async def test_a_browser_sets_only_vars_that_browsers_keep(browser: Any, people: People, stored: Any, event: str) -> None:
    tab = await browser(await people.sign_in("Mallory"))
    await asyncio.sleep(0.1)
    tab.updates.clear()
    await tab.send(f"{STATE}.{event}", vars=stored)
    await asyncio.sleep(QUIET)
    assert tab.updates == []


async def test_a_stored_var_comes_back(browser: Any, people: People) -> None:
    tab = await browser(await people.sign_in("Anna"))
    await tab.send(HYDRATE, vars={f"{DESK}.note_rx_state_": "milk"})
    assert await tab.until(lambda: tab.value(DESK, "note") == "milk")


@pytest.mark.parametrize(
    "event",
    [
        "text",
        7,
        None,
        [],
        {},
        {"name": 5},
        {"name": f"{DESK}.greet", "payload": "text"},
        {"name": f"{DESK}.greet", "payload": {"extra": 1}},
        {"name": f"{DESK}.set_secret", "payload": {}},
        {"name": f"{DESK}.greet", "payload": {}, "router_data": "text"},
    ],
)
async def test_malformed_events_change_nothing_and_harm_nobody(browser: Any, people: People, server: Server, event: Any) -> None:
    tab = await browser(await people.sign_in("Anna"))
    await tab.raw(event)
    await tab.send(f"{DESK}.set_secret", value="still here")
    assert await tab.until(lambda: tab.value(DESK, "secret") == "still here")


async def test_a_client_cannot_pass_itself_off_as_another_socket(browser: Any, people: People, redis: Redis) -> None:
    """`router_data` comes from the browser; socket, headers and address in it must not count."""
    before = await ran(redis, "rule_the_house")
    admin = await browser(await people.sign_in("Adam", "admin"))
    thief = await browser()
    sid = admin.client.get_sid("/_event")
    router = {"pathname": "/", "sid": sid, "headers": {"cookie": "pb_session=x"}, "ip": "10.0.0.1", "token": "x"}
    await thief.raw({"name": f"{DESK}.rule_the_house", "payload": {}, "router_data": router})
    assert await thief.until(lambda: SIGN_IN in thief.redirects())
    assert await ran(redis, "rule_the_house") == before


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", None])
async def test_other_origins_are_refused(browser: Any, people: People, origin: str | None) -> None:
    with pytest.raises(Refused):
        await browser(await people.sign_in("Anna"), origin=origin)


@pytest.mark.parametrize("query", ["&token=another", "&token="])
async def test_exactly_one_token_is_named(browser: Any, query: str) -> None:
    with pytest.raises(Refused):
        await browser(query=query)


async def test_a_token_of_any_length_is_refused(browser: Any) -> None:
    with pytest.raises(Refused):
        await browser(token="t" * 65)


async def test_messages_that_are_too_large_end_the_socket(browser: Any, people: People) -> None:
    tab = await browser(await people.sign_in("Anna"))
    await tab.send(f"{DESK}.set_secret", value="x" * 300_000)
    assert await tab.until(lambda: tab.closed.is_set())


async def test_messages_that_are_too_many_end_the_socket(browser: Any, people: People) -> None:
    tab = await browser(await people.sign_in("Anna"))
    for _ in range(400):
        if tab.closed.is_set():
            break
        await tab.send("no.such_handler")
    assert await tab.until(lambda: tab.closed.is_set())


async def test_an_exception_reaches_the_screen_as_a_key_only(browser: Any, people: People) -> None:
    tab = await browser(await people.sign_in("Anna"))
    await tab.send(f"{DESK}.fail")
    assert await tab.until(lambda: tab.value(BASE, "toasts"))
    assert tab.value(BASE, "toasts")[0]["key"] == "errors.internal"
    assert "anna@example.org" not in everything(tab)


async def test_the_socket_gives_no_header_back(browser: Any, people: People) -> None:
    anna = await people.sign_in("Anna")
    tab = await browser(anna, path="/desk/")
    assert await tab.until(lambda: tab_shows(tab, "secret of Anna"))
    assert anna.token not in everything(tab)


def tab_shows(tab: Any, text: str) -> bool:
    return tab.value(DESK, "secret") == text

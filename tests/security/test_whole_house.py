"""The web app over the real house: PostgreSQL, accounts, sessions, keys. Signing in, being seen on the socket, being cut."""

from __future__ import annotations

import time

import httpx

from photobank.access.actor import system
from photobank.accounts import sessions, users
from photobank.models.accounts import Role
from photobank.scope import Container
from photobank.settings import Settings
from tests.security.conftest import BASE, browsing, running

SESSION = "/api/v1/session"
PASSWORD = "een lang genoeg wachtwoord"


async def test_signing_in_shows_on_the_socket_and_signing_out_cuts_it(container: Container, house_settings: Settings) -> None:
    async with container.scope(system()) as scope:
        await users.create(scope, "anna@lelie.example", "Anna de Vries", Role.reviewer, PASSWORD)
    assert house_settings.database_url is not None
    assert house_settings.redis_url is not None
    database, cache = house_settings.database_url.get_secret_value(), house_settings.redis_url.get_secret_value()
    folder = house_settings.data_dir.parent
    with running(folder, cache, "photobank.photobank:app", PHOTOBANK_DATABASE_URL=database) as server:
        async with httpx.AsyncClient(base_url=server.origin, timeout=20) as web, browsing(server) as open_tab:
            assert (await web.get("/readyz")).json()["ready"] is True
            wrong = await web.post(SESSION, json={"email": "anna@lelie.example", "password": "verkeerd wachtwoord"})
            assert (wrong.status_code, wrong.json()["code"]) == (401, "not_authenticated")
            answer = await web.post(SESSION, json={"email": "anna@lelie.example", "password": PASSWORD})
            assert answer.status_code == 201
            assert answer.json()["role"] == "reviewer"
            cookie = web.cookies["pb_session"]
            tab = await open_tab(cookie=f"pb_session={cookie}")
            await tab.send(f"{BASE}.load_frame")
            assert await tab.until(lambda: tab.value(BASE, "my_name") == "Anna de Vries")
            assert tab.value(BASE, "my_role") == "reviewer"
            start = time.perf_counter()
            ended = await web.delete(SESSION, headers={"X-CSRF-Token": answer.json()["csrf_token"]})
            assert ended.status_code == 204
            assert await tab.until(lambda: tab.closed.is_set(), 2)
            assert time.perf_counter() - start < 1
            assert (await web.get(SESSION, headers={"Cookie": f"pb_session={cookie}"})).status_code == 401
        assert cookie not in server.logged()
        assert "Anna" not in server.logged()


async def test_many_sessions_are_resolved_as_each_one_is(container: Container) -> None:
    tokens = []
    async with container.scope(system()) as scope:
        for name in ("Anna", "Bob", "Cas"):
            row = await users.create(scope, f"{name}@lelie.example", name, Role.viewer)
            user = await scope.db.get(users.User, row.id)
            assert user is not None
            tokens.append(await sessions.create(scope, user))
        assert await sessions.resolve_many(container, []) == {}
    anna = await sessions.resolve(container, tokens[0])
    bob = await sessions.resolve(container, tokens[1])
    assert anna is not None
    assert bob is not None
    async with container.scope(anna) as scope:
        assert anna.session_id is not None
        await sessions.revoke(scope, anna.session_id)
    found = await sessions.resolve_many(container, [*tokens, "unknown", "x" * 500])
    assert set(found) == {tokens[1], tokens[2]}
    assert found[tokens[1]] == bob

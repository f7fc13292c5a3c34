"""Sessions and their cookies, keys, users, set-up, folders with their grants, and who reads the audit log."""

from __future__ import annotations

from http.cookies import SimpleCookie
from uuid import UUID

import httpx
import pytest

from photobank.access.actor import system
from photobank.accounts import users
from photobank.library import setup
from photobank.scope import Container
from photobank.web import house
from photobank.web.cookies import CSRF, CSRF_HEADER, SESSION
from tests.api.given import ORIGIN, V1, browser, problem
from tests.factories import add_photo
from tests.house import Cast, Door

PASSWORD = "  correct horse battery staple 42 "  # blanks at the ends belong to it


async def sign_in(http: httpx.AsyncClient, email: str, password: str = PASSWORD, **headers: str) -> httpx.Response:
    return await http.post(f"{V1}/session", json={"email": email, "password": password}, headers=headers)


async def test_a_session_from_its_cookies_to_its_end(cast: Cast, door: Door) -> None:
    async with await door.client(cast.alice) as admin:
        made = await admin.post(
            f"{V1}/users", json={"email": "Eva@lelie.example", "name": "Eva", "role": "viewer", "password": PASSWORD}
        )
        assert made.status_code == 201, made.text
        assert "password" not in made.text
    async with await door.client() as http:
        for email, password in (
            ("eva@lelie.example", PASSWORD.strip()),
            ("nobody@lelie.example", PASSWORD),
            ("eva@lelie.example", "x"),
        ):
            told = problem(await sign_in(http, email, password), 401, "not_authenticated")
            assert told["detail"] == "wrong e-mail or password"
        problem(await sign_in(http, "eva@lelie.example", Origin="https://evil.example"), 403, "refused")
        signed = await sign_in(http, " EVA@lelie.example ", Origin=ORIGIN)
        assert (signed.status_code, signed.json()["role"]) == (201, "viewer")
        cookies = SimpleCookie()
        for line in signed.headers.get_list("set-cookie"):
            cookies.load(line)
        session, csrf = cookies[SESSION], cookies[CSRF]
        assert (session["httponly"], session["samesite"], session["path"]) == (True, "lax", "/")
        assert (csrf["httponly"], csrf["samesite"]) == ("", "strict")
        assert session.value not in signed.text
        assert csrf.value == signed.json()["csrf_token"]
        assert (await http.get(f"{V1}/session")).json()["csrf_token"] == csrf.value
        problem(await http.patch(f"{V1}/me", json={"theme": "dark"}), 403, "refused")
        http.headers[CSRF_HEADER] = csrf.value
        assert (await http.patch(f"{V1}/me", json={"theme": "dark", "language": "en"})).json()["theme"] == "dark"
        async with await door.client() as second:
            assert (await sign_in(second, "eva@lelie.example")).status_code == 201
            rows = (await http.get(f"{V1}/me/sessions")).json()["items"]
            assert sorted(row["is_this"] for row in rows) == [False, True]
            new = {"current": PASSWORD, "new": "a quite different one 77"}
            problem(await http.put(f"{V1}/me/password", json=new | {"current": "wrong"}), 422, "invalid")
            problem(await http.put(f"{V1}/me/password", json=new | {"new": "password123"}), 422, "invalid")
            assert (await http.put(f"{V1}/me/password", json=new)).status_code == 204
            problem(await second.get(f"{V1}/session"), 401, "not_authenticated")
        # Two different session cookies: somebody planted one, so neither counts.
        planted = await http.get(f"{V1}/session", headers={"Cookie": f"{SESSION}=x; {SESSION}={session.value}"})
        problem(planted, 401, "not_authenticated")
        assert (await http.delete(f"{V1}/session")).status_code == 204
        http.cookies.set(SESSION, session.value)
        problem(await http.get(f"{V1}/session"), 401, "not_authenticated")


async def test_guessing_is_slowed(door: Door, cast: Cast) -> None:
    async with await door.client() as http:
        answers = [(await sign_in(http, "alice@lelie.example", "guess")) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [401] * 6 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    problem(answers[-1], 429, "rate_limited")


async def test_keys_are_shown_once_and_never_exceed_their_maker(cast: Cast, door: Door) -> None:
    async with await browser(door, cast, cast.rita) as rita, await door.client(cast.alice) as alice:
        made = await rita.post(f"{V1}/keys", json={"name": "script", "scopes": ["read", "review"], "days": 30})
        assert made.status_code == 201, made.text
        key = made.json()
        assert key["key"].startswith(key["prefix"])
        assert key["key"] not in (await rita.get(f"{V1}/keys")).text
        for body in (
            {"name": ""},
            {"name": "x", "scopes": ["world"]},
            {"name": "x", "days": 0},
            {"name": "x", "days": 10**9},
            {"name": "a\0"},
        ):
            problem(await rita.post(f"{V1}/keys", json=body), 422, "invalid")
        async with await door.client() as script:
            script.headers["Authorization"] = f"Bearer {key['key']}"
            assert (await script.get(f"{V1}/people")).status_code == 200
            problem(await script.patch(f"{V1}/me", json={"theme": "dark"}), 403, "refused")
            problem(await script.post(f"{V1}/keys", json={"name": "more"}), 403, "refused")
            problem(await script.delete(f"{V1}/session"), 403, "refused")
            assert (await alice.delete(f"{V1}/keys/{key['id']}")).status_code == 204
            problem(await script.get(f"{V1}/people"), 401, "not_authenticated")
        for header in ("Bearer", "Bearer x", "Bearer " + "x" * 400, f"Basic {key['key']}", "Bearer pbk_" + "é"):
            answer = await rita.get(f"{V1}/me", headers={"Authorization": header.encode("latin-1")})
            assert problem(answer, 401, "not_authenticated")["title"] == "Sign in first"
            assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_users_are_made_changed_and_shut_out(cast: Cast, door: Door) -> None:
    async with await door.client(cast.alice) as alice, await browser(door, cast, cast.bob) as bob:
        problem(
            await alice.post(f"{V1}/users", json={"email": "bob@LELIE.example", "name": "B", "role": "viewer"}), 409, "conflict"
        )
        for wrong in (
            {"email": "none"},
            {"role": "king"},
            {"name": ""},
            {"name": "a\0b"},
            {"password": "short"},
            {"x": 1},
        ):
            body = {"email": "new@lelie.example", "name": "New", "role": "viewer"} | wrong
            problem(await alice.post(f"{V1}/users", json=body), 422, "invalid")
        half = b'{"email": "new@lelie.example", "name": "\\ud800", "role": "viewer"}'
        problem(await alice.post(f"{V1}/users", content=half, headers={"Content-Type": "application/json"}), 422, "invalid")
        assert (await bob.get(f"{V1}/me")).status_code == 200
        changed = await alice.patch(f"{V1}/users/{cast.bob.user_id}", json={"role": "reviewer", "name": "Robert"})
        assert (changed.json()["role"], changed.json()["name"]) == ("reviewer", "Robert")
        assert (await bob.get(f"{V1}/clusters")).status_code == 200, "rights count at once"
        assert (await alice.patch(f"{V1}/users/{cast.bob.user_id}", json={"disabled": True})).json()["disabled_at"] is not None
        problem(await bob.get(f"{V1}/me"), 401, "not_authenticated")
        for stop in ({"role": "viewer"}, {"disabled": True}):
            problem(await alice.patch(f"{V1}/users/{cast.alice.user_id}", json=stop), 409, "conflict")
        made = await alice.post(f"{V1}/departments", json={"name": "Communicatie", "members": [str(cast.charlie.user_id)]})
        assert made.status_code == 201
        problem(await alice.post(f"{V1}/departments", json={"name": "Communicatie"}), 409, "conflict")


async def test_folders_and_the_grants_that_open_them(cast: Cast, door: Door) -> None:
    photo = await add_photo(cast.container, cast.closed)
    async with await door.client(cast.alice) as alice, await door.client(cast.charlie) as charlie:
        assert (await charlie.get(f"{V1}/folders")).json()["items"] == []
        body = {"principal_kind": "user", "principal": str(cast.charlie.user_id), "permission": "view"}
        given = await alice.post(f"{V1}/folders/{cast.closed}/grants", json=body)
        assert given.status_code == 201, given.text
        (seen,) = (await charlie.get(f"{V1}/folders")).json()["items"]
        assert (seen["id"], seen["permission"], seen["photos"]) == (str(cast.closed), "view", 1)
        assert (await charlie.get(f"{V1}/assets/{photo}")).status_code == 200
        problem(await charlie.patch(f"{V1}/assets/{photo}", json={"title": "mine"}), 403, "refused")
        child = (await alice.post(f"{V1}/folders", json={"name": " Diep ", "parent_id": str(cast.closed)})).json()
        assert child["name"] == "Diep"
        assert {one["name"] for one in (await charlie.get(f"{V1}/folders")).json()["items"]} == {"Directie", "Diep"}
        await alice.patch(f"{V1}/folders/{child['id']}", json={"inherits": False})
        assert [one["name"] for one in (await charlie.get(f"{V1}/folders")).json()["items"]] == ["Directie"]
        problem(await alice.post(f"{V1}/folders", json={"name": "Diep", "parent_id": str(cast.closed)}), 409, "conflict")
        problem(await alice.delete(f"{V1}/folders/{cast.closed}"), 409, "conflict")
        for wrong in ({"name": "\0"}, {"name": " "}, {"name": "x" * 201}, {"parent_id": "x"}):
            problem(await alice.post(f"{V1}/folders", json={"name": "ok"} | wrong), 422, "invalid")
        for wrong in (
            {"principal": "x\0"},
            {"permission": "all"},
            {"principal_kind": "dog"},
            {"principal_kind": "role", "principal": "king"},
        ):
            answer = await alice.post(f"{V1}/folders/{cast.closed}/grants", json=body | wrong)
            assert answer.status_code in (404, 422), answer.text
        assert (await alice.delete(f"{V1}/folders/{child['id']}")).status_code == 204
        assert (await alice.delete(f"{V1}/folders/{cast.closed}/grants/{given.json()['id']}")).status_code == 204
        problem(await charlie.get(f"{V1}/assets/{photo}"), 404, "not_found")


async def test_the_audit_log_is_for_admins_and_the_privacy_officer(cast: Cast, door: Door) -> None:
    async with await door.client(cast.petra) as petra:
        page = (await petra.get(f"{V1}/audit/events?limit=2")).json()
        assert len(page["items"]) == 2
        rest = (await petra.get(f"{V1}/audit/events?cursor={page['next_cursor']}&tag=grant:give")).json()["items"]
        assert {row["tag"] for row in rest} == {"grant:give"}
        for query in (
            "cursor=x",
            "cursor=-1",
            "tag=none",
            "since=2026-01-01T00:00:00",
            "since=never",
            f"cursor={'9' * 19}",
            "actor_id=1",
        ):
            problem(await petra.get(f"{V1}/audit/events?{query}"), 422, "invalid")
    for actor in (cast.bob, cast.rita, cast.charlie):
        async with await door.client(actor) as http:
            problem(await http.get(f"{V1}/audit/events"), 403, "refused")
    async with await door.client(cast.alice) as alice:
        refused = (await alice.get(f"{V1}/audit/events?refused=true")).json()["items"]
        assert {row["actor_name"] for row in refused} == {"Bob", "Rita", "Charlie"}


async def test_set_up_is_possible_once(container: Container, door: Door) -> None:
    body = {
        "token": setup.token_of(container.vault), "organisation": "De Lelie", "name": "Eva", "email": "eva@lelie.example", "password": PASSWORD,
    }  # fmt: skip
    async with await door.client() as http:
        problem(await http.post(f"{V1}/setup", json=body | {"token": "guess"}), 404, "not_found")
        problem(await http.post(f"{V1}/setup", json=body | {"password": "short"}), 422, "invalid")
        made = await http.post(f"{V1}/setup", json=body)
        assert (made.status_code, UUID(made.json()["admin_id"]).version) == (201, 7)
        problem(await http.post(f"{V1}/setup", json=body | {"email": "mallory@evil.example"}), 404, "not_found")
        assert (await sign_in(http, "eva@lelie.example")).json()["role"] == "admin"
    async with container.scope(system()) as scope:
        assert [row.name for row in await users.list_all(scope)] == ["Eva"]
    assert house.house().container is container


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_probes_tell_strangers_little(door: Door, path: str) -> None:
    async with await door.client() as http:
        answer = await http.get(path)
    if path == "/metrics":
        problem(answer, 404, "not_found")
    else:
        assert answer.status_code == 200
        assert "/" not in answer.text.replace("n/a", "")

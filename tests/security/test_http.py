"""The same house over HTTP: headers, cookies, CSRF, and doors that must not be there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis

from tests.plain_house import KEYS, PASSWORD, pack
from tests.security.conftest import People, Server

SESSION = "/api/v1/session"


@pytest.fixture
async def web(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.origin, timeout=10) as client:
        yield client


async def sign_in(web: httpx.AsyncClient, **headers: str) -> httpx.Response:
    return await web.post(SESSION, json={"email": "anna@example.org", "password": PASSWORD}, headers=headers)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize("path", ["/_upload", "/_upload/", "/_upload/secret.jpg", "/_all_routes", "/auth-codespace"])
async def test_the_framework_opens_no_door_of_its_own(web: httpx.AsyncClient, method: str, path: str) -> None:
    assert (await web.request(method, path)).status_code in (404, 405)


@pytest.mark.parametrize("path", ["/_event", "/_event/", "/_event/?EIO=4&transport=polling&token=x"])
async def test_the_socket_has_no_polling_transport(web: httpx.AsyncClient, path: str) -> None:
    assert (await web.get(path)).status_code == 404


@pytest.mark.parametrize("path", ["/healthz", "/api/docs", "/api/v1/openapi.json", "/api/v1/session", "/no/such/page", "/metrics"])
async def test_every_answer_carries_the_headers(web: httpx.AsyncClient, path: str) -> None:
    headers = (await web.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert "strict-transport-security" not in headers  # this server speaks plain HTTP
    if path.startswith("/api"):
        assert headers["cache-control"] == "private, no-store"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "script" not in headers["content-security-policy"]


async def test_other_origins_get_no_cors(web: httpx.AsyncClient, server: Server) -> None:
    evil = await web.get(SESSION, headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in evil.headers
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    assert "access-control-allow-origin" not in (await web.options(SESSION, headers=asked)).headers


async def test_signing_in_sets_a_cookie_that_scripts_cannot_read(web: httpx.AsyncClient) -> None:
    answer = await sign_in(web)
    assert answer.status_code == 201
    cookies = {line.partition("=")[0]: line.lower() for line in answer.headers.get_list("set-cookie")}
    assert "httponly" in cookies["pb_session"]
    assert "samesite=lax" in cookies["pb_session"]
    assert "httponly" not in cookies["pb_csrf"]
    assert web.cookies["pb_session"] not in answer.text
    assert answer.json()["csrf_token"] == web.cookies["pb_csrf"]
    assert (await web.get(SESSION)).json()["name"] == "anna"


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}])
async def test_another_site_cannot_sign_anybody_in(web: httpx.AsyncClient, headers: dict[str, str]) -> None:
    answer = await sign_in(web, **headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_a_wrong_password_is_a_plain_no(web: httpx.AsyncClient) -> None:
    answer = await web.post(SESSION, json={"email": "anna@example.org", "password": "wrong"})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "not_authenticated"
    assert "set-cookie" not in answer.headers


async def test_unsafe_requests_with_the_cookie_need_the_csrf_token(web: httpx.AsyncClient) -> None:
    token = (await sign_in(web)).json()["csrf_token"]
    assert (await web.delete(SESSION)).status_code == 403
    assert (await web.delete(SESSION, headers={"X-CSRF-Token": "0" * 64})).status_code == 403
    for bad in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        assert (await web.delete(SESSION, headers={"X-CSRF-Token": token, **bad})).status_code == 403
    assert (await web.get(SESSION)).status_code == 200
    assert (await web.delete(SESSION, headers={"X-CSRF-Token": token})).status_code == 204
    assert "pb_session" not in web.cookies


async def test_the_csrf_token_of_another_session_does_not_do(web: httpx.AsyncClient, server: Server) -> None:
    await sign_in(web)
    async with httpx.AsyncClient(base_url=server.origin) as other:
        token = (await sign_in(other)).json()["csrf_token"]
    planted = {"X-CSRF-Token": token, "Cookie": f"pb_session={web.cookies['pb_session']}; pb_csrf={token}"}
    assert (await web.delete(SESSION, headers=planted)).status_code == 403


async def test_the_session_ends_on_the_server_when_signing_out(web: httpx.AsyncClient) -> None:
    token = (await sign_in(web)).json()["csrf_token"]
    cookie = web.cookies["pb_session"]
    await web.delete(SESSION, headers={"X-CSRF-Token": token})
    assert (await web.get(SESSION, headers={"Cookie": f"pb_session={cookie}"})).status_code == 401


async def test_an_api_key_needs_no_csrf_token_and_has_no_session_to_end(web: httpx.AsyncClient, redis: Redis) -> None:
    await redis.hset(KEYS, "pbk_test", pack("Robot", "viewer"))
    headers = {"Authorization": "Bearer pbk_test", "Origin": "https://script.example"}
    assert (await web.get(SESSION, headers=headers)).json()["csrf_token"] is None
    assert (await web.delete(SESSION, headers=headers)).status_code == 403


@pytest.mark.parametrize("value", ["Bearer pbk_unknown", "Bearer", "Basic YTpi", "pbk_test", "Bearer " + "x" * 500])
async def test_a_key_that_is_not_valid_is_not_nobody(web: httpx.AsyncClient, people: People, value: str) -> None:
    anna = await people.sign_in("Anna")
    assert (await web.get(SESSION, headers={"Authorization": value, "Cookie": anna.cookie})).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("GET", "/api/nothing/at/all", 404, "not_found"),
        ("PATCH", "/api/v1/session", 405, "method_not_allowed"),
        ("GET", "/api/v1/session", 401, "not_authenticated"),
        ("POST", "/api/v1/session", 422, "invalid"),
    ],
)
async def test_errors_are_problems(web: httpx.AsyncClient, method: str, path: str, status: int, code: str) -> None:
    answer = await web.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["code"] == code
    assert body["status"] == status
    assert body["request_id"] == answer.headers["x-request-id"]
    if status == 405:
        assert "DELETE" in answer.headers["allow"]


async def test_an_invalid_argument_is_not_repeated(web: httpx.AsyncClient) -> None:
    answer = await web.post(SESSION, json={"email": "a" * 400, "password": "hunter2"})
    assert answer.status_code == 422
    assert "aaaa" not in answer.text
    assert "body.email" in answer.json()["fields"]
    assert (await web.post(SESSION, content=b"{nonsense", headers={"content-type": "application/json"})).status_code == 422


async def test_probes(web: httpx.AsyncClient) -> None:
    assert (await web.get("/healthz")).text == "ok"
    assert (await web.get("/readyz")).json()["ready"] is True
    assert "photobank_ui_events_refused_total" in (await web.get("/metrics")).text


async def test_the_documentation_needs_no_other_server(web: httpx.AsyncClient) -> None:
    page = await web.get("/api/docs")
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "http" not in page.text.replace("http-equiv", "")
    assert "/api/v1/session" in page.text
    assert (await web.get("/api/v1/openapi.json")).json()["openapi"].startswith("3.")


async def test_a_large_body_is_refused_before_anybody_asks_who_sends_it(web: httpx.AsyncClient) -> None:
    body = b'{"email": "' + b"a" * (1024 * 1024) + b'"}'
    answer = await web.post(SESSION, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_deep_body_is_no_fault_of_ours(web: httpx.AsyncClient) -> None:
    answer = await web.post(SESSION, content=b"[" * 500_000, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)

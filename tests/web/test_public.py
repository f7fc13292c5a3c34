"""Pages for people without an account: their headers, their languages, and what they say when something may not be had."""

from __future__ import annotations

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from photobank.kernel.errors import ClearanceRefused, NotFound, PhotobankError, RateLimited, Refused
from photobank.web import public

SECRET = "Anna de Vries"
HTML = {"Accept": "text/html"}

ERRORS: dict[str, Exception] = {
    "unknown": NotFound(SECRET),
    "refused": Refused(SECRET, name=SECRET),
    "consent": ClearanceRefused(SECRET, use="website", state="missing", reasons=[{"person_name": SECRET}]),
    "often": RateLimited(SECRET, retry_after=61),
    "fault": PhotobankError(SECRET),
    "bug": KeyError(SECRET),
}


@pytest.fixture
async def http() -> httpx.AsyncClient:
    router = APIRouter(route_class=public.PublicRoute)

    @router.get("/{what}")
    async def show(what: str, request: Request) -> Response:
        if what in ERRORS:
            raise ERRORS[what]
        return public.page(request, "closed.html", kind="closed", minutes=0)

    @router.get("/n/{number}")
    async def number(number: int) -> Response:
        raise AssertionError(number)

    app = FastAPI()
    app.include_router(router)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


@pytest.mark.parametrize("what", ERRORS)
async def test_an_error_tells_nothing_but_how_to_go_on(http: httpx.AsyncClient, what: str) -> None:
    shown, bare = await http.get(f"/{what}", headers=HTML), await http.get(f"/{what}", headers={"Accept": "image/*"})
    expected = getattr(ERRORS[what], "status", 500)
    assert (shown.status_code, bare.status_code) == (expected, expected)
    assert SECRET not in shown.text
    assert bare.content == b""
    assert "<h1>" in shown.text
    for answer in (shown, bare):
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"


async def test_what_is_unknown_and_what_is_refused_read_the_same(http: httpx.AsyncClient) -> None:
    texts = {(await http.get(f"/{what}", headers=HTML)).text for what in ("unknown", "refused", "consent", "n/x")}
    assert len(texts) == 1


async def test_too_many_tries_say_how_long(http: httpx.AsyncClient) -> None:
    answer = await http.get("/often", headers=HTML | {"Accept-Language": "en"})
    assert "2 minutes" in answer.text
    assert answer.headers["retry-after"] == "61"


async def test_a_page_speaks_the_readers_language_and_runs_nothing_else(http: httpx.AsyncClient) -> None:
    dutch, english = await http.get("/page", headers=HTML), await http.get("/page?lang=en", headers=HTML)
    assert ('lang="nl"' in dutch.text, 'lang="en"' in english.text) == (True, True)
    assert dutch.headers["content-language"] == "nl"
    policy = dutch.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'none'" in policy
    assert "unsafe" not in policy
    assert len(dutch.content) < 16_000


def test_dark_is_the_choice_of_the_device() -> None:
    css = public._css()
    assert "@media (prefers-color-scheme: dark) { :root { --bg" in css
    assert ".dark" not in css

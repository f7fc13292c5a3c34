"""Content-Security-Policy and the other headers."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.responses import HTMLResponse, PlainTextResponse

from photobank.settings import Settings
from photobank.web.csp import Pages, script_hashes
from photobank.web.headers import IMMUTABLE, SecurityHeaders

SCRIPT = "window.__ctx = {a: '<b>', \"c\": 1 && 2};"


def sha(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@pytest.fixture
def client_dir(tmp_path: Path) -> Path:
    (tmp_path / "library").mkdir()
    (tmp_path / "index.html").write_text(f"<html><script>{SCRIPT}</script><script src='/x.js'></script></html>")
    (tmp_path / "library" / "index.html").write_text("<script type=module>import 'a'</script><script>two()</script>")
    (tmp_path / "404.html").write_text("<script>missing()</script>")
    return tmp_path


def test_the_hash_is_that_of_the_exact_text() -> None:
    assert script_hashes(f"<p>&amp;</p><script>{SCRIPT}</script>") == [sha(SCRIPT)]
    assert script_hashes("<script src='/x.js'></script>") == []
    assert script_hashes("<script>\n a &lt; b \n</script>") == [sha("\n a &lt; b \n")]
    assert script_hashes("<style>p{}</style><script></script>") == [sha("")]


def test_each_page_allows_its_own_scripts_only(client_dir: Path) -> None:
    pages = Pages(client_dir, ["wss://photos.example.org"], https=True)
    assert sha(SCRIPT) in pages.policy("/")
    assert sha("two()") not in pages.policy("/")
    assert sha("two()") in pages.policy("/library/")
    assert pages.policy("/library") == pages.policy("/library/")
    fallback = pages.policy("/photo/0190/")
    assert all(sha(text) in fallback for text in (SCRIPT, "two()", "missing()"))


@pytest.mark.parametrize("path", ["/", "/library/", "/photo/1/"])
def test_no_page_may_run_what_it_makes_up(client_dir: Path, path: str) -> None:
    policy = dict(
        part.split(" ", 1) if " " in part else (part, "") for part in Pages(client_dir, [], https=True).policy(path).split("; ")
    )
    assert "unsafe" not in policy["script-src"]
    assert "*" not in " ".join(policy.values())
    assert "http:" not in " ".join(policy.values())
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["img-src"] == "'self' blob: data:"
    assert "upgrade-insecure-requests" in policy


def test_without_a_front_end_there_is_a_policy_all_the_same(tmp_path: Path) -> None:
    assert "script-src 'self';" in Pages(tmp_path / "nowhere", [], https=False).policy("/")


def client(client_dir: Path, answer: Any, public_url: str = "https://photos.example.org") -> httpx.AsyncClient:
    settings = Settings(public_url=public_url)
    app = SecurityHeaders(answer, settings, Pages(client_dir, [], https=settings.secure_cookies))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


@pytest.mark.parametrize(
    ("path", "cache"),
    [
        ("/assets/entry-Ab12_xYZ.js", IMMUTABLE),
        ("/assets/Inter-4f3c9a1b.woff2", IMMUTABLE),
        ("/assets/reflex-env-Ab12_xYZ.js", "no-cache"),
        ("/assets/plain.js", "no-cache"),
        ("/library/", "no-cache"),
        ("/api/v1/people", "private, no-store"),
        ("/s/token/", "private, no-store"),
    ],
)
async def test_only_what_is_named_by_its_content_is_kept(client_dir: Path, path: str, cache: str) -> None:
    async with client(client_dir, HTMLResponse("x")) as web:
        assert (await web.get(path)).headers["cache-control"] == cache


async def test_an_error_is_never_kept(client_dir: Path) -> None:
    async with client(client_dir, PlainTextResponse("gone", 404)) as web:
        assert (await web.get("/assets/entry-Ab12_xYZ.js")).headers["cache-control"] == "no-cache"


async def test_what_a_route_sets_itself_is_kept(client_dir: Path) -> None:
    async with client(client_dir, PlainTextResponse("x", headers={"Cache-Control": "private, max-age=0"})) as web:
        assert (await web.get("/api/v1/x")).headers["cache-control"] == "private, max-age=0"


async def test_hsts_only_behind_tls(client_dir: Path) -> None:
    async with client(client_dir, HTMLResponse("x")) as web:
        assert "max-age=31536000" in (await web.get("/")).headers["strict-transport-security"]
    async with client(client_dir, HTMLResponse("x"), "http://127.0.0.1:8000") as web:
        assert "strict-transport-security" not in (await web.get("/")).headers

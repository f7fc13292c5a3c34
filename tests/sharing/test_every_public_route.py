"""Walks every address for people without an account, with an unknown token: each answers like an address that never was."""

from __future__ import annotations

import re

from tests.api.route_walk import PUBLIC, mounted
from tests.house import Door, the_api
from tests.sharing.given import FORM, HTML, outsider

ROUTES = {
    "GET /s/{token}",
    "GET /s/{token}/",
    "GET /s/{token}/open",
    "POST /s/{token}/open",
    "GET /s/{token}/photos/{name}/{size}",
    "POST /s/{token}/photos/{name}/download",
    "POST /s/{token}/download",
    "GET /s/{token}/news",
    "GET /embed/{token}/{name}",
    "GET /bring/{token}",
    "GET /bring/{token}/",
    "GET /bring/{token}/open",
    "POST /bring/{token}/open",
    "PUT /bring/{token}/files",
}
WHOEVER_HOLDS_IT = {
    "GET /s/{token}",
    "GET /s/{token}/open",
    "GET /bring/{token}",
    "GET /bring/{token}/open",
}  # these only send on to the page
FILLING = {"token": "never-there", "name": "960.webp", "size": "thumb"}


def found() -> set[str]:
    routes = {(method, path) for path, methods in mounted(the_api().routes) for method in methods if path.startswith(PUBLIC)}
    return {f"{method} {path}" for method, path in routes if method != "HEAD" and "{rest:path}" not in path}


def test_every_public_route_is_written_down() -> None:
    assert found() == ROUTES


async def test_an_unknown_token_gets_nothing_anywhere(door: Door) -> None:
    stranger = outsider("http://127.0.0.1:8000/s/never-there/")
    for route in sorted(ROUTES):
        method, template = route.split(" ")
        path = re.sub(r"\{(\w+)\}", lambda part: FILLING[part[1]], template)
        for verb in (method, "HEAD") if method == "GET" else (method,):
            answer = await stranger.http.request(verb, path, headers=HTML | FORM)
            expected = (303, 308) if route in WHOEVER_HOLDS_IT else (404,)
            assert answer.status_code in expected, (verb, path)
            assert "no-store" in answer.headers["cache-control"]
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert "problem" not in answer.headers.get("content-type", "")
    assert (await stranger.http.post("/embed/never-there/960.webp")).status_code == 405
    for method in ("PUT", "PATCH", "DELETE"):
        assert (await stranger.http.request(method, "/s/never-there/", headers=HTML)).status_code in (404, 405)

"""Request bodies: bounded before anybody has looked at them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI, Request
from pydantic import BaseModel

from photobank.api import problems
from photobank.web import bodies
from photobank.web.bodies import LARGEST, BoundedBodies
from tests.house import the_api


class Thing(BaseModel):
    name: str


def app() -> FastAPI:
    api = FastAPI()
    problems.install(api)

    @api.post("/api/v1/people")
    async def whole(thing: Thing) -> dict[str, str]:
        return {"name": thing.name}

    @api.post("/api/v1/assets")
    @api.patch("/api/v1/uploads/{upload_id}")
    async def streamed(request: Request, upload_id: str = "") -> dict[str, int]:
        return {"bytes": sum([len(piece) async for piece in request.stream()])}

    return api


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(BoundedBodies(app()))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as found:
        yield found


async def pieces(count: int, size: int = 64 * 1024) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * size


def test_every_route_that_takes_a_file_takes_one_of_any_size() -> None:
    lists = {"/api/v1/consent-requests/list"}  # text, of a megabyte at most
    files = {
        path
        for path, item in the_api().openapi()["paths"].items()
        for operation in item.values()
        if (content := operation.get("requestBody", {}).get("content")) and "application/json" not in content
    }
    real = {path: re.sub(r"{\w*name}", "ours", re.sub(r"{\w*_id}", str(UUID(int=1)), path)) for path in files - lists}
    assert {path for path, one in real.items() if not bodies.STREAMED.match(one)} == set()
    assert len(real) >= 8


async def test_a_small_body_is_fine(client: httpx.AsyncClient) -> None:
    assert (await client.post("/api/v1/people", json={"name": "Anna"})).json() == {"name": "Anna"}


async def test_a_large_announced_body_is_refused_unread(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/people", content=b"x" * (LARGEST + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_a_large_body_without_a_length_is_refused_on_the_way(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/people", content=pieces(40), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(("method", "path"), [("POST", "/api/v1/assets"), ("PATCH", f"/api/v1/uploads/{'a' * 36}")])
async def test_photos_stream_past_that_bound(client: httpx.AsyncClient, method: str, path: str) -> None:
    assert (await client.request(method, path, content=pieces(40))).json() == {"bytes": 40 * 64 * 1024}


async def test_a_body_that_trickles_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "WHOLE_SECONDS", 0.05)
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.03)
        return {"type": "http.request", "body": b" ", "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/api/v1/people", "query_string": b"", "headers": headers}
    async with asyncio.timeout(5):
        await BoundedBodies(app())(scope, receive, send)
    assert sent[0]["status"] == 408


async def test_an_upload_that_stalls_ends_like_a_lost_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "PIECE_SECONDS", 0.02)
    heard: list[str] = []

    async def upload(scope: Any, receive: Any, send: Any) -> None:
        heard.append((await receive())["type"])

    async def never() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    scope = {"type": "http", "method": "PATCH", "path": f"/api/v1/uploads/{'a' * 36}", "headers": []}
    await BoundedBodies(upload)(scope, never, lambda _: asyncio.sleep(0))  # type: ignore[arg-type]
    assert heard == ["http.disconnect"]

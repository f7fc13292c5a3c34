"""Liveness, readiness, counters: right when all is well, right when something is not, and closed to strangers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from photobank.runtime import health, metrics
from photobank.runtime.health import Readiness
from photobank.runtime.ops import Counted, area, may_look_inside
from photobank.settings import load
from tests.runtime.small_app import app
from tests.servers import TestServers


def connection(host: str = "127.0.0.1", **headers: str) -> dict[str, Any]:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "headers": pairs, "client": (host, 1)}


async def test_ready_when_all_parts_answer(fresh_database_url: str, redis_url: str, tmp_path: Path) -> None:
    readiness = Readiness(load(data_dir=tmp_path, database_url=fresh_database_url, redis_url=redis_url))
    assert set((await readiness.parts()).values()) == {"ok"}
    assert set(await readiness.parts()) == {"database", "migrations", "redis", "disk"}


async def test_not_ready_before_migrations(servers: TestServers, redis_url: str, tmp_path: Path) -> None:
    url = servers.empty_database()
    parts = await Readiness(load(data_dir=tmp_path, database_url=url, redis_url=redis_url)).parts()
    assert parts["database"] == "ok"
    assert "photobank migrate" in parts["migrations"]


async def test_not_ready_without_servers(tmp_path: Path) -> None:
    settings = load(data_dir=tmp_path, database_url="postgresql://x@127.0.0.1:9/x", redis_url="redis://127.0.0.1:9/0")
    parts = await Readiness(settings).parts()
    assert parts["database"] != "ok"
    assert parts["redis"] != "ok"
    assert parts["disk"] == "ok"


async def test_a_crowd_asks_the_database_once(fresh_database_url: str, redis_url: str, tmp_path: Path) -> None:
    readiness = Readiness(load(data_dir=tmp_path, database_url=fresh_database_url, redis_url=redis_url))
    assert await readiness.findings() is await readiness.findings()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file in the way")
    assert not health.disk(tmp_path).ok
    assert not health.disk(tmp_path / "other", least_free=2**62).ok


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v1/assets/0198-id/downloads", "api/v1/assets"),
        ("/api/v1/somebody@example.org", "api"),
        ("/_event/", "_event"),
        ("/people/0198", "pages"),
        ("/s/secret-token", "pages"),
        ("/metricsx", "pages"),
    ],
)
def test_counters_are_labelled_by_area_never_by_id(path: str, expected: str) -> None:
    assert area(path) == expected


async def test_requests_are_counted() -> None:
    labels = ("GET", "pages", "200")
    before = metrics.REQUESTS.labels(*labels)._value.get()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(Counted(app())), base_url="http://house") as client:
        assert (await client.get("/who")).status_code == 200
    assert metrics.REQUESTS.labels(*labels)._value.get() == before + 1
    assert b"photobank_http_requests_total" in metrics.render()


def test_counters_are_for_this_machine_or_the_token_only() -> None:
    plain, token = load(), load(metrics_token="t0ken")
    assert may_look_inside(connection(), plain)
    assert not may_look_inside(connection("10.0.0.5"), plain)
    assert not may_look_inside(connection(x_forwarded_for="10.0.0.5"), plain), "a proxy on this machine"
    assert not may_look_inside(connection(), load(trusted_proxies=1)), "a proxy on this machine"
    assert may_look_inside(connection("10.0.0.5", authorization="Bearer t0ken"), token)
    assert not may_look_inside(connection("10.0.0.5", authorization="Bearer wrong"), token)

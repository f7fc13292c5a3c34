"""A face pack from an address: of that very machine, out in the world, as it was named and no larger than it may be."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import io
import zipfile
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from photobank.access import limits
from photobank.db.locks import try_lock
from photobank.kernel.errors import Conflict, Invalid, RateLimited, Refused, Unavailable
from photobank.people import installing
from tests.house import Cast, audit_of, with_key

ADDRESS = "https://packs.example:8443/ours.zip?of=ours"
OUT_THERE = "93.184.215.14"


def pack() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("recognise.onnx", b"model")
    return out.getvalue()


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 50):
        yield content[start : start + 50]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[httpx.Request]]:
    """Names that lead where a test says, and an answer to whoever asks there."""

    def lead(machines: list[list[str]], answer: httpx.Response | None = None) -> list[httpx.Request]:
        asked: list[httpx.Request] = []
        told = iter(machines)

        async def names(host: str, port: int, **_: Any) -> list[Any]:
            return [(0, 0, 0, "", (machine, port)) for machine in next(told)]

        def reply(request: httpx.Request) -> httpx.Response:
            asked.append(request)
            return answer or httpx.Response(200, content=pieces(pack()))

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", names, raising=False)
        client = functools.partial(httpx.AsyncClient, transport=httpx.MockTransport(reply))
        monkeypatch.setattr(installing.httpx, "AsyncClient", client)
        return asked

    return lead


async def install(cast: Cast, sha256: str, address: str = ADDRESS) -> None:
    async with cast.scope(cast.alice) as scope:
        await installing.from_address(scope, "ours", address, sha256)


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/pack.zip",
        "https://127.0.0.1/pack.zip",
        "https://localhost/pack.zip",
        "https://[::1]/pack.zip",
        "https://[::ffff:10.0.0.8]/pack.zip",
        "https://10.0.0.8/pack.zip",
        "https://169.254.169.254/latest",
        "https://user:word@192.0.2.1/pack.zip",
        "https://a b/pack.zip",
        "https://packs.example:99999/pack.zip",
        f"https://{'x' * 70}.example/pack.zip",
        "file:///etc/passwd",
        "https:///pack.zip",
    ],
)
async def test_no_address_of_this_network_is_asked(cast: Cast, address: str) -> None:
    with pytest.raises(Invalid):
        await install(cast, "0" * 64, address)


@pytest.mark.parametrize(
    "machine",
    [
        "10.0.0.8",
        "100.64.0.1",
        "224.0.0.1",
        "fec0::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
async def test_a_name_that_leads_home_is_not_asked_however_home_is_written(cast: Cast, world: Any, machine: str) -> None:
    asked = world([[OUT_THERE, machine]])
    with pytest.raises(Invalid):
        await install(cast, "0" * 64)
    assert asked == []


async def test_the_machine_that_was_judged_is_the_one_that_is_asked_under_the_name_it_must_prove(cast: Cast, world: Any) -> None:
    asked = world([[OUT_THERE], ["127.0.0.1"]])
    await install(cast, hashlib.sha256(pack()).hexdigest())
    (request,) = asked
    assert str(request.url) == f"https://{OUT_THERE}:8443/ours.zip?of=ours"
    assert (request.headers["Host"], request.extensions["sni_hostname"]) == ("packs.example:8443", "packs.example")
    assert [event.payload["pack"] for event in await audit_of(cast.container, "face-model:install")] == ["ours"]
    assert (cast.container.settings.data_dir / "models" / "ours" / "recognise.onnx").read_bytes() == b"model"


async def test_another_file_a_way_on_and_too_much_are_refused(cast: Cast, world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    world([[OUT_THERE]])
    with pytest.raises(Invalid, match="sha256"):
        await install(cast, "0" * 64)
    world([[OUT_THERE]], httpx.Response(302, headers={"Location": "https://127.0.0.1/"}))
    with pytest.raises(Unavailable):
        await install(cast, "0" * 64)
    world([[OUT_THERE]])
    monkeypatch.setattr(installing.unpacking, "LARGEST", 10)
    with pytest.raises(Invalid, match="too large"):
        await install(cast, hashlib.sha256(pack()).hexdigest())
    assert not (cast.container.settings.data_dir / "models" / "ours").exists()


async def test_only_who_manages_recognition_installs(cast: Cast, world: Any) -> None:
    asked = world([[OUT_THERE]] * 3)
    for actor in (cast.petra, with_key(cast.alice, "read", "edit"), cast.rita):
        with pytest.raises(Refused):
            async with cast.scope(actor) as scope:
                await installing.from_address(scope, "ours", ADDRESS, "0" * 64)
    assert asked == []


async def test_a_pack_that_is_sent_is_checked_like_any_other_and_one_at_a_time(cast: Cast) -> None:
    async def send(content: bytes, sha256: str) -> None:
        async with cast.scope(cast.alice) as scope:
            await installing.from_stream(scope, "ours", pieces(content), sha256)

    good = hashlib.sha256(pack()).hexdigest()
    with pytest.raises(Invalid, match="sha256"):
        await send(pack(), "0" * 64)
    async with try_lock(cast.container.engine, "face pack"):
        with pytest.raises(Conflict, match="another pack"):
            await send(pack(), good)
    await send(pack(), good)
    assert (cast.container.settings.data_dir / "models" / "ours" / "recognise.onnx").read_bytes() == b"model"
    for _ in range(limits.PACKS.item.amount - 3):
        await cast.container.rates.hit(limits.PACKS, str(cast.alice.user_id))
    with pytest.raises(RateLimited):
        await send(pack(), good)

"""What is left behind: in Redis, in the logs, on disk."""

from __future__ import annotations

import asyncio
import pickle
import pickletools
from typing import Any
from uuid import uuid4

from redis.asyncio import Redis

from photobank.web.secrets import WebSecrets
from tests.plain_house import ROOT, PlainSealer
from tests.security.conftest import DESK, HYDRATE, People, Server

BOOM: list[str] = []


async def values(redis: Redis, bound: str) -> dict[bytes, bytes]:
    keys = [key async for key in redis.scan_iter(match=f"*{bound}*")]
    return {key: await redis.get(key) for key in keys if await redis.type(key) == b"string"}


def pickled(value: bytes) -> bool:
    """Is it a pickle from its first byte to its last? Sealed bytes begin like one now and then."""
    try:
        *_, (_, _, end) = pickletools.genops(value)
    except Exception:
        return False
    return end == len(value) - 1


def bound_token(token: str, account: Any) -> str:
    return WebSecrets(ROOT, PlainSealer(ROOT)).bound_token(token, str(account.session_id))


async def test_redis_holds_nothing_in_the_clear(browser: Any, people: People, redis: Redis) -> None:
    anna, token = await people.sign_in("Anna de Vries"), str(uuid4())
    tab = await browser(anna, token=token, path="/desk/")
    assert await tab.until(lambda: tab.value(DESK, "secret"))
    held = await values(redis, bound_token(token, anna))
    assert any(key.decode().endswith("desk_state") for key in held)
    for key, value in held.items():
        assert b"Anna" not in value, key
        assert anna.token.encode() not in value, key
        assert b"photobank" not in value, key
        assert not pickled(value), key
    assert not [key async for key in redis.scan_iter(match=f"*{token}*")]


async def test_a_pickle_that_somebody_else_wrote_is_never_loaded(browser: Any, people: People, redis: Redis, tmp_path: Any) -> None:
    anna, token = await people.sign_in("Anna"), str(uuid4())
    tab = await browser(anna, token=token, path="/desk/")
    assert await tab.until(lambda: tab.value(DESK, "secret"))
    await tab.close()
    flag = tmp_path / "pwned"
    for key in await values(redis, bound_token(token, anna)):
        await redis.set(key, pickle.dumps(_Bomb(str(flag))))
    again = await browser(anna, token=token, path="/desk/")
    assert await again.until(lambda: again.value(DESK, "secret") == "secret of Anna")  # a fresh state, loaded anew
    assert not flag.exists()


async def test_a_sealed_state_moved_to_another_key_does_not_open(browser: Any, people: People, redis: Redis) -> None:
    anna, mallory = await people.sign_in("Anna"), await people.sign_in("Mallory")
    hers, his = str(uuid4()), str(uuid4())
    for account, token in ((anna, hers), (mallory, his)):
        tab = await browser(account, token=token, path="/desk/")
        assert await tab.until(lambda tab=tab: tab.value(DESK, "secret"))
        await tab.close()
    await asyncio.sleep(0.1)
    for key, value in (await values(redis, bound_token(hers, anna))).items():
        await redis.set(key.decode().replace(bound_token(hers, anna), bound_token(his, mallory)), value)
    thief = await browser(mallory, token=his, event={"name": HYDRATE, "payload": {}, "router_data": {}})
    await asyncio.sleep(0.4)
    assert "Anna" not in repr(thief.updates)


async def test_logs_hold_no_cookie_no_token_and_no_payload(browser: Any, people: People, server: Server) -> None:
    anna, token = await people.sign_in("Anna"), str(uuid4())
    tab = await browser(anna, token=token, path="/desk/")
    await tab.send("no.such_handler", password="hunter2-in-payload")
    await tab.send(f"{DESK}.set_secret", value={"odd": "hunter3-in-payload"})
    await tab.send(f"{DESK}.set_secret", other="hunter4-in-payload")
    await tab.send(f"{DESK}.count_to", number="hunter6-is-no-number")
    await tab.send("evil\nname hunter5-in-name")
    await tab.client.emit("client_error", {"error_type": "x", "message": "line\nbreak"}, namespace="/_event")
    await asyncio.sleep(0.4)
    text = server.logged()
    assert anna.token not in text
    assert "hunter" not in text, [line for line in text.splitlines() if "hunter" in line]
    assert bound_token(token, anna) not in text
    assert "no.such_handler" in text  # it is told that it happened
    assert "line\nbreak" not in text


async def test_no_state_is_written_to_disk(server: Server) -> None:
    left = [path for path in server.log.parent.rglob("*") if ".states" in path.parts or path.suffix == ".pkl"]
    assert left == []


class _Bomb:
    """Leaves a mark when it is unpickled."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return open, (self.path, "w")

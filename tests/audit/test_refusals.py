"""Refusals are kept, and nobody can make them fill the disk."""

from __future__ import annotations

import pytest
from limits import RateLimitItemPerMinute
from redis.exceptions import ConnectionError as RedisGone

from photobank.access import limits
from photobank.access.limits import Rate, Rates
from photobank.accounts import users
from photobank.kernel.errors import Refused
from tests.house import Cast, audit_of


async def ask(cast: Cast, times: int) -> None:
    for _ in range(times):
        with pytest.raises(Refused):
            async with cast.scope(cast.charlie) as scope:
                await users.list_all(scope)


async def test_beyond_a_rate_one_line_stands_for_the_rest(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REFUSALS", Rate("few", RateLimitItemPerMinute(3, 1)))
    await ask(cast, 6)
    kept = await audit_of(cast.container, "request:refuse", "refused")
    assert [event.payload["action"] for event in kept] == ["user:manage"] * 3 + ["refusals:more"]


async def test_a_refusal_is_kept_when_redis_cannot_count(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    async def gone(*_: object) -> bool:
        raise RedisGone

    monkeypatch.setattr(Rates, "allows", gone)
    await ask(cast, 1)
    assert len(await audit_of(cast.container, "request:refuse", "refused")) == 1

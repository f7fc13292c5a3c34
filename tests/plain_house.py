"""An open house without a database: people and sessions live in a Redis hash that the test writes. For tests of the web alone."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from redis.asyncio import Redis
from sqlalchemy.engine import IteratorResult, Result
from sqlalchemy.engine.result import SimpleResultMetaData

from photobank.access.actor import Actor, ActorKind
from photobank.consents.house import House as Decided
from photobank.kernel.errors import Damaged, NotAuthenticated, Refused
from photobank.models.accounts import Role
from photobank.settings import Settings
from photobank.web.house import House
from photobank.web.identity import SignedIn
from photobank.web.secrets import WebSecrets

SESSIONS = "test:sessions"
KEYS = "test:keys"
CALLS = "test:calls"
REFUSALS = "test:refusals"
ROOT = b"r" * 32
PASSWORD = "correct horse battery staple"


def pack(name: str, role: str, session_id: UUID | None = None, user_id: UUID | None = None) -> str:
    """A session as it lies in the hash."""
    session = session_id or uuid4()
    return json.dumps({"name": name, "role": role, "session": str(session), "user": str(user_id or uuid4())})


def _unpack(raw: bytes | None) -> Actor | None:
    if raw is None:
        return None
    data = json.loads(raw)
    user, session = UUID(data["user"]), UUID(data["session"])
    return Actor(ActorKind.user, user, data["name"], Role(data["role"]), session_id=session)


class PlainSealer:
    """AES-GCM with the name as associated data."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)

    def seal(self, name: str, data: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + self._aead.encrypt(nonce, data, name.encode())

    def open(self, name: str, blob: bytes) -> bytes:
        try:
            return self._aead.decrypt(blob[:12], blob[12:], name.encode())
        except (InvalidTag, ValueError) as error:
            raise Damaged(name) from error


class PlainIdentity:
    """Sessions and keys out of Redis."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def of_session(self, token: str, *, ip: str, user_agent: str) -> Actor | None:
        return _unpack(await self._redis.hget(SESSIONS, token))

    async def of_sessions(self, tokens: Iterable[str]) -> Mapping[str, Actor]:
        wanted = sorted(set(tokens))
        found = await self._redis.hmget(SESSIONS, wanted) if wanted else []
        people = {token: _unpack(raw) for token, raw in zip(wanted, found, strict=True)}
        return {token: person for token, person in people.items() if person is not None}

    async def of_api_key(self, key: str, *, ip: str, user_agent: str) -> Actor | None:
        raw = await self._redis.hget(KEYS, key)
        person = _unpack(raw)
        return replace(person, kind=ActorKind.api_key, session_id=None) if person else None

    async def sign_in(self, email: str, password: str, *, ip: str, user_agent: str) -> SignedIn:
        if password != PASSWORD:
            raise NotAuthenticated("wrong e-mail or password")
        token = uuid4().hex
        await self._redis.hset(SESSIONS, token, pack(email.partition("@")[0], "viewer"))
        person = _unpack(await self._redis.hget(SESSIONS, token))
        assert person is not None
        return SignedIn(token, person)

    async def sign_out(self, actor: Actor) -> None:
        for token, raw in (await self._redis.hgetall(SESSIONS)).items():
            person = _unpack(raw)
            if person is not None and person.session_id == actor.session_id:
                await self._redis.hdel(SESSIONS, token)


class NoRows:
    """A database in which nothing is found."""

    async def get(self, table: type, key: Any) -> None:
        return None

    async def execute(self, statement: Any) -> Result[Any]:
        return IteratorResult(SimpleResultMetaData(["nothing"]), iter(()))


@dataclass
class PlainScope:
    """A Scope that holds nothing but who asks and a place to count."""

    actor: Any
    redis: Redis
    db: NoRows = field(default_factory=NoRows)
    house: Decided = field(default_factory=lambda: Decided(None, ()))


@asynccontextmanager
async def open_plain_house(settings: Settings) -> AsyncIterator[House]:
    """The opener."""
    assert settings.redis_url is not None
    redis = Redis.from_url(settings.redis_url.get_secret_value())

    @asynccontextmanager
    async def scope(actor: Any) -> AsyncIterator[PlainScope]:
        yield PlainScope(actor, redis)

    async def readiness() -> dict[str, str]:
        return {"redis": "ok" if await redis.ping() else "does not answer"}

    async def on_refusal(actor: Actor, refused: Refused) -> None:
        await redis.rpush(REFUSALS, f"{actor.name} {refused.action}")

    try:
        identity, secrets = PlainIdentity(redis), WebSecrets(ROOT, PlainSealer(ROOT))
        yield House(settings, redis, identity, secrets, cast(Any, scope), readiness, on_refusal, cast(Any, None))
    finally:
        await redis.aclose()

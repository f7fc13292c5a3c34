"""A question to one worker that somebody waits for, and its answer: over pub/sub, so that neither lies in Redis or on its disk.

What goes over the wire is sealed by who asks and by who answers; here it is bytes. Of several workers that hear a question, the first one
takes it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from photobank.kernel.errors import Unavailable

log = logging.getLogger(__name__)

QUESTIONS = "photobank:questions:vision"
ANSWER = "photobank:answer:"
TAKEN = "photobank:taken:"
ID = 16
TAKEN_SECONDS = 120
RETRY_SECONDS = 1.0


async def ask(redis: Redis, question_id: UUID, sealed: bytes, patience: float) -> bytes:
    """Ask, and wait for the answer; Unavailable when nobody is there or nobody answers in time."""
    try:
        async with redis.pubsub(ignore_subscribe_messages=True) as channel:
            await channel.subscribe(f"{ANSWER}{question_id}")
            if not await redis.publish(QUESTIONS, question_id.bytes + sealed):
                raise Unavailable("no vision worker is running")
            async with asyncio.timeout(patience):
                async for message in channel.listen():
                    return bytes(message["data"])
    except TimeoutError:
        raise Unavailable("the vision worker is busy") from None
    raise Unavailable("the connection was lost")


async def questions(redis: Redis) -> AsyncIterator[tuple[UUID, bytes]]:
    """Questions that are this worker's to answer, for ever."""
    while True:
        try:
            async with redis.pubsub(ignore_subscribe_messages=True) as channel:
                await channel.subscribe(QUESTIONS)
                async for message in channel.listen():
                    data = bytes(message["data"])
                    if len(data) <= ID:
                        continue
                    question_id = UUID(bytes=data[:ID])
                    if await redis.set(f"{TAKEN}{question_id}", 1, nx=True, ex=TAKEN_SECONDS):
                        yield question_id, data[ID:]
        except (RedisError, OSError) as error:
            log.warning("channel of questions lost (%s)", type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)


async def answer(redis: Redis, question_id: UUID, sealed: bytes) -> None:
    """Tell who asked. Nobody may be waiting any more."""
    await redis.publish(f"{ANSWER}{question_id}", sealed)

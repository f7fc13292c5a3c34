"""The job queue: arq behind a protocol. Jobs are JSON, take ids, and are safe to run twice."""

from __future__ import annotations

import json
from typing import Any, Protocol
from uuid import uuid4

from arq.connections import ArqRedis
from arq.constants import job_key_prefix, result_key_prefix
from arq.jobs import serialize_job
from arq.utils import timestamp_ms

from photobank.messaging.jobs import Job, Queue, queue_of


def encode(value: Any) -> bytes:
    """JSON for arq in place of pickle: what lies in Redis is never executed."""
    return json.dumps(value, default=str).encode()


def decode(raw: bytes) -> Any:
    """The reverse of `encode`."""
    return json.loads(raw)


# What `ArqRedis.enqueue_job` does, in one trip where it makes three: each wakes Redis, and an upload waits for all of them.
_PUT = """
if redis.call('EXISTS', KEYS[1], KEYS[2]) > 0 then return 0 end
redis.call('PSETEX', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[4])
return 1
"""


class JobQueue(Protocol):
    """Where jobs go."""

    async def put(self, job: Job, *args: str, unique: str = "", delay: float = 0) -> None:
        """Queue a job; a second one with the same `unique` name is dropped while the first waits. `delay` in seconds."""
        ...


class ArqQueue:
    """Jobs on Redis, for the arq workers."""

    def __init__(self, redis: ArqRedis) -> None:
        self._redis = redis
        self._put = redis.register_script(_PUT)

    async def put(self, job: Job, *args: str, unique: str = "", delay: float = 0) -> None:
        """See JobQueue.put."""
        queue: Queue = queue_of(job)
        id_, now, later = unique or uuid4().hex, timestamp_ms(), int(delay * 1000)
        packed = serialize_job(job, args, {}, None, now, serializer=self._redis.job_serializer)
        keys = [job_key_prefix + id_, result_key_prefix + id_, queue.key]
        await self._put(keys=keys, args=[later + self._redis.expires_extra_ms, packed, now + later, id_])


class MemoryQueue:
    """Jobs in a list, for tests."""

    def __init__(self) -> None:
        self.jobs: list[tuple[Job, tuple[str, ...]]] = []

    async def put(self, job: Job, *args: str, unique: str = "", delay: float = 0) -> None:
        """See JobQueue.put; delays are not waited for."""
        if not unique or (job, args) not in self.jobs:
            self.jobs.append((job, args))

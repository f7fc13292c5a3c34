"""The job queue: arq behind a protocol. Jobs are JSON, take ids, and are safe to run twice."""

from __future__ import annotations

import json
from typing import Any, Protocol

from arq.connections import ArqRedis

from photobank.messaging.jobs import Job, Queue, queue_of


def encode(value: Any) -> bytes:
    """JSON for arq in place of pickle: what lies in Redis is never executed."""
    return json.dumps(value, default=str).encode()


def decode(raw: bytes) -> Any:
    """The reverse of `encode`."""
    return json.loads(raw)


class JobQueue(Protocol):
    """Where jobs go."""

    async def put(self, job: Job, *args: str, unique: str = "", delay: float = 0) -> None:
        """Queue a job; a second one with the same `unique` name is dropped while the first waits. `delay` in seconds."""
        ...


class ArqQueue:
    """Jobs on Redis, for the arq workers."""

    def __init__(self, redis: ArqRedis) -> None:
        self._redis = redis

    async def put(self, job: Job, *args: str, unique: str = "", delay: float = 0) -> None:
        """See JobQueue.put."""
        queue: Queue = queue_of(job)
        await self._redis.enqueue_job(job, *args, _job_id=unique or None, _queue_name=queue.key, _defer_by=delay or None)


class MemoryQueue:
    """Jobs in a list, for tests."""

    def __init__(self) -> None:
        self.jobs: list[tuple[Job, tuple[str, ...]]] = []

    async def put(self, job: Job, *args: str, unique: str = "", delay: float = 0) -> None:
        """See JobQueue.put; delays are not waited for."""
        if not unique or (job, args) not in self.jobs:
            self.jobs.append((job, args))

"""The names of all jobs and the queue each runs on."""

from __future__ import annotations

from enum import StrEnum


class Queue(StrEnum):
    """One queue per kind of worker, so that slow work with faces never holds up uploads."""

    io = "io"
    vision = "vision"

    @property
    def key(self) -> str:
        """The Redis key of the queue."""
        return f"photobank:jobs:{self.value}"


class Job(StrEnum):
    """Every job, by the name of its function in workers/."""

    decode_asset = "decode_asset"
    refresh_verdicts = "refresh_verdicts"
    refresh_person = "refresh_person"
    remove_blobs = "remove_blobs"
    find_faces = "find_faces"
    suggest_people = "suggest_people"


def queue_of(job: Job) -> Queue:
    """Where a job runs."""
    return Queue.vision if job in {Job.find_faces, Job.suggest_people} else Queue.io

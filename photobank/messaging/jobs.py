"""The names of all jobs and the queue each runs on."""

from __future__ import annotations

from enum import StrEnum


class Queue(StrEnum):
    """One queue per kind of work: decoding never waits for faces, and what screens wait for never waits for decoding."""

    light = "light"
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
    adopt_version = "adopt_version"
    remove_versions = "remove_versions"
    find_faces = "find_faces"
    suggest_people = "suggest_people"
    suggest_selfie = "suggest_selfie"
    find_duplicates = "find_duplicates"
    look_again = "look_again"
    make_templates = "make_templates"
    apply_biometrics = "apply_biometrics"
    prepare_model = "prepare_model"
    confirm_by_itself = "confirm_by_itself"
    send_mail = "send_mail"
    send_share_letter = "send_share_letter"
    seal_evidence = "seal_evidence"
    send_digest = "send_digest"


QUEUES = {
    Job.decode_asset: Queue.io,
    Job.find_duplicates: Queue.io,
    Job.adopt_version: Queue.io,
    Job.find_faces: Queue.vision,
    Job.suggest_people: Queue.vision,
    Job.suggest_selfie: Queue.vision,
    Job.look_again: Queue.vision,
    Job.make_templates: Queue.vision,
    Job.prepare_model: Queue.vision,
    Job.confirm_by_itself: Queue.vision,
}


def queue_of(job: Job) -> Queue:
    """Where a job runs."""
    return QUEUES.get(job, Queue.light)


NAMED = (Job.decode_asset, Job.find_duplicates, Job.find_faces, Job.look_again, Job.make_templates, Job.seal_evidence)


def name_of(job: Job, id_: str, again: int = 0) -> str:
    """The unique name of a job that need not wait twice; `again` tells later tries apart. Empty for jobs that may come again while
    one is running."""
    return f"{job}:{id_}:{again}" if job in NAMED else ""

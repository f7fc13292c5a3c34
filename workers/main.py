"""The workers: which jobs run where. `photobank worker --queue io|vision` runs one of the two kinds in this process."""

from __future__ import annotations

import asyncio
import gc
import signal
from typing import Any

from arq import cron
from arq.worker import Worker

from photobank.bootstrap import open_container
from photobank.kernel.errors import ConfigurationError
from photobank.messaging.jobs import Job, Queue, queue_of
from photobank.messaging.queue import decode, encode
from photobank.people.engines import Engines, from_disk
from photobank.scope import Container
from photobank.settings import Settings
from workers import alerts, assets, clearance, consents, duplicates, faces, sharing, upkeep

Function = Any  # arq types its functions as a protocol of its own

FUNCTIONS: dict[Job, Function] = {
    Job.decode_asset: assets.decode_asset,
    Job.remove_blobs: assets.remove_blobs,
    Job.adopt_version: assets.adopt_version,
    Job.remove_versions: assets.remove_versions,
    Job.refresh_verdicts: clearance.refresh_verdicts,
    Job.refresh_person: clearance.refresh_person,
    Job.find_faces: faces.find_faces,
    Job.suggest_people: faces.suggest_people,
    Job.suggest_selfie: faces.suggest_selfie,
    Job.find_duplicates: duplicates.find_duplicates,
    Job.look_again: faces.look_again,
    Job.make_templates: faces.make_templates,
    Job.prepare_model: faces.prepare_model,
    Job.confirm_by_itself: faces.confirm_by_itself,
    Job.apply_biometrics: faces.apply_biometrics,
    Job.send_mail: consents.send_mail,
    Job.send_share_letter: sharing.send_share_letter,
    Job.seal_evidence: consents.seal_evidence,
    Job.send_digest: alerts.send_digest,
}

SCHEDULE = [
    cron(upkeep.reconcile, second={0, 15, 30, 45}, run_at_startup=True, keep_result=0),
    cron(clearance.refresh_due, second={5, 35}, run_at_startup=True, keep_result=0),
    cron(consents.catch_up, second={20, 50}, run_at_startup=True, keep_result=0),
    cron(sharing.catch_up, second={22, 52}, run_at_startup=True, keep_result=0),
    cron(consents.ask_again, minute={9, 39}, second=0, run_at_startup=True, keep_result=0),
    cron(alerts.tell, minute={12, 42}, second=0, run_at_startup=True, keep_result=0),
    cron(alerts.catch_up, second={24, 54}, run_at_startup=True, keep_result=0),
    cron(alerts.put_away, hour={1}, minute=17, second=0, keep_result=0),
    cron(duplicates.look_again, minute={3, 13, 23, 33, 43, 53}, second=20, keep_result=0),
    cron(upkeep.fold_counts, second=25, keep_result=0),
    cron(upkeep.tidy, minute={7, 37}, second=0, keep_result=0),
    cron(faces.catch_up, second={10, 40}, run_at_startup=True, keep_result=0),
    cron(faces.purge_templates, minute={11, 41}, second=0, run_at_startup=True, keep_result=0),
]

# Jobs at once in one process. A decoder or an engine keeps a core busy by itself; light jobs mostly wait for the database.
AT_ONCE = {Queue.io: 1, Queue.vision: 1, Queue.light: 4}
JOB_SECONDS = 300
FINISH_SECONDS = 10


def run(queue: str, settings: Settings) -> None:
    """Work in this process until told to stop. What `photobank worker` calls, by name."""
    asyncio.run(work(Queue(queue), settings))


async def work(queue: Queue, settings: Settings) -> None:
    """Work on a queue; jobs under way at the end are finished, or given back after FINISH_SECONDS."""
    if queue is Queue.light:
        raise ConfigurationError("light jobs run inside the io worker: photobank worker --queue io")
    async with open_container(settings) as container:
        ctx: dict[str, Any] = {"container": container}
        if queue is Queue.vision:
            ctx["engines"] = Engines(from_disk(settings.data_dir / "models"))
            await ctx["engines"].lead(container)  # a pack that is not there stops the start
        queues = (Queue.io, Queue.light) if queue is Queue.io else (queue,)
        workers = [make_worker(container, one, dict(ctx)) for one in queues]
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, _stop, workers, number)
        # What start-up made stays for ever: looked through for garbage again and again, it was half the work on many verdicts.
        gc.freeze()
        listening = [asyncio.create_task(one(ctx)) for one in (faces.listen, faces.answer)] if queue is Queue.vision else []
        try:
            await asyncio.gather(*(worker.async_run() for worker in workers))
        except asyncio.CancelledError:
            # How arq ends after a signal; whatever it could not finish is queued again by `reconcile`.
            return
        finally:
            for one in listening:
                one.cancel()
            for worker in workers:
                await worker.close()


def make_worker(container: Container, queue: Queue, ctx: dict[str, Any], *, burst: bool = False) -> Worker:
    """An arq worker for one queue; with `burst` it ends when the queue is empty, for tests."""
    return Worker(
        functions=[function for job, function in FUNCTIONS.items() if queue_of(job) is queue],
        cron_jobs=SCHEDULE if queue is Queue.light and not burst else [],
        queue_name=queue.key,
        redis_pool=container.redis,
        burst=burst,
        ctx=ctx,
        max_jobs=AT_ONCE[queue],
        job_timeout=JOB_SECONDS,
        job_completion_wait=FINISH_SECONDS,
        keep_result=0,
        max_tries=3,
        poll_delay=0.1,
        health_check_interval=15,
        health_check_key=f"{queue.key}:health",
        job_serializer=encode,
        job_deserializer=decode,
        log_results=False,
        handle_signals=False,
    )


def _stop(workers: list[Worker], number: signal.Signals) -> None:
    for worker in workers:
        worker.handle_sig_wait_for_completion(number)

"""What runs by the clock: unfinished work is queued again, once a minute at most."""

from __future__ import annotations

from datetime import timedelta

from photobank.messaging.jobs import Job
from photobank.messaging.queue import ArqQueue
from photobank.models.assets import AssetState, Stage
from tests.factories import add_photo
from workers import upkeep


async def test_a_waiting_photo_stands_in_the_queue_once_however_often_it_is_looked_for(cast, clock):
    await add_photo(cast.container, cast.shared, state=AssetState.processing, stage=Stage.faces, with_bytes=False)
    cast.container.queue = ArqQueue(cast.container.redis)
    for _ in range(3):
        clock.turn(timedelta(seconds=12))
        await upkeep.reconcile({"container": cast.container})
    assert await cast.container.redis.zcard("photobank:jobs:vision") == 1


async def test_a_photo_whose_worker_died_is_queued_under_its_next_attempt(cast, clock):
    asset_id = await add_photo(
        cast.container, cast.shared, state=AssetState.processing, stage=Stage.decode, attempts=1, with_bytes=False
    )
    cast.container.queue = ArqQueue(cast.container.redis)
    await cast.container.queue.put(Job.decode_asset, str(asset_id), unique=f"decode_asset:{asset_id}:0")
    clock.turn(timedelta(minutes=1))
    await upkeep.reconcile({"container": cast.container})
    assert await cast.container.redis.zcard("photobank:jobs:io") == 2

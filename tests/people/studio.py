"""A photographer of painted people, who runs the workers until nothing is left to do."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
from PIL import Image

from photobank.kernel.clock import TurnableClock
from photobank.library import uploads
from photobank.messaging.jobs import Queue
from photobank.models.recognition import Basis
from photobank.people import faces, templates
from photobank.people.engines import Engines
from photobank.people.faces import FaceRow
from photobank.vision.fake import FakeEngine, paint
from tests.house import Cast
from workers.faces import catch_up
from workers.main import make_worker

LEFT, RIGHT = (0.15, 0.25, 0.2, 0.3), (0.6, 0.3, 0.22, 0.33)


class Studio:
    """Takes photos of painted people, and runs the workers until nothing is left to do."""

    def __init__(self, cast: Cast, clock: TurnableClock) -> None:
        self._cast, self._clock, self._taken = cast, clock, 0
        self.engines = Engines(lambda _: FakeEngine())

    async def photo(self, *people: int) -> list[FaceRow]:
        """The faces that were found on a photo of these people, left to right."""
        self._taken += 1
        rgb = np.full((480, 640, 3), 90 + self._taken, dtype=np.uint8)
        for box, person in zip((LEFT, RIGHT), people, strict=False):
            paint(rgb, box, person)
        out = io.BytesIO()
        Image.fromarray(rgb).save(out, "JPEG", quality=92)

        async def stream() -> AsyncIterator[bytes]:
            yield out.getvalue()

        done = await uploads.receive(
            self._cast.container, self._cast.rita, stream(), filename="IMG.jpg", folder_id=self._cast.shared
        )
        await self.work()
        return await self.faces(done.asset.id)

    async def faces(self, asset_id: UUID) -> list[FaceRow]:
        async with self._cast.scope(self._cast.rita) as scope:
            return (await faces.of_assets(scope, [asset_id]))[asset_id]

    async def face(self, face: FaceRow) -> FaceRow:
        """The same face, as it is now."""
        return next(row for row in await self.faces(face.asset_id) if row.id == face.id)

    async def work(self, *, looking_again: bool = False) -> None:
        """Run the queues dry, with `looking_again` after the schedule has queued what waits to be looked at again."""
        self._clock.turn(timedelta(minutes=2))
        context: dict[str, Any] = {"container": self._cast.container, "engines": self.engines}
        if looking_again:
            await catch_up(context)
        for queue in (Queue.io, Queue.light, Queue.vision, Queue.light):
            worker = make_worker(self._cast.container, queue, dict(context), burst=True)
            await worker.async_run()
            assert worker.jobs_failed == 0

    async def document(self) -> None:
        """The organisation has a basis for templates of everybody."""
        async with self._cast.scope(self._cast.petra) as scope:
            await templates.set_rule(scope, Basis.documented, "Impact assessment 2026-11, board of De Lelie.", 30)

    async def act(self, verb: Any, *args: Any) -> Any:
        """One decision of Rita's, and whatever follows from it."""
        async with self._cast.scope(self._cast.rita) as scope:
            done = await verb(scope, *args)
        await self.work()
        return done


def likely(face: FaceRow) -> list[UUID]:
    return [one.person_id for one in face.suggestions if one.probability > 0.5]

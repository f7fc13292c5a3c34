"""A house small enough to be told whole: three folders and five photos, which stay, and people, faces and papers anew in each world.

Each world begins on a day of its own; nothing of the one before it is left but where its photos lie.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from PIL import Image
from sqlalchemy import text

from photobank.access.actor import system
from photobank.clearance.facts_types import FaceState, Rules
from photobank.kernel.clock import TurnableClock
from photobank.library import collections, folders
from photobank.messaging.jobs import Job
from photobank.messaging.queue import MemoryQueue
from photobank.models.collections import CollectionKind
from photobank.models.people import FaceState as StoredState
from tests.consents.ledger import Ledger, Photo
from tests.factories import add_person, add_photo, face_on
from tests.house import TODAY, Cast
from workers import clearance as jobs_of_clearance

PHOTOS = 5
DAY = timedelta(days=1)
DRAWN, FOUND = (0.1, 0.1, 0.2, 0.2), (0.4, 0.3, 0.2, 0.3)
"""Where the faces of this world are: those that people drew, and those that factories.py puts on every photo."""
AGES = ("adult", "adult", "unknown", "child", "turning", "two")
# In the tables' own words, since no service makes a house forget. What was written to the audit log stays there.
_FORGET = (
    "DELETE FROM faces", "DELETE FROM consents", "DELETE FROM people", "DELETE FROM verdicts", "DELETE FROM downloads",
    "UPDATE assets SET state = 'ready', no_people_at = NULL, no_people_by = NULL, locked_at = NULL, hold_at = NULL, trashed_at = NULL",
)  # fmt: skip


def _noise() -> bytes:
    """A photo that is all squares of chance: where it is not, somebody was hidden."""
    squares = np.random.default_rng(1).integers(0, 256, (45, 60, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(squares).resize((480, 360), Image.Resampling.NEAREST).save(out, "JPEG", quality=90)
    return out.getvalue()


BYTES = _noise()


class SmallWorld:
    """What is in it, what was told of it, and which photos the last step may have changed."""

    told: Ledger
    people: list[UUID]
    faces: list[UUID]
    fresh: bool
    """Nothing but time has passed since the workers derived the stored verdicts."""
    about: Sequence[UUID]
    caught_up_at: datetime

    def __init__(self, cast: Cast, clock: TurnableClock, jobs: MemoryQueue) -> None:
        self.cast, self.clock, self.jobs = cast, clock, jobs
        self.photos: list[UUID] = []

    async def settle(self) -> None:
        """Folders that Charlie may download from, photos with nobody on them, and all of them in one collection."""
        async with self.cast.scope(self.cast.alice) as scope:
            events = (await folders.create(scope, "Evenementen")).id
            fair = (await folders.create(scope, "Kermis", events)).id
            other = (await folders.create(scope, "Overig")).id
            for top in (events, other):
                await folders.give(scope, top, "user", str(self.cast.charlie.user_id), "download")
            self.collection = (await collections.create(scope, "Reeks", kind=CollectionKind.team)).id
        self.folders: dict[UUID, UUID | None] = {events: None, fair: events, other: None}
        self.places = list(self.folders)
        self.photos = [await add_photo(self.cast.container, self.places[n % 3], original=BYTES) for n in range(PHOTOS)]
        async with self.cast.scope(self.cast.alice) as scope:
            await collections.add(scope, self.collection, self.photos)
        self.lies = {id_: self.places[n % 3] for n, id_ in enumerate(self.photos)}

    async def begin(self, ages: Sequence[str], day: int) -> None:
        """A new world on that day after the first."""
        async with self.cast.scope(system()) as scope:
            for statement in _FORGET:
                await scope.db.execute(text(statement))
        self.jobs.jobs.clear()
        self.clock.turn_to(TODAY + day * DAY)
        self.told = Ledger(Rules(), folders=self.folders)
        self.people = [await self._somebody(n, age) for n, age in enumerate(ages)]
        async with self.cast.scope(system()) as scope:
            for n, id_ in enumerate(self.photos):
                rows = [face_on(id_, person, now=scope.now()) for person in self.people[: n % 3]]
                if n == PHOTOS - 1:
                    rows.append(face_on(id_, None, StoredState.unknown, now=scope.now()))
                scope.db.add_all(rows)
                self.told.photos[id_] = Photo(self.lies[id_], faces={row.id: (FaceState(row.state), row.person_id) for row in rows})
        self.faces = sorted(face for photo in self.told.photos.values() for face in photo.faces)
        self.fresh, self.about = False, self.photos

    async def _somebody(self, n: int, age: str) -> UUID:
        today, soon = self.clock.now().date(), (self.clock.now() + 9 * DAY).date()
        born = {
            "adult": today.replace(year=today.year - 40, day=1),
            "child": today.replace(year=today.year - 8, day=1),
            "turning": soon.replace(year=soon.year - 16, day=min(soon.day, 28)),
            "two": today.replace(year=today.year - 12, day=1),
        }.get(age)
        guardians = 2 if age == "two" else 1
        more = {"guardians_needed": guardians}
        id_ = await add_person(self.cast.container, f"Mens {n}", born=born, **more)
        self.told.add_person(id_, born, minor=False, guardians=guardians)
        return id_

    async def act(self, about: Collection[UUID], verb: Any, *args: Any, **more: Any) -> Any:
        """Alice does something, with these photos or people."""
        self.fresh = False
        people = {one for one in about if one in self.told.people}
        touched = [
            id_ for id_, photo in self.told.photos.items() if id_ in about or people & {who for _, who in photo.faces.values()}
        ]
        self.about = touched or self.photos
        async with self.cast.scope(self.cast.alice) as scope:
            return await verb(scope, *args, **more)

    def move(self, id_: UUID, to: UUID) -> None:
        """It lies there from now on, in the next worlds too."""
        self.told.photos[id_].folder = self.lies[id_] = to

    def pass_time(self, by: timedelta) -> None:
        """Only the clock is turned."""
        self.clock.turn(by)
        self.about = self.photos

    async def catch_up(self) -> bool:
        """The workers do what they were asked, and what time alone asks of them; False where there is nothing to catch up with."""
        if self.fresh and self.caught_up_at == self.clock.now():
            return False
        ctx = {"container": self.cast.container}
        waiting, self.jobs.jobs[:] = list(self.jobs.jobs), []
        for job, args in waiting:
            if job is Job.refresh_person:
                await jobs_of_clearance.refresh_person(ctx, *args)
            elif job is Job.refresh_verdicts:
                await jobs_of_clearance.refresh_verdicts(ctx, *args)
        await jobs_of_clearance.refresh_due(ctx)
        self.fresh, self.about, self.caught_up_at = True, self.photos, self.clock.now()
        return True

"""Every way out of the house, asked after a step, and compared with what the slow rules say."""

from __future__ import annotations

import io
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import httpx
import numpy as np
from PIL import Image

from photobank.access import limits
from photobank.access.actor import Actor
from photobank.clearance import index, judgement
from photobank.clearance.facts_types import AssetState, FaceState, UseFacts
from photobank.consents.signing import signer_actor
from photobank.delivery import release, showing, subjects
from photobank.kernel.errors import ClearanceRefused, NotFound
from photobank.models.consents import Download
from tests.consents.small_world import BYTES, DAY, DRAWN, FOUND, SmallWorld

USES = (UseFacts("internal", outside=False), UseFacts("website"), UseFacts("social"))
TERRITORIES = (None, None, "NL", "BE", "US")
CACHED_OR_NOT: tuple[dict[str, str], ...] = ({}, {"If-None-Match": "*"}, {"Range": "bytes=0-99"})
DOOR = 8  # of so many steps one goes to the door; the others ask the services
SUBJECT = signer_actor("203.0.113.9", "Telefoon")


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants of a photo."""

    id: UUID
    actor: Actor
    use: UseFacts
    territory: str | None


class WaysOut:
    """Asks as Alice, who may everything, as Charlie, who may look and download, and as a client at the door with Charlie's key."""

    def __init__(self, world: SmallWorld, client: httpx.AsyncClient) -> None:
        self.world, self.cast, self.client, self.clock = world, world.cast, client, world.clock
        self.steps = self.taken = self.hidden = 0
        self._dice = random.Random(0)
        self._inside = (self._download, self._redacted, self._on_screen, self._on_own_page)
        self._at_the_door = (self._download_at_the_door, self._redacted_at_the_door, self._picture_at_the_door, self._in_collection)

    async def after_a_step(self) -> None:
        """Every photo is decided for every use, maybe for later and elsewhere; after every second step one way out is taken as well,
        mostly with a photo that was touched."""
        self.steps += 1
        dice, world = self._dice, self.world
        dice.seed(self.steps)
        await self._decided()
        if world.fresh:
            await self._in_lists()
        if self.steps % 2 == 0:
            way = dice.choice(self._at_the_door if self.steps % DOOR == 0 else self._inside)
            asked = self._ask(dice.choice(world.about if dice.random() < 0.8 else world.photos))
            await self._take(way, self._worth_hiding() or asked if way == self._redacted else asked)

    async def after_all(self) -> None:
        """Every way out: inside with every photo, at the door with one."""
        await self._decided()
        for id_ in self.world.photos:
            for way in self._inside:
                await self._take(way, self._ask(id_))
        for way in self._at_the_door:
            await self._take(way, self._ask(self._dice.choice(self.world.photos)))

    async def _take(self, way: Callable[[Asked], Awaitable[None]], asked: Asked) -> None:
        self.taken += 1
        if self.taken % 20 == 0:
            await self._forget_rates()
        await way(asked)

    def _ask(self, id_: UUID) -> Asked:
        dice = self._dice
        return Asked(id_, dice.choice((self.cast.alice, self.cast.charlie)), dice.choice(USES), dice.choice(TERRITORIES))

    def _worth_hiding(self) -> Asked | None:
        """What a redacted version helps with, if there is any."""
        asked = self._ask(self.world.photos[0])
        found = [
            (id_, use) for id_ in self.world.photos for use in USES if self._hidden(Asked(id_, asked.actor, use, asked.territory))
        ]
        return Asked(*(some := self._dice.choice(found))[:1], asked.actor, some[1], asked.territory) if found else None

    def _allowed(self, asked: Asked, at: timedelta = timedelta(0)) -> bool:
        return self.world.told.allowed(asked.id, asked.use, self.clock.now() + at, asked.territory)

    def _hidden(self, asked: Asked) -> set[UUID] | None:
        return self.world.told.hidden(asked.id, asked.use, self.clock.now(), asked.territory)

    def _internal(self, asked: Asked) -> bool:
        return self.world.told.allowed(asked.id, USES[0], self.clock.now())

    async def _decided(self) -> None:
        """What the REST API and the photo page tell of permission."""
        told, territory = self.world.told, self._dice.choice(TERRITORIES)
        later = self.clock.now() + self._dice.choice((0 * DAY, 0 * DAY, 3 * DAY, 10 * DAY))
        async with self.cast.scope(self.cast.alice) as scope:
            answered = await judgement.verdicts(scope, self.world.photos, at=later, territory=territory)
        for id_, photo in told.photos.items():
            assert (id_ in answered) == (photo.state is not AssetState.TRASHED), photo
            for use in USES if id_ in answered else ():
                assert answered[id_][use.key].allowed == told.allowed(id_, use, later, territory), (use.key, photo)

    async def _in_lists(self) -> None:
        """Lists are never greener than the rules once the workers have caught up, however much time passes."""
        async with self.cast.scope(self.cast.alice) as scope:
            shields = await index.shields(scope, self.world.photos)
        for id_, shown in shields.items():
            for use in USES:
                may = not shown[use.key].allowed or self.world.told.allowed(id_, use, self.clock.now())
                assert may, ("a list is greener than the rules", use.key, self.world.told.photos[id_])

    async def _download(self, asked: Asked) -> None:
        try:
            async with self.cast.scope(asked.actor) as scope:
                out = await release.download(scope, asked.id, "original", asked.use.key, asked.territory)
                got = b"".join([piece async for piece in out.stream])
        except (ClearanceRefused, NotFound):
            got = b""
        assert got == (BYTES if self._allowed(asked) else b""), (asked, self.world.told.photos[asked.id])

    async def _redacted(self, asked: Asked) -> None:
        """The same with those who stand in the way made unrecognisable: who that is, and that nothing of them is in the file."""
        must, photo = self._hidden(asked), self.world.told.photos[asked.id]
        try:
            async with self.cast.scope(asked.actor) as scope:
                out = await release.download(scope, asked.id, "web", asked.use.key, asked.territory, redacted=True)
                got = b"".join([piece async for piece in out.stream])
                logged = await scope.db.get_one(Download, out.download_id)
                assert must == set(logged.hidden_faces), (asked, photo)
        except (ClearanceRefused, NotFound):
            assert must is None, (asked, photo)
            return
        self.hidden += bool(must)
        seen = np.asarray(Image.open(io.BytesIO(got)).convert("L"))
        for box, faces in ((DRAWN, photo.drawn), (FOUND, set(photo.faces) - photo.drawn)):
            x, y = round((box[0] + box[2] / 2) * seen.shape[1]), round((box[1] + box[3] / 2) * seen.shape[0])
            noisy = float(seen[y - 20 : y + 20, x - 20 : x + 20].std()) > 35
            assert noisy != bool(faces & (must or set())), (box, asked, photo)

    async def _on_screen(self, asked: Asked) -> None:
        """Charlie does not work on photos: what he is shown must be cleared for internal use."""
        try:
            async with self.cast.scope(self.cast.charlie) as scope:
                out = await showing.show(scope, asked.id, "thumb")
                got = b"".join([piece async for piece in out.stream])
        except (ClearanceRefused, NotFound):
            got = b""
        assert bool(got) == self._internal(asked), self.world.told.photos[asked.id]

    async def _on_own_page(self, asked: Asked) -> None:
        """Somebody looks at a photo of themselves: whatever was allowed, but whole only where nobody else is on it."""
        photo, person = self.world.told.photos[asked.id], self._dice.choice(self.world.people)
        mine = {face for face, settled in photo.faces.items() if settled == (FaceState.CONFIRMED, person)}
        others = {face for face, (state, _) in photo.faces.items() if state is not FaceState.IGNORED} - mine
        must = bool(mine) and photo.state in (AssetState.READY, AssetState.ARCHIVED) and not (photo.held or photo.locked)
        try:
            async with self.cast.scope(SUBJECT) as scope:
                found = await subjects.find(scope, person, asked.id)
        except NotFound:
            found = None
        assert (found is not None) == must, photo
        assert found is None or found.alone == (not others), photo

    # ── over HTTP, with Charlie's key

    async def _download_at_the_door(self, asked: Asked) -> None:
        body = {"preset": "original", "use": asked.use.key, "territory": asked.territory}
        taken = await self.client.post(f"/api/v1/assets/{asked.id}/downloads", json=body)
        may = self._allowed(asked)
        assert (taken.status_code == 200) == may, (taken.status_code, asked, self.world.told.photos[asked.id])
        assert taken.content == BYTES if may else BYTES[:200] not in taken.content

    async def _redacted_at_the_door(self, asked: Asked) -> None:
        where = {"territory": asked.territory} if asked.territory else {}
        seen = await self.client.get(f"/api/v1/assets/{asked.id}/redacted", params={"use": asked.use.key, **where})
        may = self._hidden(asked) is not None
        assert (seen.status_code == 200) == may, (seen.status_code, asked, self.world.told.photos[asked.id])

    async def _picture_at_the_door(self, asked: Asked) -> None:
        """As a browser asks for the first time, one that has it in its cache, and a client that wants a part of it."""
        headers = self._dice.choice(CACHED_OR_NOT)
        seen = await self.client.get(f"/api/v1/assets/{asked.id}/renditions/thumb", headers=headers)
        assert (seen.status_code < 400) == self._internal(asked), (headers, seen.status_code, self.world.told.photos[asked.id])

    async def _in_collection(self, _: Asked) -> None:
        listed = await self.client.get("/api/v1/assets", params={"collection_id": str(self.world.collection), "limit": 50})
        seen = {row["id"] for row in listed.json()["items"]}
        assert seen == {str(id_) for id_, photo in self.world.told.photos.items() if photo.state is not AssetState.TRASHED}

    async def _forget_rates(self) -> None:
        """Nobody takes so many made pictures in a minute."""
        for actor in (self.cast.alice, self.cast.charlie):
            for keys in ((), ("",)):
                await self.cast.container.rates.forget(limits.DERIVED, str(actor.id), *keys)

"""Every way out of the house, asked after each step, and compared with what the slow rules say."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
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
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import ClearanceRefused, NotFound
from photobank.models.consents import Download
from tests.consents.ledger import Ledger
from tests.house import Cast

USES = (UseFacts("internal", outside=False), UseFacts("website"), UseFacts("social"))
DRAWN, FOUND = (0.1, 0.1, 0.2, 0.2), (0.4, 0.3, 0.2, 0.3)
"""Where the faces of this world are: those that people drew, and those that factories.py puts on every photo."""
DAY = timedelta(days=1)
SUBJECT = signer_actor("203.0.113.9", "Telefoon")


def _noise() -> bytes:
    """A photo that is all squares of chance: where it is not, somebody was hidden."""
    squares = np.random.default_rng(1).integers(0, 256, (45, 60, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(squares).resize((480, 360), Image.Resampling.NEAREST).save(out, "JPEG", quality=90)
    return out.getvalue()


BYTES = _noise()


class WaysOut:
    """Asks as Alice, who may everything, as Charlie, who may look and download, and as a client at the door with Charlie's key."""

    def __init__(self, cast: Cast, client: httpx.AsyncClient, clock: TurnableClock) -> None:
        self.cast, self.client, self.clock = cast, client, clock
        self.steps = self.hidden = 0

    async def ask(self, told: Ledger, photos: Sequence[UUID], collection: UUID, *, fresh: bool) -> None:
        """`fresh`: nothing but time has passed since the workers derived the stored verdicts."""
        self.steps += 1
        now, dice = self.clock.now(), random.Random(self.steps)
        territory = dice.choice([None, None, "NL", "BE", "US"])
        later = now + dice.choice([timedelta(0), timedelta(0), 3 * DAY, 10 * DAY])
        async with self.cast.scope(self.cast.alice) as scope:
            answered = await judgement.verdicts(scope, photos, at=later, territory=territory)
            shields = await index.shields(scope, photos)
        for id_ in photos:
            photo = told.photos[id_]
            for use in USES:
                must = told.allowed(id_, use, later, territory)
                if photo.state is not AssetState.TRASHED:  # which is out of sight
                    assert answered[id_][use.key].allowed == must, (use.key, photo)
                if fresh and shields[id_][use.key].allowed:
                    assert told.allowed(id_, use, now), ("a list is greener than the rules", use.key, photo)
        id_, use = dice.choice(photos), dice.choice(USES)
        await self._download(told, dice.choice([self.cast.alice, self.cast.charlie]), id_, use, territory)
        await self._on_screen(told, id_)
        if self.steps % 3 == 0:
            helped = [(one, wanted) for one in photos for wanted in USES if told.hidden(one, wanted, now, territory)]
            id_, use = dice.choice(helped) if helped else (id_, use)
            await self._redacted(told, dice.choice([self.cast.alice, self.cast.charlie]), id_, use, territory)
        await self._on_own_page(told, id_, dice.choice(sorted(told.people)))
        if self.steps % 6 == 0:
            await self._at_the_door(told, id_, use)
            await self._in_the_list(told, photos, collection)

    async def _download(self, told: Ledger, actor: Actor, id_: UUID, use: UseFacts, territory: str | None) -> None:
        must = told.allowed(id_, use, self.clock.now(), territory)
        try:
            async with self.cast.scope(actor) as scope:
                out = await release.download(scope, id_, "original", use.key, territory)
                got = b"".join([piece async for piece in out.stream])
        except (ClearanceRefused, NotFound):
            got = b""
        assert got == (BYTES if must else b""), (use.key, told.photos[id_])

    async def _redacted(self, told: Ledger, actor: Actor, id_: UUID, use: UseFacts, territory: str | None) -> None:
        """The same with those who stand in the way made unrecognisable: who that is, and that nothing of them is in the file."""
        must = told.hidden(id_, use, self.clock.now(), territory)
        try:
            async with self.cast.scope(actor) as scope:
                await scope.container.rates.forget(limits.DERIVED, str(actor.id), "")  # nobody takes so many in a minute
                out = await release.download(scope, id_, "web", use.key, territory, redacted=True)
                got = b"".join([piece async for piece in out.stream])
                logged = await scope.db.get_one(Download, out.download_id)
                assert must == set(logged.hidden_faces), (use.key, told.photos[id_])
        except (ClearanceRefused, NotFound):
            assert must is None, (use.key, told.photos[id_])
            return
        self.hidden += bool(must)
        seen, photo = np.asarray(Image.open(io.BytesIO(got)).convert("L")), told.photos[id_]
        for box, faces in ((DRAWN, photo.drawn), (FOUND, set(photo.faces) - photo.drawn)):
            x, y = round((box[0] + box[2] / 2) * seen.shape[1]), round((box[1] + box[3] / 2) * seen.shape[0])
            noisy = float(seen[y - 20 : y + 20, x - 20 : x + 20].std()) > 35
            assert noisy != bool(faces & (must or set())), (box, use.key, photo)

    async def _on_screen(self, told: Ledger, id_: UUID) -> None:
        """Charlie does not work on photos: what he is shown must be cleared for internal use."""
        try:
            async with self.cast.scope(self.cast.charlie) as scope:
                out = await showing.show(scope, id_, "thumb")
                got = b"".join([piece async for piece in out.stream])
        except (ClearanceRefused, NotFound):
            got = b""
        assert bool(got) == told.allowed(id_, USES[0], self.clock.now()), told.photos[id_]

    async def _on_own_page(self, told: Ledger, id_: UUID, person: UUID) -> None:
        """Somebody looks at a photo of themselves: whatever was allowed, but whole only where nobody else is on it."""
        photo = told.photos[id_]
        mine = {face for face, settled in photo.faces.items() if settled == (FaceState.CONFIRMED, person)}
        others = {face for face, (state, _) in photo.faces.items() if state is not FaceState.IGNORED} - mine
        must = bool(mine) and photo.state in (AssetState.READY, AssetState.ARCHIVED) and not (photo.held or photo.locked)
        try:
            async with self.cast.scope(SUBJECT) as scope:
                found = await subjects.find(scope, person, id_)
        except NotFound:
            found = None
        assert (found is not None) == must, photo
        assert found is None or found.alone == (not others), photo

    async def _at_the_door(self, told: Ledger, id_: UUID, use: UseFacts) -> None:
        """The same over HTTP, as a browser asks that has it in its cache, and as a client that wants a part or only the head."""
        must = told.allowed(id_, use, self.clock.now())
        taken = await self.client.post(f"/api/v1/assets/{id_}/downloads", json={"preset": "original", "use": use.key})
        assert (taken.status_code == 200) == must, (taken.status_code, use.key, told.photos[id_])
        assert must or BYTES[:200] not in taken.content
        hidden = await self.client.get(f"/api/v1/assets/{id_}/redacted?use={use.key}")
        assert hidden.status_code == 429 or (hidden.status_code == 200) == (told.hidden(id_, use, self.clock.now()) is not None)
        inside = told.allowed(id_, USES[0], self.clock.now())
        for method, headers in (("GET", {}), ("GET", {"If-None-Match": "*"}), ("GET", {"Range": "bytes=0-99"}), ("HEAD", {})):
            seen = await self.client.request(method, f"/api/v1/assets/{id_}/renditions/thumb", headers=headers)
            assert inside or seen.status_code >= 400, (method, headers, seen.status_code)

    async def _in_the_list(self, told: Ledger, photos: Sequence[UUID], collection: UUID) -> None:
        listed = await self.client.get("/api/v1/assets", params={"collection_id": str(collection), "limit": 50})
        seen = {row["id"] for row in listed.json()["items"]}
        assert seen == {str(id_) for id_ in photos if told.photos[id_].state is not AssetState.TRASHED}

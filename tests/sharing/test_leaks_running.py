"""Transfers under way while consents, photos, rights and links change: from a refusal on, no byte of what is refused comes out.

Four transfers run at once and are read a piece at a time: a ZIP of an account and of a guest, an original taken by each. Every photo is a
pattern of its own, so that each byte that comes out is known. A change turns the clock by more than a decision holds (delivery/streams.py).
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest

from photobank.consents import recording, withdrawal
from photobank.consents.recording import NewConsent
from photobank.delivery import release, zipping, zips
from photobank.delivery.streams import CHECK_AGAIN_EVERY, IN_HAND
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import PhotobankError
from photobank.library import folders, trash
from photobank.models.shares import ShareKind
from photobank.sharing import guests, links, taking
from tests.factories import add_consent, add_person, add_photo
from tests.house import Cast, Door
from tests.sharing.given import ELSEWHERE, share

EXAMPLES = int(os.environ.get("PHOTOBANK_TEST_EXAMPLES", "5"))
SIGNS = (b"\xf1", b"\xf2", b"\xf3")
SIZE = 2**20
KEPT_BACK = 2 * 2**16
"""What a ZIP's writer and its deflate keep back of the piece before."""
ACCOUNT, GUEST = ("zip", "original"), ("share_zip", "share_original")


@dataclass
class Transfer:
    """One on its way: which sign each piece was, and how much of what is refused came since the refusal."""

    stream: AsyncIterator[bytes]
    over: bool = False
    got: Counter[int] = field(default_factory=Counter)
    refused: Counter[int] = field(default_factory=Counter)


@dataclass
class World:
    """The truth, and what is under way in it."""

    cast: Cast
    clock: TurnableClock
    people: list[UUID]
    photos: list[UUID]
    link: UUID
    consents: list[UUID | None]
    here: list[bool]
    running: dict[str, Transfer]
    granted: bool = True
    ended: bool = False

    def allowed(self, name: str, n: int) -> bool:
        """May photo n leave this way now, by what was done."""
        return self.consents[n] is not None and self.here[n] and self.granted and not (name in GUEST and self.ended)

    async def change(self, dice: random.Random) -> None:
        """Do one thing, and let more time pass than a decision holds."""
        n, bob = dice.randrange(len(SIGNS)), self.cast.bob.user_id
        what = dice.choice(("consent", "consent", "photo", "grant", "end"))
        async with self.cast.scope(self.cast.alice) as scope:
            if what == "consent" and (row := self.consents[n]):
                await withdrawal.withdraw(scope, row)
                self.consents[n] = None
            elif what == "consent":
                self.consents[n] = (await recording.record(scope, NewConsent(person_id=self.people[n], uses=("website",)))).id
            elif what == "photo":
                await (trash.trash if self.here[n] else trash.restore)(scope, self.photos[n])
                self.here[n] = not self.here[n]
            elif what == "grant" and self.granted:
                (grant,) = [one for one in await folders.grants(scope, self.cast.shared) if one.principal == str(bob)]
                await folders.take(scope, self.cast.shared, grant.id)
                self.granted = False
            elif what == "grant":
                await folders.give(scope, self.cast.shared, "user", str(bob), "edit")
                self.granted = True
        if what == "end" and not self.ended and self.granted and dice.random() < 0.3:
            async with self.cast.scope(self.cast.bob) as scope:
                await links.end(scope, self.link)
            self.ended = True
        self.clock.turn(CHECK_AGAIN_EVERY + timedelta(seconds=1))

    async def read(self, name: str) -> None:
        """One more piece, and whose bytes are in it."""
        transfer = self.running[name]
        if transfer.over:
            return
        try:
            piece = await anext(transfer.stream)
        except (StopAsyncIteration, PhotobankError):
            transfer.over = True
            return
        for n, sign in enumerate(SIGNS):
            count = piece.count(sign * 64) * 64
            transfer.got[n] += count
            if self.allowed(name, n):
                transfer.refused[n] = 0
                continue
            transfer.refused[n] += count
            most = IN_HAND + KEPT_BACK if name.endswith("zip") else 0
            assert transfer.refused[n] <= most, (name, n, transfer.refused[n])


async def begin(cast: Cast, clock: TurnableClock, people: list[UUID]) -> World:
    consents = [(await add_consent(cast.container, cast.alice, one, "website")).id for one in people]
    photos = [
        await add_photo(cast.container, cast.shared, [one], seed=n, original=b"\xff\xd8\xff" + SIGNS[n] * SIZE)
        for n, one in enumerate(people)
    ]
    made = await share(cast, cast.bob, *photos, largest_side=None)
    async with cast.scope(cast.bob) as scope:
        order = await zips.order(scope, photos, "website", "original")
    async with cast.scope(cast.bob) as scope:
        own, _ = await zipping.fetch(scope, order.id)
    async with cast.scope(cast.bob) as scope:
        original = (await release.download(scope, photos[0], "original", "website")).stream
    token = made.url.rstrip("/").rsplit("/", 1)[1]
    guest = await guests.arrive(cast.container, token, ShareKind.link, ELSEWHERE, "")
    visit = await guests.visit_of(cast.container, guest, await guests.open_link(cast.container, guest))
    assert visit is not None
    shared, _ = await taking.everything(cast.container, guest, visit, "original", "nl")
    (first, *_) = await guests.photos(cast.container, guest)
    taken = (await taking.download(cast.container, guest, visit, first.name, "original", "nl")).stream
    running = dict(zip((*ACCOUNT, *GUEST), map(Transfer, (own, original, shared, taken)), strict=True))
    return World(cast, clock, people, photos, made.row.id, [*consents], [True] * len(photos), running)


@pytest.mark.slow
async def test_from_a_refusal_on_nothing_of_it_comes_out(cast: Cast, door: Door, clock: TurnableClock) -> None:
    people = [await add_person(cast.container, name) for name in ("Anna", "Ben", "Cor")]
    came, broken = Counter[str](), 0
    for n in range(EXAMPLES):
        dice = random.Random(f"running {n}")
        there = await begin(cast, clock, people)
        try:
            for _ in range(60):
                if dice.random() < 0.15:
                    await there.change(dice)
                await there.read(dice.choice([*there.running]))
        finally:
            for transfer in there.running.values():
                await transfer.stream.aclose()  # type: ignore[attr-defined]
        came.update({name: transfer.got.total() for name, transfer in there.running.items()})
        broken += sum(transfer.over and transfer.got.total() < SIZE for transfer in there.running.values())
        if not there.granted:
            await cast.grant(cast.bob, cast.shared, "edit")
        for row in filter(None, there.consents):
            async with cast.scope(cast.alice) as scope:
                await withdrawal.withdraw(scope, row)
        clock.turn(timedelta(seconds=1))
    assert set(came) == {*ACCOUNT, *GUEST}
    assert all(came.values()), came
    assert broken, "nothing was ever cut off"

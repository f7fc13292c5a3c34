"""Random changes of consent, rights and links, interleaved with requests for a photo on which whoever stands in the way is hidden: never a
face that the rules hide then, nor a photo that they refuse, whatever the asker has already.

Who is hidden is worked out here from what was done, not asked of the code under test.
"""

from __future__ import annotations

import io
import os
import random
import zipfile
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from photobank.consents import recording, withdrawal
from photobank.consents.recording import NewConsent
from photobank.kernel.clock import TurnableClock
from photobank.library import folders, trash
from photobank.models.shares import ShareKind
from photobank.sharing import links
from photobank.sharing.links import Made
from tests.delivery.noise import ANNA, BEN, group_photo, hides, shown
from tests.factories import add_person
from tests.house import Cast, Door
from tests.sharing.given import Outsider, names, outsider, share

EXAMPLES = int(os.environ.get("PHOTOBANK_TEST_EXAMPLES", "2"))
OUTSIDE = ("page", "picture", "range", "download", "original", "share_zip", "embed", "embed_known")
INSIDE = ("hand_over", "crop", "preview", "zip")
REQUESTS = OUTSIDE + INSIDE
NEVER = ("original",)
CHANGES = ("anna", "ben", "anna", "ben", "grant", "trash")
"""Each turns what it names to its opposite."""

met: set[tuple[str, tuple[bool, ...] | None]] = set()


def steps(n: int) -> list[str]:
    """All is asked for in the middle of changes, then when nothing may go any more."""
    dice, found = random.Random(f"redacted leaks {n}"), list[str]()
    for request in dice.sample(REQUESTS * 2, 2 * len(REQUESTS)):
        if dice.random() < 0.5:
            found.append(dice.choice(CHANGES))
        if dice.random() < 0.4:
            found.append("open")
        found.append(request)
    return [*found, "end", *dice.sample(OUTSIDE, len(OUTSIDE)), "close", *dice.sample(REQUESTS, len(REQUESTS))]


@dataclass
class World:
    """The truth: what was done last."""

    cast: Cast
    bob: httpx.AsyncClient
    people: tuple[UUID, UUID]
    photo: UUID
    link: Made
    guest: Outsider
    site: Outsider
    name: str
    consents: list[UUID | None]
    granted: bool = True
    here: bool = True
    ended: bool = False
    tags: dict[str, tuple[bool, ...]] = field(default_factory=dict)
    """Which look each tag of an embed was given for."""

    def look(self, step: str) -> tuple[bool, ...] | None:
        """Who of the two is hidden on what may come back; None when nothing may."""
        shut = not self.granted or not self.here or step in NEVER or not any(self.consents)
        ended = self.ended and step in OUTSIDE and not step.startswith("embed")
        return None if shut or ended else tuple(one is None for one in self.consents)

    async def change(self, step: str) -> None:
        """Do one thing; `open`: undo whatever keeps the photo in, but for who allowed it."""
        if step == "open":
            for name, done in (("grant", self.granted), ("trash", self.here), ("anna", any(self.consents))):
                if not done:
                    await self.change(name)
            return
        if step == "close":
            step = "grant" if self.granted else "nothing"
        async with self.cast.scope(self.cast.alice) as scope:
            if step in ("anna", "ben"):
                n = step == "ben"
                if (row := self.consents[n]) is not None:
                    await withdrawal.withdraw(scope, row)
                    self.consents[n] = None
                else:
                    new = NewConsent(person_id=self.people[n], uses=("website",))
                    self.consents[n] = (await recording.record(scope, new)).id
            elif step == "grant" and self.granted:
                rows = await folders.grants(scope, self.cast.shared)
                (grant,) = [one for one in rows if one.principal == str(self.cast.bob.user_id)]
                await folders.take(scope, self.cast.shared, grant.id)
                self.granted = False
            elif step == "grant":
                await folders.give(scope, self.cast.shared, "user", str(self.cast.bob.user_id), "edit")
                self.granted = True
            elif step == "trash":
                await (trash.trash if self.here else trash.restore)(scope, self.photo)
                self.here = not self.here
        if step == "end":
            async with self.cast.scope(self.cast.alice) as scope:
                await links.end(scope, self.link.row.id)
            self.ended = True

    async def request(self, step: str) -> None:
        """Ask for it, and hold the answer against the truth."""
        look = self.look(step)
        met.add((step, look))
        body = {"use": "website", "redacted": True}
        if step == "page":
            assert (names(await self.guest.look()) == [self.name]) is (look is not None)
        elif step == "picture":
            self.judge(await self.guest.picture(self.name, "large"), look)
        elif step == "range":
            self.judge(await self.guest.picture(self.name, "large", **{"Range": "bytes=0-9", "If-None-Match": "*"}), look)
        elif step in ("download", "original"):
            self.judge(await self.guest.take(self.name, "original" if step in NEVER else "web"), look)
        elif step == "share_zip":
            self.judge_zip(await self.guest.take_all(), look)
        elif step.startswith("embed"):
            await self.embedded(step, look)
        elif step == "preview":
            self.judge(await self.bob.get(f"/api/v1/assets/{self.photo}/redacted", params={"use": "website"}), look)
        elif step == "zip":
            ordered = await self.bob.post("/api/v1/zips", json={**body, "asset_ids": [str(self.photo)], "preset": "web"})
            if ordered.status_code == 201:
                self.judge_zip(await self.bob.get(ordered.json()["file"]), look)
            else:
                assert not (self.granted and self.here)
        else:
            preset = "linkedin" if step == "crop" else "web"
            answer = await self.bob.post(f"/api/v1/assets/{self.photo}/downloads", json={**body, "preset": preset})
            if step == "crop" and look is not None:
                assert answer.headers["photobank-hidden"] == str(sum(look))
            else:
                self.judge(answer, look)

    async def embedded(self, step: str, look: tuple[bool, ...] | None) -> None:
        """On another site, also for who has some earlier look of it."""
        for tag in [*self.tags] if step == "embed_known" else [""]:
            headers = {"If-None-Match": tag} if tag else {}
            answer = await self.site.http.get(f"{self.site.path}640.jpeg", headers=headers)
            if look is None:
                assert (answer.status_code, answer.headers["content-type"]) == (410, "image/svg+xml")
            elif answer.status_code == 304:
                assert self.tags[tag] == look, "who has an earlier look of it is told that it is still so"
            else:
                self.judge(answer, look)
                self.tags[answer.headers["etag"]] = look

    def judge(self, answer: httpx.Response, look: tuple[bool, ...] | None) -> None:
        if look is None:
            assert answer.status_code != 200, answer.status_code
            assert not answer.headers.get("content-type", "").startswith("image/")
            return
        assert answer.status_code == 200, (answer.status_code, answer.text[:200])
        self.see(answer.content, look)

    def judge_zip(self, answer: httpx.Response, look: tuple[bool, ...] | None) -> None:
        if answer.status_code != 200:
            assert look is None
            return
        whole = zipfile.ZipFile(io.BytesIO(answer.content))
        photos = [name for name in whole.namelist() if name.endswith(".jpg")]
        assert len(photos) == (look is not None)
        for name in photos:
            assert look is not None
            self.see(whole.read(name), look)

    @staticmethod
    def see(data: bytes, look: tuple[bool, ...]) -> None:
        seen = shown(data)
        assert tuple(hides(seen, box) for box in (ANNA, BEN)) == look


async def world(cast: Cast, door: Door, n: int) -> World:
    anna, ben = await add_person(cast.container, "Anna"), await add_person(cast.container, "Ben")
    photo = await group_photo(cast, (anna, ben), seed=n)
    async with cast.scope(cast.alice) as scope:
        consent = await recording.record(scope, NewConsent(person_id=anna, uses=("website",)))
    link = await share(cast, cast.bob, photo, redacted=True, largest_side=None)
    embed = await share(cast, cast.bob, photo, kind=ShareKind.embed, redacted=True)
    guest = outsider(link)
    (name,) = names(await guest.open())
    return World(cast, await door.client(cast.bob), (anna, ben), photo, link, guest, outsider(embed), name, [consent.id, None])


@pytest.mark.slow
async def test_never_a_face_that_the_rules_hide(cast: Cast, door: Door, clock: TurnableClock) -> None:
    for n in range(EXAMPLES):
        found = steps(n)
        there = await world(cast, door, n)
        try:
            for at, step in enumerate(found):
                clock.turn(timedelta(seconds=1))
                try:
                    await (there.change if step in (*CHANGES, "open", "end", "close") else there.request)(step)
                except AssertionError as error:
                    raise AssertionError(f"{found[: at + 1]}: {error}") from error
        finally:
            if not there.granted:
                await there.change("grant")
    for step in set(REQUESTS) - set(NEVER):
        looks = {look for one, look in met if one == step}
        assert None in looks, step
        assert looks - {None}, step
    assert {look for _, look in met} == {None, (True, False), (False, True), (False, False)}

"""Random changes of consent, rights, locks and links, interleaved with requests of every kind: never a byte that the rules refuse then.

What is allowed is worked out here from what was done, not asked of the code under test.
"""

from __future__ import annotations

import io
import os
import random
import zipfile
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from photobank.accounts import users
from photobank.consents import recording, withdrawal
from photobank.consents.recording import NewConsent
from photobank.kernel.clock import TurnableClock
from photobank.library import folders, trash
from photobank.models.accounts import Role
from photobank.models.shares import ShareKind
from photobank.sharing import links, requests
from photobank.sharing.links import Made
from photobank.sharing.requests import NewRequest
from tests.factories import add_consent, add_person, add_photo, picture
from tests.house import Cast, Door
from tests.sharing.given import Outsider, names, outsider, share

EXAMPLES = int(os.environ.get("PHOTOBANK_TEST_EXAMPLES", "3"))
CHANGES = ("withdraw", "consent", "take_grant", "give_grant", "demote", "promote", "trash", "restore", "end")
GOOD = ("consent", "give_grant", "promote", "restore")
OUTSIDE = ("page", "picture", "head", "range", "known", "download", "share_zip", "embed", "embed_known", "embed_head", "bring")
INSIDE = ("original", "preset", "crop", "zip", "queued_zip", "narrow_key", "screen", "screen_head", "screen_range", "screen_known")
REQUESTS = OUTSIDE + INSIDE
NEVER = ("narrow_key", "screen_head")
"""A key without that scope; and no screen asks for a head alone."""
CACHED = {"range": {"Range": "bytes=0-9"}, "known": {"If-None-Match": "*"}}
MARK = b"as it came from the camera"
"""At the end of the original: a byte of it anywhere is a leak."""


def steps(n: int) -> list[str]:
    """What happens in one small world: all is asked for while it may go, in the middle of changes, and when nothing may go any more."""
    dice, found = random.Random(f"leaks {n}"), [*REQUESTS]
    for request in dice.sample(REQUESTS, len(REQUESTS)):
        if dice.random() < 0.4:
            found.append(dice.choice(CHANGES[:-1]))
        if dice.random() < 0.4:
            found.append(dice.choice(GOOD))
        found.append(request)
    return [*found, "end", "withdraw", *dice.sample(REQUESTS, len(REQUESTS))]


met: set[tuple[str, bool]] = set()
"""Which requests were made, and whether they were to be answered."""


@dataclass
class World:
    """The truth: what was done last. Bob takes with a key of his own, Charlie may look only, and may while it is cleared for inside."""

    cast: Cast
    bob: httpx.AsyncClient
    narrow: httpx.AsyncClient
    charlie: httpx.AsyncClient
    queued: str
    bring: Outsider
    anna: UUID
    photo: UUID
    link: Made
    embed: Made
    guest: Outsider
    name: str
    etag: str
    consent: UUID | None
    granted: bool = True
    contributor: bool = True
    here: bool = True
    ended: bool = False

    def allowed(self, step: str) -> bool:
        """Whether anything may come back, by what was done."""
        if step in OUTSIDE:
            return step != "bring" and self.cleared and (step.startswith("embed") or not self.ended)
        return step not in NEVER and self.consent is not None and self.here and (self.granted or step.startswith("screen"))

    @property
    def cleared(self) -> bool:
        return self.consent is not None and self.granted and self.contributor and self.here

    async def change(self, step: str) -> None:
        """Do one thing, as far as it can be done now."""
        bob = self.cast.bob.user_id
        assert bob
        if step == "withdraw" and self.consent is not None:
            async with self.cast.scope(self.cast.alice) as scope:
                await withdrawal.withdraw(scope, self.consent)
            self.consent = None
        elif step == "consent" and self.consent is None:
            async with self.cast.scope(self.cast.alice) as scope:
                new = NewConsent(person_id=self.anna, uses=("website", "internal"))
                self.consent = (await recording.record(scope, new)).id
        elif step == "take_grant" and self.granted:
            async with self.cast.scope(self.cast.alice) as scope:
                rows = await folders.grants(scope, self.cast.shared)
                (grant,) = [one for one in rows if one.principal == str(bob)]
                await folders.take(scope, self.cast.shared, grant.id)
            self.granted = False
        elif step == "give_grant" and not self.granted:
            await self.cast.grant(self.cast.bob, self.cast.shared, "edit")
            self.granted = True
        elif step in ("demote", "promote"):
            self.contributor = step == "promote"
            async with self.cast.scope(self.cast.alice) as scope:
                await users.change(scope, bob, role=Role.contributor if self.contributor else Role.viewer)
        elif step in ("trash", "restore") and self.here == (step == "trash"):
            async with self.cast.scope(self.cast.alice) as scope:
                await (trash.trash if self.here else trash.restore)(scope, self.photo)
            self.here = not self.here
        elif step == "end" and not self.ended and self.cleared:
            async with self.cast.scope(self.cast.bob) as scope:
                await links.end(scope, self.link.row.id)
            self.ended = True

    async def request(self, step: str) -> None:
        """Ask for it, and hold the answer against the truth."""
        met.add((step, self.allowed(step)))
        allowed = self.allowed(step)
        if step in INSIDE:
            await self.inside(step, allowed)
        elif step == "share_zip":
            self.judge_zip(await self.guest.take_all("original"), allowed)
        elif step == "bring":
            page = await self.bring.look()
            assert "<img" not in page.text
            assert self.name not in page.text
        elif step == "page":
            answer = await self.guest.look()
            assert (names(answer) == [self.name]) is allowed, answer.text[:300]
        elif step in ("picture", "head", "range", "known"):
            headers = CACHED.get(step, {})
            answer = await self.guest.picture(self.name, method="HEAD" if step == "head" else "GET", **headers)
            self.judge(answer, allowed, b"" if step == "head" else None)
        elif step == "download":
            self.judge(await self.guest.take(self.name), allowed)
        else:
            site = outsider(self.embed)
            headers = {"If-None-Match": self.etag} if step == "embed_known" else {}
            answer = await site.http.request("HEAD" if step == "embed_head" else "GET", f"{site.path}320.jpeg", headers=headers)
            assert (answer.status_code in (200, 304)) is allowed, (step, answer.status_code)
            assert allowed or answer.headers["content-type"] == "image/svg+xml"

    async def inside(self, step: str, allowed: bool) -> None:
        """People with an account: on a screen, by hand-over and as ZIP."""
        if step in ("original", "preset", "crop", "narrow_key"):
            preset = {"preset": "web", "crop": "instagram_square"}.get(step, "original")
            client = self.narrow if step == "narrow_key" else self.bob
            body = {"preset": preset, "use": "website"}
            answer = await client.post(f"/api/v1/assets/{self.photo}/downloads", json=body)
            self.judge(answer, allowed)
        elif step in ("zip", "queued_zip"):
            file = self.queued if step == "queued_zip" else await self.order()
            if file:
                self.judge_zip(await self.bob.get(file), allowed)
            else:
                assert not (self.granted and self.here)
        else:
            how = step.removeprefix("screen").removeprefix("_")
            url, headers = f"/api/v1/assets/{self.photo}/renditions/thumb", CACHED.get(how, {})
            answer = await self.charlie.request("HEAD" if how == "head" else "GET", url, headers=headers)
            self.judge(answer, allowed, b"" if how == "head" else None)

    async def order(self) -> str:
        """A new ZIP of Bob's; empty when the photo is out of his sight."""
        body = {"asset_ids": [str(self.photo)], "use": "website", "preset": "original"}
        made = await self.bob.post("/api/v1/zips", json=body)
        return str(made.json()["file"]) if made.status_code == 201 else ""

    def judge_zip(self, answer: httpx.Response, allowed: bool) -> None:
        if answer.status_code != 200:
            assert not allowed
            assert MARK not in answer.content
            return
        photos = [name for name in zipfile.ZipFile(io.BytesIO(answer.content)).namelist() if name.endswith(".jpg")]
        assert bool(photos) is allowed, photos
        assert (MARK in answer.content) is allowed

    def judge(self, answer: httpx.Response, allowed: bool, body: bytes | None = None) -> None:
        assert (answer.status_code == 200) is allowed, answer.status_code
        if not allowed:
            assert not answer.headers.get("content-type", "").startswith("image/")
            assert answer.content == b"" or b"<html" in answer.content or "problem+json" in answer.headers["content-type"]
            assert MARK not in answer.content
        elif body is not None:
            assert answer.content == body


async def world(cast: Cast, door: Door, n: int) -> World:
    anna = await add_person(cast.container, "Anna de Vries")
    photo = await add_photo(cast.container, cast.shared, [anna], seed=7, original=picture(n) + MARK)
    consent = await add_consent(cast.container, cast.alice, anna, "website", "internal")
    link = await share(cast, cast.bob, photo, largest_side=None)
    embed = await share(cast, cast.bob, photo, kind=ShareKind.embed)
    async with cast.scope(cast.bob) as scope:
        asked = await requests.create(scope, NewRequest(folder_id=cast.shared))
    guest, bring = outsider(link), outsider(asked)
    (name,) = names(await guest.look())
    site = outsider(embed)
    etag = (await site.http.get(f"{site.path}320.jpeg")).headers["etag"]
    clients = [await door.client(cast.bob), await door.client(cast.bob, "read"), await door.client(cast.charlie)]
    there = World(cast, *clients, "", bring, anna, photo, link, embed, guest, name, etag, consent.id)
    there.queued = await there.order()
    return there


@pytest.mark.slow
async def test_never_a_byte_that_the_rules_refuse(cast: Cast, door: Door, clock: TurnableClock) -> None:
    await cast.grant(cast.charlie, cast.shared, "view")
    for n in range(EXAMPLES):
        found = steps(n)
        there = await world(cast, door, n)
        try:
            for step in found:
                clock.turn(timedelta(seconds=1))
                await (there.change if step in CHANGES else there.request)(step)
        except AssertionError as error:
            raise AssertionError(f"{found}: {error}") from error
        finally:
            for step in ("give_grant", "promote"):
                await there.change(step)
    both = {step for step in REQUESTS if {(step, True), (step, False)} <= met}
    assert both == set(REQUESTS) - {"bring", *NEVER}

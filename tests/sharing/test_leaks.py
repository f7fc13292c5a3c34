"""Random changes of consent, rights, locks and links, interleaved with requests of every kind: never a byte that the rules refuse then.

What is allowed is worked out here from what was done, not asked of the code under test.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from photobank.accounts import users
from photobank.consents import recording, withdrawal
from photobank.consents.recording import NewConsent
from photobank.kernel.clock import TurnableClock
from photobank.library import folders, trash
from photobank.models.accounts import Role
from photobank.models.shares import ShareKind
from photobank.sharing import links
from photobank.sharing.links import Made
from tests.factories import add_consent, add_person, add_photo
from tests.house import Cast, Door
from tests.sharing.given import Outsider, names, outsider, share

EXAMPLES = int(os.environ.get("PHOTOBANK_TEST_EXAMPLES", "6"))
CHANGES = ("withdraw", "consent", "take_grant", "give_grant", "demote", "promote", "trash", "restore", "end")
REQUESTS = ("page", "picture", "head", "range", "known", "download", "embed", "embed_known", "embed_head")
STEPS = st.lists(st.one_of(st.sampled_from(CHANGES), st.sampled_from(REQUESTS)), min_size=12, max_size=30)


@dataclass
class World:
    """The truth: what was done last."""

    cast: Cast
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
                self.consent = (await recording.record(scope, NewConsent(person_id=self.anna, uses=("website",)))).id
        elif step == "take_grant" and self.granted:
            async with self.cast.scope(self.cast.alice) as scope:
                rows = await folders.grants(scope, self.cast.shared)
                (grant,) = [one for one in rows if one.principal == str(bob)]
                await folders.take(scope, self.cast.shared, grant.id)
            self.granted = False
        elif step == "give_grant" and not self.granted:
            await self.cast.grant(self.cast.bob, self.cast.shared, "download")
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
        by_link, by_embed = self.cleared and not self.ended, self.cleared
        if step == "page":
            answer = await self.guest.look()
            assert (names(answer) == [self.name]) is by_link, answer.text[:300]
        elif step in ("picture", "head", "range", "known"):
            headers = {"range": {"Range": "bytes=0-9"}, "known": {"If-None-Match": "*"}}.get(step, {})
            answer = await self.guest.picture(self.name, method="HEAD" if step == "head" else "GET", **headers)
            self.judge(answer, by_link, b"" if step == "head" else None)
        elif step == "download":
            self.judge(await self.guest.take(self.name), by_link)
        else:
            site = outsider(self.embed)
            headers = {"If-None-Match": self.etag} if step == "embed_known" else {}
            answer = await site.http.request("HEAD" if step == "embed_head" else "GET", f"{site.path}320.jpeg", headers=headers)
            assert (answer.status_code in (200, 304)) is by_embed, (step, answer.status_code)
            assert by_embed or answer.headers["content-type"] == "image/svg+xml"

    def judge(self, answer: httpx.Response, allowed: bool, body: bytes | None = None) -> None:
        assert (answer.status_code == 200) is allowed, answer.status_code
        if not allowed:
            assert not answer.headers.get("content-type", "").startswith("image/")
            assert answer.content == b"" or b"<html" in answer.content
        elif body is not None:
            assert answer.content == body


async def world(cast: Cast) -> World:
    anna = await add_person(cast.container, "Anna de Vries")
    photo = await add_photo(cast.container, cast.shared, [anna], seed=7)
    consent = await add_consent(cast.container, cast.alice, anna, "website")
    link = await share(cast, cast.bob, photo)
    embed = await share(cast, cast.bob, photo, kind=ShareKind.embed)
    guest = outsider(link)
    (name,) = names(await guest.look())
    site = outsider(embed)
    etag = (await site.http.get(f"{site.path}320.jpeg")).headers["etag"]
    return World(cast, anna, photo, link, embed, guest, name, etag, consent.id)


@pytest.mark.slow
async def test_never_a_byte_that_the_rules_refuse(cast: Cast, door: Door, clock: TurnableClock) -> None:
    steps: list[list[str]] = []

    @settings(max_examples=EXAMPLES, database=None, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def collect(found: list[str]) -> None:
        steps.append(found)

    collect()
    for found in steps:
        there = await world(cast)
        try:
            for step in found:
                clock.turn(timedelta(seconds=1))
                await (there.change if step in CHANGES else there.request)(step)
        except AssertionError as error:
            raise AssertionError(f"{found}: {error}") from error
        finally:
            for step in ("give_grant", "promote"):
                await there.change(step)

"""The calendar of coming ends: at a secret address, as its owner sees it, and gone when that is taken back."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from icalendar import Calendar
from sqlalchemy import select

from photobank.accounts import users
from photobank.consents import calendar, withdrawal
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import Refused
from photobank.models.life import CalendarFeed
from tests.factories import add_consent, add_person, add_photo
from tests.house import TODAY, Cast, Door, audit_of, with_key

END = TODAY + timedelta(days=100)


async def ends(cast: Cast, name: str, folder: UUID | None = None, **more: Any) -> UUID:
    person = await add_person(cast.container, name)
    await add_photo(cast.container, folder or cast.shared, [person], with_bytes=False)
    return (await add_consent(cast.container, cast.alice, person, "website", valid_until=END, **more)).id


async def make(cast: Cast, actor: Any) -> str:
    async with cast.scope(actor) as scope:
        return (await calendar.make(scope)).removeprefix("http://127.0.0.1:8000")


def said(answer: httpx.Response) -> list[tuple[date, str]]:
    assert answer.status_code == 200, answer.text
    read: Any = Calendar.from_ical(answer.text)
    return [(one.decoded("dtstart"), str(one["summary"])) for one in read.walk("VEVENT")]


async def test_it_holds_what_its_owner_may_see(cast: Cast, door: Door) -> None:
    await ends(cast, "Anna de Vries")
    await ends(cast, "Geheim", cast.closed)
    last_day = END.date()
    async with await door.client() as nobody:
        answer = await nobody.get(await make(cast, cast.bob))
        assert said(answer) == [(last_day, "Toestemming van Anna de Vries loopt af: Website")]
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        assert "no-store" in answer.headers["cache-control"]
        assert re.search(r"URL:http\S+/person/\?id=[0-9a-f-]{36}", answer.text.replace("\r\n ", "")), "where the person page is"
        assert len(said(await nobody.get(await make(cast, cast.petra)))) == 2


async def test_in_the_owners_language_and_with_names_that_need_escaping(cast: Cast, door: Door) -> None:
    await ends(cast, 'Jansen, Piet; "de\\lange"\r\nBEGIN:VEVENT')
    async with cast.scope(cast.bob) as scope:
        await users.set_preferences(scope, language="en")
    async with await door.client() as nobody:
        ((_, summary),) = said(await nobody.get(await make(cast, cast.bob)))
    assert summary.startswith('Consent of Jansen, Piet; "de\\lange"')
    assert summary.endswith("Website")


async def test_a_new_address_ends_the_old_one_and_only_a_hash_is_kept(cast: Cast, door: Door) -> None:
    old, new = await make(cast, cast.bob), await make(cast, cast.bob)
    async with await door.client() as nobody:
        assert (await nobody.get(old)).status_code == 404
        assert (await nobody.get(new)).status_code == 200
        async with cast.container.sessions() as db:
            (feed,) = (await db.scalars(select(CalendarFeed))).all()
        assert new.split("/")[-1].removesuffix(".ics").encode() not in feed.token_hash
        assert feed.read_at is not None
        for _ in range(2):
            async with cast.scope(cast.bob) as scope:
                await calendar.end(scope)
        assert (await nobody.get(new)).status_code == 404
    assert len(await audit_of(cast.container, "calendar:make")) == 2
    assert len(await audit_of(cast.container, "calendar:end")) == 1


async def test_what_ends_with_the_owners_rights(cast: Cast, door: Door, clock: TurnableClock) -> None:
    consent_id = await ends(cast, "Anna de Vries")
    bobs, ritas = await make(cast, cast.bob), await make(cast, cast.rita)
    async with await door.client() as nobody:
        async with cast.scope(cast.alice) as scope:
            await users.change(scope, cast.bob.user_id or UUID(int=0), disabled=True)
        assert (await nobody.get(bobs)).status_code == 404
        assert len(said(await nobody.get(ritas))) == 1
        clock.turn_to(END + timedelta(days=3))
        assert len(said(await nobody.get(ritas))) == 1, "an end of last week stands there still"
        async with cast.scope(cast.petra) as scope:
            await withdrawal.withdraw(scope, consent_id)
        assert said(await nobody.get(ritas)) == []
        async with cast.scope(cast.alice) as scope:
            await users.change(scope, cast.rita.user_id or UUID(int=0), role="viewer")
        assert (await nobody.get(ritas)).status_code == 403
        for wrong in ("/calendar/guess.ics", "/calendar/.ics", f"{ritas.removesuffix('.ics')}", f"/calendar/{'x' * 300}.ics"):
            assert (await nobody.get(wrong)).status_code == 404, wrong


async def test_a_viewer_or_a_narrowed_key_makes_none(cast: Cast) -> None:
    for actor in (cast.charlie, with_key(cast.petra, "read")):
        with pytest.raises(Refused):
            await make(cast, actor)

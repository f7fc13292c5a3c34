"""Everybody's consents over time: those in sight who have a record, by name, in pages, with what each person's own page shows."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from photobank.consents import timeline, withdrawal
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import Invalid, Refused
from photobank.people import merging
from tests.factories import add_consent, add_person, add_photo
from tests.house import Cast, Door


async def signed(cast: Cast, name: str, folder: UUID | None = None) -> tuple[UUID, UUID]:
    person = await add_person(cast.container, name)
    await add_photo(cast.container, folder or cast.shared, [person], with_bytes=False)
    return person, (await add_consent(cast.container, cast.alice, person, "website", "social")).id


async def test_by_name_in_pages_and_only_who_is_in_sight(cast: Cast) -> None:
    for name in ("dirk", "Anna", "Bea"):
        await signed(cast, name)
    hidden, _ = await signed(cast, "Geheim", cast.closed)
    never = await add_person(cast.container, "Cor")
    await add_photo(cast.container, cast.shared, [never], with_bytes=False)
    for actor, names in ((cast.bob, ["Anna", "Bea", "dirk"]), (cast.petra, ["Anna", "Bea", "dirk", "Geheim"])):
        seen: list[str] = []
        cursor = None
        async with cast.scope(actor) as scope:
            for _ in range(len(names)):
                page = await timeline.everybody(scope, cursor=cursor, limit=1)
                seen += [one.name for one in page.items]
                cursor = page.next_cursor
        assert (seen, cursor) == (names, None)
    async with cast.scope(cast.bob) as scope:
        for wrong in (str(hidden), "x"):
            with pytest.raises(Invalid):
                await timeline.everybody(scope, cursor=wrong)
    with pytest.raises(Refused):
        async with cast.scope(cast.charlie) as scope:
            await timeline.everybody(scope)


async def test_each_line_is_the_persons_own(cast: Cast, clock: TurnableClock) -> None:
    anna, first = await signed(cast, "Anna")
    other, second = await signed(cast, "Anna twee")
    clock.turn(timedelta(days=10))
    async with cast.scope(cast.rita) as scope:
        await withdrawal.withdraw(scope, first, ["social"])
        await merging.merge(scope, other, anna)
    async with cast.scope(cast.rita) as scope:
        (line,) = (await timeline.everybody(scope)).items
        own = await timeline.timeline(scope, anna)
    assert (line.person_id, line.timeline) == (anna, own)
    assert {row.id for row in line.rows} == {first, second}
    assert [tick.kind for tick in line.timeline.ticks].count("withdrawn") == 1


async def test_through_the_api(cast: Cast, door: Door) -> None:
    anna, consent_id = await signed(cast, "Anna")
    async with await door.client(cast.bob) as bob:
        answer = (await bob.get("/api/v1/consent-timeline")).json()
    (line,) = answer["items"]
    assert (line["person_id"], line["name"], answer["next_cursor"]) == (str(anna), "Anna", None)
    assert {(bar["consent_id"], bar["use"]) for bar in line["bars"]} == {(str(consent_id), "website"), (str(consent_id), "social")}

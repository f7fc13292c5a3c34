"""Photos that nothing allows any more: archived after the organisation's days, deleted with their keys if it wants that; never a held one."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from photobank.clearance import retiring
from photobank.consents import recording, rules, withdrawal
from photobank.consents.recording import NewConsent
from photobank.consents.rules import Rule
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import Refused
from photobank.library import archiving, holding
from photobank.library.holding import Bolt
from photobank.models.assets import Asset, AssetState
from photobank.models.keys import DataKey, ShreddedKey
from photobank.models.life import RetiredAsset
from tests.factories import add_consent, add_person, add_photo
from tests.house import TODAY, Cast, audit_of
from workers import alerts as jobs

ALL = ("internal", "website", "social")
YEAR = timedelta(days=365)


async def night(cast: Cast) -> None:
    await jobs.put_away({"container": cast.container})


async def state(cast: Cast, photo: UUID) -> str | None:
    async with cast.container.sessions() as db:
        return await db.scalar(select(col(Asset.state)).where(col(Asset.id) == photo))


async def anna_on(cast: Cast, *others: UUID, uses: tuple[str, ...] = ALL, until: timedelta = YEAR) -> tuple[UUID, UUID, UUID]:
    """Anna, a photo of her, and her consent."""
    anna = await add_person(cast.container, "Anna")
    photo = await add_photo(cast.container, cast.shared, [anna, *others], with_bytes=False)
    row = await add_consent(cast.container, cast.rita, anna, *uses, valid_until=TODAY + until)
    return anna, photo, row.id


async def withdraw(cast: Cast, consent_id: UUID, *uses: str) -> None:
    async with cast.scope(cast.rita) as scope:
        await withdrawal.withdraw(scope, consent_id, uses or None)


async def decide(cast: Cast, rule: Rule) -> None:
    async with cast.scope(cast.petra) as scope:
        await rules.decide(scope, rule)


async def test_thirty_days_after_everything_was_withdrawn(cast: Cast, clock: TurnableClock) -> None:
    _, photo, consent_id = await anna_on(cast)
    clock.turn(timedelta(days=5))
    await withdraw(cast, consent_id)
    clock.turn(timedelta(days=29))
    await night(cast)
    assert await state(cast, photo) == AssetState.ready
    clock.turn(timedelta(days=1))
    for _ in range(2):
        await night(cast)
    assert await state(cast, photo) == AssetState.archived
    (event,) = await audit_of(cast.container, "asset:retire")
    assert (event.asset_id, event.payload) == (photo, {"ended_at": (TODAY + timedelta(days=5)).isoformat()})
    clock.turn(timedelta(days=4000))
    await night(cast)
    assert await state(cast, photo) == AssetState.archived, "nothing is deleted unless the organisation wants that"


async def test_what_lapsed_counts_from_its_last_end(cast: Cast, clock: TurnableClock) -> None:
    _, photo, consent_id = await anna_on(cast, uses=("internal", "website"), until=timedelta(days=50))
    await withdraw(cast, consent_id, "internal")
    clock.turn(timedelta(days=79))
    await night(cast)
    assert await state(cast, photo) == AssetState.ready
    clock.turn(timedelta(days=2))
    await night(cast)
    assert await state(cast, photo) == AssetState.archived


async def test_who_allows_anything_still_keeps_it(cast: Cast, clock: TurnableClock) -> None:
    _, photo, consent_id = await anna_on(cast)
    await withdraw(cast, consent_id, "website", "social")
    clock.turn(timedelta(days=100))
    await night(cast)
    assert await state(cast, photo) == AssetState.ready
    await withdraw(cast, consent_id)
    clock.turn(timedelta(days=31))
    await night(cast)
    assert await state(cast, photo) == AssetState.archived


async def test_one_of_two_is_enough_and_never_having_been_asked_is_not(cast: Cast, clock: TurnableClock) -> None:
    bert = await add_person(cast.container, "Bert")
    await add_consent(cast.container, cast.alice, bert, *ALL)
    never = await add_person(cast.container, "Nooit")
    unasked = await add_photo(cast.container, cast.shared, [never, bert], with_bytes=False)
    _, photo, consent_id = await anna_on(cast, bert, never)
    clock.turn(timedelta(days=40))
    await night(cast)
    assert (await state(cast, photo), await state(cast, unasked)) == (AssetState.ready, AssetState.ready)
    await withdraw(cast, consent_id)
    clock.turn(timedelta(days=40))
    await night(cast)
    assert (await state(cast, photo), await state(cast, unasked)) == (AssetState.archived, AssetState.ready)


async def test_the_houses_own_basis_for_internal_use_keeps_nothing(cast: Cast, clock: TurnableClock) -> None:
    _, photo, consent_id = await anna_on(cast, uses=("website",))
    await withdraw(cast, consent_id)
    clock.turn(timedelta(days=31))
    await night(cast)
    assert await state(cast, photo) == AssetState.archived


async def test_another_record_that_covers_it_keeps_it(cast: Cast, clock: TurnableClock) -> None:
    anna, photo, consent_id = await anna_on(cast, uses=("website",))
    async with cast.scope(cast.petra) as scope:
        await recording.record(
            scope, NewConsent(person_id=anna, uses=("internal",), regime="legitimate_interest", reason="smoelenboek " * 5)
        )
    await withdraw(cast, consent_id)
    clock.turn(timedelta(days=31))
    await night(cast)
    assert await state(cast, photo) == AssetState.ready


async def test_signing_again_in_time_keeps_it(cast: Cast, clock: TurnableClock) -> None:
    anna, photo, consent_id = await anna_on(cast)
    await withdraw(cast, consent_id)
    clock.turn(timedelta(days=20))
    await add_consent(cast.container, cast.rita, anna, "website")
    clock.turn(timedelta(days=20))
    await night(cast)
    assert await state(cast, photo) == AssetState.ready


async def test_what_was_taken_out_again_is_left_alone_until_something_else_ends(cast: Cast, clock: TurnableClock) -> None:
    anna, photo, consent_id = await anna_on(cast)
    await withdraw(cast, consent_id)
    clock.turn(timedelta(days=31))
    await night(cast)
    async with cast.scope(cast.alice) as scope:
        await archiving.unarchive(scope, photo)
    clock.turn(timedelta(days=31))
    await night(cast)
    assert await state(cast, photo) == AssetState.ready
    again = await add_consent(cast.container, cast.rita, anna, "website")
    clock.turn(timedelta(days=1))
    await withdraw(cast, again.id)
    clock.turn(timedelta(days=31))
    await night(cast)
    assert await state(cast, photo) == AssetState.archived


async def test_never_by_itself_when_the_organisation_says_so_and_at_once_when_it_says_that(
    cast: Cast, clock: TurnableClock
) -> None:
    _, photo, consent_id = await anna_on(cast)
    await withdraw(cast, consent_id)
    await decide(cast, Rule(30, None))
    clock.turn(timedelta(days=400))
    await night(cast)
    assert await state(cast, photo) == AssetState.ready
    await decide(cast, Rule(30, 0))
    await night(cast)
    assert await state(cast, photo) == AssetState.archived


async def test_deleted_with_its_keys_after_the_second_period(cast: Cast, clock: TurnableClock) -> None:
    await decide(cast, Rule(30, 10, 20))
    _, photo, consent_id = await anna_on(cast)
    await withdraw(cast, consent_id)
    clock.turn(timedelta(days=10))
    await night(cast)
    async with cast.scope(cast.petra) as scope:
        assert await retiring.waiting(scope) == retiring.Waiting(1, 0, clock.now() + timedelta(days=20))
    clock.turn(timedelta(days=19))
    await night(cast)
    assert await state(cast, photo) == AssetState.archived
    clock.turn(timedelta(days=1))
    await night(cast)
    assert await state(cast, photo) is None
    async with cast.container.sessions() as db:
        assert await db.scalar(select(DataKey).where(col(DataKey.subject) == str(photo))) is None
        gone = await db.scalar(select(ShreddedKey).where(col(ShreddedKey.subject) == str(photo)))
    assert gone is not None
    assert gone.reason == "consent_ended"
    (event,) = await audit_of(cast.container, "asset:purge")
    assert (event.asset_id, event.payload) == (photo, {"reason": "consent_ended"})


async def test_a_hold_keeps_it_where_it_is_at_both_steps(cast: Cast, clock: TurnableClock) -> None:
    await decide(cast, Rule(30, 10, 10))
    _, photo, consent_id = await anna_on(cast)
    await withdraw(cast, consent_id)
    async with cast.scope(cast.petra) as scope:
        await holding.put_on(scope, photo, Bolt.hold, "rechtszaak")
    clock.turn(timedelta(days=50))
    await night(cast)
    assert await state(cast, photo) == AssetState.ready
    async with cast.scope(cast.petra) as scope:
        await holding.take_off(scope, photo, Bolt.hold)
    await night(cast)
    async with cast.scope(cast.petra) as scope:
        await holding.put_on(scope, photo, Bolt.hold, "rechtszaak")
    clock.turn(timedelta(days=50))
    await night(cast)
    assert await state(cast, photo) == AssetState.archived
    async with cast.scope(cast.petra) as scope:
        assert await retiring.waiting(scope) == retiring.Waiting(1, 1, None)
        await holding.take_off(scope, photo, Bolt.hold)
    await night(cast)
    assert await state(cast, photo) is None


async def test_who_signed_meanwhile_saves_it_from_deletion(cast: Cast, clock: TurnableClock) -> None:
    await decide(cast, Rule(30, 10, 10))
    anna, photo, consent_id = await anna_on(cast)
    await withdraw(cast, consent_id)
    clock.turn(timedelta(days=10))
    await night(cast)
    await add_consent(cast.container, cast.rita, anna, "website")
    clock.turn(timedelta(days=50))
    await night(cast)
    assert await state(cast, photo) == AssetState.archived
    async with cast.container.sessions() as db:
        assert (await db.scalars(select(RetiredAsset))).all() == [], "and the house has forgotten that it put it there"


async def test_what_people_archived_themselves_is_not_deleted(cast: Cast, clock: TurnableClock) -> None:
    await decide(cast, Rule(30, 10, 10))
    _, photo, consent_id = await anna_on(cast)
    async with cast.scope(cast.bob) as scope:
        await archiving.archive(scope, photo)
    await withdraw(cast, consent_id)
    clock.turn(timedelta(days=100))
    await night(cast)
    assert await state(cast, photo) == AssetState.archived


async def test_many_go_in_steps(cast: Cast, clock: TurnableClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retiring, "AT_ONCE", 2)
    anna, first, consent_id = await anna_on(cast)
    photos = [first] + [await add_photo(cast.container, cast.shared, [anna], with_bytes=False) for _ in range(4)]
    await decide(cast, Rule(30, 0, 1))
    await withdraw(cast, consent_id)
    await night(cast)
    assert {await state(cast, photo) for photo in photos} == {AssetState.archived}
    clock.turn(timedelta(days=1))
    await night(cast)
    assert {await state(cast, photo) for photo in photos} == {None}


async def test_the_numbers_are_for_those_who_decide(cast: Cast) -> None:
    for actor in (cast.bob, cast.rita):
        with pytest.raises(Refused):
            async with cast.scope(actor) as scope:
                await retiring.waiting(scope)

"""Recording a consent: who may, for whom, what is refused, and what it does to older records."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from photobank.access.actor import anonymous
from photobank.audit.tags import Tag
from photobank.consents import recording, records
from photobank.consents.recording import NewConsent
from photobank.consents.records import ConsentRow
from photobank.consents.status import ConsentStatus
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import Conflict, Invalid, NotAuthenticated, NotFound, Refused
from photobank.messaging.jobs import Job
from photobank.messaging.queue import MemoryQueue
from photobank.models.consents import Consent, Use
from photobank.models.people import Person
from tests.factories import add_consent, add_person, add_photo
from tests.house import TODAY, Cast, audit_of, with_key

YEAR = timedelta(days=365)
NOBODY = UUID(int=7)


async def record(cast: Cast, person_id: UUID, *uses: str, actor: Any = None, **more: Any) -> ConsentRow:
    return await add_consent(cast.container, actor or cast.rita, person_id, *uses, **more)


async def test_a_reviewer_records_what_was_signed(cast: Cast, anna: UUID, jobs: MemoryQueue) -> None:
    row = await record(cast, anna, "website", "social", valid_until=TODAY + YEAR)
    assert row.status is ConsentStatus.signed
    assert [use.use for use in row.uses] == ["social", "website"]
    assert (row.person_name, row.number, row.regime, row.extent) == ("Anna de Vries", 1, "consent", "all")
    assert row.signed_at == row.valid_from == TODAY
    assert row.recorded_by == cast.rita.user_id
    assert (Job.refresh_person, (str(anna),)) in jobs.jobs
    (event,) = await audit_of(cast.container, Tag.consent_recorded)
    assert (event.person_id, event.consent_id, event.payload["uses"]) == (anna, row.id, ["social", "website"])


async def test_only_reviewers_and_up_record(cast: Cast, anna: UUID) -> None:
    with pytest.raises(Refused):
        await record(cast, anna, "website", actor=cast.bob)
    with pytest.raises(Refused):
        await record(cast, anna, "website", actor=cast.charlie)
    with pytest.raises(Refused):
        await record(cast, anna, "website", actor=with_key(cast.rita, "read"))
    assert (await record(cast, anna, "website", actor=with_key(cast.rita, "consent"))).number == 1


async def test_somebody_out_of_sight_is_not_found(cast: Cast) -> None:
    hidden = await add_person(cast.container, "Directeur")
    await add_photo(cast.container, cast.closed, [hidden], with_bytes=False)
    with pytest.raises(NotFound):
        await record(cast, hidden, "website")
    row = await record(cast, hidden, "website", actor=cast.alice)
    async with cast.scope(cast.rita) as scope:
        with pytest.raises(NotFound):
            await records.get(scope, row.id)
        assert not (await records.page(scope)).items


BAD: list[tuple[dict[str, Any], str]] = [
    ({"uses": ()}, "uses"),
    ({"uses": ("website", "nonsense")}, "uses"),
    ({"valid_until": TODAY - YEAR}, "valid_until"),
    ({"valid_from": TODAY + YEAR, "valid_until": TODAY + YEAR}, "valid_until"),
    ({"valid_until": datetime(2028, 1, 1)}, "valid_until"),  # noqa: DTZ001 (that is the point)
    ({"signed_at": TODAY + timedelta(hours=1)}, "signed_at"),
    ({"regime": "whim"}, "regime"),
    ({"regime": "press"}, "reason"),
    ({"extent": "event"}, "scope"),
    ({"extent": "folder"}, "scope_ids"),
    ({"extent_ids": (NOBODY,)}, "scope_ids"),
    ({"extent": "photos", "extent_ids": (NOBODY,)}, "scope_ids"),
    ({"territories": ("nl",)}, "territories"),
    ({"guardians_signed": 3}, "guardians_signed"),
    ({"regime": "release", "biometric": True}, "biometric"),
]


@pytest.mark.parametrize(("more", "field"), BAD, ids=lambda value: str(value))
async def test_what_cannot_be_is_refused_by_field(cast: Cast, anna: UUID, more: dict[str, Any], field: str) -> None:
    async with cast.scope(cast.petra) as scope:
        with pytest.raises(Invalid) as found:
            await recording.record(scope, NewConsent(**({"person_id": anna, "uses": ("website",)} | more)))
    assert list(found.value.fields) == [field]


async def test_a_retired_use_takes_no_new_consent(cast: Cast, anna: UUID) -> None:
    async with cast.scope(cast.alice) as scope:
        await scope.db.execute(update(Use).where(col(Use.id) == "press").values(retired_at=TODAY))
    with pytest.raises(Invalid):
        await record(cast, anna, "press")


async def test_a_folder_out_of_sight_is_no_scope(cast: Cast, anna: UUID) -> None:
    with pytest.raises(Invalid):
        await record(cast, anna, "website", extent="folder", extent_ids=(cast.closed,))
    row = await record(cast, anna, "website", extent="folder", extent_ids=(cast.closed, cast.shared), actor=cast.petra)
    assert set(row.extent_ids) == {cast.closed, cast.shared}
    async with cast.scope(cast.rita) as scope:
        assert (await records.get(scope, row.id)).extent_ids == (cast.shared,)


async def test_other_bases_are_the_privacy_officers_with_a_sealed_reason(cast: Cast, anna: UUID) -> None:
    for regime in ("legitimate_interest", "contract", "press"):
        with pytest.raises(Refused):
            await record(cast, anna, "internal", regime=regime, reason="Smoelenboek")
    row = await record(cast, anna, "internal", regime="legitimate_interest", reason="Smoelenboek, toets 12", actor=cast.petra)
    assert row.reason == "Smoelenboek, toets 12"
    async with cast.scope(cast.rita) as scope:
        assert (await records.get(scope, row.id)).reason == ""
        sealed = await scope.db.scalar(select(col(Consent.reason_ct)).where(col(Consent.id) == row.id))
    assert sealed is not None
    assert b"Smoelenboek" not in sealed


async def test_a_renewal_takes_the_place_of_the_old_one_when_it_begins(cast: Cast, anna: UUID, clock: TurnableClock) -> None:
    old = await record(cast, anna, "website", valid_until=TODAY + timedelta(days=20))
    assert old.status is ConsentStatus.expiring
    begins = TODAY + timedelta(days=15)
    async with cast.scope(cast.rita) as scope:
        new = await recording.renew(scope, old.id, valid_from=begins, valid_until=TODAY + YEAR)
    assert [use.use for use in new.uses] == ["website"]
    async with cast.scope(cast.rita) as scope:
        assert (await records.get(scope, old.id)).status is ConsentStatus.expiring
        clock.turn_to(begins)
        replaced = await records.get(scope, old.id)
    assert (replaced.status, replaced.superseded_by) == (ConsentStatus.superseded, new.id)
    async with cast.scope(cast.rita) as scope:
        with pytest.raises(Conflict):
            await recording.renew(scope, old.id, valid_until=None)
    assert len(await audit_of(cast.container, Tag.consent_renewed)) == 1


async def statuses(cast: Cast, person_id: UUID) -> list[str]:
    async with cast.scope(cast.rita) as scope:
        return [row.status.value for row in reversed(await records.of_person(scope, person_id))]


async def test_a_record_that_covers_an_older_one_replaces_it(cast: Cast, anna: UUID, clock: TurnableClock) -> None:
    await record(cast, anna, "website")
    clock.turn(timedelta(minutes=1))
    await record(cast, anna, "website", "social", valid_until=TODAY + YEAR)
    assert await statuses(cast, anna) == ["superseded", "signed"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"uses": ("website", "social")}, {"uses": ("website",)}),
        ({"uses": ("website",)}, {"uses": ("website",), "regime": "release"}),
        ({"uses": ("website",), "territories": ("NL",)}, {"uses": ("website",)}),
        ({"uses": ("website",), "biometric": True}, {"uses": ("website",)}),
        ({"uses": ("website",)}, {"uses": ("website",), "extent": "folder"}),
    ],
    ids=["fewer uses", "another regime", "other countries", "no biometrics", "another scope"],
)
async def test_what_it_does_not_cover_stands(cast: Cast, anna: UUID, first: Any, second: Any, clock: TurnableClock) -> None:
    if second.get("extent"):
        second = second | {"extent_ids": (cast.shared,)}
    for one in (first, second):
        one = dict(one)
        await record(cast, anna, *one.pop("uses"), **one)
        clock.turn(timedelta(minutes=1))
    assert await statuses(cast, anna) == ["signed", "signed"]


async def test_the_papers_of_somebody_merged_stay_readable(cast: Cast, anna: UUID) -> None:
    double = await add_person(cast.container, "A. de Vries")
    await add_photo(cast.container, cast.shared, [double], with_bytes=False)
    row = await record(cast, double, "website")
    async with cast.scope(cast.alice) as scope:
        await scope.db.execute(update(Person).where(col(Person.id) == double).values(merged_into=anna))
    async with cast.scope(cast.rita) as scope:
        assert [one.id for one in await records.of_person(scope, anna)] == [row.id]
        assert (await records.get(scope, row.id)).id == row.id


async def test_pages_go_on_where_the_last_ended(cast: Cast, anna: UUID, clock: TurnableClock) -> None:
    made = []
    for use in ("website", "social", "print", "press", "research"):
        made.append((await record(cast, anna, use)).id)
        clock.turn(timedelta(seconds=1))
    async with cast.scope(cast.rita) as scope:
        first = await records.page(scope, limit=2)
        second = await records.page(scope, limit=2, cursor=first.next_cursor)
        third = await records.page(scope, limit=2, cursor=second.next_cursor)
        with pytest.raises(Invalid):
            await records.page(scope, cursor="nonsense")
    assert [row.id for page in (first, second, third) for row in page.items] == made[::-1]
    assert third.next_cursor is None
    async with cast.scope(cast.charlie) as scope:
        with pytest.raises(Refused):
            await records.page(scope)


async def test_nobody_is_told_nothing(cast: Cast, anna: UUID) -> None:
    with pytest.raises(NotAuthenticated):
        await record(cast, anna, "website", actor=anonymous())

"""The status of a record: a table of cases, asked both of the function and of the database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from photobank.consents.status import ConsentStatus, condition, status_of
from photobank.kernel.ids import new_id
from photobank.models.consents import Consent, ConsentUse
from tests.factories import add_person
from tests.house import TODAY, Cast

ALERT = timedelta(days=30)


def day(number: int) -> datetime:
    return TODAY + timedelta(days=number)


CASES: list[tuple[str, dict[str, int | None], list[dict[str, int]], ConsentStatus]] = [
    ("no end", {}, [{}], ConsentStatus.signed),
    ("far end", {"valid_until": 31}, [{}], ConsentStatus.signed),
    ("alert period", {"valid_until": 30}, [{}], ConsentStatus.expiring),
    ("ends now", {"valid_until": 0}, [{}], ConsentStatus.expired),
    ("long over", {"valid_until": -9}, [{}], ConsentStatus.expired),
    ("one use ends soon", {"valid_until": 90}, [{"valid_until": 9}, {}], ConsentStatus.expiring),
    ("one use over", {"valid_until": 90}, [{"valid_until": -9}, {}], ConsentStatus.signed),
    ("all uses over", {"valid_until": 90}, [{"valid_until": -9}, {"valid_until": 0}], ConsentStatus.expired),
    ("one use withdrawn", {}, [{"withdrawn_at": -1}, {}], ConsentStatus.signed),
    ("the last use ends soon", {}, [{"withdrawn_at": -1}, {"valid_until": 5}], ConsentStatus.expiring),
    ("all uses withdrawn", {}, [{"withdrawn_at": -1}, {"withdrawn_at": 0}], ConsentStatus.withdrawn),
    ("withdrawn", {"withdrawn_at": -1}, [{}], ConsentStatus.withdrawn),
    ("withdrawn, then over", {"withdrawn_at": -9, "valid_until": -1}, [{}], ConsentStatus.withdrawn),
    ("replaced", {"superseded_at": 0}, [{}], ConsentStatus.superseded),
    ("replaced later", {"superseded_at": 1}, [{}], ConsentStatus.signed),
    ("replaced and withdrawn", {"superseded_at": -3, "withdrawn_at": -1}, [{}], ConsentStatus.withdrawn),
    ("not signed", {"signed_at": None}, [{}], ConsentStatus.draft),
    ("declined", {"signed_at": None, "declined_at": -1}, [{}], ConsentStatus.declined),
]


async def test_the_table(cast: Cast) -> None:
    anna = await add_person(cast.container)
    made: dict[Any, tuple[str, ConsentStatus]] = {}
    async with cast.scope(cast.alice) as scope:
        for name, dates, uses, expected in CASES:
            moments = {key: None if value is None else day(value) for key, value in ({"signed_at": -100} | dates).items()}
            consent = Consent(id=new_id(), person_id=anna, valid_from=day(-100), created_at=day(-100), **moments)
            scope.db.add(consent)
            await scope.db.flush()
            rows = [
                ConsentUse(consent_id=consent.id, use_id=use_id, **{key: day(value) for key, value in use.items()})
                for use_id, use in zip(("website", "social"), uses, strict=False)
            ]
            scope.db.add_all(rows)
            assert status_of(consent, rows, TODAY, ALERT) is expected, name
            made[consent.id] = (name, expected)
        await scope.db.flush()
        told: dict[str, ConsentStatus] = {}
        for status in ConsentStatus:
            for id_ in (await scope.db.scalars(select(col(Consent.id)).where(condition(status, TODAY, ALERT)))).all():
                assert made[id_][0] not in told, "one status per record"
                told[made[id_][0]] = status
    assert told == dict(made.values())


@pytest.mark.parametrize("status", list(ConsentStatus))
def test_only_what_was_signed_and_still_runs_is_in_force(status: ConsentStatus) -> None:
    assert status.in_force == (status in {ConsentStatus.signed, ConsentStatus.expiring})

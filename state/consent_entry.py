"""The dialog in which staff enter a consent: for whom, for what, until when, for which photos. Opened from photo and person pages."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from photobank.consents import recording, uses
from photobank.consents.recording import NewConsent
from photobank.consents.records import Extent
from photobank.kernel.errors import Invalid, PhotobankError
from photobank.people import persons
from state.base import PhotobankState, problem_event
from state.rules import SIGNED_IN, Rule, handler

PERIODS = ("1", "2", "5", "date", "none")
# Consents are signed and end on calendar days of the organisation's country.
ZONE = ZoneInfo("Europe/Amsterdam")


class ConsentEntryState(PhotobankState):
    """State of the dialog."""

    access: ClassVar[Rule] = SIGNED_IN

    is_open: bool = False
    person: str = ""
    person_name: str = ""
    minor: bool = False
    choices: list[str] = []  # noqa: RUF012
    """Ids of the uses, in order."""
    ticked: list[str] = []  # noqa: RUF012
    """Those that are ticked when the dialog opens."""
    period: str = "2"
    until: str = ""
    asset: str = ""
    """The photo it was opened on; empty elsewhere."""
    folder: str = ""
    today: str = ""
    faults: dict[str, str] = {}  # noqa: RUF012

    @handler()
    async def open_for(self, person_id: str, wanted: list[str], asset_id: str = "", folder_id: str = "") -> None:
        """Ask for this person, with `wanted` uses ticked. A photo and its folder may be chosen as its scope."""
        async with self._scope() as scope:
            person = await persons.detail(scope, _id(person_id))
            known = [use.id for use in await uses.list_all(scope)]
            self.today = scope.now().astimezone(ZONE).date().isoformat()
        self.person, self.person_name, self.minor = str(person.id), person.name, person.is_minor
        self.choices, self.ticked = known, [use for use in known if use in wanted]
        self.asset, self.folder = asset_id, folder_id
        self.period, self.faults = "2", {}
        self.until = _years(date.fromisoformat(self.today), 2).isoformat()
        self.is_open = True

    @handler()
    def close(self) -> None:
        """Leave without entering anything."""
        self.is_open = False

    @handler()
    def choose_period(self, period: str) -> None:
        """For so many years, until a date of choice, or without end."""
        if period in PERIODS:
            self.period = period
            if period.isdecimal():
                self.until = _years(date.fromisoformat(self.today), int(period)).isoformat()
            self.faults = {}

    @handler()
    async def record(self, form: dict[str, Any]) -> Any:
        """Enter it. The form keeps what is ticked by itself, so that a tick never waits for the server."""
        extent = str(form.get("extent") or Extent.all.value)
        targets = {Extent.folder.value: self.folder, Extent.photos.value: self.asset}.get(extent, "")
        self.ticked = [use for use in self.choices if form.get(f"use-{use}")]
        try:
            new = NewConsent(
                person_id=_id(self.person),
                uses=tuple(self.ticked),
                valid_until=self._end(str(form.get("until", ""))),
                extent=extent,
                extent_ids=(_id(targets),) if targets else (),
                signed_at=_signed(str(form.get("signed", "")), self.today),
                guardians_signed=int(form.get("guardians") or 0) if self.minor else 0,
            )
            async with self._scope() as scope:
                await recording.record(scope, new)
        except Invalid as invalid:
            self.faults = dict(invalid.fields)
            return None
        except PhotobankError as error:
            return problem_event(error)
        self.is_open = False
        if not self.asset:  # a photo page says by itself what has become allowed
            self._toast("consent.recorded", tone="success", name=self.person_name)
        return None

    def _end(self, typed: str) -> datetime | None:
        """The end of the last day: "until 14 December" includes the fourteenth."""
        if self.period == "none":
            return None
        day = _date(typed if self.period == "date" else self.until, "valid_until")
        return datetime.combine(day, time(23, 59, 59), ZONE).astimezone(UTC)


def _signed(typed: str, today: str) -> datetime | None:
    """The start of the day on the paper; today's was signed just now."""
    if not typed or typed == today:
        return None
    return datetime.combine(_date(typed, "signed_at"), time(), ZONE).astimezone(UTC)


def _years(day: date, count: int) -> date:
    try:
        return day.replace(year=day.year + count)
    except ValueError:  # 29 February
        return day.replace(year=day.year + count, day=28)


def _date(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("not a date", fields={field: "errors.date"}) from None


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("not an id", fields={"person_id": "errors.id"}) from None

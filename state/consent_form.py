"""The dialog in which staff enter a consent or release. Any page may open it: `ConsentFormState.open_for(person, asset)`."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from photobank.access.authorise import may
from photobank.access.permissions import Action
from photobank.consents import recording, uses
from photobank.consents.recording import NewConsent
from photobank.consents.records import Extent
from photobank.kernel.errors import Invalid, Refused
from photobank.models.consents import Regime
from photobank.people import persons
from state.base import PhotobankState
from state.rules import Rule, handler, role
from state.timeline_rows import number
from state.watching import optional_id, remarks, wanted_id, written

OTHER_BASES = (Regime.legitimate_interest, Regime.contract, Regime.press)
PLACES = ("EEA", "NL", "BE", "DE", "FR", "LU", "GB")
# People sign and consents end on calendar days where the organisation is.
ZONE = ZoneInfo("Europe/Amsterdam")


class ConsentFormState(PhotobankState):
    """State of the dialog. The fields are the browser's own: a refused form comes back as it was, with remarks."""

    access: ClassVar[Rule] = role("reviewer", "privacy_officer", "admin")

    open: bool = False
    person_id: str = ""
    person_name: str = ""
    minor: bool = False
    guardians: int = 1
    needs_birth_date: bool = False
    uses: list[tuple[str, str, str]] = []  # noqa: RUF012
    asset_id: str = ""
    """The photo that the dialog was opened on, offered as its scope; empty: none."""
    folder_id: str = ""
    """The folder that is chosen; beforehand that of the photo."""
    today: str = ""
    other_bases: bool = False
    errors: dict[str, str] = {}  # noqa: RUF012

    @handler()
    async def open_for(self, person_id: str, asset_id: str = "", folder_id: str = "") -> None:
        """Open it for somebody. Nothing is ticked, and no period chosen: that is for the paper to say."""
        async with self._scope() as scope:
            found = await persons.detail(scope, wanted_id(person_id))
            known = await uses.list_all(scope)
            self.other_bases = may(scope.actor, Action.consent_other_basis)
            self.today = scope.now().astimezone(ZONE).date().isoformat()
        self.person_id, self.person_name = str(found.id), found.name
        self.minor, self.guardians = found.is_minor, found.guardians_needed
        self.needs_birth_date = found.is_minor and found.birth_date is None
        self.uses = [(use.id, use.label_nl, use.label_en) for use in known]
        self.asset_id, self.folder_id = (str(optional_id(one) or "") for one in (asset_id, folder_id))
        self.errors, self.open = {}, True

    @handler()
    def close(self) -> None:
        """Close it; nothing was entered."""
        self.open = False

    @handler()
    def choose_folder(self, folder_id: str) -> None:
        """The folder that a consent for one folder is for."""
        self.folder_id = str(optional_id(folder_id) or "")

    @handler()
    async def submit(self, form: dict[str, Any]) -> None:
        """Enter what the form says."""
        try:
            new = self._read(form)
            async with self._scope() as scope:
                row = await recording.record(scope, new)
        except Invalid as problem:
            self.errors = remarks(problem)
            return
        except Refused:
            self.errors = {"regime": "errors.refused"}
            return
        self.open = False
        if not self.asset_id:  # a photo page says by itself what has become allowed
            self._toast("consent_form.recorded", tone="success", number=number(row), name=row.person_name)

    def _read(self, form: dict[str, Any]) -> NewConsent:
        """The form as a record to enter; raises Invalid for what cannot be read at all."""
        faults: dict[str, str] = {}
        regime = written(form, "regime")
        if regime == "other":
            regime = written(form, "basis")
        if not regime:
            faults["regime"] = "consent_form.choose_regime"
        signed, starts, ends = (self._day(form, name, faults) for name in ("signed_at", "valid_from", "valid_until"))
        for_ever = bool(form.get("no_end"))
        if ends is None and not for_ever and "valid_until" not in faults:
            faults["valid_until"] = "consent_form.choose_end"
        extent = written(form, "extent")
        targets = self._targets(form, extent, faults)
        chosen = tuple(use for use, _, _ in self.uses if form.get(f"use_{use}"))
        if not chosen:
            faults["uses"] = "errors.uses_none"
        guardians = written(form, "guardians_signed")
        if self.minor and guardians not in ("0", "1", "2") and regime == Regime.consent:
            faults["guardians_signed"] = "consent_form.choose_guardians"
        if faults:
            raise Invalid("consent", fields=faults)
        return NewConsent(
            person_id=wanted_id(self.person_id),
            uses=chosen,
            regime=regime,
            # Signed today means now: a paper signed after this morning's withdrawal must not seem older than it.
            signed_at=_start_of(signed) if signed and signed.isoformat() != self.today else None,
            valid_from=_start_of(starts) if starts else None,
            valid_until=_end_of(ends) if ends and not for_ever else None,
            extent=extent,
            extent_ids=targets,
            territories=tuple(code for code in (written(form, "territory"),) if code),
            guardians_signed=int(guardians) if guardians in ("1", "2") else 0,
            reason=written(form, "reason"),
        )

    def _day(self, form: dict[str, Any], name: str, faults: dict[str, str]) -> date | None:
        text = written(form, name)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            faults[name] = "errors.date"
            return None

    def _targets(self, form: dict[str, Any], extent: str, faults: dict[str, str]) -> tuple[UUID, ...]:
        if extent not in Extent.__members__:
            faults["scope"] = "consent_form.choose_scope"
        if extent == Extent.folder:
            folder = optional_id(self.folder_id)
            if folder is None:
                faults["scope_ids"] = "consent_form.choose_folder"
            return (folder,) if folder else ()
        if extent == Extent.photos:
            asset = optional_id(self.asset_id)
            return (asset,) if asset else ()
        return ()


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, ZONE).astimezone(UTC)


def _end_of(day: date) -> datetime:
    """The last day counts: it ends at the midnight after."""
    return datetime.combine(day + timedelta(days=1), time.min, ZONE).astimezone(UTC)

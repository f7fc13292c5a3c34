"""What the policy is told: the asset, the people on it, their grants, and the organisation's rules. Immutable and loaded elsewhere.

All moments are aware. An end is exclusive: at that instant the grant no longer holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

from photobank.kernel.ids import AssetId, ConsentId, FaceId, FolderId, PersonId


class AssetState(StrEnum):
    """Where an asset is in its life."""

    UPLOADING = "uploading"
    PROCESSING = "processing"
    READY = "ready"
    REJECTED = "rejected"
    ARCHIVED = "archived"
    TRASHED = "trashed"


class FaceState(StrEnum):
    """How far a face is settled. `ignored`: somebody said that this is not a recognisable person."""

    UNKNOWN = "unknown"
    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"
    IGNORED = "ignored"


class Regime(StrEnum):
    """The legal basis of a grant; each ends in its own way."""

    CONSENT = "consent"
    RELEASE = "release"
    CONTRACT = "contract"
    LEGITIMATE_INTEREST = "legitimate_interest"
    PRESS = "press"

    @property
    def ends_at_a_no(self) -> bool:
        """Can the person end it by saying no: withdrawing consent, objecting to a legitimate interest."""
        return self in (Regime.CONSENT, Regime.LEGITIMATE_INTEREST)

    @property
    def is_recorded(self) -> bool:
        """Recorded by the privacy officer with a reason; the person signs nothing, so nobody need be of age."""
        return self in (Regime.LEGITIMATE_INTEREST, Regime.PRESS)


class ScopeKind(StrEnum):
    """What photos of the person a grant is about."""

    ALL = "all"
    FOLDERS = "folders"
    EVENT = "event"
    ASSETS = "assets"


@dataclass(frozen=True, slots=True)
class GrantScope:
    """Which photos: all, those in folders (and the folders within), of an event, or named ones."""

    kind: ScopeKind = ScopeKind.ALL
    ids: frozenset[UUID] = frozenset()

    def covers(self, asset: AssetFacts, signed: Sequence[datetime] = ()) -> bool:
        """Is the asset within it. Who signed for a named photo, at these moments, signed for the picture that it showed then."""
        if self.kind is ScopeKind.ALL:
            return True
        if self.kind is ScopeKind.FOLDERS:
            return not self.ids.isdisjoint(asset.folder_path)
        if self.kind is ScopeKind.EVENT:
            return asset.event_id is not None and asset.event_id in self.ids
        return asset.id in self.ids and all(asset.picture_at(at) == asset.picture_at() for at in signed)


EVERYTHING: Final = GrantScope()
FIRST_PICTURE: Final = 1


@dataclass(frozen=True, slots=True)
class UseGrant:
    """One use that was granted, with its own end where it has one, and its own withdrawal where only this use was withdrawn."""

    use: str
    until: datetime | None = None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class GrantFact:
    """One record of permission as it stands: what it grants, where, when, and what happened to it.

    `signed_at` is when the subject signed (or, for a recorded basis, when the privacy officer recorded it); None while nobody did.
    `guardians_signed` holds one moment per guardian who signed. `refused` are uses that stood on the form and were left unticked.
    `withdrawn_at` means withdrawn or, for a legitimate interest, objected to; a release, contract or press record ignores it.
    `ended_at` is an end that both sides, or the privacy officer, set before the term. `territories` None means worldwide.
    """

    id: ConsentId
    regime: Regime
    uses: tuple[UseGrant, ...]
    signed_at: datetime | None = None
    guardians_signed: tuple[datetime, ...] = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    scope: GrantScope = EVERYTHING
    territories: frozenset[str] | None = None
    refused: frozenset[str] = frozenset()
    draft: bool = False
    sent_at: datetime | None = None
    declined_at: datetime | None = None
    withdrawn_at: datetime | None = None
    superseded_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def signatures(self) -> tuple[datetime, ...]:
        """Every moment at which somebody signed it."""
        return (*(() if self.signed_at is None else (self.signed_at,)), *self.guardians_signed)


@dataclass(frozen=True, slots=True)
class PersonFact:
    """One person on the asset with all their grants. `minor` flags somebody under age whose birth date may be unknown."""

    id: PersonId
    grants: tuple[GrantFact, ...] = ()
    birth_date: date | None = None
    minor: bool = False
    guardians_needed: int = 1


@dataclass(frozen=True, slots=True)
class FaceFact:
    """One face. `redacted`: blurred beyond recognition in the version asked about, so that it shows nobody."""

    id: FaceId
    state: FaceState
    person_id: PersonId | None = None
    redacted: bool = False


@dataclass(frozen=True, slots=True)
class AssetFacts:
    """One asset with its faces and people. `folder_path` holds its folder and every folder above it.

    `faces_done`: detection ran to its end. `tagged`: people named without a box. `no_people_confirmed`: somebody looked and said
    that nobody can be recognised. `people` holds everyone named by a face or tag; who is absent has granted nothing. `pictures`:
    when another picture (not a new version of the same one) came to be shown under this id, oldest first, and its number.
    """

    id: AssetId
    state: AssetState
    faces: tuple[FaceFact, ...] = ()
    tagged: frozenset[PersonId] = frozenset()
    people: Mapping[PersonId, PersonFact] = field(default_factory=lambda: MappingProxyType({}))
    faces_done: bool = False
    no_people_confirmed: bool = False
    quarantined: bool = False
    locked_by_hand: bool = False
    hold: bool = False
    folder_path: tuple[FolderId, ...] = ()
    event_id: UUID | None = None
    pictures: tuple[tuple[datetime, int], ...] = ()

    def picture_at(self, moment: datetime | None = None) -> int:
        """Which picture was shown under this asset's id at that moment; without one: which is shown now."""
        return next((picture for at, picture in reversed(self.pictures) if moment is None or at <= moment), FIRST_PICTURE)


@dataclass(frozen=True, slots=True)
class UseFacts:
    """One use. `outside`: the photo leaves the organisation."""

    key: str
    outside: bool = True


@dataclass(frozen=True, slots=True)
class Rules:
    """What an organisation may set. The defaults are the strict ones.

    `internal_needs_consent` False means that the organisation has recorded a basis of its own (with its balancing test) for use
    inside the house. `trust_detector`: no face found is enough to say that nobody is on it.
    """

    alert_period: timedelta = timedelta(days=30)
    home_territory: str = "NL"
    trust_detector: bool = False
    internal_needs_consent: bool = True
    age_of_consent: int = 16
    time_zone: str = "Europe/Amsterdam"

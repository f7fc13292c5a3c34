"""What the policy answers: states, reasons with their next step, verdicts. Plain values, ready for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from photobank.kernel.ids import ConsentId, FaceId, PersonId


class ClearanceState(StrEnum):
    """Where an asset, or one person on it, stands for one use."""

    APPROVED = "approved"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    REVOKED = "revoked"
    MISSING = "missing"
    NEEDS_REVIEW = "needs_review"
    NO_PEOPLE = "no_people"
    BLOCKED = "blocked"

    @property
    def severity(self) -> int:
        """Its place in the order of severity: the gravest state among all obstacles is the verdict's."""
        return _SEVERITY[self]

    @property
    def allowed(self) -> bool:
        """May the asset leave in this state."""
        return self in _ALLOWED


# One total order. What somebody decided (blocked, withdrew) goes before what time did (expired) and what nobody did (missing).
_SEVERITY: Final = {
    state: rank
    for rank, state in enumerate(
        (
            ClearanceState.NO_PEOPLE,
            ClearanceState.APPROVED,
            ClearanceState.EXPIRING,
            ClearanceState.MISSING,
            ClearanceState.EXPIRED,
            ClearanceState.REVOKED,
            ClearanceState.NEEDS_REVIEW,
            ClearanceState.BLOCKED,
        )
    )
}
_ALLOWED: Final = frozenset({ClearanceState.APPROVED, ClearanceState.EXPIRING, ClearanceState.NO_PEOPLE})


class ReasonCode(StrEnum):
    """Why a verdict is what it is; the sentence is `reasons.<code>` in the catalogues. STATE_OF says which state each leads to."""

    NOT_READY = "not_ready"
    REJECTED = "rejected"
    ARCHIVED = "archived"
    TRASHED = "trashed"
    QUARANTINED = "quarantined"
    LOCKED = "locked"
    HELD = "held"

    FACE_UNKNOWN = "face_unknown"
    FACE_SUGGESTED = "face_suggested"
    FACES_PENDING = "faces_pending"
    NO_PEOPLE_UNCONFIRMED = "no_people_unconfirmed"

    WITHDRAWN = "withdrawn"
    OBJECTED = "objected"

    EXPIRED = "expired"
    ENDED = "ended"

    NEVER_ASKED = "never_asked"
    REQUESTED = "requested"
    DECLINED = "declined"
    USE_REFUSED = "use_refused"
    USE_NOT_GRANTED = "use_not_granted"
    OUT_OF_SCOPE = "out_of_scope"
    OUT_OF_TERRITORY = "out_of_territory"
    NOT_YET_VALID = "not_yet_valid"
    SUPERSEDED = "superseded"
    GUARDIAN_MISSING = "guardian_missing"
    BIRTH_DATE_NEEDED = "birth_date_needed"
    CAME_OF_AGE = "came_of_age"

    ENDS_SOON = "ends_soon"
    COMES_OF_AGE_SOON = "comes_of_age_soon"


_CODES_BY_STATE: Final = {
    ClearanceState.BLOCKED: (
        ReasonCode.NOT_READY,
        ReasonCode.REJECTED,
        ReasonCode.ARCHIVED,
        ReasonCode.TRASHED,
        ReasonCode.QUARANTINED,
        ReasonCode.LOCKED,
        ReasonCode.HELD,
    ),
    ClearanceState.NEEDS_REVIEW: (
        ReasonCode.FACE_UNKNOWN,
        ReasonCode.FACE_SUGGESTED,
        ReasonCode.FACES_PENDING,
        ReasonCode.NO_PEOPLE_UNCONFIRMED,
    ),
    ClearanceState.REVOKED: (ReasonCode.WITHDRAWN, ReasonCode.OBJECTED),
    ClearanceState.EXPIRED: (ReasonCode.EXPIRED, ReasonCode.ENDED),
    ClearanceState.EXPIRING: (ReasonCode.ENDS_SOON, ReasonCode.COMES_OF_AGE_SOON),
}

STATE_OF: Final[Mapping[ReasonCode, ClearanceState]] = MappingProxyType(
    dict.fromkeys(ReasonCode, ClearanceState.MISSING) | {code: state for state, codes in _CODES_BY_STATE.items() for code in codes}
)
"""The one state that each reason leads to; every code not named above means that a permission is missing."""


class NextStep(StrEnum):
    """What would take a reason away; the words on the button are `next_steps.<step>` in the catalogues."""

    WAIT = "wait"
    UPLOAD_AGAIN = "upload_again"
    RESTORE = "restore"
    UNLOCK = "unlock"
    ASK_PRIVACY_OFFICER = "ask_privacy_officer"
    REVIEW_FACES = "review_faces"
    CONFIRM_NO_PEOPLE = "confirm_no_people"
    REQUEST_CONSENT = "request_consent"
    REMIND = "remind"
    RENEW = "renew"
    ASK_GUARDIAN = "ask_guardian"
    ADD_BIRTH_DATE = "add_birth_date"
    REDACT = "redact"
    CHOOSE_ANOTHER = "choose_another"


_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Reason:
    """One obstacle (or coming end), about a person, a face or the asset as a whole. Holds ids, never names.

    `since` is when it began to be so, `until` when what stands now will end; `params` are plain JSON values for the sentence.
    """

    code: ReasonCode
    next_step: NextStep
    person_id: PersonId | None = None
    face_id: FaceId | None = None
    since: datetime | None = None
    until: datetime | None = None
    params: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)

    @property
    def state(self) -> ClearanceState:
        """The state that this reason leads to."""
        return STATE_OF[self.code]

    def to_json(self) -> dict[str, Any]:
        """The reason as the REST API shows it."""
        return {
            "person_id": str(self.person_id) if self.person_id else None,
            "face_id": str(self.face_id) if self.face_id else None,
            "code": self.code.value,
            "state": self.state.value,
            "since": _moment(self.since),
            "until": _moment(self.until),
            "next_step": self.next_step.value,
            "params": dict(self.params),
        }


@dataclass(frozen=True, slots=True)
class Ground:
    """What one person's permission rests on: the consent (or other basis) that covers, and until when cover is unbroken.

    `consent_id` is None where internal use rests on the organisation's own recorded basis.
    """

    person_id: PersonId
    consent_id: ConsentId | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class PersonVerdict:
    """One person and one use. `partial`: it holds for some of the person's photos only (person page)."""

    state: ClearanceState
    valid_until: datetime | None
    reason: Reason | None
    ground: Ground | None
    partial: bool = False

    @property
    def allowed(self) -> bool:
        """Does this person stand in nobody's way."""
        return self.state.allowed

    def to_json(self) -> dict[str, Any]:
        """The cell of the person × use matrix as the REST API shows it."""
        return {
            "state": self.state.value,
            "allowed": self.allowed,
            "valid_until": _moment(self.valid_until),
            "reason": self.reason.to_json() if self.reason else None,
            "partial": self.partial,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one asset and use. `reasons` lists every obstacle, gravest first; `valid_until` is set only while allowed.

    `grounds` names the consents that carry an allowed verdict, for the download's record and the consent reference in its metadata.
    """

    use: str
    state: ClearanceState
    valid_until: datetime | None
    reasons: tuple[Reason, ...]
    allowed: bool
    grounds: tuple[Ground, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The verdict as the REST API shows it."""
        return {
            "use": self.use,
            "state": self.state.value,
            "allowed": self.allowed,
            "valid_until": _moment(self.valid_until),
            "reasons": [reason.to_json() for reason in self.reasons],
        }


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None

"""Which faces would have to be hidden for a photo to be used for this, and is that enough? Pure; the verdict is the policy's own.

Nobody is let out here: what is left when the faces are hidden goes through the same rules as any photo. In words: docs/guides/clearance.md.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from photobank.clearance.facts_types import AssetFacts, FaceFact, FaceState, UseFacts
from photobank.clearance.policy import Judge
from photobank.clearance.verdicts import Verdict
from photobank.kernel.ids import FaceId, PersonId


@dataclass(frozen=True, slots=True)
class Redaction:
    """The faces to be hidden, and the verdict of the photo once they are. Nothing is hidden on a photo that is cleared as it is."""

    hidden: frozenset[FaceId]
    verdict: Verdict
    people: int = 0
    """How many are hidden; of faces without a decision each counts as somebody."""

    @property
    def helps(self) -> bool:
        """Is the photo cleared because of it."""
        return bool(self.hidden) and self.verdict.allowed


def redaction(judge: Judge, facts: AssetFacts, use: UseFacts, can_hide: Collection[FaceId]) -> Redaction:
    """What has to be hidden of a photo for this use. `can_hide`: the faces of which it is known where they are."""
    reasons = [reason for reason in judge.decide(facts, use).reasons if not reason.state.allowed]
    undecided = {reason.face_id for reason in reasons if reason.face_id is not None}
    unwilling = {reason.person_id for reason in reasons if reason.person_id is not None}
    hidden = frozenset(
        face.id
        for face in facts.faces
        if face.id in can_hide
        and (face.id in undecided or (face.state is FaceState.CONFIRMED and face.person_id in unwilling))
        and not face.redacted
    )
    people = len({_whose(face) for face in facts.faces if face.id in hidden})
    return Redaction(hidden, judge.decide(with_hidden(facts, hidden), use), people)


def _whose(face: FaceFact) -> PersonId | FaceId:
    return face.person_id if face.state is FaceState.CONFIRMED and face.person_id is not None else face.id


def with_hidden(facts: AssetFacts, hidden: Collection[FaceId]) -> AssetFacts:
    """The facts of a version in which these faces are hidden."""
    return replace(facts, faces=tuple(replace(face, redacted=True) if face.id in hidden else face for face in facts.faces))

"""May this photo be used for this, now, there? Facts in, verdict out, no I/O. The rules in words: docs/guides/clearance.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from photobank.clearance import territory as places
from photobank.clearance.facts_types import (
    AssetFacts,
    AssetState,
    FaceFact,
    FaceState,
    GrantFact,
    GrantScope,
    PersonFact,
    Rules,
    ScopeKind,
    UseFacts,
)
from photobank.clearance.person import assess
from photobank.clearance.verdicts import ClearanceState, NextStep, PersonVerdict, Reason, ReasonCode, Verdict
from photobank.kernel.ids import PersonId

_STATE_OBSTACLES: Final = {
    AssetState.UPLOADING: (ReasonCode.NOT_READY, NextStep.WAIT),
    AssetState.PROCESSING: (ReasonCode.NOT_READY, NextStep.WAIT),
    AssetState.REJECTED: (ReasonCode.REJECTED, NextStep.UPLOAD_AGAIN),
    AssetState.ARCHIVED: (ReasonCode.ARCHIVED, NextStep.RESTORE),
    AssetState.TRASHED: (ReasonCode.TRASHED, NextStep.RESTORE),
}


def decide(facts: AssetFacts, use: UseFacts, at: datetime, territory: str | None, rules: Rules) -> Verdict:
    """The verdict for one asset and use. Territory None means the organisation's own."""
    return Judge(at, territory, rules).decide(facts, use)


def decide_all(
    facts: AssetFacts, uses: Iterable[UseFacts], at: datetime, territory: str | None, rules: Rules
) -> dict[str, Verdict]:
    """The verdicts of one asset for every use."""
    return Judge(at, territory, rules).decide_all(facts, uses)


def person_matrix(
    facts: AssetFacts, uses: Iterable[UseFacts], at: datetime, territory: str | None, rules: Rules
) -> dict[PersonId, dict[str, PersonVerdict]]:
    """The person × use matrix of the photo page: everyone on the asset, sorted by id."""
    return Judge(at, territory, rules).person_matrix(facts, uses)


def person_states(
    person: PersonFact, uses: Iterable[UseFacts], at: datetime, territory: str | None, rules: Rules
) -> dict[str, PersonVerdict]:
    """Where a person stands per use, apart from any photo. `partial` where it holds within a folder, event or selection only."""
    judge = Judge(at, territory, rules)
    return {use.key: judge.person_state(person, use) for use in uses}


class Judge:
    """The policy at one moment, in one territory, under one set of rules.

    It remembers what it worked out per person, so that a hundred thousand photos of the same people cost little more than those
    people do. Facts are immutable and a person is known by identity, so remembering changes no answer. Keep one for one batch.
    """

    __slots__ = ("_at", "_known", "_rules", "_seen", "_wanted")

    def __init__(self, at: datetime, territory: str | None, rules: Rules) -> None:
        self._at = at
        self._rules = rules
        self._wanted = places.expand((rules.home_territory if territory is None else territory,))
        self._known: dict[PersonId, _Known] = {}
        self._seen: dict[tuple[object, ...], dict[str, Verdict]] = {}

    def decide(self, facts: AssetFacts, use: UseFacts) -> Verdict:
        """The verdict for one asset and use."""
        people = _people(facts)
        return self._verdict(facts, use, _blocks(facts), _unsettled(facts, people, self._rules), people)

    def decide_all(self, facts: AssetFacts, uses: Iterable[UseFacts]) -> dict[str, Verdict]:
        """The verdicts of one asset for every use."""
        uses, people = tuple(uses), _people(facts)
        blocks, unsettled = _blocks(facts), _unsettled(facts, people, self._rules)
        if blocks or unsettled:
            return {use.key: self._verdict(facts, use, blocks, unsettled, people) for use in uses}
        # Nothing about the asset itself counts, so photos of the same people under the same grants have the same verdicts.
        company = ((known := self._known_as(facts, key), blurrable, known.mask(facts)) for key, blurrable in people.items())
        same = (uses, *company)
        verdicts = self._seen.get(same)
        if verdicts is None:
            verdicts = self._seen[same] = {use.key: self._verdict(facts, use, blocks, unsettled, people) for use in uses}
        return dict(verdicts)

    def person_matrix(self, facts: AssetFacts, uses: Iterable[UseFacts]) -> dict[PersonId, dict[str, PersonVerdict]]:
        """The person × use matrix of one asset."""
        uses = tuple(uses)
        return {
            key: {use.key: self._on_asset(facts, key, blurrable, use) for use in uses} for key, blurrable in _people(facts).items()
        }

    def person_state(self, person: PersonFact, use: UseFacts) -> PersonVerdict:
        """Where a person stands for a use: on all photos or else, `partial`, on the best placed ones."""
        everywhere = tuple(grant for grant in person.grants if grant.scope.kind is ScopeKind.ALL)
        overall = self._assess(person, everywhere, use)
        if overall.allowed:
            return overall
        scopes = {grant.scope for grant in person.grants} - {GrantScope()}
        somewhere = [
            self._assess(person, tuple(g for g in person.grants if g.scope.kind is ScopeKind.ALL or g.scope == scope), use)
            for scope in scopes
        ]
        allowed = [one for one in somewhere if one.allowed]
        if allowed:
            return replace(max(allowed, key=_brightest), partial=True)
        return max((overall, *somewhere), key=_gravest)

    def _verdict(
        self, facts: AssetFacts, use: UseFacts, blocks: list[Reason], unsettled: list[Reason], people: Mapping[PersonId, bool]
    ) -> Verdict:
        reasons = blocks if self._house_basis(use) else [*blocks, *unsettled]
        cells = [self._on_asset(facts, key, blurrable, use) for key, blurrable in people.items()]
        obstacles = sorted([*reasons, *(cell.reason for cell in cells if cell.reason)], key=_order)
        if obstacles:
            state = obstacles[0].state
        elif not people and _nobody_on_it(facts, self._rules):
            state = ClearanceState.NO_PEOPLE
        else:
            state = ClearanceState.APPROVED
        if not state.allowed:
            return Verdict(use.key, state, None, tuple(obstacles), False)
        ends = [cell.valid_until for cell in cells if cell.valid_until is not None]
        grounds = tuple(cell.ground for cell in cells if cell.ground is not None)
        return Verdict(use.key, state, min(ends, default=None), tuple(obstacles), True, grounds)

    def _on_asset(self, facts: AssetFacts, key: PersonId, blurrable: bool, use: UseFacts) -> PersonVerdict:
        known = self._known_as(facts, key)
        mask = known.mask(facts)
        cell = known.cells.get((use, mask))
        if cell is None:
            grants = tuple(grant for bit, grant in enumerate(known.grants) if mask >> bit & 1)
            cell = known.cells[use, mask] = self._assess(known.facts, grants, use)
        if not blurrable and cell.reason is not None and cell.reason.next_step is NextStep.REDACT:
            return replace(cell, reason=replace(cell.reason, next_step=NextStep.CHOOSE_ANOTHER))
        return cell

    def _known_as(self, facts: AssetFacts, key: PersonId) -> _Known:
        person = facts.people.get(key)
        known = self._known.get(key)
        if known is None or known.person is not person:
            known = self._known[key] = _Known(key, person)
        return known

    def _assess(self, person: PersonFact, grants: tuple[GrantFact, ...], use: UseFacts) -> PersonVerdict:
        return assess(person, grants, use.key, self._at, self._wanted, self._rules, self._house_basis(use))

    def _house_basis(self, use: UseFacts) -> bool:
        return not use.outside and not self._rules.internal_needs_consent


class _Known:
    """What a Judge remembers of a person: verdicts per use and per set of grants (a bit mask) that are about the photo."""

    __slots__ = ("_always", "_scoped", "cells", "facts", "grants", "person")

    def __init__(self, key: PersonId, person: PersonFact | None) -> None:
        self.person = person
        self.facts = person or PersonFact(key)  # somebody of whom we were told nothing has granted nothing
        self.grants = self.facts.grants
        self.cells: dict[tuple[UseFacts, int], PersonVerdict] = {}
        self._always = 0
        self._scoped: list[tuple[int, GrantFact]] = []
        for bit, grant in enumerate(self.grants):
            if grant.scope.kind is ScopeKind.ALL:
                self._always |= 1 << bit
            else:
                self._scoped.append((1 << bit, grant))

    def mask(self, asset: AssetFacts) -> int:
        """Which of the person's grants are about this asset."""
        mask = self._always
        for bit, grant in self._scoped:
            if grant.scope.covers(asset, grant.signatures):
                mask |= bit
        return mask


def _blocks(facts: AssetFacts) -> list[Reason]:
    """What keeps the asset in, whoever is on it."""
    found: list[Reason] = []
    if facts.state is not AssetState.READY:
        code, step = _STATE_OBSTACLES[facts.state]
        found.append(Reason(code, step))
    if facts.quarantined:
        found.append(Reason(ReasonCode.QUARANTINED, NextStep.ASK_PRIVACY_OFFICER))
    if facts.locked_by_hand:
        found.append(Reason(ReasonCode.LOCKED, NextStep.UNLOCK))
    if facts.hold:
        found.append(Reason(ReasonCode.HELD, NextStep.ASK_PRIVACY_OFFICER))
    return found


def _people(facts: AssetFacts) -> dict[PersonId, bool]:
    """Everyone recognisable on it, sorted by id, and whether blurring boxes would take them off it. Redacted faces show nobody."""
    boxed = {
        face.person_id
        for face in facts.faces
        if face.state is FaceState.CONFIRMED and face.person_id is not None and not face.redacted
    }
    return {key: key not in facts.tagged for key in sorted(boxed | facts.tagged, key=str)}


def _open_faces(facts: AssetFacts) -> list[FaceFact]:
    """Faces on which nobody decided. One that is confirmed without a person is no decision either."""
    return [
        face
        for face in facts.faces
        if not face.redacted
        and face.state is not FaceState.IGNORED
        and not (face.state is FaceState.CONFIRMED and face.person_id is not None)
    ]


def _unsettled(facts: AssetFacts, people: Mapping[PersonId, bool], rules: Rules) -> list[Reason]:
    """What somebody still has to look at: faces without a decision, and photos on which nobody was found."""
    found: list[Reason] = []
    for face in _open_faces(facts):
        code = ReasonCode.FACE_SUGGESTED if face.state is FaceState.SUGGESTED else ReasonCode.FACE_UNKNOWN
        found.append(Reason(code, NextStep.REVIEW_FACES, face_id=face.id))
    if people or not _nobody_on_it(facts, rules):
        if not facts.faces_done:
            found.append(Reason(ReasonCode.FACES_PENDING, NextStep.WAIT))
        elif not people and not found:
            found.append(Reason(ReasonCode.NO_PEOPLE_UNCONFIRMED, NextStep.CONFIRM_NO_PEOPLE))
    return found


def _nobody_on_it(facts: AssetFacts, rules: Rules) -> bool:
    """When nobody is named on it, is it a photo of nobody: because somebody said so, or because the detector is trusted."""
    return (facts.no_people_confirmed or (rules.trust_detector and facts.faces_done)) and not _open_faces(facts)


def _order(reason: Reason) -> tuple[int, str, str, str]:
    return (-reason.state.severity, reason.code, str(reason.person_id or ""), str(reason.face_id or ""))


def _brightest(verdict: PersonVerdict) -> tuple[int, bool, float, str]:
    until = verdict.valid_until
    return (-verdict.state.severity, until is None, until.timestamp() if until else 0.0, str(verdict.ground))


def _gravest(verdict: PersonVerdict) -> tuple[int, float, str]:
    since = verdict.reason.since if verdict.reason else None
    return (verdict.state.severity, since.timestamp() if since else 0.0, str(verdict.reason))

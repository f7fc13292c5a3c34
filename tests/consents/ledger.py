"""What a test told the house, written down beside it in plain values, and what must follow from that by the slow rules.

Nothing here reads the database or calls the services: what a new paper replaces is told once more from adr 0012, and who may be shown
what from tests/clearance/model.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from photobank.clearance.facts_types import (
    AssetFacts,
    AssetState,
    FaceFact,
    FaceState,
    GrantFact,
    GrantScope,
    PersonFact,
    Regime,
    Rules,
    ScopeKind,
    UseFacts,
    UseGrant,
)
from photobank.kernel.ids import AssetId, ConsentId, FaceId, FolderId, PersonId
from tests.clearance import model


@dataclass
class Paper:
    """A grant, and what the rules about replacing need to know besides."""

    grant: GrantFact
    person: UUID
    biometric: bool = False
    replaced: bool = False


@dataclass
class Photo:
    """A photo as far as the rules ask."""

    folder: UUID
    state: AssetState = AssetState.READY
    faces: dict[UUID, tuple[FaceState, UUID | None]] = field(default_factory=dict)
    no_people: bool = False
    held: bool = False
    locked: bool = False
    before_trash: AssetState = AssetState.READY
    drawn: set[UUID] = field(default_factory=set)
    """Faces that were drawn by hand, all in one place; the others are all in another."""


@dataclass
class Ledger:
    """Everything that was told, by id."""

    rules: Rules
    folders: dict[UUID, UUID | None] = field(default_factory=dict)
    people: dict[UUID, PersonFact] = field(default_factory=dict)
    papers: dict[UUID, Paper] = field(default_factory=dict)
    photos: dict[UUID, Photo] = field(default_factory=dict)

    def allowed(self, photo: UUID, use: UseFacts, at: datetime, territory: str | None = None) -> bool:
        """May the photo be used so at that moment."""
        return model.allowed(self._facts(photo), use, at, territory, self.rules)

    def hidden(self, photo: UUID, use: UseFacts, at: datetime, territory: str | None = None) -> set[UUID] | None:
        """Which faces a redacted version hides for this use; None where hiding does not help."""
        facts = self._facts(photo)
        hidden = model.to_hide(facts, use, at, territory, self.rules, [face.id for face in facts.faces])
        return set(hidden) if model.allowed(model.without(facts, hidden), use, at, territory, self.rules) else None

    def add_person(self, id_: UUID, born: date | None, minor: bool, guardians: int) -> None:
        """Somebody new, who granted nothing."""
        self.people[id_] = PersonFact(PersonId(id_), birth_date=born, minor=minor, guardians_needed=guardians)

    def sign(self, paper: Paper, now: datetime, renews: UUID | None = None) -> None:
        """A new paper, and the end of those that it replaces."""
        begins = max(now, paper.grant.valid_from or now)
        for id_, old in self.papers.items():
            if old.person == paper.person and not old.replaced and (id_ == renews or self._covers(paper, old, now)):
                old.replaced = True
                old.grant = replace(old.grant, superseded_at=begins)
        self.papers[paper.grant.id] = paper

    def withdraw(self, id_: UUID, uses: Iterable[str] | None, now: datetime) -> None:
        """A no to a paper, or to some of its uses; what was withdrawn before stays as it was."""
        paper = self.papers[id_]
        if paper.grant.withdrawn_at is not None:
            return
        ending = None if uses is None else set(uses)
        left = tuple(
            replace(one, withdrawn_at=now) if one.withdrawn_at is None and (ending is None or one.use in ending) else one
            for one in paper.grant.uses
        )
        paper.grant = replace(paper.grant, uses=left, withdrawn_at=now if ending is None else None)

    @staticmethod
    def _covers(new: Paper, old: Paper, now: datetime) -> bool:
        one, other = old.grant, new.grant
        if (one.regime, one.scope, one.territories) != (other.regime, other.scope, other.territories):
            return False
        kept = {use.use for use in one.uses if use.withdrawn_at is None or use.withdrawn_at > now}
        gone = one.withdrawn_at is not None or not kept or (one.valid_until is not None and one.valid_until <= now)
        return not gone and kept <= {use.use for use in other.uses} and (new.biometric or not old.biometric)

    def _facts(self, id_: UUID) -> AssetFacts:
        photo = self.photos[id_]
        shown = {who for _, who in photo.faces.values() if who is not None}
        people = {
            PersonId(who): replace(
                self.people[who], grants=tuple(paper.grant for paper in self.papers.values() if paper.person == who)
            )
            for who in shown
        }
        path: list[FolderId] = []
        folder: UUID | None = photo.folder
        while folder is not None:
            path.append(FolderId(folder))
            folder = self.folders[folder]
        return AssetFacts(
            id=AssetId(id_),
            state=photo.state,
            faces=tuple(
                FaceFact(FaceId(face), state, PersonId(who) if who else None) for face, (state, who) in photo.faces.items()
            ),
            people=people,
            faces_done=True,
            no_people_confirmed=photo.no_people,
            locked_by_hand=photo.locked,
            hold=photo.held,
            folder_path=tuple(path),
        )


def grant_of(
    id_: UUID,
    regime: str,
    uses: Iterable[str],
    now: datetime,
    *,
    begins: datetime | None,
    ends: datetime | None,
    scope: GrantScope,
    territories: Iterable[str],
    guardians: int,
) -> GrantFact:
    """A paper signed now by everybody at once, as staff enter it."""
    return GrantFact(
        id=ConsentId(id_),
        regime=Regime(regime),
        uses=tuple(UseGrant(use) for use in sorted(set(uses))),
        signed_at=now,
        guardians_signed=(now,) * guardians,
        valid_from=begins or now,
        valid_until=ends,
        scope=scope,
        territories=frozenset(territories) or None,
    )


SCOPES = {"all": ScopeKind.ALL, "folder": ScopeKind.FOLDERS, "photos": ScopeKind.ASSETS}

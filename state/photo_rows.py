"""What the photo page shows, as plain rows: made from what services answer, without any decision of its own. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

from photobank.clearance.judgement import Matrix, PersonLine
from photobank.clearance.redaction import Redaction
from photobank.clearance.verdicts import ClearanceState, NextStep, Reason, Verdict
from photobank.delivery.presets import ORIGINAL
from photobank.models.people import FaceState
from photobank.people.faces import FaceRow

# What the button of an obstacle does here. Hiding somebody is offered per use, not per obstacle: this one leads to the person.
ACTION_OF: dict[NextStep, str] = {
    NextStep.REVIEW_FACES: "faces",
    NextStep.CONFIRM_NO_PEOPLE: "no_people",
    NextStep.REQUEST_CONSENT: "consent",
    NextStep.REMIND: "consent",
    NextStep.RENEW: "consent",
    NextStep.ASK_GUARDIAN: "consent",
    NextStep.ADD_BIRTH_DATE: "person",
    NextStep.REDACT: "person",
    NextStep.RESTORE: "restore",
}


QUICK = ("web", ORIGINAL)
"""What the menu gives at once; all other sizes are seen before they are taken."""


@dataclass
class UseHead:
    """A use with the photo's verdict: the head of the matrix."""

    id: str
    state: str
    allowed: bool
    until: str


@dataclass
class Cell:
    """One person and one use."""

    use: str
    state: str
    code: str
    at: str


@dataclass
class Line:
    """One person in the matrix. `code` and `at` say in short what limits them most."""

    id: str
    name: str
    initials: str
    crop_size: str
    crop_at: str
    """Where the face lies on the photo, as CSS background size and position; empty without a face."""
    state: str
    code: str
    at: str
    cells: list[Cell] = field(default_factory=list)
    alone: float = 0.0
    """How sure it was, in percent, when nobody but the house itself says that they are on the photo; 0 otherwise."""


@dataclass
class Obstacle:
    """Something that stands in the way of uses, and the one next step."""

    key: str
    state: str
    code: str
    name: str
    person: str
    uses: list[str]
    at: str
    count: int
    step: str
    action: str


@dataclass
class Offer:
    """A use in the download menu, with the presets it can be had in, and otherwise what forbids it."""

    use: str
    state: str
    until: str
    code: str
    name: str
    at: str
    more: int
    presets: list[str] = field(default_factory=lambda: list(QUICK))
    hidden: int = 0
    """How many people would have to be made unrecognisable for this use; 0 where that does not help."""
    hidden_name: str = ""
    """Who that is, when it is one person whom the viewer may see."""
    hidden_until: str = ""


@dataclass
class Guess:
    """Who a face may be."""

    id: str
    name: str
    percent: int


@dataclass
class FaceView:
    """A face on the picture. `state` is the clearance state of who it is; unsettled faces wait for a person's word."""

    id: str
    box: list[float]
    state: str
    settled: bool
    ignored: bool
    name: str
    person: str
    guesses: list[Guess] = field(default_factory=list)
    disowned: str = ""
    """Who said of themselves that they are not on it."""
    alone: float = 0.0
    """How sure it was, in percent, when it was confirmed by itself; 0 otherwise."""


@dataclass
class TaggedView:
    """Somebody on the photo without a visible face. Not `settled`: who it is has to be said anew."""

    id: str
    person: str
    name: str
    initials: str
    settled: bool
    disowned: str = ""


def moment(at: datetime | None) -> str:
    """A moment as browsers read it; empty for none."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else ""


def initials(name: str) -> str:
    """First letters of the first and last word."""
    words = [word for word in name.split() if word[:1].isalpha()]
    return "".join(word[0].upper() for word in (words[:1] + words[-1:] if len(words) > 1 else words))


def crop(box: Sequence[float], width: int, height: int) -> tuple[str, str]:
    """A square around a face as CSS background size and position, so that the photo on the page serves as portrait too."""
    if width <= 0 or height <= 0:
        return "", ""
    x, y, wide, high = box
    side = min(max(wide * width, high * height) * 1.25, width, height)
    across, down = side / width, side / height
    left = min(max(x + wide / 2 - across / 2, 0.0), 1 - across)
    top = min(max(y + high / 2 - down / 2, 0.0), 1 - down)
    at_x = left / (1 - across) if across < 1 else 0.0
    at_y = top / (1 - down) if down < 1 else 0.0
    return f"{100 / across:.2f}% {100 / down:.2f}%", f"{100 * at_x:.2f}% {100 * at_y:.2f}%"


def use_heads(matrix: Matrix) -> list[UseHead]:
    """The uses in order."""
    return [
        UseHead(use.id, verdict.state.value, verdict.allowed, moment(verdict.valid_until))
        for use in matrix.uses
        if (verdict := matrix.verdicts.get(use.id)) is not None
    ]


def lines(matrix: Matrix, faces: Sequence[FaceRow], width: int, height: int) -> tuple[list[Line], list[Line]]:
    """People who set limits, gravest first, and those who allow everything. The size is that of the photo."""
    crops: dict[UUID | None, tuple[str, str]] = {
        face.person_id: crop(face.box, width, height)
        for face in faces
        if face.state is FaceState.confirmed and face.person_id and face.box
    }
    alone = _alone(faces)
    found = [
        replace(_line(matrix, person, crops.get(person.person_id, ("", ""))), alone=alone.get(person.person_id, 0.0))
        for person in matrix.people
    ]
    rank = {state.value: state.severity for state in ClearanceState}
    limiting = [line for line in found if line.state not in ("approved", "no_people")]
    free = [line for line in found if line.state in ("approved", "no_people")]
    return sorted(limiting, key=lambda line: -rank[line.state]), free


def _alone(faces: Iterable[FaceRow]) -> dict[UUID | None, float]:
    """How sure it was of people on the photo whom nobody confirmed."""
    settled = [face for face in faces if face.state is FaceState.confirmed and face.person_id]
    said = {face.person_id for face in settled if face.by_itself is None}
    return {face.person_id: sureness(face.by_itself) for face in settled if face.person_id not in said}


def _line(matrix: Matrix, person: PersonLine, cropped: tuple[str, str]) -> Line:
    cells = []
    worst: tuple[int, str, Reason | None] = (-1, ClearanceState.APPROVED.value, None)
    for use in matrix.uses:
        cell = person.cells.get(use.id)
        if cell is None:
            continue
        at = _at(cell.reason) if cell.reason else moment(cell.valid_until)
        cells.append(Cell(use.id, cell.state.value, cell.reason.code.value if cell.reason else "", at))
        if cell.state.severity > worst[0]:
            worst = (cell.state.severity, cell.state.value, cell.reason)
    reason = worst[2]
    return Line(
        id=str(person.person_id or ""),
        name=person.name,
        initials=initials(person.name),
        crop_size=cropped[0],
        crop_at=cropped[1],
        state=worst[1],
        code=reason.code.value if reason else "",
        at=_at(reason) if reason else "",
        cells=cells,
    )


def obstacles(matrix: Matrix) -> list[Obstacle]:
    """What stands in the way or is about to, each once with the uses it touches, gravest first."""
    found: dict[tuple[str, str], Obstacle] = {}
    seen_faces: dict[tuple[str, str], set[UUID]] = {}
    severity: dict[tuple[str, str], int] = {}
    for use in matrix.uses:
        verdict = matrix.verdicts.get(use.id)
        for reason in verdict.reasons if verdict else ():
            key = (reason.code.value, str(reason.person_id or ""))
            row = found.get(key)
            if row is None:
                row = found[key] = Obstacle(
                    key=f"{key[0]}:{key[1]}",
                    state=reason.state.value,
                    code=reason.code.value,
                    name=matrix.names.get(reason.person_id, "") if reason.person_id else "",
                    person=key[1],
                    uses=[],
                    at=_at(reason),
                    count=0,
                    step=reason.next_step.value,
                    action=ACTION_OF.get(reason.next_step, ""),
                )
                severity[key] = reason.state.severity
            if use.id not in row.uses:
                row.uses.append(use.id)
            if reason.face_id is not None:
                seen_faces.setdefault(key, set()).add(reason.face_id)
                row.count = len(seen_faces[key])
    return [found[key] for key in sorted(found, key=lambda key: -severity[key])]


def offers(matrix: Matrix, redactions: Mapping[str, Redaction]) -> tuple[list[Offer], list[Offer]]:
    """The download menu: what is allowed now, and what is not with its gravest reason and, where that helps, how many to hide."""
    allowed: list[Offer] = []
    refused: list[Offer] = []
    for use in matrix.uses:
        verdict = matrix.verdicts.get(use.id)
        if verdict is None:
            continue
        first = verdict.reasons[0] if verdict.reasons and not verdict.allowed else None
        row = Offer(
            use=use.id,
            state=verdict.state.value,
            until=moment(verdict.valid_until),
            code=first.code.value if first else "",
            name=matrix.names.get(first.person_id, "") if first and first.person_id else "",
            at=_at(first) if first else "",
            more=len({(reason.code, reason.person_id) for reason in verdict.reasons}) - 1 if first else 0,
        )
        if (hiding := redactions.get(use.id)) is not None:
            row.hidden, row.hidden_until = hiding.people, moment(hiding.verdict.valid_until)
            row.hidden_name = _only_one(matrix, verdict) if hiding.people == 1 else ""
        (allowed if verdict.allowed else refused).append(row)
    return allowed, refused


def _only_one(matrix: Matrix, verdict: Verdict) -> str:
    """The name of the one person in the way, if it is a person and not a face, and the viewer may see them."""
    ids = {reason.person_id for reason in verdict.reasons if not reason.state.allowed and reason.face_id is None}
    (first,) = ids if len(ids) == 1 else (None,)
    return matrix.names.get(first, "") if first else ""


def face_views(faces: Sequence[FaceRow], people: Sequence[Line]) -> list[FaceView]:
    """The rings. An open face needs review whoever it may be; a confirmed one has the gravest state of its person.

    Faces of people whom the viewer may not see get none.
    """
    state_of = {line.id: line.state for line in people if line.id}
    views = []
    for face in faces:
        if face.box is None or (face.state is FaceState.confirmed and face.person_id is None):
            continue
        settled = face.state in (FaceState.confirmed, FaceState.ignored)
        ignored = face.state is FaceState.ignored
        state = "no_people" if ignored else state_of.get(str(face.person_id), "needs_review") if settled else "needs_review"
        views.append(
            FaceView(
                id=str(face.id),
                box=[round(part, 5) for part in face.box],
                state=state,
                settled=settled,
                ignored=ignored,
                name=face.person_name,
                person=str(face.person_id or ""),
                guesses=[Guess(str(one.person_id), one.name, round(one.probability * 100)) for one in face.suggestions],
                disowned=face.disowned_by,
                alone=sureness(face.by_itself),
            )
        )
    return views


def tagged_views(faces: Sequence[FaceRow]) -> list[TaggedView]:
    """Who is on it without a visible face. People whom the viewer may not see have no name here."""
    return [
        TaggedView(
            id=str(face.id),
            person=str(face.person_id or ""),
            name=face.person_name,
            initials=initials(face.person_name),
            settled=face.state is FaceState.confirmed,
            disowned=face.disowned_by,
        )
        for face in faces
        if face.box is None
    ]


def sureness(probability: float | None) -> float:
    """A probability in percent, rounded down to a tenth: what is not certain never reads as a hundred. 0 for none."""
    return int((probability or 0.0) * 1000) / 10


def _at(reason: Reason) -> str:
    return moment(reason.until or reason.since)

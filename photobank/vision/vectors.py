"""Nearest faces in memory: one index per model, rebuilt from the database at start, kept up by events. Holds no names, only ids.

Plain NumPy and exact, not an approximate graph: a matrix of 100,000 faces answers in 8 ms (128 numbers) to 22 ms (512) on one busy
core and is there at once, while usearch's HNSW answered in 0.3 to 2.5 ms but needs 22 to 150 s to build, forgets what is removed
only in part, and answers differently after another order of adding. Rebuilding and certainty matter more here.

A suggestion compares with a person's nearest confirmed faces (exemplars), not with an average face: people are photographed with
and without glasses, in profile and at twenty, and an average is none of these.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import numpy.typing as npt

from photobank.vision.calibration import Calibration
from photobank.vision.engine import Vectors, unit

NEAREST = 2  # exemplars per person that make the score, their mean; measured in docs/guides/faces.md
NOBODY = -1


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A face near the one asked about."""

    face_id: UUID
    score: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Who it may be, how sure, and the confirmed faces that say so, nearest first: reviewers see them beside the question."""

    person_id: UUID
    score: float
    probability: float
    exemplars: tuple[UUID, ...]


class FaceIndex:
    """Vectors of one model. `tag` and `dim` are the engine's; a vector of another model is refused."""

    def __init__(self, tag: str, dim: int, capacity: int = 1024) -> None:
        self.tag = tag
        self.dim = dim
        self._matrix: Vectors = np.zeros((max(capacity, 1), dim), dtype=np.float32)
        self._faces: list[UUID] = []
        self._row: dict[UUID, int] = {}
        self._person_of: npt.NDArray[np.int64] = np.full(max(capacity, 1), NOBODY, dtype=np.int64)
        self._people: list[UUID] = []
        self._code: dict[UUID, int] = {}
        self._rejected: dict[UUID, set[UUID]] = {}

    def __len__(self) -> int:
        return len(self._faces)

    def __contains__(self, face_id: object) -> bool:
        return face_id in self._row

    def add(self, face_id: UUID, vector: npt.ArrayLike, person_id: UUID | None = None) -> None:
        """Add a face, or replace its vector; with `person_id` it is confirmed and becomes an exemplar."""
        row = np.asarray(vector, dtype=np.float32)
        if row.shape != (self.dim,):
            raise ValueError(f"a vector of {self.tag} has {self.dim} numbers, not {row.shape}")
        place = self._row.get(face_id)
        if place is None:
            place = len(self._faces)
            self._grow(place + 1)
            self._faces.append(face_id)
            self._row[face_id] = place
        self._matrix[place] = unit(row)[0]
        self._person_of[place] = self._person(person_id)

    def extend(self, faces: Iterable[tuple[UUID, npt.ArrayLike, UUID | None]]) -> None:
        """Add many: face, vector, person or None."""
        for face_id, vector, person_id in faces:
            self.add(face_id, vector, person_id)

    def confirm(self, face_id: UUID, person_id: UUID | None) -> None:
        """The face is this person's, or nobody's again after an undo. A face that is not here is left out, as it has no vector."""
        place = self._row.get(face_id)
        if place is not None:
            self._person_of[place] = self._person(person_id)

    def reject(self, face_id: UUID, person_id: UUID) -> None:
        """Never suggest this person for this face again."""
        self._rejected.setdefault(face_id, set()).add(person_id)

    def reject_only(self, face_id: UUID, people: Iterable[UUID]) -> None:
        """These people, and nobody else any more, are never suggested for this face."""
        self._rejected[face_id] = set(people)

    def unreject(self, face_id: UUID, person_id: UUID) -> None:
        """Undo of `reject`."""
        self._rejected.get(face_id, set()).discard(person_id)

    def remove(self, face_id: UUID) -> bool:
        """Forget a face's vector at once; the memory it lay in is overwritten. A "no" outlives it, as it does in the database."""
        place = self._row.pop(face_id, None)
        if place is None:
            return False
        last = len(self._faces) - 1
        if place != last:
            moved = self._faces[last]
            self._faces[place], self._row[moved] = moved, place
            self._matrix[place], self._person_of[place] = self._matrix[last], self._person_of[last]
        self._faces.pop()
        self._matrix[last], self._person_of[last] = 0.0, NOBODY
        return True

    def remove_person(self, person_id: UUID) -> int:
        """Forget every confirmed face of a person (withdrawal, merge); returns how many."""
        code = self._code.get(person_id)
        if code is None:
            return 0
        places = np.nonzero(self._person_of[: len(self._faces)] == code)[0]
        for face_id in [self._faces[int(place)] for place in places]:
            self.remove(face_id)
        return len(places)

    def vector(self, face_id: UUID) -> Vectors | None:
        """A copy of a face's vector."""
        place = self._row.get(face_id)
        return None if place is None else self._matrix[place].copy()

    def search(self, vector: npt.ArrayLike, limit: int = 10, *, besides: Collection[UUID] = ()) -> list[Neighbour]:
        """The nearest faces, confirmed or not, nearest first."""
        count = len(self._faces)
        if not count or limit <= 0:
            return []
        scores = self._scores(vector)
        wanted = min(count, limit + len(besides))
        best = np.argpartition(-scores, wanted - 1)[:wanted]
        # Equal scores come in a fixed order, so that the same question always has the same answer.
        ranked = sorted(((float(scores[place]), self._faces[int(place)]) for place in best), key=lambda pair: (-pair[0], pair[1]))
        return [Neighbour(face_id, score) for score, face_id in ranked if face_id not in besides][:limit]

    def suggest(
        self,
        vector: npt.ArrayLike,
        calibration: Calibration,
        *,
        face_id: UUID | None = None,
        barred: Collection[UUID] = (),
        limit: int = 3,
        least: float = 0.05,
    ) -> list[Suggestion]:
        """Who it may be, likeliest first, from a probability of `least`.

        Never a person rejected for `face_id`, nor one of `barred`: whoever is on the same photo with another face.
        """
        count = len(self._faces)
        codes = self._person_of[:count]
        places = np.nonzero(codes != NOBODY)[0]
        own = self._row.get(face_id) if face_id is not None else None
        if own is not None:
            places = places[places != own]
        excluded = set(barred) | (self._rejected.get(face_id, set()) if face_id is not None else set())
        if excluded:
            out = [self._code[person] for person in excluded if person in self._code]
            places = places[~np.isin(codes[places], out)]
        if not len(places):
            return []
        scores, owners = self._scores(vector)[places], codes[places]
        order = np.lexsort((-scores, owners))
        places, scores, owners = places[order], scores[order], owners[order]
        starts = np.nonzero(np.r_[True, owners[1:] != owners[:-1]])[0]
        rank = np.arange(len(owners)) - np.repeat(starts, np.diff(np.r_[starts, len(owners)]))
        chosen = np.where(rank < NEAREST, scores, 0.0)
        means = np.add.reduceat(chosen, starts) / np.minimum(np.diff(np.r_[starts, len(owners)]), NEAREST)
        found = []
        for group in np.argsort(-means, kind="stable")[:limit]:
            start, score = int(starts[group]), float(means[group])
            probability = calibration.probability(score)
            if probability < least:
                break
            end = int(starts[group + 1]) if group + 1 < len(starts) else len(owners)
            exemplars = tuple(self._faces[int(place)] for place in places[start : min(end, start + 3)])
            found.append(Suggestion(self._people[int(owners[start])], score, probability, exemplars))
        return found

    def _scores(self, vector: npt.ArrayLike) -> Vectors:
        row = np.asarray(vector, dtype=np.float32)
        if row.shape != (self.dim,):
            raise ValueError(f"a vector of {self.tag} has {self.dim} numbers, not {row.shape}")
        scores: Vectors = self._matrix[: len(self._faces)] @ unit(row)[0]
        return scores

    def _person(self, person_id: UUID | None) -> int:
        if person_id is None:
            return NOBODY
        if person_id not in self._code:
            self._code[person_id] = len(self._people)
            self._people.append(person_id)
        return self._code[person_id]

    def _grow(self, count: int) -> None:
        if count <= len(self._matrix):
            return
        size = max(count, len(self._matrix) * 3 // 2)
        matrix, people = np.zeros((size, self.dim), dtype=np.float32), np.full(size, NOBODY, dtype=np.int64)
        matrix[: len(self._faces)], people[: len(self._faces)] = (
            self._matrix[: len(self._faces)],
            self._person_of[: len(self._faces)],
        )
        self._matrix, self._person_of = matrix, people

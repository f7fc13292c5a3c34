"""Nearest faces in memory: one index per model, rebuilt from the database at start, kept up by events. Holds no names, only ids.

Exact, not an approximate graph: usearch's HNSW answered in 0.3 to 2.5 ms but needs 22 to 150 s to build for 100,000 faces, forgets what
is removed only in part, and answers differently after another order of adding. Rebuilding and certainty matter more here, and a look
at all rows takes no longer (matrix.py).

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
from photobank.vision.matrix import Matrix

NEAREST = 2  # exemplars per person that make the score, their mean; measured in docs/guides/faces.md
NOBODY = -1
FIRST_LOOK = 64  # nearest faces whose people are looked at first; more only where these do not settle it


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
        self._matrix = Matrix(dim, capacity)
        self._faces: list[UUID] = []
        self._row: dict[UUID, int] = {}
        self._person_of: npt.NDArray[np.int64] = np.full(len(self._matrix), NOBODY, dtype=np.int64)
        self._people: list[UUID] = []
        self._code: dict[UUID, int] = {}
        self._rejected: dict[UUID, set[UUID]] = {}

    def __len__(self) -> int:
        return len(self._faces)

    @property
    def nbytes(self) -> int:
        """Memory that the rows take."""
        return self._matrix.nbytes + int(self._person_of.nbytes)

    @property
    def faces(self) -> frozenset[UUID]:
        """All faces that are here."""
        return frozenset(self._row)

    @property
    def confirmed(self) -> dict[UUID, UUID]:
        """Person of each confirmed face."""
        codes = self._person_of[: len(self._faces)]
        return {self._faces[int(place)]: self._people[int(codes[place])] for place in np.nonzero(codes != NOBODY)[0]}

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

    def rejected(self, face_id: UUID) -> frozenset[UUID]:
        """Who is never suggested for this face."""
        return frozenset(self._rejected.get(face_id, ()))

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
            self._matrix.move(last, place)
            self._person_of[place] = self._person_of[last]
        self._faces.pop()
        self._matrix.wipe(last)
        self._person_of[last] = NOBODY
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
        return None if place is None else self._matrix[place]

    def search(self, vector: npt.ArrayLike, limit: int = 10, *, besides: Collection[UUID] = ()) -> list[Neighbour]:
        """The nearest faces, confirmed or not, nearest first."""
        count = len(self._faces)
        if not count or limit <= 0:
            return []
        scores = self._scores(vector)
        wanted = min(count, limit + len(besides))
        places = np.nonzero(scores >= np.partition(scores, count - wanted)[count - wanted])[0]
        # Equal scores come in a fixed order, so that the same question always has the same answer.
        ranked = sorted(
            ((float(scores[place]), self._faces[int(place)]) for place in places),
            key=lambda pair: (-pair[0], pair[1]),
        )
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
        allowed = codes != NOBODY
        own = self._row.get(face_id) if face_id is not None else None
        if own is not None:
            allowed[own] = False
        excluded = set(barred) | (self._rejected.get(face_id, set()) if face_id is not None else set())
        for person in excluded & self._code.keys():
            allowed &= codes != self._code[person]
        total = int(allowed.sum())
        if not total:
            return []
        scores = np.where(allowed, self._scores(vector), -np.inf).astype(np.float32, copy=False)
        enough = calibration.threshold(least) if 0 < least < 1 else -np.inf
        look = min(total, FIRST_LOOK)
        while True:
            edge = float(np.partition(scores, count - look)[count - look])
            people = np.unique(codes[(scores >= edge) & allowed])
            ranked = self._ranked(scores, np.nonzero(allowed & self._of(people, codes))[0])
            # Nobody outside has a face nearer than the edge, so nobody outside has a better score than that.
            sure = ranked[limit - 1][0] if len(ranked) >= limit else -np.inf
            if look == total or max(sure, enough) >= edge:
                break
            look = min(total, look * 8)
        found = []
        for score, code, places in ranked[:limit]:
            probability = calibration.probability(score)
            if probability < least:
                break
            found.append(Suggestion(self._people[code], score, probability, tuple(self._faces[place] for place in places[:3])))
        return found

    def score(self, vector: npt.ArrayLike, person_id: UUID, *, besides: UUID | None = None) -> float | None:
        """How near a vector is to a person: the mean of the nearest exemplars. None for somebody without any."""
        code = self._code.get(person_id, NOBODY - 1)
        mine = self._person_of[: len(self._faces)] == code
        if besides is not None and (own := self._row.get(besides)) is not None:
            mine[own] = False
        ranked = self._ranked(self._scores(vector), np.nonzero(mine)[0])
        return ranked[0][0] if ranked else None

    def _of(self, people: npt.NDArray[np.int64], codes: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        chosen = np.zeros(len(self._people) + 1, dtype=np.bool_)  # the last place answers for NOBODY
        chosen[people] = True
        return chosen[codes]

    def _ranked(self, all_scores: Vectors, places: npt.NDArray[np.int64]) -> list[tuple[float, int, list[int]]]:
        """The people whose exemplars these are, best first: score, person, and their places, nearest first."""
        if not len(places):
            return []
        scores, owners = all_scores[places], self._person_of[places]
        order = np.lexsort((-scores, owners))
        places, scores, owners = places[order], scores[order], owners[order]
        starts = np.nonzero(np.r_[True, owners[1:] != owners[:-1]])[0]
        ends = np.r_[starts[1:], len(owners)]
        rank = np.arange(len(owners)) - np.repeat(starts, ends - starts)
        means = np.add.reduceat(np.where(rank < NEAREST, scores, 0.0), starts) / np.minimum(ends - starts, NEAREST)
        return [
            (float(means[n]), int(owners[starts[n]]), [int(place) for place in places[starts[n] : ends[n]][:3]])
            for n in np.argsort(-means, kind="stable")
        ]

    def _scores(self, vector: npt.ArrayLike) -> Vectors:
        row = np.asarray(vector, dtype=np.float32)
        if row.shape != (self.dim,):
            raise ValueError(f"a vector of {self.tag} has {self.dim} numbers, not {row.shape}")
        return self._matrix.scores(unit(row)[0], len(self._faces))

    def _person(self, person_id: UUID | None) -> int:
        if person_id is None:
            return NOBODY
        if person_id not in self._code:
            self._code[person_id] = len(self._people)
            self._people.append(person_id)
        return self._code[person_id]

    def _grow(self, count: int) -> None:
        self._matrix.grow(count)
        if len(self._person_of) < len(self._matrix):
            more = len(self._matrix) - len(self._person_of)
            self._person_of = np.concatenate([self._person_of, np.full(more, NOBODY, dtype=np.int64)])

"""Which groups become one, purity first: a wrong merge costs a reviewer more than two clusters of one person.

Groups grow by joining the two nearest, under two conditions (docs/guides/faces.md has the comparison that led here):

- the average score between their faces reaches `floor`, higher for faces of poor quality, whose vectors resemble one another;
- Ward's measure, the squared distance of the two means times n·m/(n+m), stays within `spread`. It asks of larger groups, whose
  means are better known, that they lie closer; joining by average score alone swallows look-alikes.

Never together: two faces of one photo, and pairs that somebody has kept apart.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from photobank.vision.heaps import Group, Heaps

CANDIDATES = 12  # nearest groups kept per group when regrouping; merged groups look at all others again
BLOCK = 512  # rows compared at once
Places = npt.NDArray[np.int64]
_Pair = tuple[float, int, int, int, int]


class Joining(Heaps):
    """Groups that look for their nearest."""

    def _nearest(self, slot: int) -> int | None:
        count = len(self._groups)
        places, costs = self._near(self._means[:count] @ self._means[slot], slot, self._limits.haste)
        for other in places[np.argsort(costs, kind="stable")[:CANDIDATES]].tolist():
            if self._may_join(slot, other):
                return int(other)
        return None

    def _near(self, scores: npt.NDArray[np.float32], slot: int, haste: float = 0.0) -> tuple[Places, npt.NDArray[np.float32]]:
        """The groups that the limits let this one join, and Ward's measure between them."""
        least = self._limits.floor + haste
        places = np.nonzero(scores >= least)[0]
        places = places[(places != slot) & (self._sizes[places] > 0)]
        sizes, own = self._sizes[places], self._sizes[slot]
        costs = sizes * own / (sizes + own) * np.maximum(self._squares[places] + self._squares[slot] - 2 * scores[places], 0)
        poor = 1 - np.minimum(self._quality[places], self._quality[slot])
        allowed = (scores[places] >= least + self._limits.doubt * poor) & (costs <= self._limits.spread)
        return places[allowed], costs[allowed]

    def _may_join(self, one: int, other: int) -> bool:
        first, second = self._groups[one], self._groups[other]
        if first is None or second is None or not first.photos.isdisjoint(second.photos):
            return False
        return first.barred.isdisjoint(second.faces.keys()) and second.barred.isdisjoint(first.faces.keys())

    def _join(self, one: int, other: int) -> int:
        """The larger keeps its id; of equals the second, which was there before a face that arrives."""
        first, second = self._groups[one], self._groups[other]
        assert first is not None
        assert second is not None
        kept = first if len(first.faces) > len(second.faces) else second
        total = self._sizes[one] + self._sizes[other]
        share = self._sizes[one] / total
        self._means[one] = share * self._means[one] + (1 - share) * self._means[other]
        self._quality[one] = share * self._quality[one] + (1 - share) * self._quality[other]
        self._squares[one], self._sizes[one] = self._means[one] @ self._means[one], total
        self._groups[one] = Group(kept.id, first.faces | second.faces, first.photos | second.photos, first.barred | second.barred)
        self._empty(other)
        del self._slot[(second if kept is first else first).id]
        self._slot[kept.id] = one
        for face_id in self._group(one).faces:
            self._place(face_id, kept.id)
        self._version[one] += 1
        return one

    def _settle(self, slots: Collection[int]) -> None:
        """Join the nearest two, at least one of them of `slots`, until no two may be joined."""
        joined = True
        while joined:
            joined = False
            heap: list[_Pair] = []
            count = len(self._groups)
            rows = np.array([slot for slot in slots if self._groups[slot]], dtype=np.int64)
            for start in range(0, len(rows), BLOCK):
                some = rows[start : start + BLOCK]
                scores = self._means[some] @ self._means[:count].T
                for row, slot in enumerate(some.tolist()):
                    self._push(heap, *self._near(scores[row], slot), slot)
            while heap:
                _, one, one_version, other, other_version = heapq.heappop(heap)
                if (self._version[one], self._version[other]) != (one_version, other_version) or not self._may_join(one, other):
                    continue
                joined = True
                slot = self._join(one, other)
                count = len(self._groups)
                self._push(heap, *self._near(self._means[:count] @ self._means[slot], slot), slot)

    def _push(self, heap: list[_Pair], places: Places, costs: npt.NDArray[np.float32], slot: int) -> None:
        if len(places) > CANDIDATES:
            # What may not join is left out first, or forbidden neighbours would crowd out allowed ones.
            may = np.array([self._may_join(slot, other) for other in places.tolist()], dtype=np.bool_)
            places, costs = places[may], costs[may]
            best = np.argsort(costs, kind="stable")[:CANDIDATES]
            places, costs = places[best], costs[best]
        for other, cost in zip(places.tolist(), costs.tolist(), strict=True):
            heapq.heappush(heap, (cost, slot, self._version[slot], other, self._version[other]))

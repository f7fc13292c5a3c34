"""Clusters of unknown faces, purity first: a wrong merge costs a reviewer more than two clusters of one person.

Groups grow by joining the two nearest, under two conditions (docs/guides/faces.md has the comparison that led here):

- the average score between their faces reaches `floor`, higher for faces of poor quality, whose vectors resemble one another;
- Ward's measure, the squared distance of the two means times n·m/(n+m), stays within `spread`. It asks of larger groups, whose
  means are better known, that they lie closer; joining by average score alone swallows look-alikes.

Never together: two faces of one photo, and pairs that somebody has kept apart. New faces join or found a cluster at once (`add`),
more cautiously by `haste`, because what comes later is not known yet; `regroup` starts afresh when there is time (a fifth of a
second for a thousand faces; of more than MOST faces only the clusters that changed and those near them), and clusters keep their ids
as far as their faces stay together.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
import numpy.typing as npt

from photobank.kernel.ids import new_id
from photobank.vision.engine import Prior, Vectors, unit

CANDIDATES = 12  # nearest groups kept per group when regrouping; merged groups look at all others again
Places = npt.NDArray[np.int64]
BLOCK = 512  # rows compared at once
MOST = 4000  # faces regrouped at once
AROUND = 8  # nearest clusters regrouped along with one that changed
REACH = 0.1  # how far below the floor such a neighbour may be


@dataclass(frozen=True, slots=True)
class Face:
    """A face to be clustered. Equality is its id."""

    id: UUID
    photo: UUID
    vector: Vectors = field(compare=False)
    quality: float = field(default=1.0, compare=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """When two groups may become one."""

    floor: float
    spread: float
    doubt: float = 0.0
    haste: float = 0.0

    @classmethod
    def of(cls, prior: Prior) -> Limits:
        """What was measured for the engine."""
        return cls(prior.cluster, prior.spread, prior.doubt, prior.haste)


@dataclass(slots=True)
class _Group:
    """A cluster: its faces, and what may not join it."""

    id: UUID
    faces: dict[UUID, Face]
    photos: set[UUID]
    barred: set[UUID]


class Clusters:
    """Clusters of one model's faces, in memory. The caller stores `assignment` and brings it back with `restore`."""

    def __init__(self, limits: Limits, dim: int, ids: Callable[[], UUID] = new_id) -> None:
        self._limits = limits
        self._dim = dim
        self._ids = ids
        self._apart: dict[UUID, set[UUID]] = {}
        self._cluster_of: dict[UUID, UUID] = {}
        self._moved: set[UUID] = set()
        self._changed: set[UUID] = set()
        self._groups: list[_Group | None] = []
        self._slot: dict[UUID, int] = {}
        self._version: list[int] = []  # of each slot; what was planned for an earlier version is void
        self._free: list[int] = []
        self._means = np.zeros((64, dim), dtype=np.float32)
        self._squares = np.zeros(64, dtype=np.float32)
        self._sizes = np.zeros(64, dtype=np.float32)
        self._quality = np.zeros(64, dtype=np.float32)

    @property
    def assignment(self) -> dict[UUID, UUID]:
        """Cluster of each face."""
        return dict(self._cluster_of)

    def __contains__(self, face_id: object) -> bool:
        return face_id in self._cluster_of

    def moved(self) -> dict[UUID, UUID]:
        """Faces that were placed, or placed elsewhere, since this was last asked, with their clusters."""
        found = {face_id: self._cluster_of[face_id] for face_id in self._moved if face_id in self._cluster_of}
        self._moved.clear()
        return found

    def members(self, cluster_id: UUID) -> set[UUID]:
        """Faces of a cluster; none when there is no such cluster."""
        slot = self._slot.get(cluster_id)
        group = None if slot is None else self._groups[slot]
        return set(group.faces) if group else set()

    def restore(self, faces: Iterable[Face], assignment: Mapping[UUID, UUID], apart: Iterable[tuple[UUID, UUID]] = ()) -> None:
        """Start with clusters as they were stored; faces without one are added."""
        for one, other in apart:
            self._keep_apart(one, other)
        stored: dict[UUID, list[Face]] = {}
        fresh = []
        for face in faces:
            cluster_id = assignment.get(face.id)
            if cluster_id is None:
                fresh.append(face)
            else:
                stored.setdefault(cluster_id, []).append(face)
        for cluster_id, group in stored.items():
            self._found(cluster_id, group)
        self._moved.clear()
        self._changed.clear()
        for face in fresh:
            self.add(face)

    def add(self, face: Face) -> UUID:
        """Let a face join the nearest cluster that may have it, or found one; it may link two clusters. Returns its cluster."""
        if face.id in self._cluster_of:
            self.remove(face.id)
        slot = self._found(self._ids(), [face])
        while (other := self._nearest(slot)) is not None:
            slot = self._join(slot, other)
        return self._cluster_of[face.id]

    def put(self, face: Face, cluster_id: UUID) -> None:
        """Have a face in this very cluster, whatever it looks like: people, or another process, decided so."""
        if self._cluster_of.get(face.id) == cluster_id:
            return
        self.remove(face.id)
        members = [face]
        slot = self._slot.pop(cluster_id, None)
        if slot is not None:
            members += self._group(slot).faces.values()
            self._empty(slot)
        self._found(cluster_id, members)

    def remove(self, face_id: UUID) -> None:
        """Take a face out: it was named, ignored or purged. Its cluster stays with the others."""
        cluster_id = self._cluster_of.pop(face_id, None)
        if cluster_id is None:
            return
        slot = self._slot.pop(cluster_id)
        rest = [face for key, face in self._group(slot).faces.items() if key != face_id]
        self._empty(slot)
        if rest:
            self._found(cluster_id, rest)

    def keep_apart(self, one: UUID, other: UUID) -> None:
        """These two are not one person, for good. If they are together, the second leaves and looks for another cluster."""
        self._keep_apart(one, other)
        first, second = self._group_of(one), self._group_of(other)
        if first:
            first.barred.add(other)
        if second:
            second.barred.add(one)
        if second and first is second:
            face = second.faces[other]
            self.remove(other)
            self.add(face)

    def allow(self, one: UUID, other: UUID) -> None:
        """Undo of `keep_apart`; takes effect with the next joining."""
        for face_id, gone in ((one, other), (other, one)):
            self._apart.get(face_id, set()).discard(gone)
            group = self._group_of(face_id)
            if group:
                group.barred = set().union(*(self._apart.get(key, set()) for key in group.faces))

    def regroup(self, together: Iterable[Collection[UUID]] = ()) -> dict[UUID, UUID]:
        """Cluster afresh, in parts when there are many. `together`: groups that a reviewer has merged. Returns the faces that
        moved and where to."""
        slots = self._to_regroup()
        faces = {face.id: face for slot in slots for face in self._group(slot).faces.values()}
        before = {face_id: self._cluster_of[face_id] for face_id in faces}
        for slot in slots:
            del self._slot[self._group(slot).id]
            self._empty(slot)
        single = dict(faces)
        fresh: list[int] = []
        for chosen in together:
            kept = [single.pop(face_id) for face_id in sorted(chosen) if face_id in single]
            if kept:
                fresh.append(self._found(self._ids(), kept))
        fresh.extend(self._found(self._ids(), [single[face_id]]) for face_id in sorted(single))
        self._settle(fresh)
        self._keep_ids(before)
        self._changed.clear()
        return {face_id: self._cluster_of[face_id] for face_id in faces if before[face_id] != self._cluster_of[face_id]}

    def _to_regroup(self) -> list[int]:
        """Everything, or when that is too much what changed since the last time with its neighbours."""
        alive = [slot for slot, group in enumerate(self._groups) if group]
        if len(self._cluster_of) <= MOST:
            return alive
        chosen: dict[int, None] = {}
        count, room = len(self._groups), MOST
        for face_id in sorted(self._changed & self._cluster_of.keys()):
            slot = self._slot[self._cluster_of[face_id]]
            if slot in chosen or room <= 0:
                continue
            scores = np.where(self._sizes[:count] > 0, self._means[:count] @ self._means[slot], -1.0)
            near = np.argsort(-scores, kind="stable")[: AROUND + 1]
            for other in (slot, *(int(n) for n in near if scores[n] >= self._limits.floor - REACH)):
                if other not in chosen:
                    chosen[other] = None
                    room -= len(self._group(other).faces)
        return list(chosen)

    # Joining

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
        self._groups[one] = _Group(kept.id, first.faces | second.faces, first.photos | second.photos, first.barred | second.barred)
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

    # Bookkeeping

    def _group(self, slot: int) -> _Group:
        group = self._groups[slot]
        assert group is not None
        return group

    def _group_of(self, face_id: UUID) -> _Group | None:
        cluster_id = self._cluster_of.get(face_id)
        return None if cluster_id is None else self._group(self._slot[cluster_id])

    def _found(self, cluster_id: UUID, faces: list[Face]) -> int:
        if self._free:
            slot = self._free.pop()
        else:
            slot = len(self._groups)
            self._groups.append(None)
            self._version.append(0)
            if slot == len(self._means):
                self._grow()
        barred: set[UUID] = set().union(*(self._apart.get(face.id, set()) for face in faces))
        self._groups[slot] = _Group(cluster_id, {face.id: face for face in faces}, {face.photo for face in faces}, barred)
        self._slot[cluster_id] = slot
        self._version[slot] += 1
        for face in faces:
            self._place(face.id, cluster_id)
        mean = unit([face.vector for face in faces]).mean(axis=0, dtype=np.float64)
        self._means[slot] = mean
        self._squares[slot] = self._means[slot] @ self._means[slot]
        self._sizes[slot] = len(faces)
        self._quality[slot] = float(np.mean([face.quality for face in faces]))
        return slot

    def _empty(self, slot: int) -> None:
        self._groups[slot] = None
        self._means[slot] = 0
        self._sizes[slot] = 0
        self._version[slot] += 1
        self._free.append(slot)

    def _grow(self) -> None:
        more = len(self._means)
        self._means = np.vstack([self._means, np.zeros((more, self._dim), np.float32)])
        self._squares, self._sizes, self._quality = (
            np.concatenate([column, np.zeros(more, np.float32)]) for column in (self._squares, self._sizes, self._quality)
        )

    def _place(self, face_id: UUID, cluster_id: UUID) -> None:
        if self._cluster_of.get(face_id) != cluster_id:
            self._cluster_of[face_id] = cluster_id
            self._moved.add(face_id)
            self._changed.add(face_id)

    def _keep_apart(self, one: UUID, other: UUID) -> None:
        if one == other:
            raise ValueError("a face cannot be kept apart from itself")
        self._apart.setdefault(one, set()).add(other)
        self._apart.setdefault(other, set()).add(one)

    def _keep_ids(self, before: Mapping[UUID, UUID]) -> None:
        """Give new groups the ids of the old ones with which they share most faces, largest share first; ids never serve twice."""
        faces = [face_id for face_id in before if face_id in self._cluster_of]
        shares = Counter((before[face_id], self._cluster_of[face_id]) for face_id in faces)
        alive = {id_ for id_ in before.values() if id_ in self._slot}
        renamed: dict[UUID, UUID] = {}
        taken: set[UUID] = set()
        for (old, new), _ in sorted(shares.items(), key=lambda item: (-item[1], item[0])):
            if old not in taken and new not in renamed and old not in alive:
                renamed[new] = old
                taken.add(old)
        for slot in [self._slot.pop(new) for new in renamed]:
            group = self._group(slot)
            group.id = renamed[group.id]
            self._slot[group.id] = slot
            for face_id in group.faces:
                self._place(face_id, group.id)


_Pair = tuple[float, int, int, int, int]


def joined(together: Iterable[tuple[UUID, UUID]], apart: Iterable[tuple[UUID, UUID]]) -> list[set[UUID]]:
    """Groups of faces that people put together, pair by pair in the order said; a pair that would bring two together whom people keep
    apart is passed over."""
    barred: dict[UUID, set[UUID]] = {}
    for one, other in apart:
        barred.setdefault(one, set()).add(other)
        barred.setdefault(other, set()).add(one)
    group_of: dict[UUID, set[UUID]] = {}
    for one, other in together:
        first, second = group_of.setdefault(one, {one}), group_of.setdefault(other, {other})
        if first is second or any(not barred.get(face, set()).isdisjoint(second) for face in first):
            continue
        first |= second
        for face in second:
            group_of[face] = first
    return [group for face, group in group_of.items() if len(group) > 1 and face == min(group)]


def assign(
    faces: Iterable[Face],
    limits: Limits,
    dim: int,
    apart: Iterable[tuple[UUID, UUID]] = (),
    together: Iterable[Collection[UUID]] = (),
) -> list[set[UUID]]:
    """All at once: the clusters of these faces, largest first, whatever the order in which they come."""
    clusters = Clusters(limits, dim)
    ordered = sorted(faces, key=lambda face: face.id)
    clusters.restore(ordered, {face.id: face.id for face in ordered}, apart)
    clusters.regroup(together)
    groups: dict[UUID, set[UUID]] = {}
    for face_id, cluster_id in clusters.assignment.items():
        groups.setdefault(cluster_id, set()).add(face_id)
    return sorted(groups.values(), key=lambda group: (-len(group), min(group)))

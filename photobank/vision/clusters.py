"""Clusters of unknown faces over time: faces come, go, are split and merged by people, and ids stay as far as faces stay together.

New faces join or found a cluster at once (`add`), more cautiously by `haste`, because what comes later is not known yet; `regroup` starts
afresh when there is time (a fifth of a second for a thousand faces; of more than MOST faces only the clusters that changed and those near
them). What may be together stands in joining.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

import numpy as np

from photobank.vision.heaps import Face, Limits
from photobank.vision.joining import Joining

MOST = 4000  # faces regrouped at once
AROUND = 8  # nearest clusters regrouped along with one that changed
REACH = 0.1  # how far below the floor such a neighbour may be


class Clusters(Joining):
    """Clusters of one model's faces, in memory. The caller stores `assignment` and brings it back with `restore`."""

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

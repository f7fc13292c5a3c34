"""Groups of faces in memory: who is in which, and of each group its mean, size and quality as rows of arrays, so that many are compared at
once. What may be put together is for joining.py to say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np

from photobank.kernel.ids import new_id
from photobank.vision.engine import Prior, Vectors, unit


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
class Group:
    """A cluster: its faces, and what may not join it."""

    id: UUID
    faces: dict[UUID, Face]
    photos: set[UUID]
    barred: set[UUID]


class Heaps:
    """Slots with a group or none. A slot's version counts what became of it: what was planned for an earlier version is void."""

    def __init__(self, limits: Limits, dim: int, ids: Callable[[], UUID] = new_id) -> None:
        self._limits = limits
        self._dim = dim
        self._ids = ids
        self._apart: dict[UUID, set[UUID]] = {}
        self._cluster_of: dict[UUID, UUID] = {}
        self._moved: set[UUID] = set()
        self._changed: set[UUID] = set()
        self._groups: list[Group | None] = []
        self._slot: dict[UUID, int] = {}
        self._version: list[int] = []  # of each slot; what was planned for an earlier version is void
        self._free: list[int] = []
        self._means = np.zeros((64, dim), dtype=np.float32)
        self._squares = np.zeros(64, dtype=np.float32)
        self._sizes = np.zeros(64, dtype=np.float32)
        self._quality = np.zeros(64, dtype=np.float32)

    def _group(self, slot: int) -> Group:
        group = self._groups[slot]
        assert group is not None
        return group

    def _group_of(self, face_id: UUID) -> Group | None:
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
        self._groups[slot] = Group(cluster_id, {face.id: face for face in faces}, {face.photo for face in faces}, barred)
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

"""What people said of pairs of faces, put together into groups. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID


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

"""Which permission somebody holds on which folder: inheritance downwards, deny by default. Pure."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from photobank.access.permissions import Permission

_LEVELS = {int(level): level for level in Permission}


class PrincipalKind(StrEnum):
    """To whom a folder can be granted."""

    user = "user"
    department = "department"
    role = "role"


@dataclass(frozen=True, slots=True)
class FolderNode:
    """A folder as far as rights are concerned."""

    id: UUID
    parent_id: UUID | None
    inherits: bool


@dataclass(frozen=True)
class Rights:
    """What somebody holds: the strongest permission per folder, and locked folders that were granted but are not open now."""

    held: Mapping[UUID, Permission]
    closed: frozenset[UUID]

    @cached_property
    def seen(self) -> frozenset[UUID]:
        """Folders on which anything is held."""
        return frozenset(self.held)

    @cached_property
    def fingerprint(self) -> str:
        """The same for the same folders and permissions, and tells nothing else."""
        held = sorted(f"{id_}{level}" for id_, level in self.held.items())
        return hashlib.sha256("".join(held).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Granted:
    """One grant that reaches the asker."""

    folder_id: UUID
    permission: Permission


def effective(folders: Iterable[FolderNode], grants: Iterable[Granted], floor: Permission | None) -> Mapping[UUID, Permission]:
    """The strongest permission per folder; folders without any are absent.

    A folder holds its own grants and, while it inherits, those of its parent. `floor` holds everywhere. A parent that is
    missing from `folders`, or a cycle, ends inheritance: nothing is gained from what is not known.
    """
    nodes = {node.id: node for node in folders}
    own: dict[UUID, int] = defaultdict(int)
    for grant in grants:
        own[grant.folder_id] = max(own[grant.folder_id], grant.permission)

    settled: dict[UUID, int] = {}
    for start in nodes:
        chain: list[UUID] = []
        at: UUID | None = start
        seen: set[UUID] = set()
        inherited = 0
        while at is not None and at in nodes and at not in seen:
            if at in settled:
                inherited = settled[at]
                break
            seen.add(at)
            chain.append(at)
            at = nodes[at].parent_id if nodes[at].inherits else None
        for folder_id in reversed(chain):
            inherited = max(inherited, own.get(folder_id, 0))
            settled[folder_id] = inherited
    base = int(floor or 0)
    return {folder_id: _LEVELS[max(level, base)] for folder_id, level in settled.items() if max(level, base) > 0}

"""Folders to choose from, with their places in the tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from photobank.access.permissions import Permission
from photobank.library.folders import FolderRow


@dataclass
class FolderChoice:
    """A folder to choose, with its place in the tree."""

    id: str
    path: str
    photos: int
    may_add: bool


def folder_choices(rows: Sequence[FolderRow]) -> list[FolderChoice]:
    """Folders with their paths, in the order of those."""
    by_id = {row.id: row for row in rows}

    def path(row: FolderRow) -> str:
        above = by_id.get(row.parent_id) if row.parent_id else None
        return f"{path(above)} / {row.name}" if above else row.name

    found = [FolderChoice(str(row.id), path(row), row.photos, row.permission >= Permission.edit) for row in rows]
    return sorted(found, key=lambda one: one.path.casefold())

"""Folders to choose from: a level of the tree at a time, or by what is typed of their names. Never the whole tree at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import folder_rights
from photobank.access.permissions import Permission
from photobank.db.among import among
from photobank.kernel.errors import Invalid
from photobank.kernel.paging import MAX_LIMIT, Page, clamp
from photobank.library import counting
from photobank.models.folders import Folder
from photobank.scope import Scope

LONGEST = 200
_ORDER = (func.lower(col(Folder.name)), col(Folder.id))


@dataclass(frozen=True, slots=True)
class FolderChoice:
    """A folder with its place: the names of the folders above it that are in sight, topmost first."""

    id: UUID
    name: str
    above: tuple[str, ...]
    permission: Permission
    photos: int
    branches: bool
    """Whether there are folders in sight below it."""

    @property
    def path(self) -> str:
        """Its place in one line."""
        return " / ".join((*self.above, self.name))


async def below(scope: Scope, parent_id: UUID | None, cursor: str | None = None, limit: int | None = None) -> Page[FolderChoice]:
    """The folders directly below one; with none, those with nothing in sight above them."""
    query = await visibility.folders(scope)
    if parent_id is not None:
        # Where a folder lies is not told by one that is not in sight.
        if parent_id not in await folder_rights(scope):
            return Page([], None)
        query = query.where(col(Folder.parent_id) == parent_id)
    else:
        above = (await visibility.folders(scope)).with_only_columns(col(Folder.id))
        query = query.where(or_(col(Folder.parent_id).is_(None), col(Folder.parent_id).not_in(above)))
    return await _page(scope, query, cursor, limit)


async def search(
    scope: Scope, text: str, at_least: Permission = Permission.view, cursor: str | None = None, limit: int | None = None
) -> Page[FolderChoice]:
    """Folders of which the name has all these words in it, by name. `at_least`: only those one holds so much on."""
    if len(text) > LONGEST:
        raise Invalid("search", fields={"search": "errors.too_long"})
    query = await visibility.folders(scope)
    for word in text.split():
        query = query.where(col(Folder.name).icontains(word, autoescape=True))
    if at_least is not Permission.view:
        query = query.where(among(col(Folder.id), await visibility.folder_ids(scope, at_least)))
    return await _page(scope, query, cursor, limit)


async def one(scope: Scope, folder_id: UUID) -> FolderChoice | None:
    """One folder; None when it is not in sight."""
    found = await _page(scope, (await visibility.folders(scope)).where(col(Folder.id) == folder_id), None, 1)
    return found.items[0] if found.items else None


async def paths(scope: Scope, folder_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The places of some folders, as far as they are in sight; at most a page of them."""
    found = await _page(scope, (await visibility.folders(scope)).where(col(Folder.id).in_(set(folder_ids))), None, MAX_LIMIT)
    return {row.id: row.path for row in found.items}


async def several(scope: Scope) -> bool:
    """Whether there is anything to choose."""
    return len(await folder_rights(scope)) > 1


async def _page(scope: Scope, query: Any, cursor: str | None, limit: int | None) -> Page[FolderChoice]:
    size = clamp(limit)
    if cursor:
        last = select(*_ORDER).where(col(Folder.id) == _folder_id(cursor))
        query = query.where(tuple_(*_ORDER) > last.scalar_subquery())
    rows = (await scope.db.execute(query.order_by(*_ORDER).limit(size + 1))).scalars().all()
    shown = rows[:size]
    return Page(await _choices(scope, shown), str(shown[-1].id) if len(rows) > size else None)


async def _choices(scope: Scope, rows: Sequence[Folder]) -> list[FolderChoice]:
    """In three more queries however many they are."""
    if not rows:
        return []
    rights = await folder_rights(scope)
    above = await _above(scope, [row.parent_id for row in rows if row.parent_id in rights])
    ids = [row.id for row in rows]
    below_them = (await visibility.folders(scope)).where(col(Folder.parent_id).in_(ids)).with_only_columns(col(Folder.parent_id))
    branching = set((await scope.db.scalars(below_them.distinct())).all())
    photos = await counting.per_folder(scope)

    def names(folder_id: UUID | None) -> tuple[str, ...]:
        # What lies above a folder that is not in sight is nobody's business either.
        if folder_id is None or folder_id not in rights or folder_id not in above:
            return ()
        parent, name = above[folder_id]
        return (*names(parent), name)

    return [
        FolderChoice(row.id, row.name, names(row.parent_id), rights[row.id], photos.get(row.id, 0), row.id in branching)
        for row in rows
    ]


async def _above(scope: Scope, ids: Sequence[UUID | None]) -> dict[UUID, tuple[UUID | None, str]]:
    """Those folders and all above them: parent and name of each."""
    tree = select(col(Folder.id), col(Folder.parent_id), col(Folder.name)).where(col(Folder.id).in_(set(ids))).cte(recursive=True)
    up = select(col(Folder.id), col(Folder.parent_id), col(Folder.name)).join(tree, col(Folder.id) == tree.c.parent_id)
    found = await scope.db.execute(select(tree.union(up)))
    return {id_: (parent, name) for id_, parent, name in found}


def _folder_id(cursor: str) -> UUID:
    try:
        return UUID(cursor)
    except ValueError:
        raise Invalid("unknown cursor", fields={"cursor": "errors.cursor"}) from None

"""A tree of photos on the server's own disk: its folders mirrored, its files taken in once, however often it is asked for."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from photobank.access.actor import Actor
from photobank.kernel.errors import PhotobankError
from photobank.library import batches, folders, incoming, uploads
from photobank.library.incoming import OnDuplicate
from photobank.models.folders import Folder
from photobank.scope import Container, Scope

PIECE = 1 << 20
LONGEST_NAME = 200
SYSTEM_FILES = {"thumbs.db", "desktop.ini"}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A file of the tree. `above` are the names of the folders between the tree's root and the file."""

    path: Path
    above: tuple[str, ...]
    size: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What was done with a file: `skipped` when it was here already, or why it was refused."""

    leaf: Leaf
    skipped: bool = False
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What holds for everything that is imported."""

    event: str = ""
    photographer: str = ""
    tags: tuple[str, ...] = ()


def leaves(root: Path) -> list[Leaf]:
    """The files of a tree, or the one file: no links, which may lead anywhere, and nothing that a system hides."""
    if root.is_file():
        return [Leaf(root, (), root.stat().st_size)]
    found: list[Leaf] = []
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        hidden = any(part.startswith(".") for part in inside.parts) or path.name.lower() in SYSTEM_FILES
        linked = any(step.is_symlink() for step in (path, *path.parents) if step != root and root in step.parents)
        if not hidden and not linked and path.is_file():
            found.append(Leaf(path, inside.parts[:-1], path.stat().st_size))
    return found


async def take(
    container: Container, actor: Actor, files: Sequence[Leaf], top: UUID, said: Said | None = None
) -> AsyncIterator[Taken]:
    """Take the files in below `top`, one after the other, telling of each. Killed at any moment it loses nothing and may begin anew."""
    mirror = _Mirror(container, actor, top)
    batch: UUID | None = None
    ahead = asyncio.create_task(_digest(files[0])) if files else None
    try:
        for at, leaf in enumerate(files):
            assert ahead is not None
            current, ahead = ahead, asyncio.create_task(_digest(files[at + 1])) if at + 1 < len(files) else None
            try:
                digest = await current
                async with container.scope(actor) as scope:
                    known = await incoming.duplicates_of(scope, digest)
                if known:
                    yield Taken(leaf, skipped=True)
                    continue
                if batch is None:
                    batch = await _begin(container, actor, files, top, said or Said())
                done = await uploads.receive(
                    container,
                    actor,
                    _read(leaf.path),
                    filename=leaf.path.name,
                    folder_id=await mirror.folder(leaf.above),
                    on_duplicate=OnDuplicate.skip,
                    size=leaf.size,
                    digest=digest,
                    batch_id=batch,
                )
                yield Taken(leaf, skipped=done.skipped)
            except (PhotobankError, OSError) as error:
                yield Taken(leaf, refused=str(error))
    finally:
        if ahead is not None:
            ahead.cancel()
        if batch is not None:
            async with container.scope(actor) as scope:
                await batches.end(scope, batch)


async def top_folder(scope: Scope, name: str | None) -> UUID:
    """The folder of that name at the top of the tree, made where it is missing; without a name where uploads go by themselves."""
    if name is None:
        return await folders.upload_target(scope, None)
    return await _child(scope, None, name)


class _Mirror:
    """Folders like those of the tree, made when the first photo goes into one."""

    def __init__(self, container: Container, actor: Actor, top: UUID) -> None:
        self._container, self._actor = container, actor
        self._known: dict[tuple[str, ...], UUID] = {(): top}

    async def folder(self, above: tuple[str, ...]) -> UUID:
        """The folder for files below these names."""
        if above not in self._known:
            parent = await self.folder(above[:-1])
            async with self._container.scope(self._actor) as scope:
                self._known[above] = await _child(scope, parent, above[-1])
        return self._known[above]


async def _child(scope: Scope, parent: UUID | None, name: str) -> UUID:
    tidy = " ".join(name.split())[:LONGEST_NAME].rstrip()
    place = col(Folder.parent_id).is_(None) if parent is None else col(Folder.parent_id) == parent
    found = await scope.db.scalar(select(col(Folder.id)).where(place, col(Folder.name) == tidy))
    return found or (await folders.create(scope, tidy, parent)).id


async def _begin(container: Container, actor: Actor, files: Sequence[Leaf], top: UUID, said: Said) -> UUID:
    size = sum(leaf.size for leaf in files)
    async with container.scope(actor) as scope:
        batch = await batches.create(
            scope,
            folder_id=top,
            event=said.event,
            photographer=said.photographer,
            words=said.tags,
            files=len(files),
            size=size,
            source="import",
        )
        return batch.id


async def _digest(leaf: Leaf) -> bytes:
    def read() -> bytes:
        with leaf.path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").digest()

    return await asyncio.to_thread(read)


async def _read(path: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as handle:
        while piece := await asyncio.to_thread(handle.read, PIECE):
            yield piece

"""`photobank import PATH`: a tree of photos from disk. Safe to run again: what is here already is skipped."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import select
from sqlmodel import col

from photobank.cli.house import OPERATOR, run
from photobank.cli.output import Json, complain, show, show_json
from photobank.kernel.errors import PhotobankError
from photobank.library import folders, setup, uploads
from photobank.library.incoming import OnDuplicate
from photobank.models.folders import Folder
from photobank.scope import Container

PIECE = 1 << 20


def import_(
    path: Annotated[Path, typer.Argument(exists=True, readable=True, help="A photo, or a folder of photos.")],
    folder: Annotated[str | None, typer.Option(help="Folder to put them in, made where it is missing.")] = None,
    as_json: Json = False,
) -> None:
    """Import a folder tree of photos, with progress."""
    files = sorted(file for file in (path.rglob("*") if path.is_dir() else [path]) if file.is_file() and not file.is_symlink())

    async def work(container: Container) -> dict[str, Any]:
        target = await _target(container, folder)
        counts = {"imported": 0, "skipped": 0, "refused": 0}
        refused: list[dict[str, str]] = []
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
            bar = progress.add_task("Importing", total=len(files))
            for file in files:
                try:
                    done = await uploads.receive(
                        container,
                        OPERATOR,
                        _read(file),
                        filename=file.name,
                        folder_id=target,
                        on_duplicate=OnDuplicate.skip,
                        size=file.stat().st_size,
                        digest=_digest(file),
                    )
                    counts["skipped" if done.skipped else "imported"] += 1
                except (PhotobankError, OSError) as error:
                    counts["refused"] += 1
                    refused.append({"file": str(file), "reason": str(error)})
                progress.advance(bar)
        return counts | {"files": len(files), "reasons": refused}

    result = run(work)
    if as_json:
        show_json(result)
        return
    show(f"{result['imported']} imported, {result['skipped']} here already, {result['refused']} refused.")
    for one in result["reasons"]:
        complain(f"{one['file']}: {one['reason']}")


async def _target(container: Container, name: str | None) -> UUID | None:
    async with container.scope(OPERATOR) as scope:
        await setup.ensure_house(scope)
        if name is None:
            return None
        found = await scope.db.scalar(select(col(Folder.id)).where(col(Folder.name) == name, col(Folder.parent_id).is_(None)))
        return found or (await folders.create(scope, name)).id


def _digest(file: Path) -> bytes:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").digest()


async def _read(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as handle:
        while piece := handle.read(PIECE):
            yield piece

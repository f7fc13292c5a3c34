"""`photobank import PATH`: a tree of photos from disk. Safe to run again, also after a kill: what is here already is skipped."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from photobank.cli.house import OPERATOR, run
from photobank.cli.output import Json, complain, show, show_json
from photobank.library import setup, trees
from photobank.library.trees import Said
from photobank.scope import Container


def import_(
    path: Annotated[Path, typer.Argument(exists=True, readable=True, help="A photo, or a folder of photos.")],
    folder: Annotated[str | None, typer.Option(help="Folder to put them in, made where it is missing.")] = None,
    event: Annotated[str, typer.Option(help="Event that all of them are of.")] = "",
    photographer: Annotated[str, typer.Option(help="Who took them.")] = "",
    tag: Annotated[list[str] | None, typer.Option(help="Tag for all of them; may be given more than once.")] = None,
    as_json: Json = False,
) -> None:
    """Import a folder tree of photos: its folders are mirrored, what is here already is skipped. Shows progress and time left."""
    files = trees.leaves(path)
    said = Said(event, photographer, tuple(tag or ()))

    async def work(container: Container) -> dict[str, Any]:
        async with container.scope(OPERATOR) as scope:
            await setup.ensure_house(scope)
            top = await trees.top_folder(scope, folder)
        counts = {"imported": 0, "skipped": 0, "refused": 0}
        reasons: list[dict[str, str]] = []
        with _progress() as progress:
            bar = progress.add_task("Importing", total=sum(leaf.size for leaf in files), counted=f"0 of {len(files)}")
            async for taken in trees.take(container, OPERATOR, files, top, said):
                counts["refused" if taken.refused else "skipped" if taken.skipped else "imported"] += 1
                if taken.refused:
                    reasons.append({"file": str(taken.leaf.path), "reason": taken.refused})
                progress.update(bar, advance=taken.leaf.size, counted=f"{sum(counts.values())} of {len(files)}")
        return counts | {"files": len(files), "reasons": reasons}

    result = run(work)
    if as_json:
        show_json(result)
        return
    show(f"{result['imported']} imported, {result['skipped']} here already, {result['refused']} refused.")
    for one in result["reasons"]:
        complain(f"{one['file']}: {one['reason']}")


def _progress() -> Progress:
    """By bytes, since photos differ in size; on a terminal only."""
    columns = (
        TextColumn("{task.description} {task.fields[counted]}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty())

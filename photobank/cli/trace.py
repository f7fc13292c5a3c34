"""`photobank trace FILE`: which download a leaked file came from."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from photobank.cli.house import OPERATOR, run
from photobank.cli.output import Json, show, show_json
from photobank.delivery import tracing
from photobank.delivery.tracing import Traced
from photobank.scope import Container


def trace(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The leaked picture.")],
    as_json: Json = False,
) -> None:
    """Name the download that a picture came from by its invisible mark, also after recompression, resizing and cropping."""
    leaked = file.read_bytes()

    async def work(container: Container) -> Traced | None:
        async with container.scope(OPERATOR) as scope:
            return await tracing.trace(scope, leaked)

    found = run(work)
    if as_json:
        show_json(asdict(found) if found else {"download_id": None, "confidence": 0.0})
    elif found:
        show(
            f"Download {found.download_id} of photo {found.asset_id}, for {found.use_id}, on {found.created_at:%Y-%m-%d %H:%M} UTC"
        )
    else:
        show("No download of this house is found in it.")

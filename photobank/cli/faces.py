"""`photobank faces …`: looking again, face packs and models."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from photobank.cli.house import OPERATOR, run
from photobank.cli.output import Json, show, show_json
from photobank.kernel.errors import NotFound
from photobank.people import face_models, installing, looking
from photobank.scope import Container, Scope

app = typer.Typer(help="Faces: look again, face packs, models.", no_args_is_help=True)


@app.command("look-again")
def look_again(asset: Annotated[UUID | None, typer.Option(help="Only this photo.")] = None, as_json: Json = False) -> None:
    """Look for faces once more, on all photos or one. Decisions stay with their faces; the workers do it by and by."""

    async def work(container: Container) -> dict[str, Any]:
        async with container.scope(OPERATOR) as scope:
            if asset is None:
                return asdict(await looking.all_again(scope))
            await looking.again(scope, asset)
            return asdict(await looking.waiting(scope))

    found = run(work)
    show_json(found) if as_json else show(f"{found['waiting']} of {found['photos']} photos wait to be looked at.")


@app.command()
def packs(as_json: Json = False) -> None:
    """Installed packs, and the models that are or were used."""

    async def work(container: Container) -> dict[str, Any]:
        async with container.scope(OPERATOR) as scope:
            return {
                "installed": [asdict(row) for row in await face_models.installed(scope)],
                "models": [asdict(row) for row in await face_models.listed(scope)],
            }

    found = run(work)
    if as_json:
        show_json(found)
        return
    for pack in found["installed"]:
        asks = ", asks for an acknowledgement" if pack["acknowledgement"] else ""
        show(f"{pack['name']}: {pack['title']} ({pack['licence'] or 'licence unknown'}{asks})")
    for model in found["models"]:
        show(f"model {model['pack']}: {model['state']}, {model['filled']} of {model['wanted']} faces")


@app.command()
def install(
    source: Annotated[str, typer.Argument(help="A ZIP with .onnx models: a file here, or its https address.")],
    name: Annotated[str, typer.Option(help="The pack's name: lower case, digits, hyphens.")],
    sha256: Annotated[str, typer.Option(help="SHA-256 of the ZIP, from where you trust it.")],
    as_json: Json = False,
) -> None:
    """Put a pack beside the others. It is not used before it is filled and switched to."""
    row = _act(lambda scope: _from(scope, name, source, sha256))
    show_json(asdict(row)) if as_json else show(f"{row.name} is installed. Licence: {row.licence or 'unknown'}.")


@app.command()
def fill(
    pack: Annotated[str, typer.Argument(help="Name of an installed pack.")],
    acknowledge: Annotated[bool, typer.Option(help="I have read the pack's licence, and this organisation may use it.")] = False,
    as_json: Json = False,
) -> None:
    """Compute templates of a pack beside the model in use."""
    _told(_act(lambda scope: face_models.fill(scope, pack, acknowledge=acknowledge)), as_json)


@app.command()
def score(pack: Annotated[str, typer.Argument(help="Which model.")], as_json: Json = False) -> None:
    """Have a model measured on the confirmed faces; `packs --json` shows the result."""
    _told(_act(lambda scope: _by_name(scope, pack, face_models.ask_score)), as_json)


@app.command()
def switch(pack: Annotated[str, typer.Argument(help="Which model.")], as_json: Json = False) -> None:
    """Switch to a model that is filled. The one before stays, to fall back on."""
    _told(_act(lambda scope: _by_name(scope, pack, face_models.activate)), as_json)


@app.command()
def retire(pack: Annotated[str, typer.Argument(help="Which model.")]) -> None:
    """Give a model up and delete its templates."""
    _act(lambda scope: _by_name(scope, pack, face_models.retire))
    show(f"{pack} is given up; its templates are deleted.")


async def _from(scope: Scope, name: str, source: str, sha256: str) -> face_models.PackRow:
    if "://" in source:
        return await installing.from_address(scope, name, source, sha256)
    if not (file := Path(source)).is_file():
        raise NotFound(f"no file {source}")
    return await installing.from_file(scope, name, file, sha256)


async def _by_name(scope: Scope, pack: str, verb: Any) -> Any:
    for row in await face_models.listed(scope):
        if row.pack == pack:
            return await verb(scope, row.id)
    raise NotFound(f"no model of the pack {pack} is or was used")


def _act(verb: Any) -> Any:
    async def work(container: Container) -> Any:
        async with container.scope(OPERATOR) as scope:
            return await verb(scope)

    return run(work)


def _told(row: Any, as_json: bool) -> None:
    if as_json:
        show_json(asdict(row))
    else:
        show(f"{row.pack}: {row.state}, {row.filled} of {row.wanted} faces")

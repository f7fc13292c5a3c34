"""`photobank keys …`: API keys, the master key, and the recovery of one asset's key."""

from __future__ import annotations

import base64
from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

import typer
from sqlalchemy import select
from sqlmodel import col

from photobank.access.permits import to_recover
from photobank.accounts import api_keys
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.blobs.names import ORIGINAL, place
from photobank.bootstrap import master_keys
from photobank.cli.house import OPERATOR, run
from photobank.cli.output import Json, show, show_json
from photobank.crypto.providers import FileMasterKeys
from photobank.kernel.errors import ConfigurationError, NotFound
from photobank.models.accounts import User
from photobank.models.assets import Asset, Rendition
from photobank.models.versions import AssetVersion
from photobank.scope import Container

app = typer.Typer(help="API keys and encryption keys.", no_args_is_help=True)


@app.command()
def create(
    user: Annotated[str, typer.Option(help="E-mail address of the owner.")],
    name: Annotated[str, typer.Option(help="What the key is for.")],
    scopes: Annotated[str, typer.Option(help="Comma-separated; without them the key may all that its owner may.")] = "",
    as_json: Json = False,
) -> None:
    """Make an API key and print it, this once."""

    async def work(container: Container) -> api_keys.NewKey:
        async with container.scope(OPERATOR) as scope:
            owner = await scope.db.scalar(
                select(col(User.id)).where(col(User.email_index) == scope.vault.blind.email("users.email", user))
            )
            if owner is None:
                raise NotFound(f"there is no user {user}")
            wanted = tuple(part.strip() for part in scopes.split(",") if part.strip())
            return await api_keys.create(scope, name, user_id=owner, scopes=wanted)

    made = run(work)
    if as_json:
        show_json(asdict(made.row) | {"key": made.key})
    else:
        show(made.key)


@app.command()
def rotate(as_json: Json = False) -> None:
    """Make a new master key and put everything that the old one wrapped under it. Photos stay as they are; nothing stops."""

    async def work(container: Container) -> tuple[str, int]:
        master = master_keys(container.settings)
        if not isinstance(master, FileMasterKeys):
            raise ConfigurationError(
                "The master key is set by PHOTOBANK_MASTER_KEY: put the new key in front of the old one, separated by a comma, "
                "restart, and run `photobank keys rewrap`."
            )
        name = master.add_key()
        master.set_current(name)
        return name, await _rewrap(container)

    name, changed = run(work)
    _told(name, changed, as_json)


@app.command()
def rewrap(as_json: Json = False) -> None:
    """Put everything that an older master key wrapped under the current one."""

    async def work(container: Container) -> tuple[str, int]:
        return master_keys(container.settings).current()[0], await _rewrap(container)

    name, changed = run(work)
    _told(name, changed, as_json)


@app.command()
def asset(asset_id: UUID, as_json: Json = False) -> None:
    """The unwrapped key and contexts of one asset, to read its blobs without Photobank (docs/formats/blob.md). Audited.

    `original` and the renditions are those of the version shown; `v1-original` and so on those of other versions.
    """

    async def work(container: Container) -> dict[str, Any]:
        async with container.scope(OPERATOR) as scope:
            photo = await scope.db.get(Asset, asset_id)
            if photo is None:
                raise NotFound("no such photo")
            key = await scope.vault.asset_key(scope.db, to_recover(scope, asset_id, container.clock), scope.now())
            names = await scope.db.scalars(select(col(Rendition.name)).where(col(Rendition.asset_id) == asset_id))
            earlier = (await scope.db.execute(select(AssetVersion).where(col(AssetVersion.asset_id) == asset_id))).scalars()
            record(scope, Tag.key_exported, asset_id=asset_id)
            contexts = {name: place(asset_id, photo.version, name)[1] for name in (ORIGINAL, *names)}
            for one in earlier:
                if one.number != photo.version:
                    kept = (ORIGINAL, *(rendition["name"] for rendition in one.renditions))
                    contexts |= {f"v{one.number}-{name}": place(asset_id, one.number, name)[1] for name in kept}
            return {
                "key": base64.b64encode(key).decode(),
                "contexts": {name: base64.b64encode(context).decode() for name, context in contexts.items()},
            }

    found = run(work)
    if as_json:
        show_json(found)
    else:
        show(f"key {found['key']}")
        for name, context in found["contexts"].items():
            show(f"context of {name}: {context}")


async def _rewrap(container: Container) -> int:
    # The container read the file before the new key was made; a fresh one wraps under it.
    async with container.scope(OPERATOR) as scope:
        scope.vault.use_master(master_keys(container.settings))
        changed = await scope.vault.rewrap_under_current_master(scope.db)
        record(scope, Tag.keys_rotated, payload={"keys": changed})
        return changed


def _told(name: str, changed: int, as_json: bool) -> None:
    if as_json:
        show_json({"master_key": name, "rewrapped": changed})
    else:
        show(f"Master key {name} is the current one; {changed} keys were put under it. Back the key file up now.")

"""What bulk changes touch of photos, read in a few queries and put back in a few queries: the ground of undo.

A snapshot is plain JSON per asset: {"texts": {…}, "tags": […], "fields": {…}, "folder": …, "state": …, "stars": …, "favourite": …,
"collection:<id>": …}. Which of these it holds follows from what the change is about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col

from photobank.db.among import among, table_of
from photobank.library import collections, fields, marks, moving, tags
from photobank.library.describing import TEXTS
from photobank.library.states import set_state
from photobank.models.assets import Asset, AssetState
from photobank.models.collections import CollectionAsset
from photobank.scope import Scope

Snapshot = dict[str, Any]


async def read(scope: Scope, asset_ids: Sequence[UUID], parts: Collection[str]) -> dict[UUID, Snapshot]:
    """These parts of these assets. The caller has made sure that they are in sight."""
    found: dict[UUID, Snapshot] = {}
    texts = [part for part in parts if part in TEXTS]
    query = select(col(Asset.id), col(Asset.folder_id), col(Asset.state), *(col(getattr(Asset, name)) for name in texts))
    for asset_id, folder_id, state, *held in await scope.db.execute(query.where(among(col(Asset.id), asset_ids))):
        one: Snapshot = dict(zip(texts, held, strict=True))
        if "folder" in parts:
            one["folder"] = str(folder_id)
        if "state" in parts:
            one["state"] = state
        found[asset_id] = one
    ids = list(found)
    if "tags" in parts:
        of = await tags.of_assets(scope, ids)
        for asset_id in ids:
            found[asset_id]["tags"] = of.get(asset_id, [])
    if "stars" in parts or "favourite" in parts:
        for asset_id, mark in (await marks.of_assets(scope, ids)).items():
            found[asset_id] |= {"stars": mark.stars, "favourite": mark.favourite}
    field_ids = {UUID(part.removeprefix("field:")) for part in parts if part.startswith("field:")}
    if field_ids:
        held_values = await fields.held(scope, ids, field_ids)
        for asset_id in ids:
            found[asset_id] |= {f"field:{id_}": held_values.get((asset_id, id_)) for id_ in field_ids}
    for part in parts:
        if part.startswith("collection:"):
            here = col(CollectionAsset.collection_id) == UUID(part.removeprefix("collection:"))
            query_in = select(col(CollectionAsset.asset_id)).where(here, among(col(CollectionAsset.asset_id), ids))
            inside = set((await scope.db.scalars(query_in)).all())
            for asset_id in ids:
                found[asset_id][part] = asset_id in inside
    return found


async def put_back(scope: Scope, before: Mapping[UUID, Snapshot], after: Mapping[UUID, Snapshot]) -> None:
    """Make these assets as they were. The caller has authorised it, and looked whether they are still as the change left them."""
    for name in TEXTS:
        await write_texts(
            scope, name, {id_: was[name] for id_, was in before.items() if name in was and was[name] != after[id_][name]}
        )
    await _tags(scope, before, after)
    await fields.write(
        scope,
        {
            (id_, UUID(part.removeprefix("field:"))): value
            for id_, was in before.items()
            for part, value in was.items()
            if part.startswith("field:") and value != after[id_][part]
        },
    )
    for folder, ids in _by(before, after, "folder").items():
        await moving.move(scope, ids, UUID(folder))
    for state, ids in _by(before, after, "state").items():
        await set_state(scope, ids, AssetState(state))
    for stars, ids in _by(before, after, "stars").items():
        await marks.rate(scope, ids, stars)
    for on, ids in _by(before, after, "favourite").items():
        await marks.favour(scope, ids, on=on)
    for part in {part for was in before.values() for part in was if part.startswith("collection:")}:
        for inside, ids in _by(before, after, part).items():
            change = collections.add if inside else collections.drop
            await change(scope, UUID(part.removeprefix("collection:")), ids)


def _by(before: Mapping[UUID, Snapshot], after: Mapping[UUID, Snapshot], part: str) -> dict[Any, list[UUID]]:
    """Assets by what they had, where it is no longer so."""
    found: dict[Any, list[UUID]] = defaultdict(list)
    for id_, was in before.items():
        if part in was and was[part] != after[id_][part]:
            found[was[part]].append(id_)
    return found


async def write_texts(scope: Scope, name: str, texts: Mapping[UUID, str]) -> None:
    """Give each asset its own text, in one query."""
    if not texts:
        return
    given = table_of(texts)
    change = update(Asset).where(col(Asset.id) == given.c.id).values({name: given.c.value})
    await scope.db.execute(change.execution_options(synchronize_session=False))


async def _tags(scope: Scope, before: Mapping[UUID, Snapshot], after: Mapping[UUID, Snapshot]) -> None:
    lost: dict[str, list[UUID]] = defaultdict(list)
    gained: dict[str, list[UUID]] = defaultdict(list)
    for id_, was in before.items():
        old, new = set(was.get("tags", ())), set(after[id_].get("tags", ()))
        for name in old - new:
            lost[name].append(id_)
        for name in new - old:
            gained[name].append(id_)
    steps: tuple[tuple[dict[str, list[UUID]], Callable[..., Any]], ...] = ((gained, tags.take_off), (lost, tags.put_on))
    for of, change in steps:
        for name, ids in of.items():
            await change(scope, ids, [name])

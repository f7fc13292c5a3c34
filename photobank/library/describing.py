"""What people write about photos, changed on one or on thousands alike: texts, tags, custom fields. A few queries, however many.

Who may change what is decided by those who call this (library/assets.py, library/bulk.py, uploads).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from photobank.db.among import among
from photobank.kernel.errors import Invalid
from photobank.library import fields, tags
from photobank.models.assets import Asset
from photobank.scope import Scope

TEXTS = {"title": 300, "caption": 5000, "credit": 300, "event": 300, "photographer": 300}
"""The longest of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What changes; what is None stays. `tags` are then exactly these; `fields` go by the field's id, and None empties one."""

    title: str | None = None
    caption: str | None = None
    credit: str | None = None
    event: str | None = None
    photographer: str | None = None
    tags: tuple[str, ...] | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    fields: Mapping[UUID, Any] = field(default_factory=dict)

    @property
    def texts(self) -> dict[str, str]:
        """The texts that change."""
        return {name: value for name in TEXTS if (value := getattr(self, name)) is not None}

    def __bool__(self) -> bool:
        return bool(self.texts or self.tags is not None or self.add_tags or self.remove_tags or self.fields)


async def describe(scope: Scope, asset_ids: Sequence[UUID], description: Description) -> dict[UUID, list[str]]:
    """Carry it out; gives, for each asset that changed, the names of what changed. Raises Invalid before anything is written."""
    changed: dict[UUID, list[str]] = defaultdict(list)
    if not asset_ids:
        return changed
    for name, value in description.texts.items():
        if len(value) > TEXTS[name] or "\0" in value:
            raise Invalid(name, fields={name: "errors.too_long"})
    for name, value in description.texts.items():
        column = col(getattr(Asset, name))
        query = update(Asset).where(among(col(Asset.id), asset_ids), column != value).values({name: value})
        for asset_id in (await scope.db.execute(_quick(query.returning(col(Asset.id))))).scalars():
            changed[asset_id].append(name)
    retagged: set[UUID] = set()
    if description.tags is not None:
        retagged |= await tags.set_on(scope, asset_ids, description.tags)
    retagged |= await tags.take_off(scope, asset_ids, description.remove_tags)
    retagged |= await tags.put_on(scope, asset_ids, description.add_tags)
    for asset_id in retagged:
        changed[asset_id].append("tags")
    for asset_id in await fields.set_values(scope, asset_ids, description.fields):
        changed[asset_id].append("fields")
    if changed:
        await scope.db.execute(_quick(update(Asset).where(among(col(Asset.id), changed)).values(changed_at=scope.now())))
    return changed


def _quick(query: Any) -> Any:
    # Rows that this scope loaded before are read again by who needs them: nobody compares thousands in memory.
    return query.execution_options(synchronize_session=False)

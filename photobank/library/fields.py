"""Custom fields: what the organisation wants to know of a photo beyond what every photo has."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.db.among import among
from photobank.kernel.errors import Invalid, NotFound
from photobank.kernel.ids import new_id
from photobank.messaging.events import FieldsChanged
from photobank.models.descriptions import CustomField, FieldKind, FieldValue
from photobank.scope import Scope

LONGEST_LABEL = 80
LONGEST_TEXT = 2000
MOST_CHOICES = 100
CHUNK = 2000


@dataclass(frozen=True, slots=True)
class FieldRow:
    """The definition of a field. `private`: values are sealed, and shown only to those who may edit the photo."""

    id: UUID
    label_nl: str
    label_en: str
    kind: FieldKind
    choices: tuple[str, ...]
    private: bool
    position: int
    retired: bool


@dataclass(frozen=True, slots=True)
class Filled:
    """A field with what it holds for one asset; None when nothing."""

    field: FieldRow
    value: str | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """What changes of a definition. Kind and privacy stay as they were made: values would change their meaning."""

    label_nl: str | None = None
    label_en: str | None = None
    choices: tuple[str, ...] | None = None
    position: int | None = None
    retired: bool | None = None


async def definitions(scope: Scope, *, retired: bool = False) -> list[FieldRow]:
    """The fields in use, in their order; with `retired` also those that are kept for their values only."""
    require(scope, Action.library_view)
    query = select(CustomField).order_by(col(CustomField.position), col(CustomField.created_at), col(CustomField.id))
    if not retired:
        query = query.where(col(CustomField.retired_at).is_(None))
    return [_row(one) for one in (await scope.db.execute(query)).scalars()]


async def define(
    scope: Scope, label_nl: str, label_en: str, kind: FieldKind, *, choices: Sequence[str] = (), private: bool = False
) -> FieldRow:
    """Make a field."""
    require(scope, Action.settings_manage)
    last = await scope.db.scalar(select(col(CustomField.position)).order_by(col(CustomField.position).desc()).limit(1))
    field = CustomField(
        id=new_id(),
        label_nl=_label("label_nl", label_nl),
        label_en=_label("label_en", label_en),
        kind=kind,
        choices=_choices(kind, choices),
        private=private,
        position=0 if last is None else last + 1,
        created_at=scope.now(),
    )
    scope.db.add(field)
    await scope.db.flush()
    record(scope, Tag.field_created, payload={"field": str(field.id), "kind": field.kind, "private": private})
    scope.announce(FieldsChanged(field_id=field.id))
    return _row(field)


async def change(scope: Scope, field_id: UUID, change: FieldChange) -> FieldRow:
    """Rename a field, change its choices or place, retire it or take it back into use. Values stay."""
    require(scope, Action.settings_manage)
    field = await scope.db.get(CustomField, field_id)
    if field is None:
        raise NotFound("no such field")
    if change.label_nl is not None:
        field.label_nl = _label("label_nl", change.label_nl)
    if change.label_en is not None:
        field.label_en = _label("label_en", change.label_en)
    if change.choices is not None:
        field.choices = _choices(FieldKind(field.kind), change.choices)
    if change.position is not None:
        field.position = change.position
    if change.retired is not None:
        field.retired_at = scope.now() if change.retired else None
    record(scope, Tag.field_changed, payload={"field": str(field_id), "retired": field.retired_at is not None})
    scope.announce(FieldsChanged(field_id=field_id))
    await scope.db.flush()
    return _row(field)


async def of_assets(scope: Scope, asset_ids: Sequence[UUID], *, editable: Collection[UUID]) -> dict[UUID, list[Filled]]:
    """Every field in use with its value, per asset, in two queries; private ones only for assets in `editable`.

    The caller has made sure that the assets are in sight.
    """
    rows = await definitions(scope)
    shown = {asset_id: [row for row in rows if not row.private or asset_id in editable] for asset_id in asset_ids}
    found = await held(scope, asset_ids, {row.id for some in shown.values() for row in some})
    return {asset_id: [Filled(row, found.get((asset_id, row.id))) for row in some] for asset_id, some in shown.items()}


async def set_values(scope: Scope, asset_ids: Sequence[UUID], values: Mapping[UUID, Any]) -> set[UUID]:
    """Fill fields of assets (None empties); gives those that changed. The caller has authorised the change."""
    if not values:
        return set()
    known = {row.id: row for row in await definitions(scope)}
    if unknown := values.keys() - known.keys():
        raise Invalid("no such field", fields={f"fields.{id_}": "errors.field_unknown" for id_ in unknown})
    wanted = {id_: parse(known[id_], value) for id_, value in values.items()}
    found = await held(scope, asset_ids, wanted)
    changed = {(a, f): value for a in asset_ids for f, value in wanted.items() if found.get((a, f)) != value}
    await write(scope, changed)
    return {asset_id for asset_id, _ in changed}


async def write(scope: Scope, changed: Mapping[tuple[UUID, UUID], Any]) -> None:
    """Store values, each for its asset and field, as they were parsed; None empties. The caller has authorised the change."""
    if not changed:
        return
    known = {row.id: row for row in await definitions(scope, retired=True)}
    emptied = [pair for pair, value in changed.items() if value is None]
    rows = [_stored(scope, a, known[f], value) for (a, f), value in changed.items() if value is not None]
    if emptied:
        pair = tuple_(col(FieldValue.asset_id), col(FieldValue.field_id))
        await scope.db.execute(delete(FieldValue).where(pair.in_(emptied)).execution_options(synchronize_session=False))
    for start in range(0, len(rows), CHUNK):
        put = insert(FieldValue).values(rows[start : start + CHUNK])
        fresh = {"value": put.excluded.value, "value_ct": put.excluded.value_ct}
        await scope.db.execute(put.on_conflict_do_update(index_elements=["asset_id", "field_id"], set_=fresh))


def parse(row: FieldRow, value: Any) -> str | float | bool | None:
    """A value from outside, as it is kept; raises Invalid with the field's id."""
    if value is None or value == "":
        return None
    good: str | float | bool | None = None
    if row.kind is FieldKind.yes_no:
        good = value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value).lower())
    elif row.kind is FieldKind.number:
        good = _number(value)
    elif isinstance(value, str):
        text = value.strip()
        if row.kind is FieldKind.date:
            good = _day(text)
        elif row.kind is FieldKind.choice:
            good = text if text in row.choices else None
        elif text and len(text) <= LONGEST_TEXT and "\0" not in text:
            good = text
    if good is None:
        raise Invalid("not a value for this field", fields={f"fields.{row.id}": f"errors.field_{row.kind}"})
    return good


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        number = float(str(value).strip().replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _day(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _stored(scope: Scope, asset_id: UUID, row: FieldRow, value: Any) -> dict[str, Any]:
    sealed = scope.vault.fields.seal_json("field_values", "value_ct", f"{asset_id}/{row.id}", value) if row.private else None
    return {"asset_id": asset_id, "field_id": row.id, "value": None if row.private else value, "value_ct": sealed}


async def held(scope: Scope, asset_ids: Sequence[UUID], field_ids: Collection[UUID]) -> dict[tuple[UUID, UUID], Any]:
    """What these fields hold for these assets, opened; empty ones are absent."""
    columns = (FieldValue.asset_id, FieldValue.field_id, FieldValue.value, FieldValue.value_ct)
    query = select(*map(col, columns)).where(among(col(FieldValue.asset_id), asset_ids), col(FieldValue.field_id).in_(field_ids))
    return {
        (asset_id, field_id): value
        if sealed is None
        else scope.vault.fields.open_json("field_values", "value_ct", f"{asset_id}/{field_id}", sealed)
        for asset_id, field_id, value, sealed in await scope.db.execute(query)
    }


def _label(name: str, text: str) -> str:
    clean = " ".join(text.split())
    if not clean or len(clean) > LONGEST_LABEL or not clean.isprintable():
        raise Invalid(name, fields={name: "errors.name"})
    return clean


def _choices(kind: FieldKind, choices: Sequence[str]) -> list[str]:
    if kind is not FieldKind.choice:
        return []
    clean = list(dict.fromkeys(_label("choices", one) for one in choices if one.strip()))
    if not clean or len(clean) > MOST_CHOICES:
        raise Invalid("choices", fields={"choices": "errors.choices"})
    return clean


def _row(field: CustomField) -> FieldRow:
    kind = FieldKind(field.kind)
    choices = tuple(field.choices)
    return FieldRow(
        field.id, field.label_nl, field.label_en, kind, choices, field.private, field.position, field.retired_at is not None
    )

"""Presets of the organisation's own: made, changed, taken out of use. For admins."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.delivery import presets
from photobank.delivery.presets import BUILT_IN, FOR_SCREENS, Preset
from photobank.kernel.errors import Invalid, NotFound
from photobank.kernel.ids import new_id
from photobank.messaging.events import PresetsChanged
from photobank.models.handing_over import OwnPreset
from photobank.scope import Scope

LONGEST_LABEL = 60
LARGEST_SIDE, SMALLEST_SIDE = 12_000, 16
WIDEST, MOST_DPI = 10, 1200
MOST = 100


async def list_all(scope: Scope) -> list[tuple[Preset, bool]]:
    """Own presets with whether each is out of use, those last."""
    require(scope, Action.settings_manage)
    query = select(OwnPreset).order_by(col(OwnPreset.retired_at).is_not(None), col(OwnPreset.created_at), col(OwnPreset.name))
    return [(presets.of_row(row), row.retired_at is not None) for row in (await scope.db.execute(query)).scalars()]


async def define(scope: Scope, wanted: Preset) -> Preset:
    """A new preset; its name follows from its English label and never changes, so that scripts may rely on it."""
    require(scope, Action.settings_manage)
    wanted = _checked(wanted)
    taken = {*BUILT_IN, *(await scope.db.scalars(select(col(OwnPreset.name)))).all()}
    if len(taken) >= MOST + len(BUILT_IN):
        raise Invalid("too many presets", fields={"label_en": "errors.too_many"})
    stem = _slug(wanted.label_en)
    name = next(name for n in range(1, MOST + 20) if (name := stem if n == 1 else f"{stem}_{n}") not in taken)
    made = replace(wanted, name=name)
    scope.db.add(OwnPreset(created_at=scope.now(), **_columns(made)))
    await scope.db.flush()
    _changed(scope, name)
    return made


async def change(scope: Scope, name: str, wanted: Preset) -> Preset:
    """Everything about a preset but its name."""
    require(scope, Action.settings_manage)
    row = await _find(scope, name)
    made = replace(_checked(wanted), name=name)
    for column, value in _columns(made).items():
        setattr(row, column, value)
    _changed(scope, name)
    return made


async def retire(scope: Scope, name: str, retired: bool) -> None:
    """Out of use, or back. Downloads that were made with it keep its name."""
    require(scope, Action.settings_manage)
    row = await _find(scope, name)
    row.retired_at = scope.now() if retired else None
    _changed(scope, name)


async def _find(scope: Scope, name: str) -> OwnPreset:
    row = await scope.db.get(OwnPreset, name)
    if row is None:
        raise NotFound("no such preset")
    return row


def _checked(wanted: Preset) -> Preset:
    """Raise Invalid, per field, for what no photo can be made into."""
    wrong: dict[str, str] = {}
    labels: dict[str, Any] = {"label_nl": wanted.label_nl.strip(), "label_en": wanted.label_en.strip()}
    wrong |= {name: "errors.name" for name, label in labels.items() if not 0 < len(label) <= LONGEST_LABEL}
    sides = {"width": wanted.width, "height": wanted.height}
    for name, side in sides.items():
        if (side or wanted.fills) and not SMALLEST_SIDE <= side <= LARGEST_SIDE:
            wrong[name] = "presets.error_side"
    if not wrong and wanted.fills and not 1 / WIDEST <= wanted.width / wanted.height <= WIDEST:
        wrong["height"] = "presets.error_shape"
    # A JPEG in inks has no place for its resolution, and programs disagree about which way round its inks are.
    formats = ("tiff",) if wanted.cmyk else (*FOR_SCREENS, "tiff")
    if wanted.format not in formats:
        wrong["format"] = "presets.error_format"
    if wanted.quality and not 30 <= wanted.quality <= 100:
        wrong["quality"] = "presets.error_quality"
    if wanted.dpi and not 36 <= wanted.dpi <= MOST_DPI:
        wrong["dpi"] = "presets.error_dpi"
    if wrong:
        raise Invalid("not a preset", fields=wrong)
    return replace(wanted, **labels, as_it_came=False)


def _slug(label: str) -> str:
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40] or "preset"


def _columns(preset: Preset) -> dict[str, Any]:
    names = ("name", "label_nl", "label_en", "width", "height", "fills", "format", "quality", "dpi", "cmyk")
    return {name: getattr(preset, name) for name in names}


def _changed(scope: Scope, name: str) -> None:
    record(scope, Tag.preset_changed, payload={"preset": name})
    scope.announce(PresetsChanged(changed_id=new_id()))

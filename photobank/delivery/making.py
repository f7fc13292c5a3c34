"""What a hand-over is to look like: the recipe, the visible watermark and what is written into it. Decided together with the verdict.

Reads facts only; the bytes are made and decided about in release.py.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Hashable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

import photobank.imaging
from photobank.clearance.verdicts import Verdict
from photobank.consents import house
from photobank.delivery import cuts, watermarks
from photobank.delivery.presets import Preset
from photobank.delivery.redaction import Cleared, Hidden
from photobank.i18n.format import day
from photobank.i18n.translate import DEFAULT_LANGUAGE, Language, is_language, translate
from photobank.imaging.labelling import Mining, Releases, Statement, label
from photobank.imaging.recipe import Label, Mark, Recipe
from photobank.imaging.renditions import WORKING, WORTH_IT, begin_at
from photobank.library.processing import metadata_cipher
from photobank.models.assets import Asset
from photobank.models.consents import Consent
from photobank.scope import Scope

PRESS_PROFILE = Path(photobank.imaging.__file__).parent / "data" / "coated-fogra39.icc"


Basis = tuple[datetime | None, frozenset[UUID], frozenset[Hidden]]
"""Until when a verdict holds, the consents it rests on, and what is hidden."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything the decoding process needs beside the photo and the invisible mark."""

    recipe: Recipe
    label: Label
    watermark: tuple[Mark, bytes] | None
    references: tuple[str, ...]


async def plan(scope: Scope, asset: Asset, preset: Preset, cleared: Cleared, key: bytes, download_id: UUID) -> Plan:
    """The plan for an asset that has just been cleared; `key` opens what its file says of who made it."""
    placed = (await cuts.of_presets(scope, asset, [preset])).get(preset.name)
    recipe = replace(preset.recipe(placed.framed.box if placed else None), hidden=cleared.boxes)
    said = await _statement(scope, asset, cleared, key, download_id)
    return Plan(recipe, label(said), await watermarks.for_photo(scope, asset.folder_id, preset.name), tuple(said.consents))


def basis(cleared: Cleared) -> Basis:
    """What a picture shows and says because of the verdict that it was made under: another basis makes it another picture."""
    verdict = cleared.verdict
    return verdict.valid_until, frozenset(ground.consent_id for ground in verdict.grounds if ground.consent_id), cleared.hidden


def base_of(asset: Asset, plan: Plan) -> Hashable:
    """Names the pixels of a plan: the same for every hand-over of this version in this shape under this watermark."""
    mark = (plan.watermark[0], hashlib.sha256(plan.watermark[1]).digest()) if plan.watermark else None
    return asset.id, asset.version, replace(plan.recipe, format="png", quality=0, dpi=0, cmyk=False), mark


def working_copies(asset: Asset, recipe: Recipe) -> list[str]:
    """The working copies that it may begin at, if the photo has them. None where somebody is hidden: making a copy mixed a face into what
    is beside it, if by a shade, and nothing of who is hidden may have any part in what leaves."""
    if recipe.hidden or max(asset.width or 0, asset.height or 0) < WORKING[-1].side * WORTH_IT:
        return []
    return begin_at(recipe.outcome(asset.width, asset.height).decode_side)


async def press_profile(recipe: Recipe) -> bytes:
    """The colours of the press, for a recipe in inks; empty for any other."""
    return await asyncio.to_thread(_press_profile) if recipe.cmyk else b""


@cache
def _press_profile() -> bytes:
    return PRESS_PROFILE.read_bytes()


async def _statement(scope: Scope, asset: Asset, cleared: Cleared, key: bytes, download_id: UUID) -> Statement:
    verdict, found = cleared.verdict, await house.of(scope)
    owner = found.organisation.name if found.organisation else ""
    said = found.organisation.language if found.organisation else ""
    language: Language = said if is_language(said) else DEFAULT_LANGUAGE
    use = next((row for row in found.uses if row.id == verdict.use), None)
    creators, credit, copyright_ = _embedded(asset, key)
    consents = await references(scope, verdict)
    return Statement(
        owner=owner,
        terms=_terms(language, owner, (use.label_nl if language == "nl" else use.label_en) if use else verdict.use, cleared),
        download_id=download_id,
        releases=Releases.limited if verdict.grounds else Releases.not_applicable,
        mining=Mining.but_for_search if use is not None and use.outside else Mining.prohibited,
        consents=consents,
        ends=verdict.valid_until,
        title="" if cleared.hidden else asset.title,  # which may name who is hidden
        creators=[asset.photographer] if asset.photographer else creators,
        credit=asset.credit or credit or owner,
        copyright=copyright_,
    )


def _terms(language: Language, owner: str, use: str, cleared: Cleared) -> str:
    until = cleared.verdict.valid_until
    if until is None:
        said = translate("label.terms", language, use=use, owner=owner)
    else:
        said = translate("label.terms_until", language, use=use, owner=owner, date=day(until.date(), language))
    return f"{said} {translate('label.hidden', language, count=cleared.people)}" if cleared.hidden else said


def _embedded(asset: Asset, key: bytes) -> tuple[list[str], str, str]:
    """Creators, credit and copyright as the file itself names them."""
    if asset.metadata_ct is None:
        return [], "", ""
    known = metadata_cipher(key).open_json("assets", "metadata_ct", asset.id, asset.metadata_ct)
    return list(known.get("creator") or []), str(known.get("credit") or ""), str(known.get("copyright") or "")


async def references(scope: Scope, verdict: Verdict) -> list[str]:
    """The consents by number: a reference that says nothing to whoever has no access to the register."""
    wanted = [ground.consent_id for ground in verdict.grounds if ground.consent_id]
    if not wanted:
        return []
    numbers = await scope.db.scalars(select(col(Consent.number)).where(col(Consent.id).in_(wanted)).order_by(col(Consent.number)))
    return [f"PB-{number}" for number in numbers]

"""What a photo can be had as: every preset with what comes of it, beforehand. Says nothing about clearance, and decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from photobank.delivery import cuts, presets
from photobank.delivery.cuts import Placed
from photobank.delivery.presets import Preset
from photobank.imaging.recipe import Outcome
from photobank.models.assets import Asset
from photobank.scope import Scope

INCH = 2.54

SUITS: dict[str, frozenset[str]] = {
    "web": frozenset({"internal", "website"}),
    "newsletter": frozenset({"internal", "website"}),
    **dict.fromkeys(
        ("instagram", "instagram_tall", "instagram_square", "story", "linkedin", "facebook", "x"),
        frozenset({"social", "advertising"}),
    ),
    "print": frozenset({"print", "press", "advertising", "research"}),
}
"""The uses a preset was made for. Others are offered after those that suit; a preset that is not here suits every use."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One preset for one photo. Sizes are what will come of it, not what was asked for; `paper` is in centimetres."""

    preset: Preset
    outcome: Outcome | None
    placed: Placed | None
    paper: tuple[float, float] | None

    @property
    def suits(self) -> frozenset[str]:
        """The uses it was made for; empty: every use."""
        return SUITS.get(self.preset.name, frozenset())


async def of_photo(scope: Scope, asset: Asset, wanted: Sequence[Preset] | None = None) -> list[Offer]:
    """The presets for an asset in sight, in the order of the menu."""
    known = await presets.offered(scope) if wanted is None else list(wanted)
    placed = await cuts.of_presets(scope, asset, known)
    return [_offer(asset, preset, placed.get(preset.name)) for preset in known]


def _offer(asset: Asset, preset: Preset, placed: Placed | None) -> Offer:
    if preset.as_it_came or not asset.width or not asset.height:
        return Offer(preset, None, placed, None)
    outcome = preset.recipe(placed.framed.box if placed else None).outcome(asset.width, asset.height)
    paper = (outcome.width / preset.dpi * INCH, outcome.height / preset.dpi * INCH) if preset.dpi else None
    return Offer(preset, outcome, placed, paper)

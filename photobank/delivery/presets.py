"""What a download can be: the file as it came, or a picture made for a channel. Built-in ones are this table; own ones are kept beside it.

Sizes are those that the channels publish (2026): LinkedIn 1.91:1, Facebook 1.91:1, X 16:9, Instagram 3:4, 4:5 and square, stories 9:16. A
newsletter is 600 pixels wide and shown at twice that. Qualities are chosen for an equal look, measured in docs/performance.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePath
from types import MappingProxyType
from typing import Final

from sqlalchemy import select
from sqlmodel import col

from photobank.imaging.crop import Box
from photobank.imaging.recipe import Recipe
from photobank.imaging.renditions import MIMES, Format
from photobank.kernel.errors import Invalid
from photobank.kernel.filenames import safe_filename
from photobank.models.handing_over import OwnPreset
from photobank.scope import Scope

ENDINGS: Final[dict[Format, str]] = {"jpeg": ".jpg", "webp": ".webp", "png": ".png", "avif": ".avif", "tiff": ".tif"}
QUALITY: Final[dict[Format, int]] = {"jpeg": 85, "webp": 86, "avif": 70, "png": 0, "tiff": 0}
"""Where no other is asked for. As like the original as JPEG 85, by SSIM over real photos."""
ORIGINAL: Final = "original"
FOR_SCREENS: Final[tuple[Format, ...]] = ("jpeg", "webp", "avif", "png")


@dataclass(frozen=True, slots=True)
class Shape:
    """A picture for another site: no side longer than `side`, never enlarged, sRGB, without any metadata of the original."""

    side: int
    format: Format
    quality: int

    @property
    def media_type(self) -> str:
        """What the answer is labelled as."""
        return MIMES[self.format]


@dataclass(frozen=True, slots=True)
class Preset:
    """One line of the download menu. A width or height of 0 leaves that side open; `fills`: cut to exactly this shape."""

    name: str
    width: int = 0
    height: int = 0
    fills: bool = False
    format: Format = "jpeg"
    quality: int = 0
    dpi: int = 0
    cmyk: bool = False
    as_it_came: bool = False
    """The original, byte for byte, with all its metadata and without any mark."""
    label_nl: str = ""
    label_en: str = ""
    """Empty for built-in ones: their words are in the catalogues."""

    @property
    def ratio(self) -> float | None:
        """Width ÷ height of what it is cut to; None when it shows the whole photo."""
        return self.width / self.height if self.fills else None

    @property
    def side(self) -> int:
        """The longest side that it can have; 0 without a bound."""
        return max(self.width, self.height)

    def in_format(self, fmt: str) -> Preset:
        """The same in another format; raises Invalid where there is no such thing."""
        wanted = next((known for known in FOR_SCREENS if known == fmt), None)
        if wanted is None or self.cmyk or self.as_it_came:
            raise Invalid("not in this format", fields={"format": "presets.error_format"})
        return replace(self, format=wanted, quality=0)

    def filename(self, original: str, mark: str = "") -> str:
        """What the file is called at the receiver's; `mark` tells a version of it apart."""
        if self.as_it_came:
            return safe_filename(original)
        stem = PurePath(safe_filename(original)).stem
        # One photo in three sizes is three files in one folder.
        told = [part for part in (stem, "" if self.name == "web" else self.name, mark) if part]
        return safe_filename(f"{'-'.join(told)}{ENDINGS[self.format]}")

    def recipe(self, cut: Box | None = None) -> Recipe:
        """The order to the decoding process."""
        return Recipe(
            width=self.width,
            height=self.height,
            cut=cut if self.fills else None,
            format=self.format,
            quality=self.quality or QUALITY[self.format] or 85,
            dpi=self.dpi,
            cmyk=self.cmyk,
            sharpen=True,
        )


_BUILT_IN = (
    Preset("web", 1920, 1920),
    Preset("newsletter", 1200),
    Preset("instagram", 1080, 1350, fills=True),
    Preset("instagram_tall", 1080, 1440, fills=True),
    Preset("instagram_square", 1080, 1080, fills=True),
    Preset("story", 1080, 1920, fills=True),
    Preset("linkedin", 1200, 627, fills=True),
    Preset("facebook", 1200, 630, fills=True),
    Preset("x", 1600, 900, fills=True),
    Preset("print", 6000, 6000, format="tiff", dpi=300, cmyk=True),
    Preset(ORIGINAL, as_it_came=True),
)
BUILT_IN: Final = MappingProxyType({preset.name: preset for preset in _BUILT_IN})


async def offered(scope: Scope) -> list[Preset]:
    """All presets in the order of the menu: built-in ones, own ones, the original last."""
    query = select(OwnPreset).where(col(OwnPreset.retired_at).is_(None)).order_by(col(OwnPreset.created_at), col(OwnPreset.name))
    own = [of_row(row) for row in (await scope.db.execute(query)).scalars()]
    return [*(preset for preset in _BUILT_IN if not preset.as_it_came), *own, BUILT_IN[ORIGINAL]]


async def find(scope: Scope, name: str, fmt: str | None = None) -> Preset:
    """The preset of that name, in another format where one is asked for; raises Invalid."""
    found = BUILT_IN.get(name)
    if found is None:
        row = await scope.db.get(OwnPreset, name)
        if row is None or row.retired_at is not None:
            raise Invalid("no such preset", fields={"preset": "errors.preset"})
        found = of_row(row)
    return found if fmt is None or fmt == found.format else found.in_format(fmt)


def of_row(row: OwnPreset) -> Preset:
    """An own preset as it is kept."""
    names = ("name", "width", "height", "fills", "quality", "dpi", "cmyk", "label_nl", "label_en")
    return Preset(**{name: getattr(row, name) for name in names}, format=_format(row.format))


def _format(name: str) -> Format:
    return next(known for known in MIMES if known == name)

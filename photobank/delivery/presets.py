"""What a download can be: the file as it came, or a picture made for a channel. A table; own presets of an organisation come later."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from photobank.imaging.renditions import MIMES, Format
from photobank.kernel.errors import Invalid
from photobank.kernel.filenames import safe_filename

ENDINGS: dict[Format, str] = {"jpeg": ".jpg", "webp": ".webp", "png": ".png", "avif": ".avif"}


@dataclass(frozen=True, slots=True)
class Shape:
    """A derived picture: no side longer than `side`, never enlarged, sRGB, without any metadata of the original."""

    side: int
    format: Format
    quality: int

    @property
    def media_type(self) -> str:
        """What the answer is labelled as."""
        return MIMES[self.format]


@dataclass(frozen=True, slots=True)
class Preset:
    """One line of the download menu. Without a shape it is the original, byte for byte, with all its metadata."""

    name: str
    shape: Shape | None = None

    def filename(self, original: str) -> str:
        """What the file is called at the receiver's."""
        if self.shape is None:
            return safe_filename(original)
        return safe_filename(PurePath(safe_filename(original)).stem + ENDINGS[self.shape.format])


PRESETS = {preset.name: preset for preset in (Preset("original"), Preset("web", Shape(1920, "jpeg", 85)))}


def find(name: str) -> Preset:
    """The preset of that name; raises Invalid."""
    if name not in PRESETS:
        raise Invalid("no such preset", fields={"preset": "errors.preset"})
    return PRESETS[name]

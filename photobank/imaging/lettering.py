"""The words of a visible watermark as a picture: white with a soft dark edge, so that they read on snow and on black.

Our own words in our own font, so this needs no decoding process; the font (Inter, OFL) travels with the program: servers have none.
"""

from __future__ import annotations

from pathlib import Path

import pyvips

FONT = Path(__file__).parent / "data" / "inter-semibold.ttf"
DPI = 240
EDGE = 4


def letter(words: str) -> bytes:
    """PNG with alpha. Characters that the font has not are drawn as its box, as anywhere."""
    # Pango reads markup in its text.
    plain = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    ink = pyvips.Image.text(plain, font="Inter Photobank", fontfile=str(FONT), dpi=DPI)
    ink = ink.embed(2 * EDGE, 2 * EDGE, ink.width + 4 * EDGE, ink.height + 4 * EDGE)
    edge = ink.gaussblur(EDGE / 2) * 1.4
    edge = (edge > 255).ifthenelse(255, edge)
    alpha = (ink > edge * 0.55).ifthenelse(ink, edge * 0.55).cast("uchar")
    white = ink.copy(interpretation="b-w")
    return bytes(white.bandjoin([white, white, alpha]).copy(interpretation="srgb").pngsave_buffer(compression=9, keep="none"))

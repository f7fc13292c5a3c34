"""What a file says about itself, as a small dictionary of plain values. Every text is cleaned, every list and length bounded.

Nothing of it is believed further than that: names in regions are hints for reviewers, not people; whoever shows a text escapes it.
"""

from __future__ import annotations

import contextlib
import math
import unicodedata
from typing import Any

from photobank.imaging import moments, xmp
from photobank.imaging.decode import Source
from photobank.imaging.exif import Exif, position
from photobank.imaging.iptc import Iptc
from photobank.imaging.xmp import Xmp

LONG, SHORT = 4000, 300
MAX_KEYWORDS, MAX_REGIONS, MAX_CREATORS = 200, 200, 20
DIRECTION = {*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"}


def read(source: Source) -> dict[str, Any]:
    """Metadata under plain names, position and moment. Absent things are absent, not empty."""
    exif, packet, iptc = Exif(source.exif), Xmp(source.xmp), Iptc(source.iptc)
    place = exif.position() or _xmp_position(packet)
    found: dict[str, Any] = {
        "title": _first(packet.text(f"{xmp.DC}title"), iptc.text(5), exif.windows_text(0x9C9B), size=SHORT),
        "headline": _first(packet.text(f"{xmp.PHOTOSHOP}Headline"), iptc.text(105), size=SHORT),
        "caption": _first(
            packet.text(f"{xmp.DC}description"), iptc.text(120), exif.text(0x010E), exif.comment(), exif.windows_text(0x9C9C)
        ),
        "keywords": _many(packet.texts(f"{xmp.DC}subject") + iptc.texts(25) + exif.windows_text(0x9C9E).split(";"), MAX_KEYWORDS),
        "people": _many(packet.texts(f"{xmp.IPTC_EXT}PersonInImage"), MAX_KEYWORDS),
        "creator": _many(
            packet.texts(f"{xmp.DC}creator") or iptc.texts(80) or [exif.text(0x013B) or exif.windows_text(0x9C9D)], MAX_CREATORS
        ),
        "credit": _first(packet.text(f"{xmp.PHOTOSHOP}Credit"), iptc.text(110), size=SHORT),
        "copyright": _first(packet.text(f"{xmp.DC}rights"), iptc.text(116), exif.text(0x8298)),
        "instructions": _first(packet.text(f"{xmp.PHOTOSHOP}Instructions"), iptc.text(40)),
        "rating": _rating(packet.text(f"{xmp.XMP}Rating"), exif.number(0x4746)),
        "place": _prune({
            "sublocation": _first(packet.text(f"{xmp.IPTC_CORE}Location"), iptc.text(92), size=SHORT),
            "city": _first(packet.text(f"{xmp.PHOTOSHOP}City"), iptc.text(90), size=SHORT),
            "state": _first(packet.text(f"{xmp.PHOTOSHOP}State"), iptc.text(95), size=SHORT),
            "country": _first(packet.text(f"{xmp.PHOTOSHOP}Country"), iptc.text(101), size=SHORT),
        }),
        "camera": _prune({
            "make": _first(exif.text(0x010F), size=SHORT),
            "model": _first(exif.text(0x0110), size=SHORT),
            "lens": _first(exif.text(0xA434), packet.text("{http://ns.adobe.com/exif/1.0/aux/}Lens"), size=SHORT),
            "software": _first(exif.text(0x0131), packet.text(f"{xmp.XMP}CreatorTool"), size=SHORT),
        }),
        "exposure": _prune({
            "seconds": _between(exif.number(0x829A), 1e-6, 1e5),
            "f_number": _between(exif.number(0x829D), 0.1, 1000),
            "iso": _between(exif.number(0x8827), 1, 1e8),
            "bias": _between(exif.number(0x9204), -100, 100),
            "focal_length": _between(exif.number(0x920A), 0.1, 1e5),
            "focal_length_35mm": _between(exif.number(0xA405), 1, 1e5),
            "flash": None if (flash := exif.number(0x9209)) is None else bool(int(flash) & 1),
        }),
        "regions": _regions(packet, source),
        "altitude": exif.altitude() if place else None,
    }  # fmt: skip
    return {"metadata": _prune(found), "gps": place, "taken": moments.taken(exif, packet, iptc)}


def clean(text: str, size: int = LONG) -> str:
    """`text` without control characters, direction overrides, lone surrogates and NUL; no longer than `size`."""
    text = text[: size * 4]
    kept = (c for c in text if c in "\n\t" or (c not in DIRECTION and unicodedata.category(c) not in {"Cc", "Cs", "Cn", "Co"}))
    return "".join(kept).strip()[:size].rstrip()


def _first(*candidates: str, size: int = LONG) -> str | None:
    return next((text for candidate in candidates if (text := clean(candidate, size))), None)


def _many(candidates: list[str], limit: int) -> list[str]:
    return list(dict.fromkeys(text for candidate in candidates if (text := clean(candidate, SHORT))))[:limit]


def _rating(*candidates: str | float | None) -> int | None:
    for candidate in candidates:
        with contextlib.suppress(TypeError, ValueError, OverflowError):
            stars = round(float(candidate or "x"))
            if -1 <= stars <= 5:
                return stars
    return None


def _between(value: float | None, low: float, high: float) -> float | None:
    return round(value, 6) if value is not None and low <= value <= high else None


def _prune(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, "", [], {})}


def _xmp_position(packet: Xmp) -> tuple[float, float] | None:
    latitude, longitude = packet.text(f"{xmp.EXIF}GPSLatitude"), packet.text(f"{xmp.EXIF}GPSLongitude")
    return position(_xmp_degrees(latitude, "NS"), _xmp_degrees(longitude, "EW"))


def _xmp_degrees(text: str, signs: str) -> float | None:
    """XMP writes 41,13.2N or 41,13,12N."""
    text = text.strip().upper()
    if not text or len(text) > 40 or text[-1] not in signs:
        return None
    try:
        value = sum(float(part) / 60**at for at, part in enumerate(text[:-1].split(",")[:3]))
    except ValueError:
        return None
    return (-value if text[-1] == signs[1] else value) if math.isfinite(value) else None


def _regions(packet: Xmp, source: Source) -> list[dict[str, Any]]:
    """MWG regions as boxes of the upright picture, 0–1 from the top left."""
    found: list[dict[str, Any]] = []
    for region in packet.regions():
        if len(found) == MAX_REGIONS:
            break
        try:
            x, y, w, h = (float(region[key]) for key in "xywh")
        except (KeyError, ValueError):
            continue
        if not all(math.isfinite(v) and 0 <= v <= 1 for v in (x, y, w, h)) or not w or not h:
            continue
        left, top, w, h = _turn(x - w / 2, y - h / 2, w, h, source.orientation if _drawn_on_stored(region, source) else 1)
        left, top = max(0.0, left), max(0.0, top)
        box = {"left": left, "top": top, "width": min(w, 1 - left), "height": min(h, 1 - top)}
        words = _prune({"name": clean(region["name"], SHORT), "type": clean(region["type"], 40)})
        found.append({**{key: round(value, 6) for key, value in box.items()}, **words})
    return found


def _drawn_on_stored(region: dict[str, str], source: Source) -> bool:
    """Whether the size that the regions were drawn on is that of the stored picture, so that they turn with it."""
    with contextlib.suppress(KeyError, ValueError, ZeroDivisionError, OverflowError):
        drawn = float(region["applied_w"]) / float(region["applied_h"])
        return abs(drawn - source.width / source.height) <= abs(drawn - source.height / source.width)
    return True


def _turn(left: float, top: float, w: float, h: float, orientation: int) -> tuple[float, float, float, float]:
    """A box of the stored picture as a box of the upright one."""
    right, bottom = 1 - left - w, 1 - top - h
    return {
        2: (right, top, w, h), 3: (right, bottom, w, h), 4: (left, bottom, w, h), 5: (top, left, h, w),
        6: (bottom, left, h, w), 7: (bottom, right, h, w), 8: (top, right, h, w),
    }.get(orientation, (left, top, w, h))  # fmt: skip

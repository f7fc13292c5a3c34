"""When a picture was taken. The camera's clock first, then what programs wrote, then GPS; never the file's own date.

Order: EXIF DateTimeOriginal, EXIF CreateDate, XMP (DateCreated, DateTimeOriginal, CreateDate), IPTC, GPS. The offset from UTC is
the one written beside the time; failing that, the one that the GPS clock implies; else it is unknown and left to the reader.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

from photobank.imaging import xmp
from photobank.imaging.exif import Exif, as_number, as_text
from photobank.imaging.iptc import Iptc
from photobank.imaging.xmp import Xmp

EARLIEST_YEAR = 1826
"""The year of the oldest photo there is."""
LATEST_YEAR = 2200
QUARTER = timedelta(minutes=15)
STAMP = re.compile(
    r"(\d{4})[-:/.](\d{1,2})[-:/.](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
OFFSET = re.compile(r"^\s*(Z|[+-]\d{2}:?\d{2})\s*$", re.ASCII)


def taken(exif: Exif, packet: Xmp, iptc: Iptc) -> tuple[str, str] | None:
    """(ISO time, with an offset where one is known; source), or None."""
    gps = _gps(exif) or parse(packet.text(f"{xmp.EXIF}GPSTimeStamp"))
    for source, moment in _candidates(exif, packet, iptc):
        if moment is None:
            continue
        if moment.tzinfo is None and gps is not None and source.startswith("exif"):
            moment = _with_gps_offset(moment, gps)
        return moment.isoformat(), source
    if gps is not None:
        return (gps if gps.tzinfo else gps.replace(tzinfo=UTC)).isoformat(), "gps"
    return None


def parse(text: str, *, offset: str = "", subsecond: str = "") -> datetime | None:
    """A moment from EXIF's or XMP's notation; None for zeros, nonsense and years without photography."""
    found = STAMP.fullmatch(text.strip("\0 \t\r\n")[:64])
    if not found:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    fraction = found[7] or (subsecond.strip("\0 ") if re.fullmatch(r"\s*\d{1,9}\s*", subsecond.strip("\0"), re.ASCII) else "")
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        return None
    with contextlib.suppress(ValueError, OverflowError):
        micro = int(fraction.strip().ljust(6, "0")[:6]) if fraction else 0
        return datetime(year, month, day, hour, minute, min(second, 59), micro, tzinfo=_zone(found[8] or offset))
    return None


def _candidates(exif: Exif, packet: Xmp, iptc: Iptc) -> Iterator[tuple[str, datetime | None]]:
    anywhere = exif.text(0x9010)
    yield "exif_original", parse(exif.text(0x9003), offset=exif.text(0x9011) or anywhere, subsecond=exif.text(0x9291))
    yield "exif_created", parse(exif.text(0x9004), offset=exif.text(0x9012) or anywhere, subsecond=exif.text(0x9292))
    for name in (f"{xmp.PHOTOSHOP}DateCreated", f"{xmp.EXIF}DateTimeOriginal", f"{xmp.XMP}CreateDate"):
        yield "xmp", parse(packet.text(name))
    yield "iptc", _iptc(iptc)


def _gps(exif: Exif) -> datetime | None:
    day = parse(as_text(exif.gps.get(0x1D)))
    parts = exif.gps.get(0x07)
    if day is None or not isinstance(parts, tuple | list) or len(parts) != 3:
        return None
    clock = [as_number(part) for part in parts]
    if any(part is None or part < 0 for part in clock):
        return None
    hours, minutes, seconds = (part or 0.0 for part in clock)
    if hours >= 24 or minutes >= 60 or seconds > 60:
        return None
    return day.replace(tzinfo=UTC) + timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _iptc(iptc: Iptc) -> datetime | None:
    day, clock = iptc.text(55), iptc.text(60)
    if not re.fullmatch(r"\d{8}", day, re.ASCII):
        return None
    stamp = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    if re.fullmatch(r"\d{6}([+-]\d{4})?", clock, re.ASCII):
        stamp += f"T{clock[:2]}:{clock[2:4]}:{clock[4:6]}{clock[6:]}"
    return parse(stamp)


def _zone(text: str) -> timezone | None:
    found = OFFSET.match(text.strip("\0 "))
    if not found:
        return None
    if found[1] == "Z":
        return UTC
    digits = found[1].replace(":", "")
    offset = timedelta(hours=int(digits[1:3]), minutes=int(digits[3:5]))
    return timezone(-offset if digits[0] == "-" else offset) if offset <= timedelta(hours=14) else None


def _with_gps_offset(moment: datetime, gps: datetime) -> datetime:
    """The camera's local time beside the satellites' UTC tells the offset, to a quarter of an hour; too far apart tells nothing."""
    difference = moment - gps.replace(tzinfo=None)
    quarters = round(difference / QUARTER)
    offset = quarters * QUARTER
    if abs(offset) > timedelta(hours=14) or abs(difference - offset) > timedelta(minutes=5):
        return moment
    return moment.replace(tzinfo=timezone(offset))

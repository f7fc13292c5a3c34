"""Which part of the catalogues a sentence is in: browsers load only the parts that the page they show needs.

A sentence's room is the first word of its key, unless the table below puts it with others that are shown together. `HOUSE` is on
every page. A key with a new first word gets a room of its own without anything being done here; put it into the table when a page
would otherwise load many small ones. components/catalogues.py writes the rooms, components/i18n.js loads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

HOUSE: Final = "house"

_TABLE: Final[dict[str, tuple[str, ...]]] = {
    HOUSE: (
        *("product", "act", "nav", "top", "errors", "time", "state", "theme", "language", "count", "field", "role"),
        *("clearance", "clearance_short", "use", "use_short"),
        *("account.title", "account.sign_out", "account.language", "account.theme", "setup.step"),
        *("asset", "download.title", "upload.choose", "upload.drop_anywhere"),
    ),
    "reasons": ("reasons", "reason", "note", "next_steps", "step", "rejections", "download", "preset", "preset_text"),
    "photo": ("photo", "face", "tagged", "event", "live", "redaction"),
    "library": ("library", "grid", "organise", "locked"),
    "collections": ("collections", "collection", "favourites", "archive", "trash"),
    "upload": ("upload", "stage"),
    "people": ("people", "person", "timeline"),
    "consent": ("consent", "consent_form", "territory"),
    "admin": ("admin", "users", "folders", "fields", "level", "biometrics", "unattended", "models", "packs", "consent_rules"),
    "doors": ("setup", "signin", "sector"),
}

TOGETHER: Final[Mapping[str, str]] = {start: room for room, starts in _TABLE.items() for start in starts}


def room_of(key: str) -> str:
    """The room of a key, or of all keys that begin with a prefix such as `audit.do.`; the longest start in the table decides."""
    parts = key.split(".")
    for length in range(len(parts), 0, -1):
        if room := TOGETHER.get(".".join(parts[:length])):
            return room
    return parts[0]


def rooms(words: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The sentences of a catalogue by room, in the catalogue's order."""
    found: dict[str, dict[str, str]] = {}
    for key, sentence in words.items():
        found.setdefault(room_of(key), {})[key] = sentence
    return found

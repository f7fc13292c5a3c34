"""The manifest in a ZIP: what is in it, what each photo may be used for and until when, and what was left out and why. Pure.

Written for machines (JSON) and for people (text). It goes wherever the ZIP goes, so it names no person: consents by number only.
Format: docs/formats/manifest.md.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from photobank.i18n.format import day, size
from photobank.i18n.translate import Language, has_key, translate

VERSION = "photobank.manifest.v1"
FILE = "manifest.json"


@dataclass(frozen=True, slots=True)
class Entry:
    """A photo in the ZIP."""

    name: str
    download_id: UUID
    bytes: int
    sha256: str
    until: datetime | None
    consents: tuple[str, ...]
    asset_id: UUID | None = None
    """None for people without an account: what a photo is called in the house is nothing to them."""
    hidden: int = 0
    """How many people were made unrecognisable."""

    def to_json(self) -> dict[str, Any]:
        """As the manifest lists it."""
        return _known(self.asset_id) | {
            "file": self.name,
            "download_id": str(self.download_id),
            "bytes": self.bytes,
            "sha256": self.sha256,
            "valid_until": self.until.isoformat() if self.until else None,
            "consents": list(self.consents),
            "hidden_people": self.hidden,
        }


@dataclass(frozen=True, slots=True)
class Behind:
    """A photo that is not in the ZIP, as its reader knows it, and why: the code of an error, or for want of clearance of each reason."""

    name: str
    code: str
    reasons: tuple[str, ...] = ()
    asset_id: UUID | None = None

    def to_json(self) -> dict[str, Any]:
        """As the manifest lists it."""
        return _known(self.asset_id) | {"name": self.name, "code": self.code, "reasons": list(self.reasons)}


@dataclass(frozen=True, slots=True)
class Contents:
    """What a ZIP came to hold."""

    made_at: datetime
    owner: str
    use: str
    use_words: str
    preset: str
    territory: str | None
    entries: Sequence[Entry]
    left_out: Sequence[Behind]


def files(told: Contents, language: Language) -> list[tuple[str, bytes]]:
    """Names and contents of what goes last into the ZIP: for people, in the language of who ordered it, and for machines."""
    return [_for_people(told, language), (FILE, _for_machines(told))]


def _for_machines(told: Contents) -> bytes:
    whole = {
        "format": VERSION,
        "made_at": told.made_at.isoformat(),
        "owner": told.owner,
        "use": told.use,
        "territory": told.territory,
        "preset": told.preset,
        "files": [entry.to_json() for entry in told.entries],
        "left_out": [one.to_json() for one in told.left_out],
    }
    return json.dumps(whole, ensure_ascii=False, indent=2).encode() + b"\n"


def _for_people(told: Contents, language: Language) -> tuple[str, bytes]:
    def t(key: str, **params: Any) -> str:
        return translate(f"manifest.{key}", language, **params)

    lines = [t("title", owner=told.owner), "", t("for", use=told.use_words), t("made", date=day(told.made_at.date(), language)), ""]
    lines.append(t("files", count=len(told.entries)))
    for entry in told.entries:
        until = t("until", date=day(entry.until.date(), language)) if entry.until else t("no_end")
        by = t("by", numbers=", ".join(entry.consents)) if entry.consents else t("no_people")
        hidden = f"; {t('hidden', count=entry.hidden)}" if entry.hidden else ""
        lines.append(f"- {entry.name} ({size(entry.bytes, language)}): {until}; {by}{hidden}")
    if told.left_out:
        lines += ["", t("left_out", count=len(told.left_out))]
        lines += [f"- {one.name or one.asset_id}: {'; '.join(_why(one, language))}" for one in told.left_out]
    lines += ["", t("duty")]
    return t("file"), ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


def _why(one: Behind, language: Language) -> list[str]:
    keys = [f"manifest.why.{code}" for code in (one.reasons or (one.code,))]
    return [translate(key if has_key(key) else "manifest.why_unknown", language) for key in keys]


def _known(asset_id: UUID | None) -> dict[str, Any]:
    return {} if asset_id is None else {"asset_id": str(asset_id)}

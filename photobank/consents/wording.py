"""The words of a form: what a version must hold, and what one signer is shown of it. Pure.

Words may hold `{organisation}` and `{person}`; both are filled in as they stand, nothing else is looked at. A blank line begins a
new paragraph.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import rfc8785

from photobank.i18n.translate import LANGUAGES
from photobank.kernel.errors import Invalid

PARTS: Final = ("name", "title", "intro", "terms", "declaration")
LONGEST: Final = {"name": 80, "title": 160, "intro": 4000, "terms": 12_000, "declaration": 1000, "biometric": 2000, "use": 600}
MOST_USES, MOST_PERIODS, LONGEST_PERIOD = 30, 6, 240
_USE = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class ShownUse:
    """A use as it stands on the form."""

    id: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Period:
    """How long somebody may sign for, and the last day of that."""

    months: int
    last_day: date


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that one signer reads before signing. Its digest goes with the answer, and its words into the evidence."""

    language: str
    regime: str
    organisation: str
    person: str
    signer: str
    role: str
    template: str
    version: int
    title: str
    intro: tuple[str, ...]
    extent: str
    uses: tuple[ShownUse, ...]
    biometric: str
    periods: tuple[Period, ...]
    until_birthday: date | None
    terms: tuple[str, ...]
    declaration: str

    def as_json(self) -> dict[str, Any]:
        """The words, for the record."""
        return {
            "language": self.language,
            "regime": self.regime,
            "organisation": self.organisation,
            "person": self.person,
            "signer": self.signer,
            "role": self.role,
            "template": self.template,
            "version": self.version,
            "title": self.title,
            "intro": list(self.intro),
            "extent": self.extent,
            "uses": [{"id": use.id, "label": use.label, "text": use.text} for use in self.uses],
            "biometric": self.biometric,
            "periods": [{"months": one.months, "last_day": one.last_day.isoformat()} for one in self.periods],
            "until_birthday": self.until_birthday.isoformat() if self.until_birthday else None,
            "terms": list(self.terms),
            "declaration": self.declaration,
        }

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, in hexadecimal."""
        return digest(self.as_json()).hex()


def from_json(value: Mapping[str, Any]) -> Shown:
    """The reverse of `Shown.as_json`."""
    until = value["until_birthday"]
    return Shown(
        **{name: value[name] for name in ("language", "regime", "organisation", "person", "signer", "role", "template", "version")},
        title=value["title"],
        intro=tuple(value["intro"]),
        extent=value["extent"],
        uses=tuple(ShownUse(use["id"], use["label"], use["text"]) for use in value["uses"]),
        biometric=value["biometric"],
        periods=tuple(Period(one["months"], date.fromisoformat(one["last_day"])) for one in value["periods"]),
        until_birthday=date.fromisoformat(until) if until else None,
        terms=tuple(value["terms"]),
        declaration=value["declaration"],
    )


def digest(value: Mapping[str, Any]) -> bytes:
    """SHA-256 of the canonical JSON (RFC 8785)."""
    return hashlib.sha256(rfc8785.dumps(dict(value))).digest()


def checked(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content of a version in its one shape; raises Invalid with a remark per field."""
    faults: dict[str, str] = {}
    uses = _uses(content.get("uses"), faults)
    months = _months(content.get("months"), faults)
    biometric = bool(content.get("biometric"))
    made: dict[str, Any] = {"uses": uses, "months": months, "biometric": biometric}
    for language in LANGUAGES:
        given = content.get(language)
        words: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
        parts = (*PARTS, "biometric") if biometric else PARTS
        said = {part: _text(words.get(part), LONGEST[part], f"{language}.{part}", faults) for part in parts}
        about = words.get("uses")
        about = about if isinstance(about, Mapping) else {}
        said_of = {use: _text(about.get(use), LONGEST["use"], f"{language}.uses", faults) for use in uses}
        made[language] = {**said, "uses": said_of}
    if faults:
        raise Invalid("template", fields=faults)
    return made


def _uses(given: Any, faults: dict[str, str]) -> list[str]:
    uses = [str(use) for use in given] if isinstance(given, Sequence) and not isinstance(given, str) else []
    if not uses or len(uses) > MOST_USES or len(set(uses)) != len(uses) or not all(_USE.fullmatch(use) for use in uses):
        faults["uses"] = "errors.uses_none"
        return []
    return uses


def _months(given: Any, faults: dict[str, str]) -> list[int]:
    """The periods offered; none means that it is signed without an end."""
    months = list(given) if isinstance(given, Sequence) and not isinstance(given, str) else []
    fine = all(isinstance(one, int) and not isinstance(one, bool) and 1 <= one <= LONGEST_PERIOD for one in months)
    if not fine or len(months) > MOST_PERIODS:
        faults["months"] = "errors.months"
        return []
    return sorted(set(months))


def _text(given: Any, longest: int, field: str, faults: dict[str, str]) -> str:
    text = str(given or "").replace("\r\n", "\n").strip()
    if not text:
        faults[field] = "field.required"
    elif len(text) > longest or "\0" in text:
        faults[field] = "errors.too_long"
    return text


def filled(text: str, organisation: str, person: str) -> str:
    """The words with both names in place. One pass: a name that looks like a slot stays what it is."""
    names = {"{organisation}": organisation, "{person}": person}
    return re.sub(r"\{(?:organisation|person)\}", lambda slot: names[slot[0]], text)


def paragraphs(text: str) -> tuple[str, ...]:
    """Cut at blank lines."""
    return tuple(" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip())

"""Look up a sentence in the reader's language, with its numbers and plural form.

Catalogues are flat JSON files, one per language, with the same keys. A sentence that counts has two entries, `key.one` and
`key.other`, chosen by the parameter `count`. `{name}` is filled from the parameters; numbers are written the local way.

The server translates only what leaves without a screen (mail, API problems, command line), in the actor's language. What goes
to a screen goes as key and parameters and is translated in the browser (components/i18n.js), which loads the reader's language, as
far as the shown pages need it (rooms.py), and another when it is chosen; no reload.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final, Literal, TypeGuard

from babel import Locale
from babel.numbers import format_decimal

Language = Literal["nl", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("nl", "en")
DEFAULT_LANGUAGE: Final[Language] = "nl"

_SLOT = re.compile(r"\{(\w+)\}")


def is_language(value: object) -> TypeGuard[Language]:
    """Whether the value names a language we speak."""
    return value in LANGUAGES


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """All sentences of one language."""
    text = resources.files("photobank.i18n").joinpath("locales", f"{language}.json").read_text(encoding="utf-8")
    words: dict[str, str] = json.loads(text)
    return words


def has_key(key: str) -> bool:
    """Whether the key exists, as a plain sentence or as one that counts."""
    words = catalogue(DEFAULT_LANGUAGE)
    return key in words or f"{key}.other" in words


def choose_language(accept_language: str | None) -> Language:
    """The best of our languages for an Accept-Language header."""
    ranked: list[tuple[float, Language]] = []
    for part in (accept_language or "").split(","):
        tag, _, weight = part.strip().partition(";q=")
        short = tag.split("-")[0].lower()
        if is_language(short):
            try:
                ranked.append((float(weight or 1), short))
            except ValueError:
                continue
    return max(ranked, key=lambda pair: pair[0])[1] if ranked else DEFAULT_LANGUAGE


def translate(key: str, language: Language = DEFAULT_LANGUAGE, /, **params: Any) -> str:
    """The sentence for a key; an unknown key is a fault of ours and raises KeyError."""
    words = catalogue(language)
    template = words.get(key)
    if template is None:
        count = params.get("count")
        form = Locale(language).plural_form(count) if isinstance(count, int | float) else "other"
        template = words[f"{key}.{form}"]
    return _SLOT.sub(lambda slot: _write(params.get(slot[1], slot[0]), language), template)


def _write(value: Any, language: Language) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return format_decimal(value, locale=language)

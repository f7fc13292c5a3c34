"""Build plugin that puts the sentences where browsers load them: one JSON file per language and room (photobank/i18n/rooms.py).

The files go to `/words/VERSION/LANGUAGE/ROOM.json`; the version is a digest of all sentences, so they may be kept for ever. Pages
ask for a room through a tiny module of that room, which Reflex imports for `t()` and our own components import through `wordsOf`.
Only the prerendering takes all sentences of the default language at once.

Apart from i18n.py because rxconfig imports it, and nothing that asks for the configuration may be loaded by then.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from reflex_base.plugins import Plugin

from photobank.i18n.rooms import HOUSE, TOGETHER, room_of, rooms
from photobank.i18n.translate import DEFAULT_LANGUAGE, LANGUAGES, Language, catalogue

WORDS: Final = "/words"
I18N: Final = "$/public/external/components/i18n/i18n.js"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@cache
def version() -> str:
    """A digest of all sentences and of how they are divided."""
    whole = _json([dict(catalogue(language)) for language in LANGUAGES] + [dict(TOGETHER)])
    return hashlib.sha256(whole.encode()).hexdigest()[:12]


def words_path(language: Language, room: str) -> str:
    """Where browsers find one room's sentences."""
    return f"{WORDS}/{version()}/{language}/{room}.json"


def room_module(key: str) -> tuple[str, str] | None:
    """The module to import for a key, and the hook in it; None when the house has it."""
    room = room_of(key)
    return None if room == HOUSE else (f"$/utils/words/{room}.js", f"use_{room}")


class Catalogues(Plugin):
    """Build plugin (rxconfig): writes every room's sentences, and the modules through which pages ask for them."""

    def get_static_assets(self, **context: Any) -> Sequence[tuple[Path, str | bytes]]:
        """What the compiled pages import."""
        known = sorted(rooms(catalogue(DEFAULT_LANGUAGE)))
        about = {"version": version(), "rooms": known, "together": dict(TOGETHER), "languages": LANGUAGES}
        whole = (
            f"export const about = {_json(about)};\n"
            'export const prerendered = import.meta.env.SSR ? (await import("./photobank_words_all.js")).default : null;\n'
        )
        utils = Path("utils")
        return [
            (utils / "photobank_words.js", whole),
            (utils / "photobank_words_all.js", f"export default {_json(dict(catalogue(DEFAULT_LANGUAGE)))};\n"),
            *(
                (utils / "words" / f"{room}.js", f'import {{ room }} from "{I18N}";\nexport const use_{room} = room("{room}");\n')
                for room in known
                if room != HOUSE
            ),
        ]

    def post_build(self, *, static_dir: Path, **context: Any) -> None:
        """The sentences themselves; the framework packs them (gzip, brotli) afterwards."""
        for language in LANGUAGES:
            for room, words in rooms(catalogue(language)).items():
                path = static_dir / words_path(language, room).lstrip("/")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(_json(words), encoding="utf-8")

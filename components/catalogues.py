"""Build plugin that puts the sentences of both languages where components/i18n.js imports them.

Apart from i18n.py because rxconfig imports it, and nothing that asks for the configuration may be loaded by then.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reflex_base.plugins import Plugin

from photobank.i18n.translate import LANGUAGES, catalogue


class Catalogues(Plugin):
    """Build plugin (rxconfig): puts both catalogues where components/i18n.js imports them."""

    def get_static_assets(self, **context: Any) -> Sequence[tuple[Path, str | bytes]]:
        """One module with every language's sentences."""
        words = {language: dict(catalogue(language)) for language in LANGUAGES}
        text = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
        return [(Path("utils") / "photobank_words.js", f"export default {text};\n")]

"""Where the small React file with dialogs, menus and other behaviour is imported from."""

from __future__ import annotations

from typing import Final

from components.local import script

LIBRARY: Final = script(__name__, "behave.jsx")

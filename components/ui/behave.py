"""Where the small React file with dialogs, menus and other behaviour is imported from."""

from __future__ import annotations

from typing import Final

import reflex as rx

LIBRARY: Final = rx.asset("behave.jsx", shared=True).importable_path

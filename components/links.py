"""Addresses of pages about one thing. One place, so that a link never guesses."""

from __future__ import annotations

from typing import Final

import reflex as rx

PERSON: Final = "/person/?id="
PHOTO: Final = "/photo/"


def person_page(person_id: str | rx.Var[str]) -> str:
    """The page of a person."""
    return f"{PERSON}{person_id}"


def photo_page(asset_id: str | rx.Var[str], of: str = "") -> str:
    """The page of a photo; with `of` the list that it is opened from (`person_id=…`), which gives it its neighbours and the way back."""
    return f"{PHOTO}{asset_id}/{of and f'?{of}'}"

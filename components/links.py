"""Addresses of pages about one thing. One place, so that a link never guesses."""

from __future__ import annotations

from typing import Final

import reflex as rx

PERSON: Final = "/person/?id="
PHOTO: Final = "/photo/"


def person_page(person_id: str | rx.Var[str]) -> str:
    """The page of a person."""
    return f"{PERSON}{person_id}"


def photo_page(asset_id: str | rx.Var[str]) -> str:
    """The page of a photo."""
    return f"{PHOTO}{asset_id}/"

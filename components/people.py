"""Somebody as a round picture with the ring of their consent, and as a tile or row."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.i18n import language_var, t
from components.links import person_page
from components.shield import shield
from components.ui import link
from components.ui.classes import classes


def face_src(face: rx.Var[str] | str) -> str:
    """The address of a face."""
    return f"/api/v1/faces/{face}/crop"


def portrait(face: Any, letters: Any, state: Any, *, size: str = "") -> rx.Component:
    """The face or, without one, initials; ringed in the state's colour. The name stands beside it."""
    picture = rx.cond(
        face,
        rx.el.img(src=face_src(face), alt="", loading="lazy", decoding="async", class_name="portrait-in"),
        rx.el.span(letters, class_name="portrait-in letters", aria_hidden="true"),
    )
    return rx.el.span(picture, class_name=classes("portrait", size, rx.cond(state, f"s-{state}", "no-ring")))


def person_tile(person: Any) -> rx.Component:
    """Somebody in the grid."""
    return link(
        portrait(person.face, person.initials, person.state),
        rx.el.span(person.name, class_name="p-name"),
        rx.cond(person.state, standing(person), rx.fragment()),
        rx.el.span(t("count.photos", count=person.photos), class_name="p-photos num"),
        href=person_page(person.id),
        class_name="face-tile",
    )


def standing(person: Any) -> rx.Component:
    """The word for the ring: what is granted, else the state."""
    words = rx.cond(person.granted > 0, t("people.granted", count=person.granted, of=person.of), "")
    return rx.cond(
        person.granted > 0,
        shield(person.state, words=words, look="bare", class_name="p-state"),
        shield(person.state, look="bare", class_name="p-state"),
    )


def use_name(nl: Any, en: Any) -> Any:
    """A use in the reader's language: the organisation names its uses itself, in both."""
    return rx.cond(language_var() == "nl", nl, en)

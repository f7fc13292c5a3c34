"""A person as a round picture: portrait or initials, with a ring in the state of their consent."""

from __future__ import annotations

from typing import Any, Literal

import reflex as rx

from components.ui.classes import classes

FaceSize = Literal[20, 24, 32, 40, 56, 96]


def avatar(src: str | rx.Var[str], *, size: FaceSize = 32, alt: str | rx.Var[str] = "", **props: Any) -> rx.Component:
    """A round portrait. Leave `alt` empty when the name stands beside it."""
    return rx.el.img(
        src=src, alt=alt, class_name=f"avatar avatar-{size}", width=str(size), height=str(size), loading="lazy", **props
    )


def initials(letters: str | rx.Var[str], *, size: FaceSize = 32, class_name: str = "", **props: Any) -> rx.Component:
    """One or two letters where there is no portrait."""
    return rx.el.span(letters, class_name=classes(f"avatar avatar-{size} initials", class_name), **props)


def face_picture(
    src: rx.Var[str] | str, letters: rx.Var[str] | str, *, size: FaceSize = 32, alt: str | rx.Var[str] = ""
) -> rx.Component:
    """The portrait when there is one, else the initials."""
    return rx.cond(src, avatar(src, size=size, alt=alt), initials(letters, size=size, aria_hidden="true"))


def ring(picture: rx.Component, state: str | rx.Var[str], **props: Any) -> rx.Component:
    """A ring in the state's colour with a gap to the portrait; the word for the state belongs beside it."""
    return rx.el.span(picture, class_name=classes("ring", f"s-{state}"), **props)

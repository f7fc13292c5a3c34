"""Choosing somebody whose photos a list is narrowed to; the browser reads people in sight from the server when it opens."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.components.component import NoSSRComponent

from components.photo.scripts import PERSON_PICKER


def _one(person_id: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (person_id,)


class _PersonPicker(NoSSRComponent):
    library = PERSON_PICKER
    tag = "PersonPicker"

    on_choose: rx.EventHandler[_one]  # type: ignore[type-arg, valid-type]


def person_picker(*, on_choose: Any) -> rx.Component:
    """A chip that opens the list."""
    return _PersonPicker.create(on_choose=on_choose)

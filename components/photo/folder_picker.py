"""Choosing a folder, from the tree or by a few letters; the browser reads both from the server as they are opened."""

from __future__ import annotations

from typing import Any, Literal

import reflex as rx
from reflex_base.components.component import NoSSRComponent

from components.photo.scripts import FOLDER_PICKER


def _one(folder_id: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (folder_id,)


class _FolderPicker(NoSSRComponent):
    library = FOLDER_PICKER
    tag = "FolderPicker"

    id: rx.Var[str]
    value: rx.Var[str]
    permission: rx.Var[str]
    look: rx.Var[str]
    label: rx.Var[str]
    empty: rx.Var[str]
    on_choose: rx.EventHandler[_one]  # type: ignore[type-arg, valid-type]


def folder_picker(
    *,
    value: rx.Var[str] | str,
    on_choose: Any,
    name: rx.Var[str] | str = "folder",
    permission: Literal["view", "edit"] = "view",
    look: Literal["field", "chip"] = "field",
    label: rx.Var[str] | str = "",
    empty: rx.Var[str] | str = "",
) -> rx.Component:
    """`permission`: what one must hold on a folder to choose it. As a field it has `name` for its id.

    `label` says what it is for, `empty` is on the button as long as nothing is chosen; without them it speaks of a folder.
    """
    return _FolderPicker.create(
        id=name, value=value, permission=permission, look=look, label=label, empty=empty, on_choose=on_choose
    )

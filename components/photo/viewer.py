"""The large photo with rings around its faces; zoom, pan, arrow keys, swipe."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.components.component import NoSSRComponent

from components.photo.scripts import THUMBHASH, VIEWER


def _one(value: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (value,)


class _PhotoViewer(NoSSRComponent):
    library = VIEWER
    tag = "PhotoViewer"
    lib_dependencies: list[str] = [THUMBHASH]  # noqa: RUF012  a field of the framework

    asset_id: rx.Var[str]
    width: rx.Var[int]
    height: rx.Var[int]
    alt: rx.Var[str]
    hash: rx.Var[str]
    revision: rx.Var[str]
    locked: rx.Var[bool]
    faces: rx.Var[list[Any]]
    face: rx.Var[str]
    rings: rx.Var[bool]
    href: rx.Var[str]
    on_face: rx.EventHandler[_one]  # type: ignore[type-arg, valid-type]
    on_open: rx.EventHandler[_one]  # type: ignore[type-arg, valid-type]


def photo_viewer(
    *tools: rx.Component,
    asset_id: rx.Var[str] | str,
    width: rx.Var[int] | int,
    height: rx.Var[int] | int,
    alt: rx.Var[str] | str,
    faces: Any,
    placeholder: rx.Var[str] | str = "",
    revision: rx.Var[str] | str = "",
    locked: rx.Var[bool] | bool = False,
    face: rx.Var[str] | str = "",
    rings: bool = True,
    href: str = "/photo/{id}/",
    on_face: Any = None,
    on_open: Any = None,
) -> rx.Component:
    """The photo. `faces` rows: id, box [x, y, width, height] in 0–1, state (a clearance state), settled, name.

    `tools` are the buttons at the end of its tool bar (Share, Download). A new `revision` fetches the picture again; `locked` takes
    it off the screen. Next and previous follow the list the photo was opened from, without the server, or call `on_open(id)`.
    """
    events = {"on_face": on_face, "on_open": on_open}
    given: dict[str, Any] = {name: handler for name, handler in events.items() if handler is not None}
    return _PhotoViewer.create(
        *tools,
        asset_id=asset_id,
        width=width,
        height=height,
        alt=alt,
        hash=placeholder,
        revision=revision,
        locked=locked,
        faces=faces,
        face=face,
        rings=rings,
        href=href,
        **given,
    )

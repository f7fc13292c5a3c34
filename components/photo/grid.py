"""The photo grid: reads pages from the REST API by itself; a page gives it a filter, a use, and what to do with a selection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import reflex as rx
from reflex_base.components.component import Component, NoSSRComponent

from components.photo.scripts import DENSITY, GRID, THUMBHASH
from components.ui.icon import IconName


def _one(asset_id: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (asset_id,)


def _many(asset_ids: rx.Var[list[str]]) -> tuple[rx.Var[list[str]]]:
    return (asset_ids,)


def _action(name: rx.Var[str], asset_ids: rx.Var[list[str]]) -> tuple[rx.Var[str], rx.Var[list[str]]]:
    return (name, asset_ids)


@dataclass(frozen=True, slots=True)
class SelectionAction:
    """One button of the bar over a selection. `key` is its sentence and may count; `allowed_only` leaves out what the use forbids."""

    name: str
    key: str
    icon: IconName
    primary: bool = False
    danger: bool = False
    allowed_only: bool = False
    least: int = 1
    """Fewer than these leave the button off."""
    none_key: str = ""
    """Its sentence when nothing is allowed, and the button is off."""


DOWNLOAD = SelectionAction("download", "act.download_count", "download", primary=True)
MOVE = SelectionAction("move", "act.move", "move")
TRASH = SelectionAction("trash", "act.to_trash", "trash", danger=True)


class _PhotoGrid(NoSSRComponent):
    library = GRID
    tag = "PhotoGrid"
    lib_dependencies: list[str] = [THUMBHASH]  # noqa: RUF012  a field of the framework

    path: rx.Var[str]
    query: rx.Var[str]
    use: rx.Var[str]
    href: rx.Var[str]
    changes: rx.Var[list[Any]]
    hearts: rx.Var[list[Any]]
    hearted: rx.Var[int]
    total: rx.Var[int]
    sight: rx.Var[str]
    reload: rx.Var[int]
    clear: rx.Var[int]
    actions: rx.Var[list[Any]]
    most: rx.Var[int]
    selectable: rx.Var[bool]
    grouped: rx.Var[bool]
    on_open: rx.EventHandler[_one]  # type: ignore[type-arg, valid-type]
    on_selection: rx.EventHandler[_many]  # type: ignore[type-arg, valid-type]
    on_action: rx.EventHandler[_action]  # type: ignore[type-arg, valid-type]


class _DensitySlider(NoSSRComponent):
    library = DENSITY
    tag = "DensitySlider"
    lib_dependencies: list[str] = [THUMBHASH]  # noqa: RUF012  a field of the framework


def photo_grid(
    empty: rx.Component,
    *,
    query: rx.Var[str] | str = "",
    use: rx.Var[str] | str = "internal",
    changes: Any = None,
    hearts: Any = None,
    hearted: rx.Var[int] | int = 0,
    reload: rx.Var[int] | int = 0,
    clear: rx.Var[int] | int = 0,
    actions: Sequence[SelectionAction] | rx.Var[list[Any]] = (),
    total: rx.Var[int] | int = -1,
    sight: rx.Var[str] | str = "",
    most: int = 500,
    selectable: bool = True,
    grouped: bool = True,
    href: str = "/photo/{id}/",
    path: str = "/api/v1/assets",
    on_open: Any = None,
    on_selection: Any = None,
    on_action: Any = None,
) -> rx.Component:
    """The grid. `empty` is shown when the list has nothing.

    `query` holds the filters as in the address of the API (`folder_id=…&person_id=…`). With `grouped` (the library and whatever else is
    filtered from `/api/v1/assets`) photos stand under their months, with a scrubber to jump; `path` must then also answer
    `path/months` and `path/blocks` for the same filters. Any other list of assets in an order of its own takes `grouped=False`.

    Live: `changes` are pairs (asset id, revision), newest first, at most about a hundred; those with a revision not seen before are
    read again, alone; so are those among `hearts` (one's own latest ones, id and moment) that were given or taken back elsewhere, with
    `hearted` for how many there are. `total` (how many there are now) and `sight` (`visibility.fingerprint`: what one may see, and of
    an order made by hand when it last changed) make it look again when something moved that no change tells of. `reload` and `clear`
    are counters: raise one to read all again, or to drop the selection.

    A click opens `href` without the server, or calls `on_open(id)` if given. `on_selection(ids)` and `on_action(name, ids)` are what the
    server hears; at most `most` photos are selected. An action of your own is one more `SelectionAction` in `actions`: its button stands in
    the bar, and `on_action` gets its name and the ids (only the allowed ones for `allowed_only`).
    """
    events = {"on_open": on_open, "on_selection": on_selection, "on_action": on_action}
    given: dict[str, Any] = {name: handler for name, handler in events.items() if handler is not None}
    return _PhotoGrid.create(
        empty,
        path=path,
        query=query,
        use=use,
        href=href,
        changes=[] if changes is None else changes,
        hearts=[] if hearts is None else hearts,
        hearted=hearted,
        reload=reload,
        clear=clear,
        actions=actions if isinstance(actions, rx.Var) else offered(*actions),
        total=total,
        sight=sight,
        most=most,
        selectable=selectable,
        grouped=grouped,
        **given,
    )


def offered(*actions: SelectionAction) -> rx.Var[list[Any]]:
    """These buttons as the grid takes them: to choose, with `rx.cond`, between two sets for one grid."""
    return rx.Var.create([asdict(action) for action in actions])


def density_slider() -> Component:
    """The size of the thumbnails, for every grid of this browser."""
    return _DensitySlider.create()

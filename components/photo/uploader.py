"""Upload: drop zone, queue, progress; sends over tus by itself and tells the page only which photos have arrived."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.components.component import NoSSRComponent

from components.photo.scripts import THUMBHASH, TUS, UPLOADER


def _many(asset_ids: rx.Var[list[str]]) -> tuple[rx.Var[list[str]]]:
    return (asset_ids,)


class _Uploader(NoSSRComponent):
    library = UPLOADER
    tag = "Uploader"
    lib_dependencies: list[str] = [TUS, THUMBHASH]  # noqa: RUF012  a field of the framework

    folder_id: rx.Var[str]
    use: rx.Var[str]
    live: rx.Var[list[Any]]
    href: rx.Var[str]
    library_href: rx.Var[str]
    on_uploads: rx.EventHandler[_many]  # type: ignore[type-arg, valid-type]


class _DropTarget(NoSSRComponent):
    library = UPLOADER
    tag = "DropTarget"
    lib_dependencies: list[str] = [TUS, THUMBHASH]  # noqa: RUF012  a field of the framework

    folder_id: rx.Var[str]
    use: rx.Var[str]
    href: rx.Var[str]


def uploader(
    *,
    live: Any,
    folder_id: rx.Var[str] | str = "",
    use: rx.Var[str] | str = "internal",
    href: str = "/photo/{id}/",
    library_href: rx.Var[str] | str = "/library/",
    on_uploads: Any = None,
) -> rx.Component:
    """The upload page's contents. The queue lives beside the page, so sending goes on when one leaves it.

    `on_uploads(asset_ids)` says which photos this tab has begun (at most about once a second): watch those, and give back `live`,
    rows with id, state, reason (a code of imaging.rejections), clearance (use → {state}, or one state), faces_open.
    `folder_id` counts for files added from then on.
    """
    given: dict[str, Any] = {} if on_uploads is None else {"on_uploads": on_uploads}
    return _Uploader.create(live=live, folder_id=folder_id, use=use, href=href, library_href=library_href, **given)


def drop_target(*, folder_id: rx.Var[str] | str = "", use: rx.Var[str] | str = "internal") -> rx.Component:
    """Makes the whole window of any page take photos: they join the queue and the upload page opens."""
    return _DropTarget.create(folder_id=folder_id, use=use, href="/upload/")

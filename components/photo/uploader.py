"""Upload: drop zone, queue, details of the batch, earlier batches; sends over tus by itself and follows its batch over REST."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.components.component import NoSSRComponent

import components.ui.behave  # noqa: F401  puts behave.jsx into the build, which the uploader imports
from components.photo.scripts import DROP, HASHES, THUMBHASH, TUS, UPLOADER, VIRTUAL


class _Uploader(NoSSRComponent):
    library = UPLOADER
    tag = "Uploader"
    lib_dependencies: list[str] = [TUS, THUMBHASH, HASHES, VIRTUAL]  # noqa: RUF012  a field of the framework

    owner: rx.Var[str]
    folder_id: rx.Var[str]
    use: rx.Var[str]
    stamp: rx.Var[str]
    batches: rx.Var[list[Any]]
    rejected: rx.Var[list[Any]]
    href: rx.Var[str]
    library_href: rx.Var[str]


class _DropTarget(NoSSRComponent):
    library = DROP
    tag = "DropTarget"
    lib_dependencies: list[str] = [TUS, THUMBHASH, HASHES, VIRTUAL]  # noqa: RUF012  a field of the framework

    folder_id: rx.Var[str]
    use: rx.Var[str]
    href: rx.Var[str]


def uploader(
    *,
    owner: Any,
    batches: Any,
    rejected: Any,
    stamp: Any = "",
    folder_id: rx.Var[str] | str = "",
    use: rx.Var[str] | str = "internal",
    href: str = "/photo/{id}/",
    library_href: rx.Var[str] | str = "/library/",
) -> rx.Component:
    """The upload page's contents, heading included. The queue lives beside the page, so sending goes on when one leaves it.

    `owner` is the account: what this browser remembers is that account's alone. `folder_id` is where photos go unless they say
    otherwise. With each new `stamp` the queue asks the server what became of its batch. `batches` and `rejected` are rows of
    state/upload.py.
    """
    return _Uploader.create(
        owner=owner,
        stamp=stamp,
        batches=batches,
        rejected=rejected,
        folder_id=folder_id,
        use=use,
        href=href,
        library_href=library_href,
    )


def drop_target(*, folder_id: rx.Var[str] | str = "", use: rx.Var[str] | str = "internal") -> rx.Component:
    """Makes the whole window of any page take photos: they join the queue and the upload page opens. Sending goes on here as well."""
    return _DropTarget.create(folder_id=folder_id, use=use, href="/upload/")

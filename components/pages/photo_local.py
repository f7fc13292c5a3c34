"""The local React components of the pages, with typed Python in front."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.components.component import Component, NoSSRComponent
from reflex_base.event import no_args_event_spec

from components.http import run
from components.pages.scripts import DOWNLOADS, PHOTO, PHOTO_DETAILS, PHOTO_VERSIONS, QUEUE, SIZES
from components.photo.scripts import THUMBHASH
from state.zips import ZipsState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
Z: Any = ZipsState


def _one(value: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (value,)


def _two(one: rx.Var[str], other: rx.Var[str]) -> tuple[rx.Var[str], rx.Var[str]]:
    return (one, other)


def _number(one: rx.Var[int]) -> tuple[rx.Var[int]]:
    return (one,)


def _box(box: rx.Var[list[float]]) -> tuple[rx.Var[list[float]]]:
    return (box,)


class _Downloads(Component):
    library = DOWNLOADS
    tag = "Downloads"
    zip: rx.Var[dict[str, Any]]
    on_follow: rx.EventHandler[_one]  # type: ignore[type-arg, valid-type]


class Sizes(NoSSRComponent):
    """The sizes of a photo, each seen beforehand, with a frame to be moved."""

    library = SIZES
    tag = "Sizes"

    photo: rx.Var[str]
    use: rx.Var[str]
    redacted: rx.Var[bool]
    hideable: rx.Var[list[Any]]
    open: rx.Var[bool]
    title: rx.Var[str]
    ratio: rx.Var[float]
    revision: rx.Var[int]
    on_close: rx.EventHandler[no_args_event_spec]  # type: ignore[type-arg, valid-type]


class FacePanel(NoSSRComponent):
    """The panel beside a face: who is it."""

    library = PHOTO
    tag = "FacePanel"
    lib_dependencies: list[str] = [THUMBHASH]  # noqa: RUF012  a field of the framework

    faces: rx.Var[list[Any]]
    face: rx.Var[str]
    matches: rx.Var[list[Any]]
    searched: rx.Var[str]
    may_review: rx.Var[bool]
    on_confirm: rx.EventHandler[_two]  # type: ignore[type-arg, valid-type]
    on_reject: rx.EventHandler[_two]  # type: ignore[type-arg, valid-type]
    on_ignore: rx.EventHandler[_one]  # type: ignore[type-arg, valid-type]
    on_name: rx.EventHandler[_two]  # type: ignore[type-arg, valid-type]
    on_reopen: rx.EventHandler[_one]  # type: ignore[type-arg, valid-type]
    on_search: rx.EventHandler[_one]  # type: ignore[type-arg, valid-type]
    on_leave: rx.EventHandler[no_args_event_spec]  # type: ignore[type-arg, valid-type]


class PersonTags(NoSSRComponent):
    """People who are on the photo without a visible face, and the form that names one."""

    library = PHOTO
    tag = "PersonTags"
    lib_dependencies: list[str] = [THUMBHASH]  # noqa: RUF012  a field of the framework

    photo: rx.Var[str]
    people: rx.Var[list[Any]]
    face: rx.Var[str]
    matches: rx.Var[list[Any]]
    searched: rx.Var[str]
    refusals: rx.Var[int]
    may_review: rx.Var[bool]
    on_tag: rx.EventHandler[_one]  # type: ignore[type-arg, valid-type]
    on_tag_new: rx.EventHandler[_one]  # type: ignore[type-arg, valid-type]
    on_untag: rx.EventHandler[_one]  # type: ignore[type-arg, valid-type]
    on_confirm: rx.EventHandler[_two]  # type: ignore[type-arg, valid-type]
    on_name: rx.EventHandler[_two]  # type: ignore[type-arg, valid-type]
    on_ignore: rx.EventHandler[_one]  # type: ignore[type-arg, valid-type]
    on_search: rx.EventHandler[_one]  # type: ignore[type-arg, valid-type]
    on_leave: rx.EventHandler[no_args_event_spec]  # type: ignore[type-arg, valid-type]


class DrawFace(NoSSRComponent):
    """The button with which one draws a face that detection missed."""

    library = PHOTO
    tag = "DrawFace"
    lib_dependencies: list[str] = [THUMBHASH]  # noqa: RUF012  a field of the framework

    photo: rx.Var[str]
    on_draw: rx.EventHandler[_box]  # type: ignore[type-arg, valid-type]


class LiveNotes(NoSSRComponent):
    """Says in a sentence what changed on the photo while one was looking."""

    library = PHOTO
    tag = "LiveNotes"
    lib_dependencies: list[str] = [THUMBHASH]  # noqa: RUF012  a field of the framework

    photo: rx.Var[str]
    people: rx.Var[list[Any]]


class Details(NoSSRComponent):
    """What people wrote, each thing written where it stands; and tags."""

    library = PHOTO_DETAILS
    tag = "Details"
    lib_dependencies: list[str] = [THUMBHASH]  # noqa: RUF012  a field of the framework

    photo: rx.Var[str]
    rows: rx.Var[list[Any]]
    tags: rx.Var[list[str]]
    suggested: rx.Var[list[str]]
    may_edit: rx.Var[bool]
    failed: rx.Var[str]
    failed_words: rx.Var[str]
    failures: rx.Var[int]
    on_keep: rx.EventHandler[_two]  # type: ignore[type-arg, valid-type]
    on_tag: rx.EventHandler[_one]  # type: ignore[type-arg, valid-type]
    on_untag: rx.EventHandler[_one]  # type: ignore[type-arg, valid-type]


class Versions(NoSSRComponent):
    """The files this photo has been, side by side; a new one is sent from here."""

    library = PHOTO_VERSIONS
    tag = "Versions"
    lib_dependencies: list[str] = [THUMBHASH]  # noqa: RUF012  a field of the framework

    photo: rx.Var[str]
    rows: rx.Var[list[Any]]
    coming: rx.Var[list[Any]]
    may_edit: rx.Var[bool]
    may_look: rx.Var[bool]
    may_purge: rx.Var[bool]
    on_restore: rx.EventHandler[_number]  # type: ignore[type-arg, valid-type]
    on_forget: rx.EventHandler[_number]  # type: ignore[type-arg, valid-type]


def downloads() -> rx.Component:
    """Progress and outcome of downloads, and the dialog for selections; once on every page that offers them."""
    return _Downloads.create(zip=Z.zip, on_follow=Z.follow)


def download(ids: Any, use: Any, preset: Any) -> Any:
    """Event: fetch these photos for a use, one after the other, and save them."""
    return run(QUEUE, "download", ids, use, preset)


def download_selection(name: Any, ids: Any, use: Any) -> Any:
    """Event: ask what a selection is for and in which size, when the bar's action is the download."""
    return run(QUEUE, "downloadSelection", name, ids, use)

"""The upload page: the uploader, where photos go, and what is left of earlier uploads."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.i18n import t, t_date, t_key
from components.layout import body
from components.pages.alike import alike
from components.pages.framed import framed
from components.pages.photo_local import downloads, fetch_original
from components.photo import uploader
from components.ui import button, confirm_dialog, empty_state, field, select, skeleton_rows
from components.ui.icon import icon
from components.ui.states import error_state
from state.upload import UploadState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
S: Any = UploadState


def upload() -> rx.Component:
    """The page."""
    return framed(
        t("upload.title"),
        body(
            _head(),
            alike(),
            rx.match(
                S.status,
                ("full", rx.fragment(_needs(), _uploader(), _under_way())),
                ("empty", empty_state(t("upload.no_folder_title"), t("upload.no_folder_text"), icon_name="folder")),
                ("error", error_state(on_retry=S.load)),
                skeleton_rows(4),
            ),
        ),
        confirm_dialog(
            title=t("upload.discard_title"),
            text=t("upload.discard_text"),
            confirm=t("upload.discard"),
            open=S.discarding != "",
            on_confirm=S.discard,
            on_close=S.ask_discard(""),
        ),
        downloads(),
        current="upload",
    )


def _head() -> rx.Component:
    choices = S.folders.map(lambda row: [row.id, row.path]).to(list[list[str]])
    return rx.el.div(
        rx.el.h1(t("upload.title")),
        rx.cond(
            S.status == "full",
            field(t("field.folder"), select("folder", choices, value=S.folder, on_change=S.choose_folder), name="folder"),
            rx.fragment(),
        ),
        class_name="up-head",
    )


def _uploader() -> rx.Component:
    return uploader(live=S.live, folder_id=S.folder, use=S.use, on_uploads=S.sent)


def _needs() -> rx.Component:
    """Originals of earlier uploads that could not be opened: the sender fetches or discards them."""

    def row(one: Any) -> rx.Component:
        return rx.el.li(
            rx.el.span(icon("library", 18), class_name="th none"),
            rx.el.div(
                rx.el.p(
                    rx.el.b(one.filename, class_name="num"),
                    rx.el.span(icon("alert", 16), t("upload.rejected"), class_name="rej"),
                    class_name="t",
                ),
                rx.el.p(
                    t_key(one.reason, prefix="rejections."), " ", rx.el.span(t_date(one.at), class_name="faint"), class_name="why"
                ),
                class_name="grow",
            ),
            rx.el.span(
                button(t("upload.fetch"), size="sm", icon_name="download", on_click=fetch_original(one.id)),
                button(t("upload.discard"), size="sm", kind="danger", on_click=S.ask_discard(one.id)),
                class_name="row",
            ),
            class_name="issue",
            key=one.id,
        )

    return rx.cond(
        S.rejected.length() > 0,
        rx.el.section(
            rx.el.header(rx.el.h2(t("upload.earlier_needs_you")), rx.el.span(S.rejected.length(), class_name="muted num")),
            rx.el.ul(rx.foreach(S.rejected, row), class_name="card"),
            class_name="sec",
        ),
        rx.fragment(),
    )


def _under_way() -> rx.Component:
    """Photos sent before a reload: sending is done, processing goes on."""

    def row(one: Any) -> rx.Component:
        return rx.el.li(
            rx.el.span(rx.el.span(class_name="spin", aria_hidden="true"), class_name="th none"),
            rx.el.div(
                rx.el.p(rx.el.b(one.filename, class_name="num"), class_name="t"),
                rx.el.p(t_key(one.state, prefix="stage."), class_name="why"),
                class_name="grow",
            ),
            class_name="issue",
            key=one.id,
        )

    return rx.cond(
        S.under_way.length() > 0,
        rx.el.section(
            rx.el.header(rx.el.h2(t("upload.earlier")), rx.el.span(S.under_way.length(), class_name="muted num")),
            rx.el.ul(rx.foreach(S.under_way, row), class_name="card"),
            class_name="sec",
        ),
        rx.fragment(),
    )

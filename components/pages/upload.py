"""The upload page: the uploader, with where photos may go and what came of earlier batches."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.i18n import t
from components.layout import body
from components.pages.alike import alike
from components.pages.framed import framed
from components.photo import uploader
from components.ui import empty_state, skeleton_rows, styles
from components.ui.states import error_state
from state.upload import UploadState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
S: Any = UploadState


def upload() -> rx.Component:
    """The page."""
    return framed(
        t("upload.title"),
        styles("upload.css"),
        body(
            alike(),
            rx.match(
                S.status,
                ("full", _uploader()),
                (
                    "empty",
                    rx.fragment(_title(), empty_state(t("upload.no_folder_title"), t("upload.no_folder_text"), icon_name="folder")),
                ),
                ("error", rx.fragment(_title(), error_state(on_retry=S.load))),
                rx.fragment(_title(), skeleton_rows(4)),
            ),
        ),
        current="upload",
    )


def _title() -> rx.Component:
    return rx.el.div(rx.el.h1(t("upload.title")), class_name="up-head")


def _uploader() -> rx.Component:
    return uploader(
        owner=S.owner,
        folder_id=S.folder,
        use=S.use,
        stamp=S.stamp,
        batches=S.batches,
        rejected=S.rejected,
    )

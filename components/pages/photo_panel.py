"""The Details and Activity tabs of the photo page."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.i18n import t, t_date, t_key, t_number, t_size
from components.ui import button, empty_state, facts, field, list_states, skeleton_rows, text_area, text_input
from components.ui.icon import icon
from state.photo import PhotoState
from state.photo_activity import ActivityState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
S: Any = PhotoState
A: Any = ActivityState


def details() -> rx.Component:
    """What people wrote about the photo, and what the camera did."""
    return rx.el.div(
        rx.cond(S.photo.may_edit, _form(), _written()),
        facts(
            (t("photo.file"), S.photo.filename),
            (t("photo.taken"), rx.cond(S.photo.taken_at, t_date(S.photo.taken_at, "datetime"), t("photo.unknown"))),
            (t("photo.uploaded"), t_date(S.photo.created_at, "datetime")),
            (
                t("photo.size"),
                rx.fragment(t_number(S.photo.width), " × ", t_number(S.photo.height), " px · ", t_size(S.photo.size)),
            ),
            (t("photo.kind"), S.photo.media_type),
            (t("field.folder"), S.photo.folder),
            (t("photo.camera"), rx.cond(S.photo.camera, S.photo.camera, t("photo.unknown"))),
        ),
        class_name="stack-6",
    )


def _form() -> rx.Component:
    return rx.el.form(
        field(
            t("photo.title"),
            text_input("title", default_value=S.photo.title, max_length=300, placeholder=S.photo.filename),
            name="title",
        ),
        field(t("photo.caption"), text_area("caption", default_value=S.photo.caption, max_length=5000), name="caption"),
        field(
            t("photo.credit"), text_input("credit", default_value=S.photo.credit, max_length=300, icon_name="camera"), name="credit"
        ),
        rx.el.div(button(t("act.save"), type="submit", size="sm"), class_name="row"),
        class_name="stack-4",
        on_submit=S.save_details,
        reset_on_submit=False,
        key=S.photo.id,
    )


def _written() -> rx.Component:
    return facts((t("photo.title"), S.photo.title), (t("photo.caption"), S.photo.caption), (t("photo.credit"), S.photo.credit))


def activity() -> rx.Component:
    """What happened to the photo."""
    return list_states(
        A.events_status,
        full=rx.el.ol(rx.foreach(A.events, _event), class_name="happenings"),
        empty=empty_state(t("audit.empty_title"), t("audit.empty_text"), icon_name="audit"),
        loading=skeleton_rows(5),
        on_retry=A.open_activity,
    )


def _event(row: Any) -> rx.Component:
    about = rx.cond(
        row.person,
        row.person,
        rx.cond(row.use, t_key(row.use, prefix="use."), ""),
    )
    return rx.el.li(
        rx.cond(row.refused, icon("alert", 16), icon("check", 16)),
        rx.el.div(
            rx.el.p(
                rx.el.b(t_key(row.what, prefix="event.")),
                rx.cond(row.refused, rx.fragment(" ", rx.el.span(t("audit.refused"), class_name="rej")), rx.fragment()),
                rx.cond(about, rx.fragment(" · ", about), rx.fragment()),
            ),
            rx.el.small(rx.cond(row.who, row.who, t("event.by_house")), " · ", t_date(row.at, "datetime")),
            class_name="grow",
        ),
        class_name=rx.cond(row.refused, "refused", ""),
        key=row.id,
    )

"""The Details, Activity and Versions tabs of the photo page."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.i18n import t, t_date, t_key, t_number, t_size
from components.pages.photo_local import Details, Versions
from components.ui import button, empty_state, facts, list_states, skeleton_rows
from components.ui.icon import icon
from state.photo import PhotoState
from state.photo_activity import ActivityState
from state.photo_details import DetailsState
from state.photo_versions import VersionsState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
S: Any = PhotoState
A: Any = ActivityState
D: Any = DetailsState
V: Any = VersionsState


def details() -> rx.Component:
    """What people wrote about the photo, and what the file says."""
    known = S.exposure
    shown = (("", known.seconds, " s"), ("f/", known.f_number, ""), ("ISO ", known.iso, ""), ("", known.focal, " mm"))
    setting = [rx.cond(value, rx.el.span(before, value, after), rx.fragment()) for before, value, after in shown]
    any_setting = (known.seconds != "") | (known.f_number != "") | (known.iso != "") | (known.focal != "")
    return rx.el.div(
        Details.create(
            photo=S.photo.id,
            rows=S.details,
            tags=S.tags,
            suggested=S.suggested_tags,
            may_edit=S.photo.may_edit & (S.photo.state == "ready"),
            failed=D.failed,
            failed_words=D.failed_words,
            failures=D.failures,
            on_keep=D.save,
            on_tag=D.add_tag,
            on_untag=D.remove_tag,
        ),
        rx.el.section(
            rx.el.h3(t("photo.of_the_file")),
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
                (t("photo.camera"), rx.cond(known.camera, known.camera, t("photo.unknown"))),
            ),
            rx.cond(known.lens, facts((t("photo.lens"), known.lens)), rx.fragment()),
            rx.cond(any_setting, facts((t("photo.setting"), rx.el.span(*setting, class_name="setting num"))), rx.fragment()),
            rx.cond(
                (known.place != "") | (known.latitude != ""),
                facts(
                    (
                        t("photo.where"),
                        rx.fragment(
                            known.place,
                            rx.cond((known.place != "") & (known.latitude != ""), " · ", ""),
                            rx.cond(known.latitude, rx.fragment(known.latitude, ", ", known.longitude), rx.fragment()),
                        ),
                    )
                ),
                rx.fragment(),
            ),
            rx.cond(known.copyright, facts((t("photo.copyright"), known.copyright)), rx.fragment()),
            class_name="of-file",
        ),
        class_name="stack-6",
    )


def versions() -> rx.Component:
    """The files this photo has been."""
    return list_states(
        V.versions_status,
        full=Versions.create(
            photo=S.photo.id,
            rows=V.versions,
            coming=V.coming,
            may_edit=S.photo.may_edit & (S.photo.state == "ready"),
            may_look=S.photo.may_edit | S.photo.may_review,
            may_purge=S.photo.may_purge,
            on_restore=V.restore_version,
            on_forget=V.forget_version,
        ),
        empty=rx.fragment(),
        loading=skeleton_rows(3),
        on_retry=V.open_versions,
    )


def activity() -> rx.Component:
    """What happened to the photo."""
    return list_states(
        A.events_status,
        full=rx.fragment(
            rx.el.ol(rx.foreach(A.events, _event), class_name="happenings"),
            rx.cond(A.more_events, button(t("photo.earlier"), size="sm", on_click=A.earlier), rx.fragment()),
        ),
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

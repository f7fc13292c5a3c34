"""Custom fields of the organisation: a list, and one dialog."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.forms import remark
from components.i18n import language_var, t, t_key
from components.layout import body, head
from components.pages.framed import framed
from components.pages.notices import not_for_you
from components.ui import (
    button,
    checkbox,
    dialog,
    empty_state,
    error_state,
    field,
    icon,
    select,
    skeleton_rows,
    styles,
    text_area,
    text_input,
)
from state.admin_fields import KINDS, FieldsState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
F: Any = FieldsState
FORM = "field-form"


def fields() -> rx.Component:
    """The page."""
    new = button(t("fields.new"), kind="primary", icon_name="plus", on_click=F.open_form("new"))
    return framed(
        t("fields.title"),
        styles("admin.css"),
        body(
            head(t("fields.title"), rx.cond(F.status == "full", new, rx.fragment())),
            rx.match(
                F.status,
                ("full", rx.el.section(rx.el.ul(rx.foreach(F.rows, _row), class_name="ad-list"), class_name="card")),
                ("empty", empty_state(t("fields.empty_title"), t("fields.empty_text"), new, icon_name="tag")),
                ("refused", not_for_you(t("admin.refused_title"), t("admin.refused_text"))),
                ("error", error_state(on_retry=F.load)),
                rx.el.section(skeleton_rows(4), class_name="card"),
            ),
            narrow=True,
        ),
        _dialog(),
        current="fields",
    )


def _row(row: Any) -> rx.Component:
    private = rx.el.span(icon("lock", 12), t("fields.private"), class_name="badge")
    return rx.el.li(
        rx.el.span(
            rx.el.b(rx.cond(language_var() == "nl", row.label_nl, row.label_en)),
            rx.cond(row.private, private, rx.fragment()),
            rx.cond(row.retired, rx.el.span(t("fields.retired"), class_name="badge"), rx.fragment()),
            rx.el.small(t_key(row.kind, prefix="fields.kind."), rx.cond(row.choices != "", ": " + row.choices, "")),
            class_name="ad-name grow",
        ),
        button(t("act.rename"), size="sm", on_click=F.open_form(row.id)),
        rx.cond(
            row.retired,
            button(t("fields.use_again"), size="sm", on_click=F.retire(row.id, False)),
            button(t("fields.retire"), size="sm", on_click=F.retire(row.id, True)),
        ),
    )


def _dialog() -> rx.Component:
    kinds = tuple((kind, t(f"fields.kind.{kind}")) for kind in KINDS)
    fresh = rx.el.div(
        field(
            t("fields.kind"), select("kind", kinds, value=F.kind, on_change=F.choose_kind), name="kind", hint=t("fields.kind_hint")
        ),
        checkbox(t("fields.is_private"), hint=t("fields.private_hint"), name="private", value="yes"),
        class_name="stack-4",
    )
    return dialog(
        rx.el.form(
            field(
                t("fields.label_nl"), text_input("label_nl", default_value=F.label_nl, max_length=80), name="label_nl",
                error=remark(F.errors["label_nl"]),
            ),
            field(
                t("fields.label_en"), text_input("label_en", default_value=F.label_en, max_length=80), name="label_en",
                error=remark(F.errors["label_en"]),
            ),
            rx.cond(F.form == "new", fresh, rx.fragment()),
            rx.cond(
                F.kind == "choice",
                field(
                    t("fields.choices"), text_area("choices", default_value=F.choices, rows=5), name="choices",
                    hint=t("fields.choices_hint"), error=remark(F.errors["choices"]),
                ),
                rx.fragment(),
            ),
            id=FORM,
            class_name="stack-4",
            on_submit=F.save,
        ),
        title=rx.cond(F.form == "new", t("fields.new"), t("act.rename")),
        open=F.form != "",
        on_close=F.close_form,
        footer=[button(t("act.cancel"), on_click=F.close_form), button(t("act.save"), kind="primary", type="submit", form=FORM)],
    )  # fmt: skip

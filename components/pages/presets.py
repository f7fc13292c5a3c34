"""Sizes and watermarks of the organisation: the list of presets, own ones, and what is drawn on photos that leave."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.components.component import NoSSRComponent

from components.forms import remark
from components.i18n import language_var, t, t_key
from components.layout import body, head
from components.pages.framed import framed
from components.pages.house_scripts import LOGO, MARK_PREVIEW
from components.pages.notices import not_for_you
from components.photo import folder_picker
from components.ui import button, checkbox, dialog, error_state, field, icon, select, skeleton_rows, styles, text_input
from state.admin_presets import FORMATS, PLACED, PresetsState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
P: Any = PresetsState
PRESET_FORM, MARK_FORM = "preset-form", "mark-form"


class _Logo(NoSSRComponent):
    library = LOGO
    tag = "LogoButton"


class _Preview(NoSSRComponent):
    library = MARK_PREVIEW
    tag = "MarkPreview"
    form: rx.Var[str]
    mark: rx.Var[str]


def presets() -> rx.Component:
    """The page."""
    return framed(
        t("presets.title"),
        styles("admin.css", "sizes.css"),
        body(
            head(t("presets.title")),
            rx.match(
                P.status,
                ("full", rx.el.div(_sizes(), _marks(), class_name="pr-forms")),
                ("refused", not_for_you(t("admin.refused_title"), t("admin.refused_text"))),
                ("error", error_state(on_retry=P.load)),
                rx.el.section(skeleton_rows(8), class_name="card"),
            ),
            narrow=True,
        ),
        _preset_dialog(),
        _mark_dialog(),
        current="presets",
    )


def _sizes() -> rx.Component:
    new = button(t("presets.new"), kind="primary", icon_name="plus", on_click=P.open_form("preset:new"))
    return rx.el.section(
        rx.el.div(rx.el.h2(t("presets.sizes"), class_name="grow"), new, class_name="pr-head"),
        rx.el.ul(rx.foreach(P.rows, _size), class_name="ad-list"),
        class_name="card",
    )


def _size(row: Any) -> rx.Component:
    own_label = rx.cond(language_var() == "nl", row.label_nl, row.label_en)
    own = rx.fragment(
        button(t("act.edit"), size="sm", on_click=P.open_form("preset:" + row.name)),
        rx.cond(
            row.retired,
            button(t("presets.use_again"), size="sm", on_click=P.retire(row.name, False)),
            button(t("presets.retire"), size="sm", on_click=P.retire(row.name, True)),
        ),
    )
    watermark = rx.el.select(
        rx.el.option(t("presets.no_mark"), value=""),
        rx.foreach(P.mark_choices, lambda one: rx.el.option(one.name, value=one.id)),
        value=row.watermark,
        on_change=lambda value: P.mark_preset(row.name, value),
        aria_label=t("presets.mark_on", name=rx.cond(row.own, own_label, t_key(row.name, prefix="preset."))),
        class_name="input",
    )
    return rx.el.li(
        rx.el.span(rx.el.span(style={"width": row.wide, "height": row.high}), class_name="pr-shape", aria_hidden="true"),
        rx.el.span(
            rx.el.b(rx.cond(row.own, own_label, t_key(row.name, prefix="preset."))),
            rx.cond(row.retired, rx.el.span(t("presets.retired"), class_name="badge"), rx.fragment()),
            rx.el.small(rx.cond(row.words, row.words, t("presets.original"))),
            class_name="ad-name grow",
        ),
        rx.cond(row.words & ~row.retired & (P.mark_choices.length() > 0), _chooser(watermark), rx.fragment()),
        rx.cond(row.own, own, rx.fragment()),
        key=row.name,
    )


def _chooser(choice: rx.Component) -> rx.Component:
    return rx.el.span(choice, icon("down", 16), class_name="select pr-choose")


def _marks() -> rx.Component:
    new = button(t("presets.new_mark"), icon_name="plus", on_click=P.open_form("mark:new"))
    return rx.el.section(
        rx.el.div(rx.el.h2(t("presets.marks"), class_name="grow"), _Logo.create(), new, class_name="pr-head"),
        rx.cond(
            P.marks.length() > 0,
            rx.el.ul(rx.foreach(P.marks, _mark), class_name="ad-list"),
            rx.el.p(t("presets.marks_empty"), class_name="ad-pad muted"),
        ),
        class_name="card",
    )


def _mark(row: Any) -> rx.Component:
    place = folder_picker(
        name="on-" + row.id,
        value="",
        label=t("presets.on_folder_label", name=row.name),
        empty=t("presets.on_folder"),
        on_choose=lambda value: P.mark_folder(row.id, value),
    )
    on = rx.el.span(
        rx.foreach(row.folders, lambda name: rx.el.span(name, class_name="badge")),
        button(t("presets.off_folders"), size="sm", kind="quiet", on_click=P.clear_folders(row.id)),
        class_name="pr-marks",
    )
    return rx.el.li(
        rx.el.span(
            rx.el.b(row.name),
            rx.el.small(
                rx.cond(row.words, "“" + row.words + "”", t("presets.logo")), " · ", t_key(row.where, prefix="presets.where_"),
                " · ", row.opacity.to_string(), " %",
            ),
            rx.cond(row.folders.length() > 0, on, rx.fragment()),
            class_name="ad-name grow",
        ),
        rx.el.span(place, class_name="pr-choose"),
        button(t("act.edit"), size="sm", on_click=P.open_form("mark:" + row.id)),
        button(t("act.remove"), size="sm", on_click=P.remove_mark(row.id)),
        key=row.id,
    )  # fmt: skip


def _preset_dialog() -> rx.Component:
    def number(name: str, hint: Any = None) -> rx.Component:
        box = text_input(name, default_value=P.given[name], input_mode="numeric")
        return field(t_key(name, prefix="presets."), box, name=name, hint=hint, error=remark(P.errors[name]))

    def label(name: str) -> rx.Component:
        box = text_input(name, default_value=P.given[name], max_length=60)
        return field(t_key(name, prefix="presets."), box, name=name, error=remark(P.errors[name]))

    def tick(name: str) -> rx.Component:
        words, hint = t_key(name, prefix="presets."), t_key(name + "_hint", prefix="presets.")
        return checkbox(words, hint=hint, name=name, value="yes", default_checked=P.given[name] == "yes")

    formats = tuple((one, one.upper()) for one in FORMATS)
    chosen = select("format", formats, default_value=P.given["format"])
    return dialog(
        rx.el.form(
            label("label_nl"),
            label("label_en"),
            number("width"),
            number("height"),
            rx.el.div(tick("fills"), tick("cmyk"), class_name="whole stack-4"),
            field(t("presets.format"), chosen, name="format", error=remark(P.errors["format"])),
            number("quality", t("presets.quality_hint")),
            number("dpi"),
            id=PRESET_FORM,
            class_name="pr-grid",
            on_submit=P.save_preset,
        ),
        title=rx.cond(P.form == "preset:new", t("presets.new"), t("act.edit")),
        open=P.form.startswith("preset:"),
        on_close=P.close_form,
        kind="wide",
        footer=[
            button(t("act.cancel"), on_click=P.close_form),
            button(t("act.save"), kind="primary", type="submit", form=PRESET_FORM),
        ],
    )


def _mark_dialog() -> rx.Component:
    places = tuple((one, t(f"presets.where_{one}")) for one in PLACED)
    name, words = (text_input(one, default_value=P.given[one], max_length=most) for one, most in (("name", 80), ("words", 60)))
    opacity, size = (text_input(one, default_value=P.given[one], input_mode="numeric") for one in ("opacity", "size"))
    is_new = P.form == "mark:new"
    return dialog(
        rx.el.form(
            field(t("presets.mark_name"), name, name="name", error=remark(P.errors["name"])),
            rx.cond(is_new, field(t("presets.words"), words, name="words", error=remark(P.errors["words"])), rx.fragment()),
            field(t("presets.where"), select("where", places, default_value=P.given["where"]), name="where"),
            field(t("presets.opacity"), opacity, name="opacity", error=remark(P.errors["mark"])),
            field(t("presets.size"), size, name="size", hint=t("presets.size_hint")),
            _Preview.create(form=MARK_FORM, mark=rx.cond(is_new, "", P.form.split(":")[1])),
            id=MARK_FORM,
            class_name="pr-grid",
            on_submit=P.save_mark,
        ),
        title=rx.cond(is_new, t("presets.new_mark"), t("act.edit")),
        open=P.form.startswith("mark:"),
        on_close=P.close_form,
        footer=[
            button(t("act.cancel"), on_click=P.close_form),
            button(t("act.save"), kind="primary", type="submit", form=MARK_FORM),
        ],
    )

"""What the selection bar offers besides downloads, and the dialogs that say first what a change will touch."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

from components.forms import remark
from components.i18n import language_var, t, t_date, t_key
from components.pages.sharing import ASK, SHARE
from components.photo import MOVE, TRASH, SelectionAction, folder_picker, offered
from components.ui import button, dialog, field, menu_item, menu_label, menu_separator, notice, select, text_input
from components.ui.icon import IconName, icon
from state.base import PhotobankState
from state.organise import OrganiseState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
O: Any = OrganiseState  # noqa: E741

COLLECT: Final = SelectionAction("collect", "organise.collect", "collect")
DESCRIBE: Final = SelectionAction("describe", "organise.describe", "pen")
FAVOUR: Final = SelectionAction("favour", "organise.favour", "heart")
UNFAVOUR: Final = SelectionAction("unfavour", "organise.unfavour", "heart")
RATE: Final = SelectionAction("rate", "organise.rate", "star")
ARCHIVE: Final = SelectionAction("archive", "organise.archive", "server")
UNARCHIVE: Final = SelectionAction("unarchive", "organise.unarchive", "undo", primary=True)
RESTORE: Final = SelectionAction("restore", "act.restore", "undo", primary=True)
UNCOLLECT: Final = SelectionAction("uncollect", "organise.uncollect", "minus")
FRONT: Final = SelectionAction("front", "organise.front", "up")
COVER: Final = SelectionAction("cover", "organise.cover", "library")
STACK: Final = SelectionAction("stack", "organise.stack", "copy", least=2)
EDITING: Final = (SHARE, COLLECT, DESCRIBE, MOVE, STACK, FAVOUR, RATE, ARCHIVE, TRASH)
LOOKING: Final = (COLLECT, FAVOUR, RATE)

ADMINS: Final[tuple[tuple[str, IconName], ...]] = (("folders", "folder"), ("fields", "tag"))


def with_asking(may_ask: Any, *actions: SelectionAction) -> Any:
    """The same buttons, and one that asks people for consent, for those who may do that."""
    at = actions.index(COLLECT) + 1
    return rx.cond(may_ask, offered(*actions[:at], ASK, *actions[at:]), offered(*actions))


def organise_dialogs() -> rx.Component:
    """All of them; one is open at most."""
    return rx.fragment(_move(), _collect(), _describe(), _recent())


def recent_item() -> rx.Component:
    """The row of a menu that opens one's own recent changes."""
    return menu_item(t("organise.recent"), icon_name="undo", on_click=O.show_recent)


def admin_items() -> rx.Component:
    """The way to folders and fields on a phone, whose bottom bar has no room for them."""
    rows = [menu_item(t(f"nav.{name}"), icon_name=symbol, href=f"/admin/{name}/") for name, symbol in ADMINS]
    group = rx.el.div(
        menu_separator(), menu_label(t("nav.admin")), *rows, class_name="phone", role="group", aria_label=t("nav.admin")
    )
    return rx.cond(PhotobankState.my_role == "admin", group, rx.fragment())


def _recent() -> rx.Component:
    def row(one: Any) -> rx.Component:
        return rx.el.li(
            rx.el.span(t_key(one.kind, {"count": one.count}, prefix="organise.did."), class_name="grow"),
            rx.el.small(t_date(one.at, "datetime"), class_name="muted num"),
            button(t("act.undo"), size="sm", icon_name="undo", on_click=O.take_back(one.id)),
        )

    return dialog(
        rx.el.p(t("organise.recent_lead"), class_name="muted small"),
        rx.cond(
            O.recent.length() > 0,
            rx.el.ul(rx.foreach(O.recent, row), class_name="og-changes"),
            rx.el.p(t("organise.recent_none"), class_name="og-none"),
        ),
        title=t("organise.recent"),
        open=O.dialog == "recent",
        kind="wide",
        on_close=O.close,
        footer=[button(t("act.close"), kind="primary", on_click=O.close)],
    )


def _touches() -> rx.Component:
    """How many photos are left alone, and why."""
    rows = rx.foreach(O.left, lambda row: rx.el.li(t_key(row.why, {"count": row.count}, prefix="organise.left.")))
    return rx.cond(O.left.length() > 0, notice(rx.el.ul(rows), title=t("organise.left_alone"), kind="warn"), rx.fragment())


def _move() -> rx.Component:
    return dialog(
        rx.el.div(
            _touches(),
            field(
                t("field.folder"),
                folder_picker(name="target", value=O.target, permission="edit", on_choose=O.aim),
                name="target",
                hint=t("library.move_hint"),
            ),
            class_name="stack-4",
        ),
        title=t("library.move_title", count=O.touched),
        open=O.dialog == "move",
        on_close=O.close,
        footer=[
            button(t("act.cancel"), on_click=O.close),
            button(t("act.move"), kind="primary", icon_name="move", on_click=O.move, disabled=(O.target == "") | (O.touched == 0)),
        ],
    )


def _collect() -> rx.Component:
    form = "collect-form"
    return dialog(
        rx.el.form(
            _touches(),
            rx.cond(
                O.collections.length() > 0,
                field(
                    t("organise.collection"),
                    rx.el.span(
                        rx.el.select(
                            rx.foreach(O.collections, lambda pair: rx.el.option(pair[1], value=pair[0])),
                            rx.el.option(t("organise.new_collection"), value=""),
                            id="collection",
                            name="collection",
                            class_name="input",
                        ),
                        icon("down", 16),
                        class_name="select",
                    ),
                    name="collection",
                ),
                rx.fragment(),
            ),
            field(
                t("organise.collection_name"),
                text_input("collection_name", max_length=200),
                name="collection_name",
                hint=rx.cond(O.collections.length() > 0, t("organise.collection_name_hint"), ""),
                error=remark(O.errors["name"]),
            ),
            id=form,
            class_name="stack-4",
            on_submit=O.collect,
        ),
        title=t("organise.collect_title", count=O.touched),
        open=O.dialog == "collect",
        on_close=O.close,
        footer=[
            button(t("act.cancel"), on_click=O.close),
            button(t("organise.collect"), kind="primary", icon_name="collect", type="submit", form=form, disabled=O.touched == 0),
        ],
    )


def _describe() -> rx.Component:
    form = "describe-form"
    return dialog(
        rx.el.form(
            _touches(),
            rx.el.p(t("organise.describe_lead"), class_name="muted small"),
            field(
                t("organise.title_pattern"),
                text_input("title", max_length=300, placeholder="{event} {n}"),
                name="title",
                hint=t("organise.title_pattern_hint", n="{n}", event="{event}", date="{date}", filename="{filename}"),
                error=remark(O.errors["title_pattern"]),
            ),
            rx.el.div(
                field(t("field.event"), text_input("event", max_length=300), name="event"),
                field(t("field.photographer"), text_input("photographer", max_length=300), name="photographer"),
                field(t("field.credit"), text_input("credit", max_length=300), name="credit"),
                class_name="og-pairs",
            ),
            rx.el.div(
                field(
                    t("organise.add_tags"),
                    text_input("add_tags"),
                    name="add_tags",
                    hint=t("organise.tags_hint"),
                    error=remark(O.errors["tags"]),
                ),
                field(t("organise.remove_tags"), text_input("remove_tags"), name="remove_tags", hint=t("organise.tags_hint")),
                class_name="og-pairs",
            ),
            rx.cond(O.fields.length() > 0, rx.el.div(rx.foreach(O.fields, _custom), class_name="og-pairs"), rx.fragment()),
            id=form,
            class_name="stack-4",
            on_submit=O.describe,
        ),
        title=t("organise.describe_title", count=O.touched),
        open=O.dialog == "describe",
        on_close=O.close,
        kind="wide",
        footer=[
            button(t("act.cancel"), on_click=O.close),
            button(t("organise.change"), kind="primary", icon_name="check", type="submit", form=form, disabled=O.touched == 0),
        ],
    )


def _custom(one: Any) -> rx.Component:
    """A custom field: an input of its kind, empty for "as it is"."""
    label = rx.cond(language_var() == "nl", one.label_nl, one.label_en)
    choice = rx.el.span(
        rx.el.select(
            rx.el.option("", value=""),
            rx.foreach(one.choices, lambda word: rx.el.option(word, value=word)),
            id=one.name,
            name=one.name,
            class_name="input",
        ),
        icon("down", 16),
        class_name="select",
    )
    either = select(one.name, (("", ""), ("true", t("organise.yes")), ("false", t("organise.no"))))
    typed = rx.el.input(
        id=one.name,
        name=one.name,
        type=rx.match(one.kind, ("date", "date"), ("number", "number"), "text"),
        step="any",
        class_name="input",
    )
    return rx.el.div(
        rx.el.label(label, html_for=one.name),
        rx.match(one.kind, ("choice", choice), ("yes_no", either), typed),
        rx.cond(
            O.errors["fields." + one.id],
            rx.el.span(icon("alert", 14), remark(O.errors["fields." + one.id]), class_name="error", role="alert"),
            rx.fragment(),
        ),
        class_name="field",
    )

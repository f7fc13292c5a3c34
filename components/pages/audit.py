"""The audit page: filters, and the live feed."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx
from reflex_base.components.component import Component

from components.i18n import t, t_key
from components.layout import body, head
from components.links import PERSON, PHOTO
from components.pages.framed import framed
from components.pages.house_scripts import AUDIT
from components.pages.notices import not_for_you
from components.photo import folder_picker
from components.ui import chip, error_state, icon, skeleton_rows, styles, text_button
from state.audit import ACTIONS, AuditState

# What a state holds is an expression of the browser here, which type checkers cannot know.
Audit: Any = AuditState

_NAME: Final = "audit-filter"


class _Feed(Component):
    library = AUDIT
    tag = "AuditFeed"
    fresh: rx.Var[list[dict[str, Any]]]
    query: rx.Var[str]
    photo_link: rx.Var[str]
    person_link: rx.Var[str]
    narrowed: rx.Var[bool]


def audit() -> rx.Component:
    """The page."""
    return framed(
        t("audit.title"),
        styles("audit.css"),
        body(
            head(t("audit.title")),
            rx.match(
                Audit.status,
                ("refused", not_for_you(t("audit.refused_title"), t("audit.refused_text"))),
                ("error", error_state(on_retry=Audit.load)),
                ("loading", rx.el.section(skeleton_rows(8), class_name="card")),
                rx.fragment(
                    _filters(),
                    rx.el.section(
                        _Feed.create(
                            key=Audit.query,
                            fresh=Audit.fresh,
                            query=Audit.query,
                            photo_link=PHOTO,
                            person_link=PERSON,
                            narrowed=Audit.query != "",
                        ),
                        class_name="card au-card",
                        aria_label=t("audit.title"),
                    ),
                ),
            ),
        ),
        current="audit",
    )


def _filters() -> rx.Component:
    return rx.el.div(
        _choice("actor_id", t("audit.any_user"), Audit.askers),
        _choice("tag", t("audit.any_action"), [(tag, t_key(tag, prefix="audit.do.")) for tag in ACTIONS]),
        rx.cond(
            Audit.folder_name,
            chip(Audit.folder_name, icon_name="folder", on=True, remove=True, on_click=Audit.narrow("folder_id", "")),
            folder_picker(value="", look="chip", on_choose=lambda folder: Audit.narrow("folder_id", folder)),
        ),
        _person(),
        rx.cond(
            Audit.asset_name,
            chip(Audit.asset_name, icon_name="library", on=True, remove=True, on_click=Audit.narrow("asset_id", "")),
            rx.fragment(),
        ),
        chip(
            rx.el.span(class_name="dot s-refused"),
            t("audit.only_refused"),
            on=Audit.chosen["refused"] == "true",
            on_click=Audit.narrow("refused", rx.cond(Audit.chosen["refused"] == "true", "", "true")),
        ),
        rx.cond(Audit.query, text_button(t("audit.clear"), on_click=Audit.clear, class_name="small"), rx.fragment()),
        class_name="filters",
        role="group",
        aria_label=t("audit.filters"),
    )


def _choice(name: str, nothing: rx.Var[str], options: Any) -> rx.Component:
    """A filter with few values: the browser's own list, dressed as a chip."""
    rows: list[Any] = (
        [rx.foreach(options, lambda pair: rx.el.option(pair[1], value=pair[0]))]
        if isinstance(options, rx.Var)
        else [rx.el.option(words, value=value) for value, words in options]
    )
    on = Audit.chosen[name]
    return rx.el.span(
        rx.el.select(
            rx.el.option(nothing, value=""),
            *rows,
            value=rx.cond(on, on, ""),
            on_change=lambda value: Audit.narrow(name, value),
            aria_label=nothing,
        ),
        icon("down", 14),
        class_name=rx.cond(on, "chip pick on", "chip pick"),
    )


def _person() -> rx.Component:
    """A filter with many values: type a part of the name, choose from what is found."""
    chosen = chip(Audit.person_name, icon_name="face", on=True, remove=True, on_click=Audit.narrow("person_id", ""))
    search = rx.el.span(
        icon("search", 14),
        rx.el.input(
            type="search",
            id=_NAME,
            placeholder=t("audit.person"),
            aria_label=t("audit.person"),
            auto_complete="off",
            on_change=Audit.find_people.debounce(200),
        ),
        rx.cond(
            Audit.found_people,
            rx.el.ul(
                rx.foreach(
                    Audit.found_people,
                    lambda pair: rx.el.li(
                        rx.el.button(pair[1], type="button", class_name="menu-item", on_click=Audit.narrow("person_id", pair[0]))
                    ),
                ),
                class_name="pick-list float",
                aria_label=t("audit.person"),
            ),
            rx.fragment(),
        ),
        class_name="chip pick find",
    )
    return rx.cond(Audit.person_name, chosen, search)

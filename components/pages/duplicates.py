"""The page of near-copies, drawn."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.components.component import NoSSRComponent
from reflex_base.event import no_args_event_spec

from components.i18n import t, t_key, t_size
from components.layout import body, head
from components.links import photo_page
from components.pages.framed import framed
from components.pages.notices import not_for_you
from components.pages.scripts import DUPLICATES
from components.photo.scripts import THUMBHASH
from components.ui import button, chip, dialog, empty_state, error_state, link, notice, segmented, skeleton_rows, styles
from components.ui.icon import icon
from state.duplicates import DuplicatesState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
S: Any = DuplicatesState


def _one(value: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (value,)


def _two(one: rx.Var[str], other: rx.Var[str]) -> tuple[rx.Var[str], rx.Var[str]]:
    return (one, other)


class _Pairs(NoSSRComponent):
    library = DUPLICATES
    tag = "Pairs"
    lib_dependencies: list[str] = [THUMBHASH]  # noqa: RUF012  a field of the framework

    pairs: rx.Var[list[Any]]
    more: rx.Var[bool]
    answered: rx.Var[bool]
    on_decide: rx.EventHandler[_two]  # type: ignore[type-arg, valid-type]
    on_undo: rx.EventHandler[_one]  # type: ignore[type-arg, valid-type]
    on_take_back: rx.EventHandler[_one]  # type: ignore[type-arg, valid-type]
    on_more: rx.EventHandler[no_args_event_spec]  # type: ignore[type-arg, valid-type]


def duplicates() -> rx.Component:
    """The page."""
    tabs = [("open", t("duplicates.tab_open")), ("bursts", t("duplicates.tab_bursts")), ("answered", t("duplicates.tab_answered"))]
    return framed(
        t("duplicates.title"),
        body(
            head(
                t("duplicates.title"),
                _mine(),
                segmented(tabs, S.view, S.show, label=t("duplicates.view")),
                count=S.open_count,
            ),
            rx.cond((S.lesser > 0) & (S.view == "open"), _reclaim(), rx.fragment()),
            rx.match(
                S.status,
                ("full", rx.cond(S.view == "bursts", _bursts(), _pairs())),
                ("empty", _empty()),
                ("refused", not_for_you(t("duplicates.refused_title"), t("duplicates.refused_text"))),
                ("error", error_state(on_retry=S.load)),
                skeleton_rows(5),
            ),
        ),
        _plan(),
        styles("duplicates.css"),
        current="duplicates",
        on_toast=S.toast_action,
    )


def _mine() -> rx.Component:
    wanted = (S.view == "open") & ((S.own_count > 0) | S.mine)
    return rx.cond(wanted, chip(t("duplicates.mine"), on=S.mine, on_click=S.only_mine(~S.mine)), rx.fragment())


def _pairs() -> rx.Component:
    return _Pairs.create(
        pairs=S.rows,
        more=S.more,
        answered=S.view == "answered",
        on_decide=S.decide,
        on_undo=S.toast_action,
        on_take_back=S.take_back,
        on_more=S.show_more,
    )


def _empty() -> rx.Component:
    return rx.match(
        S.view,
        ("bursts", empty_state(t("duplicates.bursts_empty_title"), t("duplicates.bursts_empty_text"))),
        ("answered", empty_state(t("duplicates.answered_empty_title"), t("duplicates.answered_empty_text"))),
        empty_state(t("duplicates.empty_title"), t("duplicates.empty_text"), icon_name="check"),
    )


def _reclaim() -> rx.Component:
    return rx.el.div(
        notice(
            rx.el.span(t("duplicates.reclaim_text", count=S.lesser), " "),
            button(t("duplicates.clean_up"), size="sm", on_click=S.open_plan),
            title=t("duplicates.reclaim", size=t_size(S.lesser_bytes)),
        ),
        class_name="dup-reclaim",
    )


def _bursts() -> rx.Component:
    def burst(one: Any) -> rx.Component:
        return rx.el.li(
            rx.el.div(
                rx.el.b(t("duplicates.burst", count=one.count), class_name="num"),
                button(t("duplicates.stack"), size="sm", on_click=S.stack(one.key)),
                class_name="dup-burst-head",
            ),
            rx.el.div(rx.foreach(one.frames, _frame), class_name="dup-strip"),
            key=one.key,
        )

    return rx.el.ul(rx.foreach(S.bursts, burst), class_name="dup-bursts")


def _frame(one: Any) -> rx.Component:
    picture = rx.el.img(src=f"/api/v1/assets/{one.id}/renditions/thumb", alt="", loading="lazy")
    return link(
        rx.cond(one.shown, picture, icon("lock", 20)),
        href=photo_page(one.id),
        aria_label=one.title,
        title=one.title,
        style={"--ar": one.ratio},
        class_name="dup-shot",
    )


def _plan() -> rx.Component:
    def step(one: Any) -> rx.Component:
        return rx.el.li(
            _small(one.drop_id),
            icon("right", 16),
            _small(one.keep_id),
            rx.el.div(
                rx.el.b(one.drop),
                rx.cond(
                    one.obstacle != "",
                    rx.el.span(t_key(one.obstacle, prefix="duplicates.obstacle.")),
                    rx.el.span(
                        t("duplicates.plan_goes", size=t_size(one.size)),
                        rx.cond(one.faces > 0, rx.el.span(" · ", t("duplicates.plan_faces", count=one.faces)), rx.fragment()),
                        rx.cond(one.texts, rx.el.span(" · ", t("duplicates.plan_texts")), rx.fragment()),
                    ),
                ),
                class_name="grow",
            ),
            class_name=rx.cond(one.obstacle != "", "dup-step stays", "dup-step"),
            key=one.pair_id,
        )

    gives = rx.el.p(t("duplicates.plan_gives", size=t_size(S.plan_bytes)), class_name="num")
    return dialog(
        rx.cond(S.plan_photos > 0, gives, rx.fragment()),
        rx.el.ul(rx.foreach(S.steps, step), class_name="dup-steps"),
        title=t("duplicates.plan_title"),
        description=t("duplicates.plan_text"),
        open=S.planning,
        on_close=S.close_plan,
        kind="wide",
        footer=[
            button(t("act.cancel"), on_click=S.close_plan),
            button(
                rx.cond(S.plan_photos > 0, t("duplicates.plan_do", count=S.plan_photos), t("duplicates.plan_none")),
                kind="primary",
                disabled=S.plan_photos == 0,
                on_click=S.clean_up,
            ),
        ],
    )


def _small(asset_id: Any) -> rx.Component:
    return rx.el.img(src=f"/api/v1/assets/{asset_id}/renditions/thumb", alt="", class_name="dup-small")

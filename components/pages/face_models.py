"""Face models, drawn: the one in use, others beside it with how good they are here, packs that could be taken up, and the dialogs."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.components.component import NoSSRComponent
from reflex_base.event import no_args_event_spec

from components.forms import remark
from components.i18n import t, t_date, t_key, t_number
from components.layout import body, head
from components.pages.framed import framed
from components.pages.house_scripts import INSTALL
from components.pages.notices import not_for_you
from components.ui import (
    badge,
    button,
    card,
    checkbox,
    confirm_dialog,
    dialog,
    error_state,
    icon,
    notice,
    progress,
    skeleton_rows,
    styles,
    table,
)
from state.admin_models import FaceModelsState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
M: Any = FaceModelsState
FORM = "fill-form"


class _Install(NoSSRComponent):
    library = INSTALL
    tag = "InstallPack"

    on_installed: rx.EventHandler[no_args_event_spec]  # type: ignore[type-arg, valid-type]


def face_models() -> rx.Component:
    """The page."""
    install = rx.cond(M.status == "full", _Install.create(on_installed=M.load), rx.fragment())
    return framed(
        t("models.title"),
        body(
            head(t("models.title"), install),
            rx.match(
                M.status,
                ("full", rx.el.div(_in_use(), _others(), _packs(), _again(), class_name="stack-4")),
                ("refused", not_for_you(t("models.refused_title"), t("models.refused_text"))),
                ("error", error_state(on_retry=M.load)),
                rx.el.section(skeleton_rows(6), class_name="card"),
            ),
            narrow=True,
        ),
        *_dialogs(),
        styles("admin.css", "models.css"),
        current="models",
    )


def _in_use() -> rx.Component:
    nothing = rx.el.p(t("models.none_active"), class_name="muted")
    return card(
        rx.cond(M.active.length() > 0, rx.el.div(rx.foreach(M.active, _model), class_name="fm-list"), nothing),
        title=t("models.in_use"),
        pad=True,
    )


def _others() -> rx.Component:
    return rx.cond(
        M.others.length() > 0,
        card(rx.el.div(rx.foreach(M.others, _model), class_name="fm-list"), title=t("models.beside")),
        rx.fragment(),
    )


def _model(one: Any) -> rx.Component:
    """A model: what it is, how far it is filled, how good it is here, and what can be done with it."""
    active = one.state == "active"
    state = rx.match(
        one.state,
        ("active", rx.fragment()),
        ("indexing", badge(t("models.state_indexing"))),
        badge(t("models.state_retired")),
    )
    left = rx.cond(one.minutes > 0, rx.fragment(" · ", t("models.minutes", count=one.minutes)), rx.fragment())
    filling = rx.el.div(
        rx.cond(one.filled < one.wanted, progress(one.filled, one.wanted, label=t("models.filled_label")), rx.fragment()),
        rx.el.p(t("models.filled", filled=t_number(one.filled), wanted=t_number(one.wanted)), left, class_name="num small muted"),
        class_name="fm-fill",
    )
    return rx.el.article(
        rx.el.header(
            rx.el.div(
                rx.el.h3(one.title, " ", state),
                rx.el.p(
                    rx.cond(one.licence, one.licence, t("models.licence_unknown")),
                    rx.cond(
                        one.acknowledged_at,
                        rx.fragment(" · ", t("models.acknowledged", date=t_date(one.acknowledged_at, "date"))),
                        rx.fragment(),
                    ),
                    rx.cond(
                        active & (one.activated_at != ""),
                        rx.fragment(" · ", t("models.since", date=t_date(one.activated_at, "date"))),
                        rx.fragment(),
                    ),
                    class_name="small muted",
                ),
                class_name="grow",
            ),
            _actions(one, active),
        ),
        rx.cond(
            one.loaded,
            rx.cond(one.wanted > 0, filling, rx.el.p(t("models.no_faces"), class_name="small muted")),
            rx.el.p(t("models.loading"), class_name="small muted"),
        ),
        _measured(one),
        class_name="fm-model",
    )


def _actions(one: Any, active: Any) -> rx.Component:
    full = (one.state == "indexing") & one.loaded & (one.filled >= one.wanted)
    return rx.el.div(
        button(t("models.measure"), size="sm", on_click=M.measure(one.id), aria_label=t("models.measure_one", name=one.title)),
        rx.cond(
            active,
            rx.fragment(),
            rx.fragment(
                rx.cond(
                    one.state == "retired",
                    button(t("models.fill_again"), size="sm", on_click=M.ask_fill(one.pack)),
                    rx.fragment(),
                ),
                rx.cond(
                    full, button(t("models.switch"), size="sm", kind="primary", on_click=M.ask("switch", one.id)), rx.fragment()
                ),
                rx.cond(
                    (one.filled > 0) | (one.state == "indexing"),
                    button(t("models.retire"), size="sm", kind="quiet", on_click=M.ask("retire", one.id)),
                    rx.fragment(),
                ),
            ),
        ),
        class_name="fm-acts",
    )


def _measured(one: Any) -> rx.Component:
    """How good it is on the faces that people confirmed here, and what asking for a probability comes to."""

    def figure(value: Any, words: Any) -> rx.Component:
        shown = rx.cond(value >= 0, rx.fragment(t_number(value), " %"), "–")
        return rx.el.div(rx.el.dt(words), rx.el.dd(shown, class_name="num"))

    def level(row: Any) -> rx.Component:
        return rx.el.tr(
            rx.el.td(row.percent, " %", class_name="num"),
            rx.el.td(t_number(row.passed), class_name="num"),
            rx.el.td(t_number(row.wrong), class_name="num"),
        )

    columns = [t(f"models.col.{name}") for name in ("level", "passed", "wrong")]
    levels = rx.cond(
        one.decisions > 0,
        rx.el.details(
            rx.el.summary(t("models.levels", count=one.decisions)),
            table(columns, rx.foreach(one.levels, level), caption=t("models.levels_caption")),
            class_name="fm-levels",
        ),
        rx.fragment(),
    )
    return rx.fragment(
        rx.cond(
            one.measured_at != "",
            rx.fragment(
                rx.el.dl(
                    figure(one.first_right, t("models.first_right")), figure(one.tar, t("models.tar")), class_name="fm-figures"
                ),
                rx.el.p(
                    t(
                        "models.measured",
                        faces=t_number(one.faces),
                        people=t_number(one.people),
                        date=t_date(one.measured_at, "date"),
                    ),
                    class_name="small muted",
                ),
            ),
            rx.el.p(t("models.not_measured"), class_name="small muted"),
        ),
        levels,
    )


def _packs() -> rx.Component:
    def pack(one: Any) -> rx.Component:
        return rx.el.li(
            icon("paper", 18),
            rx.el.div(
                rx.el.b(one.title),
                rx.cond(one.research_only, rx.fragment(" ", badge(t("models.research_only"), kind="alert")), rx.fragment()),
                rx.el.small(rx.cond(one.licence, rx.fragment(one.licence, ". "), ""), t_key(one.licence_key)),
                class_name="grow",
            ),
            button(t("models.fill"), size="sm", on_click=M.ask_fill(one.name), aria_label=t("models.fill_one", name=one.title)),
        )

    return card(
        rx.cond(
            M.packs.length() > 0,
            rx.el.ul(rx.foreach(M.packs, pack), class_name="fm-packs"),
            rx.el.p(t("models.no_packs"), class_name="muted ad-pad"),
        ),
        title=t("models.here"),
        pad=False,
    )


def _again() -> rx.Component:
    busy = rx.el.div(
        progress(M.photos - M.waiting, M.photos, label=t("models.again")),
        rx.el.p(t("models.again_left", count=M.waiting, all=t_number(M.photos)), class_name="num small muted"),
        class_name="fm-fill",
    )
    return card(
        rx.el.p(t("models.again_text")),
        rx.cond(
            M.waiting > 0,
            busy,
            rx.el.div(button(t("models.again"), size="sm", icon_name="renew", on_click=M.ask("look", ""), disabled=M.photos == 0)),
        ),
        title=t("models.again_title"),
    )


def _dialogs() -> list[rx.Component]:
    licence = rx.el.p(
        rx.cond(M.chosen_licence, rx.el.b(M.chosen_licence, ". "), rx.fragment()),
        rx.cond(M.chosen_licence_key, t_key(M.chosen_licence_key), rx.fragment()),
    )
    fill = dialog(
        rx.el.form(
            rx.el.p(t("models.fill_text")),
            licence,
            rx.cond(
                M.asks,
                rx.el.div(
                    checkbox(t("models.acknowledge"), name="acknowledge"),
                    rx.cond(M.errors.contains("acknowledge"), notice(remark(M.errors["acknowledge"]), kind="bad"), rx.fragment()),
                    class_name="stack-2",
                ),
                rx.fragment(),
            ),
            id=FORM,
            class_name="stack-4",
            on_submit=M.fill,
        ),
        title=t("models.fill_title", name=M.chosen_title),
        open=M.form == "fill",
        on_close=M.close,
        footer=[
            button(t("act.cancel"), on_click=M.close),
            button(t("models.fill"), kind="primary", type="submit", custom_attrs={"form": FORM}),
        ],
    )

    def sure(which: str, on_confirm: Any, *, danger: bool = False) -> rx.Component:
        return confirm_dialog(
            title=t(f"models.{which}_title", name=M.chosen_title),
            text=t(f"models.{which}_text", name=M.chosen_title),
            confirm=t(f"models.{which}"),
            open=M.form == which,
            on_confirm=on_confirm,
            on_close=M.close,
            danger=danger,
        )

    look = confirm_dialog(
        title=t("models.again_title"),
        text=t("models.again_sure", count=M.photos),
        confirm=t("models.again"),
        open=M.form == "look",
        on_confirm=M.look_again,
        on_close=M.close,
        danger=False,
    )
    return [fill, sure("switch", M.switch), sure("retire", M.retire, danger=True), look]

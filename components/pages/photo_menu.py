"""The download menu: two columns, what is allowed now and what is not with its reason. A sheet on a phone."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.components.component import NoSSRComponent
from reflex_base.event import no_args_event_spec

from components.i18n import t, t_date, t_key
from components.pages.photo_local import download
from components.pages.scripts import PHOTO
from components.pages.words import reason
from components.photo.scripts import THUMBHASH
from components.shield import shield_icon, state_class
from components.ui import button, icon
from components.ui.classes import classes
from state.photo import PhotoState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
S: Any = PhotoState


class _Popover(NoSSRComponent):
    library = PHOTO
    tag = "DownloadMenu"
    lib_dependencies: list[str] = [THUMBHASH]  # noqa: RUF012  a field of the framework
    open: rx.Var[bool]
    label: rx.Var[str]
    on_close: rx.EventHandler[no_args_event_spec]  # type: ignore[type-arg, valid-type]


def download_button() -> rx.Component:
    """The button in the tool bar of the photo."""
    return button(
        t("act.download"),
        kind="primary",
        icon_name="download",
        icon_end="down",
        class_name="download-btn",
        on_click=S.toggle_menu,
        disabled=S.photo.state != "ready",
        aria_expanded=S.menu_open,
        aria_haspopup="dialog",
    )


def download_menu() -> rx.Component:
    """What the button opens."""
    return _Popover.create(
        rx.el.div(
            rx.el.h3(t("photo.allowed_now")),
            rx.cond(
                S.allowed.length() > 0,
                rx.el.ul(rx.foreach(S.allowed, _allowed)),
                rx.el.p(t("download.none_allowed"), class_name="nothing"),
            ),
            class_name="dl-col presets",
        ),
        rx.el.div(
            rx.el.h3(t("photo.not_allowed")),
            rx.cond(
                S.refused.length() > 0,
                rx.el.ul(rx.foreach(S.refused, _refused)),
                rx.el.p(t("download.none_refused"), class_name="nothing"),
            ),
            class_name="dl-col presets",
        ),
        rx.el.p(icon("lock", 14), t("download.logged"), class_name="foot-note dl-foot"),
        open=S.menu_open,
        label=t("act.download"),
        on_close=S.close_menu,
    )


def _until(row: Any) -> Any:
    return rx.cond(row.until, t("clearance.until", date=t_date(row.until, "short")), t_key(row.state, prefix="clearance."))


def _allowed(row: Any) -> rx.Component:
    def take(preset: Any) -> rx.Component:
        return button(
            t_key(preset, prefix="preset."),
            size="sm",
            icon_name="download",
            on_click=[download([S.photo.id], row.use, preset), S.close_menu],
            disabled=~S.photo.may_download,
            custom_attrs={"data-use": row.use, "data-preset": preset},
            title=t_key(preset, prefix="preset_text."),
        )

    return rx.el.li(
        rx.el.span(shield_icon(row.state), class_name=classes("pi", state_class(row.state))),
        rx.el.span(
            rx.el.b(t_key(row.use, prefix="use.")),
            rx.el.small(_until(row), class_name=f"ink {state_class(row.state)}"),
            class_name="grow",
        ),
        rx.el.span(
            rx.foreach(row.presets, take),
            button(
                t("sizes.more"),
                size="sm",
                icon_name="library",
                on_click=S.open_sizes(row.use),
                disabled=~S.photo.may_download,
                custom_attrs={"data-sizes": row.use},
            ),
            class_name="takes",
        ),
        class_name="preset",
        key=row.use,
    )


def hiding(row: Any) -> rx.Component:
    """The way out where only some people stand in the way: seen first, taken from there."""
    return button(
        rx.cond(row.hidden_name, t("redaction.offer_name", name=row.hidden_name), t("redaction.offer", count=row.hidden)),
        size="sm",
        icon_name="blur",
        on_click=S.open_redacted(row.use),
        custom_attrs={"data-redacted": row.use},
    )


def _refused(row: Any) -> rx.Component:
    name = rx.cond(row.name, row.name, t("photo.somebody"))
    why = reason(row.code, name, row.at)
    return rx.el.li(
        rx.el.span(shield_icon(row.state), class_name=classes("pi", state_class(row.state))),
        rx.el.span(
            rx.el.b(t_key(row.use, prefix="use.")),
            rx.el.small(why, rx.cond(row.more > 0, rx.fragment(", ", t("download.more_reasons", count=row.more)), rx.fragment())),
            rx.cond(row.hidden > 0, hiding(row), rx.fragment()),
            class_name="grow",
        ),
        class_name="preset no",
        key=row.use,
    )

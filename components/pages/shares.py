"""The shares page, drawn: links and embeds of one's own, where each stands, who looked."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.i18n import t, t_date, t_key
from components.layout import body, head
from components.pages.framed import framed
from components.pages.notices import not_for_you
from components.pages.sharing import AskForPhotos, ShowLink
from components.ui import (
    button,
    chip,
    confirm_dialog,
    dialog,
    empty_state,
    error_state,
    icon,
    link_button,
    skeleton_rows,
    styles,
    table,
)
from photobank.models.shares import ShareKind
from state.shares import SharesState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
S: Any = SharesState


def shares() -> rx.Component:
    """The page."""
    library = link_button(t("share.to_library"), href="/library/", kind="primary", icon_name="library")
    nothing = rx.cond(
        S.kind == ShareKind.link.value,
        empty_state(t("share.empty_title"), t("share.empty_text"), library, icon_name="share"),
        rx.cond(
            S.kind == ShareKind.embed.value,
            empty_state(t("share.empty_embeds_title"), t("share.empty_embeds_text"), library, icon_name="globe"),
            empty_state(t("share.empty_requests_title"), t("share.empty_requests_text"), icon_name="upload"),
        ),
    )
    return framed(
        t("share.page"),
        styles("people.css", "shares.css"),
        body(
            head(t("share.page"), AskForPhotos.create()),
            rx.el.p(t("share.lead"), class_name="muted sh-lead"),
            rx.el.div(_kinds(), rx.cond(S.oversees, _whose()), class_name="sh-filters"),
            rx.match(
                S.status,
                ("full", _list()),
                ("empty", nothing),
                ("refused", not_for_you(t("share.refused_title"), t("share.refused_text"))),
                ("error", error_state(on_retry=S.load)),
                skeleton_rows(5),
            ),
        ),
        _visits(),
        confirm_dialog(
            title=t("share.end_title"),
            text=t("share.end_text"),
            confirm=t("share.end"),
            open=S.ending != "",
            on_confirm=S.end,
            on_close=S.keep,
        ),
        current="shares",
    )


def _kinds() -> rx.Component:
    return rx.el.div(
        chip(t("share.links"), icon_name="share", on=S.kind == ShareKind.link.value, on_click=S.show_kind("link")),
        chip(t("share.embeds"), icon_name="globe", on=S.kind == ShareKind.embed.value, on_click=S.show_kind("embed")),
        chip(t("share.requests"), icon_name="upload", on=S.kind == ShareKind.request.value, on_click=S.show_kind("request")),
        class_name="chips",
        role="group",
        aria_label=t("share.page"),
    )


def _whose() -> rx.Component:
    """For who oversees them: one's own, or everybody's."""
    return rx.el.div(
        chip(t("share.whose_mine"), icon_name="face", on=~S.everybodys, on_click=S.show_whose(False)),
        chip(t("share.whose_all"), icon_name="users", on=S.everybodys, on_click=S.show_whose(True)),
        class_name="chips",
        role="group",
        aria_label=t("share.whose"),
    )


def _list() -> rx.Component:
    more = rx.cond(S.more, rx.el.div(button(t("share.show_more"), on_click=S.show_more), class_name="p-more"), rx.fragment())
    return rx.fragment(rx.el.ul(rx.foreach(S.rows, _row), class_name="sh-list card", aria_live="polite"), more)


def _name(row: Any) -> Any:
    return rx.cond(row.title != "", row.title, rx.cond(_is_request(row), row.folder, t("share.untitled", count=row.photos)))


def _is_request(row: Any) -> Any:
    return row.kind == ShareKind.request.value


def _row(row: Any) -> rx.Component:
    is_open = row.standing == "open"
    standing = rx.match(
        row.standing,
        ("open", rx.el.span(icon("check", 14), t("share.standing.open"), class_name="sh-state s-open")),
        ("spent", rx.el.span(icon("minus", 14), t("share.standing.spent"), class_name="sh-state")),
        ("expired", rx.el.span(icon("clock", 14), t("share.standing.expired"), class_name="sh-state")),
        rx.el.span(icon("x", 14), t("share.standing.ended"), class_name="sh-state"),
    )
    picture = rx.cond(
        row.cover != "",
        rx.el.img(src=row.cover, alt="", loading="lazy"),
        rx.el.span(rx.cond(_is_request(row), icon("folder", 20), icon("lock", 20)), class_name="sh-blank"),
    )
    return rx.el.li(
        picture,
        rx.el.div(
            rx.el.div(rx.el.b(_name(row), class_name="truncate"), standing, class_name="sh-name"),
            _terms(row, is_open),
            _numbers(row),
            class_name="sh-what",
        ),
        rx.el.div(
            rx.cond(
                (row.kind != "embed") & row.mine,
                button(t("share.visits"), size="sm", icon_name="eye", on_click=S.show_visits(row.id)),
            ),
            rx.cond((row.kind != "embed") & is_open & row.mine, ShowLink.create(id=row.id, label=_name(row))),
            rx.cond(is_open, button(t("share.end"), size="sm", kind="danger", icon_name="x", on_click=S.ask_end(row.id))),
            class_name="sh-acts",
        ),
        key=row.id,
    )


def _terms(row: Any, is_open: Any) -> rx.Component:
    until = rx.cond(row.ends_at != "", t("share.runs_until", when=t_date(row.ends_at, "datetime")), t("share.runs_on"))
    return rx.el.p(
        rx.cond(S.everybodys, rx.fragment(row.maker, " · ")),
        rx.cond(_is_request(row), row.folder, t_key(row.use, prefix="use.")),
        rx.cond((row.title != "") & ~_is_request(row), rx.fragment(" · ", t("share.untitled", count=row.photos))),
        rx.cond(is_open, rx.fragment(" · ", until)),
        rx.cond(row.recipient != "", rx.fragment(" · ", t("share.for_whom", name=row.recipient))),
        rx.cond(row.has_password, rx.fragment(" · ", t("share.has_password"))),
        rx.cond(row.networks > 0, rx.fragment(" · ", t("share.has_networks"))),
        rx.cond(row.redacted, rx.fragment(" · ", t("share.has_redacted"))),
        rx.cond(row.watermark, rx.fragment(" · ", t("share.has_watermark"))),
        class_name="muted small",
    )


def _numbers(row: Any) -> rx.Component:
    # What was never opened says so once; an embed is not opened or taken, but seen.
    views = rx.cond(
        row.view_limit > 0,
        rx.el.span(t("share.views_of", count=row.views, limit=row.view_limit)),
        rx.cond(row.views > 0, rx.el.span(t("share.views", count=row.views)), rx.fragment()),
    )
    count_of = rx.cond(
        row.download_limit > 0,
        t("share.taken_of", count=row.downloads, limit=row.download_limit),
        t("share.taken", count=row.downloads),
    )
    taken = rx.cond(
        _is_request(row),
        t("share.brought_of", count=row.files, limit=row.file_limit),
        rx.cond(row.may_download, count_of, t("share.look_only")),
    )
    taken = rx.cond(row.kind == ShareKind.embed.value, rx.fragment(), rx.el.span(taken))
    seen = rx.cond(row.seen_at != "", t("share.seen", when=t_date(row.seen_at, "datetime")), t("share.unseen"))
    hidden = rx.cond(
        row.photos > row.visible,
        rx.el.span(icon("lock", 12), t("share.hidden", count=row.photos - row.visible), class_name="sh-hidden"),
    )
    bounced = rx.cond(
        row.undelivered != "",
        rx.el.span(icon("alert", 12), t("share.undelivered", addresses=row.undelivered), class_name="sh-hidden"),
    )
    return rx.el.p(views, taken, rx.el.span(seen), hidden, bounced, class_name="sh-numbers num small")


def _visits() -> rx.Component:
    def line(one: Any) -> rx.Component:
        return rx.el.tr(
            rx.el.td(t_date(one.at, "datetime")),
            rx.el.td(rx.cond(one.network != "", one.network, "–"), class_name="mono"),
            rx.el.td(t_key(one.device, prefix="share.device_")),
            rx.el.td(
                rx.cond(S.kind == "request", t("share.brought", count=one.downloads), t("share.taken", count=one.downloads)),
                class_name="end",
            ),
        )

    headings = (t("share.when"), t("share.where"), t("share.device"), "")
    return dialog(
        rx.cond(
            S.visits.length() > 0,
            table(headings, rx.foreach(S.visits, line), caption=t("share.visits")),
            rx.el.p(t("share.no_visits"), class_name="muted"),
        ),
        title=t("share.visits"),
        description=t("share.visits_lead"),
        open=S.looking != "",
        on_close=S.close_visits,
        kind="wide",
    )

"""The photo page: the photo left, what it may be used for right; on a phone one below the other."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.ask_dialog import ask_dialog
from components.consent_dialog import consent_dialog
from components.i18n import t, t_date, t_key
from components.layout import connection
from components.pages.framed import framed
from components.pages.organise import organise_dialogs
from components.pages.photo_holding import holding_dialog, holding_items
from components.pages.photo_local import DrawFace, FacePanel, LiveNotes, Sizes, downloads
from components.pages.photo_menu import download_button, download_menu
from components.pages.photo_panel import activity, details, versions
from components.pages.photo_permissions import permissions
from components.pages.photo_stack import stack
from components.pages.sharing import embed, share, share_dialog
from components.photo import photo_viewer
from components.ui import button, empty_state, icon_button, icon_link, link_button, menu, menu_item, styles, tabs
from components.ui.icon import icon
from components.ui.states import error_state
from state.organise import OrganiseState
from state.photo import PhotoState
from state.photo_activity import ActivityState
from state.photo_details import DetailsState
from state.photo_faces import FacesState
from state.photo_versions import VersionsState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
S: Any = PhotoState
F: Any = FacesState
D: Any = DetailsState
O: Any = OrganiseState  # noqa: E741


def photo() -> rx.Component:
    """The page."""
    title = rx.cond(S.photo.title, S.photo.title, S.photo.filename)
    return framed(
        title,
        styles("people.css", "consent.css", "viewer.css", "sizes.css"),
        rx.match(
            S.status,
            ("full", _full(title)),
            ("trashed", _trashed(title)),
            ("gone", _nothing(_gone())),
            ("error", _nothing(error_state(on_retry=S.load))),
            _loading(),
        ),
        LiveNotes.create(photo=S.photo.id, people=S.limiting + S.free),
        consent_dialog(),
        ask_dialog(),
        organise_dialogs(),
        holding_dialog(),
        downloads(),
        share_dialog(),
        current="photo",
        slim=True,
        bare=True,
        on_toast=lambda action: [F.toast_action(action), D.undo_detail(action), O.toast_action(action)],
    )


def _top(title: Any, *end: Any) -> rx.Component:
    where = rx.el.div(
        rx.cond(S.photo.title, rx.fragment(S.photo.filename, " · "), rx.fragment()),
        rx.cond(S.photo.taken_at, t_date(S.photo.taken_at), t_date(S.photo.created_at)),
        rx.cond(S.photo.folder, rx.fragment(" · ", S.photo.folder), rx.fragment()),
        rx.cond(S.photo.credit, rx.fragment(" · ", S.photo.credit), rx.fragment()),
        class_name="where truncate num",
    )
    return rx.el.div(
        _back(),
        rx.el.div(rx.el.h1(title, class_name="truncate"), where, class_name="grow"),
        connection(),
        *end,
        class_name="photo-top",
    )


def _back_words() -> rx.Var[str]:
    return t("nav.back_to", place=t_key(S.back_to, prefix="nav."))


def _back() -> rx.Component:
    return icon_link("back", _back_words(), href=S.back)


def _full(title: Any) -> rx.Component:
    ready = S.photo.state == "ready"
    return rx.el.div(
        _top(title, _share(), _heart(), _more()),
        photo_viewer(
            rx.cond(S.photo.may_review & ready, DrawFace.create(photo=S.photo.id, on_draw=F.draw), rx.fragment()),
            download_button(),
            asset_id=S.photo.id,
            width=S.photo.width,
            height=S.photo.height,
            alt=title,
            placeholder=S.photo.placeholder,
            revision=S.photo.version.to_string(),
            locked=~S.photo.shown,
            faces=S.faces,
            face=F.face,
            on_face=F.pick,
        ),
        download_menu(),
        Sizes.create(
            photo=S.photo.id,
            use=S.sizes_use,
            redacted=S.sizes_redacted,
            hideable=S.hideable,
            open=S.sizes_use != "",
            title=title,
            ratio=S.photo.ratio,
            revision=S.photo.version,
            on_close=S.close_sizes,
        ),
        _panel(),
        FacePanel.create(
            faces=S.faces,
            face=F.face,
            matches=F.matches,
            searched=F.searched,
            may_review=S.photo.may_review,
            on_confirm=F.confirm,
            on_reject=F.reject,
            on_ignore=F.ignore,
            on_name=F.name_new,
            on_reopen=F.reopen,
            on_search=F.search,
            on_leave=F.leave,
        ),
        class_name="photo-page",
    )


def _panel() -> rx.Component:
    shown = [("permissions", t("photo.permissions")), ("details", t("photo.details"))]
    last = ("versions", t("photo.versions"))

    def choose(key: str) -> Any:
        return {"activity": ActivityState.open_activity, "versions": VersionsState.open_versions}.get(key) or S.show_tab(key)

    few = tabs([*shown, last], S.tab, choose, label=t("photo.about"), name="photo")
    all_of_them = tabs([*shown, ("activity", t("photo.activity")), last], S.tab, choose, label=t("photo.about"), name="photo")
    return rx.el.aside(
        stack(),
        rx.cond(S.photo.may_audit, all_of_them, few),
        rx.el.div(
            rx.match(S.tab, ("details", details()), ("activity", activity()), ("versions", versions()), permissions()),
            class_name="panel-body",
            role="tabpanel",
            id="photo-panel",
            aria_label=t("photo.about"),
            tab_index=0,
        ),
        class_name="panel",
        aria_label=t("photo.about"),
    )


def _share() -> rx.Component:
    return rx.cond(
        S.photo.may_share,
        icon_button("share", t("act.share"), on_click=share([S.photo.id])),
        rx.fragment(),
    )


def _heart() -> rx.Component:
    return rx.el.button(
        icon("heart", 16),
        type="button",
        class_name=rx.cond(S.photo.favourite, "btn btn-quiet btn-icon heart on", "btn btn-quiet btn-icon heart"),
        aria_pressed=S.photo.favourite,
        aria_label=t("photo.favourite"),
        title=t("photo.favourite"),
        on_click=D.favour,
    )


def _more() -> rx.Component:
    def item(name: str, key: str, symbol: Any) -> rx.Component:
        return menu_item(t(key), icon_name=symbol, on_click=O.act(name, [S.photo.id]))

    return menu(
        icon("more", 16),
        item("collect", "organise.collect", "collect"),
        rx.cond(S.photo.may_share, menu_item(t("share.embed"), icon_name="globe", on_click=embed(S.photo.id)), rx.fragment()),
        holding_items(),
        rx.cond(
            S.photo.may_edit,
            rx.fragment(
                item("move", "act.move", "move"),
                item("archive", "organise.archive", "server"),
                menu_item(t("act.to_trash"), icon_name="trash", danger=True, on_click=S.to_trash),
            ),
            rx.fragment(),
        ),
        label=t("act.more"),
        title=t("act.more"),
        button_class="btn btn-quiet btn-icon",
    )


def _trashed(title: Any) -> rx.Component:
    return rx.el.div(
        _top(title),
        empty_state(
            t("photo.trashed_title"),
            t("photo.trashed_text"),
            button(t("photo.restore"), kind="primary", icon_name="undo", on_click=S.restore),
            link_button(_back_words(), href=S.back),
            icon_name="trash",
        ),
        class_name="photo-page plain-state",
    )


def _gone() -> rx.Component:
    return empty_state(t("photo.gone_title"), t("errors.not_found"), link_button(_back_words(), href=S.back))


def _nothing(words: rx.Component) -> rx.Component:
    return rx.el.div(_top(t("nav.library")), words, class_name="photo-page plain-state")


def _loading() -> rx.Component:
    lines = [
        rx.el.span(class_name="skeleton sk-line", style={"width": width}) for width in ("62%", "84%", "100%", "100%", "100%", "70%")
    ]
    return rx.el.div(
        rx.el.div(
            _back(),
            rx.el.span(class_name="skeleton sk-line", style={"width": "220px"}),
            class_name="photo-top",
        ),
        rx.el.div(
            rx.el.div(rx.el.span(class_name="skeleton canvas", style={"--ratio": "1.5"}), class_name="stage"), class_name="viewer"
        ),
        rx.el.div(
            rx.el.span(t("state.loading"), class_name="vh"),
            *lines,
            class_name="panel panel-skeleton",
            role="status",
            aria_busy="true",
        ),
        class_name="photo-page",
    )

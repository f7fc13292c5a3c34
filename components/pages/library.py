"""The library: the grid, which use its shields answer for, folder, person, order, density."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

from components.i18n import t, t_key
from components.pages.framed import framed
from components.pages.locked import locked_chip
from components.pages.organise import EDITING, LOOKING, admin_items, organise_dialogs, recent_item, with_asking
from components.pages.photo_local import download_selection, downloads
from components.pages.sharing import ask_selection, share_dialog, share_selection
from components.photo import DOWNLOAD, density_slider, drop_target, folder_picker, offered, person_picker, photo_grid
from components.ui import button, chip, empty_state, link, link_button, menu, menu_choice, menu_item, skeleton_grid
from components.ui.icon import IconName, icon
from state.library import LibraryState
from state.organise import OrganiseState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
S: Any = LibraryState
O: Any = OrganiseState  # noqa: E741

KEPT: Final[tuple[tuple[str, IconName], ...]] = (("collections", "collect"), ("favourites", "heart"))
PUT_AWAY: Final[tuple[tuple[str, IconName], ...]] = (("archive", "server"), ("trash", "trash"))


def library() -> rx.Component:
    """The page."""
    return framed(
        t("library.title"),
        rx.el.div(_head(), _filters(), _grid(), class_name="lib"),
        rx.cond(S.may_upload, drop_target(folder_id=S.folder, use=S.use), rx.fragment()),
        organise_dialogs(),
        share_dialog(),
        downloads(),
        current="library",
        on_toast=O.toast_action,
    )


def _head() -> rx.Component:
    return rx.el.div(
        rx.el.h1(t("library.title")),
        rx.cond(S.count >= 0, rx.el.span(t("count.photos", count=S.count), class_name="count num", role="status"), rx.fragment()),
        rx.el.div(_shields_for(), density_slider(), _sort(), class_name="end"),
        class_name="head",
    )


def _shields_for() -> rx.Component:
    name = t_key(S.use, prefix="use.")
    return menu(
        rx.el.span(_glyph(), rx.el.span(t("library.shields_for")), rx.el.b(name), icon("down", 14), class_name="row shields-for"),
        rx.foreach(S.uses, lambda use: menu_choice(t_key(use, prefix="use."), checked=S.use == use, on_click=S.choose_use(use))),
        title=t("library.shields_hint"),
        button_class="btn",
        align="start",
    )


def _glyph() -> rx.Component:
    """The shield without a state."""
    return rx.el.svg(rx.el.svg.use(href="/icons.svg#sh-approved"), class_name="i i-16", aria_hidden="true")


def _sort() -> rx.Component:
    return menu(
        rx.el.span(rx.cond(S.sort == "newest", t("library.newest"), t("library.oldest")), icon("down", 14), class_name="row"),
        *[menu_choice(t(f"library.{sort}"), checked=S.sort == sort, on_click=S.choose_sort(sort)) for sort in ("newest", "oldest")],
        title=t("library.order"),
        button_class="btn",
    )


def _filters() -> rx.Component:
    """Folder and person: each a chip that opens the choice, or the chosen one with its cross."""
    chosen = chip(S.folder_name, icon_name="folder", on=True, remove=True, on_click=S.choose_folder(""))
    every = folder_picker(value=S.folder, look="chip", on_choose=S.choose_folder)
    kept = [link(icon(symbol, 14), t(f"nav.{name}"), href=f"/{name}/", class_name="chip") for name, symbol in KEPT]
    shared = menu_item(t("nav.shares"), icon_name="share", href="/shares/")
    folder = rx.cond(S.several, rx.cond(S.folder != "", chosen, every), rx.fragment())
    somebody = rx.cond(
        S.person != "",
        chip(S.person_name, icon_name="face", on=True, remove=True, on_click=S.choose_person("")),
        rx.cond(S.may_people, person_picker(on_choose=S.choose_person), rx.fragment()),
    )
    copies = menu_item(t("nav.duplicates"), icon_name="copy", href="/duplicates/")
    more = menu(
        rx.el.span(icon("more", 14), t("nav.more"), class_name="row"),
        *[menu_item(t(f"nav.{name}"), icon_name=symbol, href=f"/{name}/") for name, symbol in PUT_AWAY],
        rx.cond(S.may_edit, rx.el.div(shared, copies, class_name="phone", role="none"), rx.fragment()),
        recent_item(),
        admin_items(),
        label=t("nav.more"),
        button_class="chip",
    )
    return rx.el.div(folder, somebody, locked_chip(), *kept, more, class_name="chips og-places")


def _grid() -> rx.Component:
    first = empty_state(
        t("library.empty_title"),
        rx.cond(S.may_upload, t("library.empty_text"), t("library.empty_viewer")),
        rx.cond(
            S.may_upload,
            link_button(t("upload.choose"), href="/upload/", kind="primary", size="lg", icon_name="upload"),
            rx.fragment(),
        ),
    )
    nothing = empty_state(
        t("library.nothing_title"),
        t("library.nothing_text"),
        button(t("library.clear_filters"), on_click=S.clear),
        icon_name="filter",
    )

    def grid(actions: Any) -> rx.Component:
        return photo_grid(
            rx.cond((S.folder != "") | (S.person != ""), nothing, first),
            query=S.query,
            use=S.use,
            changes=S.changes,
            hearts=S.hearts,
            hearted=S.hearted,
            total=S.count,
            sight=S.sight,
            reload=S.reload + O.fresh,
            clear=O.clear,
            actions=actions,
            on_action=lambda name, ids: [
                download_selection(name, ids, S.use),
                share_selection(name, ids),
                ask_selection(name, ids, S.use),
                O.act(name, ids),
            ],
        )

    return rx.cond(
        S.may_edit,
        grid(with_asking(S.may_ask, DOWNLOAD, *EDITING)),
        rx.cond(S.may_download, grid(offered(DOWNLOAD, *LOOKING)), skeleton_grid()),
    )

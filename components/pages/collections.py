"""Photos kept together: the list of collections, one collection, favourites, the archive, the trash."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.forms import remark
from components.i18n import t, t_key
from components.pages.framed import framed
from components.pages.notices import not_for_you
from components.pages.organise import (
    COLLECT,
    COVER,
    EDITING,
    FRONT,
    LOOKING,
    RATE,
    RESTORE,
    UNARCHIVE,
    UNCOLLECT,
    UNFAVOUR,
    admin_items,
    organise_dialogs,
    recent_item,
    with_asking,
)
from components.pages.photo_local import download_selection, downloads
from components.pages.sharing import SHARE, ask_selection, share_dialog, share_selection
from components.photo import DOWNLOAD, TRASH, density_slider, photo_grid
from components.ui import (
    button,
    checkbox,
    confirm_dialog,
    dialog,
    empty_state,
    error_state,
    field,
    link,
    link_button,
    menu,
    menu_item,
    menu_label,
    menu_separator,
    skeleton_grid,
    text_input,
)
from components.ui.icon import icon
from state.organise import OrganiseState
from state.shelves import CollectionsState, ShelfState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
S: Any = ShelfState
L: Any = CollectionsState
O: Any = OrganiseState  # noqa: E741

PLACES = (("collections", "collect"), ("favourites", "heart"), ("archive", "server"), ("trash", "trash"))

KEEPING = tuple(action for action in EDITING if action.name != "favour")


def collections() -> rx.Component:
    """One's own collections and those of the team."""
    new = button(t("collections.new"), kind="primary", icon_name="plus", on_click=L.open_form)
    return framed(
        t("collections.title"),
        rx.el.div(
            _head(t("collections.title"), "collections", new, _more()),
            rx.match(
                L.status,
                ("full", rx.el.ul(rx.foreach(L.rows, _card), class_name="og-cards")),
                ("empty", empty_state(t("collections.empty_title"), t("collections.empty_text"), new, icon_name="collect")),
                ("error", error_state(on_retry=L.load)),
                skeleton_grid(2),
            ),
            class_name="lib",
        ),
        _name_dialog("collections.new", L.creating, L.close_form, L.create, L.errors, may_team=L.may_team),
        organise_dialogs(),
        current="collections",
        on_toast=O.toast_action,
    )


def collection() -> rx.Component:
    """One collection, in the order made by hand."""
    empty = empty_state(
        t("collection.empty_title"),
        t("collection.empty_text"),
        link_button(t("nav.library"), href="/library/", kind="primary", icon_name="library"),
        icon_name="collect",
    )
    more = _more(
        rx.cond(
            S.mine,
            rx.fragment(
                menu_label(t("collection.order_hint")),
                menu_item(t("act.rename"), icon_name="pen", on_click=S.open_dialog("rename")),
                menu_item(t("collection.delete"), icon_name="trash", danger=True, on_click=S.open_dialog("delete")),
                menu_separator(),
            ),
            rx.fragment(),
        )
    )
    by_hand = (FRONT, COVER, UNCOLLECT)
    return _shelf(
        S.name,
        "collections",
        rx.cond(
            S.may_edit,
            rx.cond(
                S.mine,
                _grid(empty, DOWNLOAD, *by_hand, *EDITING, grouped=False),
                _grid(empty, DOWNLOAD, UNCOLLECT, *EDITING, grouped=False),
            ),
            rx.cond(
                S.mine, _grid(empty, DOWNLOAD, *by_hand, *LOOKING, grouped=False), _grid(empty, DOWNLOAD, *LOOKING, grouped=False)
            ),
        ),
        more,
        _name_dialog(
            "act.rename", S.dialog == "rename", S.close_dialog, S.rename, S.errors, may_team=S.may_edit, name=S.name, team=S.team
        ),
        confirm_dialog(
            title=t("collection.delete_title", name=S.name),
            text=t("collection.delete_text", count=S.count),
            confirm=t("act.delete"),
            open=S.dialog == "delete",
            on_confirm=S.delete,
            on_close=S.close_dialog,
        ),
        retry=S.load_collection,
    )


def favourites() -> rx.Component:
    """One's own favourites."""
    empty = empty_state(t("favourites.empty_title"), t("favourites.empty_text"), icon_name="heart")
    grid = rx.cond(S.may_edit, _grid(empty, DOWNLOAD, UNFAVOUR, *KEEPING), _grid(empty, DOWNLOAD, UNFAVOUR, COLLECT, RATE))
    return _shelf(t("nav.favourites"), "favourites", grid, _more(), retry=S.load_favourites)


def archive() -> rx.Component:
    """What is kept as it is."""
    empty = empty_state(t("archive.empty_title"), t("archive.empty_text"), icon_name="server")
    grid = rx.cond(S.may_edit, _grid(empty, DOWNLOAD, UNARCHIVE, *LOOKING), _grid(empty, DOWNLOAD, *LOOKING))
    return _shelf(t("nav.archive"), "archive", grid, _more(), lead=t("archive.lead"), retry=S.load_archive)


def trash() -> rx.Component:
    """What is thrown away, and may be taken back for a while."""
    empty = empty_state(t("trash.empty_title"), t("trash.empty_text"), icon_name="trash")
    clean = rx.cond(
        S.purgeable > 0,
        button(t("trash.empty"), kind="danger", icon_name="trash", on_click=S.open_dialog("empty")),
        rx.fragment(),
    )
    end = rx.fragment(clean, _more())
    return _shelf(
        t("nav.trash"),
        "trash",
        rx.cond(S.may_edit, _grid(empty, RESTORE), _grid(empty)),
        end,
        confirm_dialog(
            rx.cond(S.held > 0, rx.el.p(t("trash.held", count=S.held)), rx.fragment()),
            rx.cond(
                S.count - S.purgeable - S.held > 0,
                rx.el.p(t("trash.not_yours", count=S.count - S.purgeable - S.held)),
                rx.fragment(),
            ),
            title=t("trash.empty_ask"),
            text=t("trash.empty_ask_text", count=S.purgeable),
            confirm=t("trash.empty"),
            open=S.dialog == "empty",
            on_confirm=S.empty_trash,
            on_close=S.close_dialog,
        ),
        lead=t("trash.lead", count=S.days),
        retry=S.load_trash,
    )


def _shelf(title: Any, place: str, grid: rx.Component, *more: rx.Component, lead: Any = None, retry: Any = None) -> rx.Component:
    end, *dialogs = more or (rx.fragment(),)
    words = rx.el.p(lead, class_name="muted small og-lead") if lead is not None else rx.fragment()
    return framed(
        title,
        rx.el.div(
            _head(title, place, end, count=S.count),
            words,
            rx.match(
                S.status,
                ("full", grid),
                ("refused", not_for_you(t("collection.gone_title"), t("collection.gone_text"))),
                ("error", error_state(on_retry=retry)),
                skeleton_grid(2),
            ),
            class_name="lib",
        ),
        *dialogs,
        organise_dialogs(),
        share_dialog(),
        downloads(),
        current="collections",
        on_toast=O.toast_action,
    )


def _more(*first: rx.Component) -> rx.Component:
    """What else one does here; on a phone also the way to folders and fields."""
    return menu(icon("more", 16), *first, recent_item(), admin_items(), label=t("nav.more"), button_class="btn btn-icon")


def _head(title: Any, place: str, *end: rx.Component, count: Any = None) -> rx.Component:
    number = (
        rx.cond(count >= 0, rx.el.span(t("count.photos", count=count), class_name="count num", role="status"), rx.fragment())
        if count is not None
        else rx.fragment()
    )
    places = [
        link(
            icon(symbol, 14),  # type: ignore[arg-type]
            t(f"nav.{name}"),
            href=f"/{name}/",
            class_name="chip on" if name == place else "chip",
            **({"aria_current": "page"} if name == place else {}),
        )
        for name, symbol in PLACES
    ]
    sizes = [density_slider()] if count is not None else []
    return rx.fragment(
        rx.el.div(rx.el.h1(title), number, rx.el.div(*sizes, *end, class_name="end"), class_name="head"),
        rx.el.nav(*places, class_name="chips og-places", aria_label=t("collections.places")),
    )


def _grid(empty: rx.Component, *actions: Any, grouped: bool = True) -> rx.Component:
    once = [one for one in {action.name: action for action in actions}.values() if grouped or one is not TRASH]
    return photo_grid(
        empty,
        path=S.path,
        query=S.query,
        changes=S.changes,
        hearts=S.hearts,
        hearted=S.hearted,
        total=S.count,
        sight=S.sight + S.order,
        reload=S.reload + O.fresh,
        clear=S.clear + O.clear,
        actions=with_asking(S.may_ask, *once) if SHARE in once else once,
        grouped=grouped,
        on_action=lambda name, ids: [
            download_selection(name, ids, "internal"),
            share_selection(name, ids),
            ask_selection(name, ids, ""),
            O.act(name, ids),
            S.act(name, ids),
        ],
    )


def _card(row: Any) -> rx.Component:
    picture = rx.cond(
        row.cover != "",
        rx.el.img(src=row.cover, alt="", loading="lazy"),
        rx.el.span(icon("collect", 32), class_name="og-blank"),
    )
    return rx.el.li(
        link(
            picture,
            rx.el.b(row.name, class_name="truncate"),
            rx.el.small(
                t("count.photos", count=row.photos),
                " · ",
                rx.cond(
                    row.team,
                    rx.cond(row.mine, t("collections.team"), t_key("collections.team_of", {"name": row.owner})),
                    t("collections.mine"),
                ),
            ),
            href="/collection/?id=" + row.id,
            class_name="og-card",
        )
    )


def _name_dialog(
    title: str, shown: Any, on_close: Any, on_submit: Any, errors: Any, *, may_team: Any, name: Any = "", team: Any = False
) -> rx.Component:
    form = f"{title.replace('.', '-')}-form"
    return dialog(
        rx.el.form(
            field(
                t("field.name"),
                text_input("name", default_value=name, max_length=200, required=True),
                name="name",
                error=remark(errors["name"]),
            ),
            rx.cond(
                may_team,
                checkbox(
                    t("collections.for_team"), hint=t("collections.for_team_hint"), name="team", value="yes", default_checked=team
                ),
                rx.fragment(),
            ),
            id=form,
            class_name="stack-4",
            on_submit=on_submit,
        ),
        title=t(title),
        open=shown,
        on_close=on_close,
        footer=[button(t("act.cancel"), on_click=on_close), button(t("act.save"), kind="primary", type="submit", form=form)],
    )

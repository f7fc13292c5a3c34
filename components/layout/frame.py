"""The frame of every signed-in page: rail, top bar, connection, account menu, phone bar, messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex_base.components.component import Component
from reflex_components_core.core.banner import has_connection_errors

from components.i18n import language_var, switch_language, t, t_key
from components.layout.navigation import ADMIN, MAIN, PARENT, STAFF, UPLOAD, PageKey, Place
from components.theme import theme_choices
from components.ui import badge, initials, link, link_button, mark, menu, menu_choice, menu_item, menu_label, menu_separator
from components.ui.behave import LIBRARY
from components.ui.icon import icon


class _SearchKeys(Component):
    library = LIBRARY
    tag = "SearchKeys"
    target: rx.Var[str]


@dataclass(frozen=True, slots=True)
class Viewer:
    """What the frame shows of the person signed in: variables of the page's state, and the events of the account menu."""

    name: rx.Var[str]
    initials: rx.Var[str]
    email: rx.Var[str]
    role: rx.Var[str]
    organisation: rx.Var[str]
    organisation_initials: rx.Var[str]
    language: rx.Var[str]
    uses: rx.Var[Any]
    to_review: rx.Var[str]
    to_consents: rx.Var[str]
    toasts: rx.Var[Any]
    on_dismiss: Any
    on_sign_out: Any
    on_language: Any | None = None
    """Called with "nl" or "en" to keep the choice for the account; the screen has switched by then."""
    busy: rx.Var[bool] | bool = False
    """Whether what the page reads on opening is still to come; screen readers wait for it."""


def _visible(place: Place, viewer: Viewer, component: rx.Component) -> rx.Component:
    if not place.roles:
        return component
    return rx.cond(rx.Var.create(list(place.roles)).contains(viewer.role), component, rx.fragment())


def _rail_item(place: Place, current: PageKey, viewer: Viewer) -> rx.Component:
    props: dict[str, Any] = {"aria_current": "page"} if place.key == current else {}
    return _visible(
        place,
        viewer,
        link(
            icon(place.icon, 18), rx.el.span(t(place.label), class_name="label"), _waiting(place, viewer),
            href=place.href, class_name="rail-item", title=t(place.label), **props,
        ),
    )  # fmt: skip


def _waiting(place: Place, viewer: Viewer) -> rx.Component:
    """How much waits there, live."""
    waiting = {"review": (viewer.to_review, "nav.waiting"), "consents": (viewer.to_consents, "nav.ending")}.get(place.key)
    if waiting is None:
        return rx.fragment()
    number, words = waiting
    return rx.cond(number, rx.fragment(badge(number, kind="live"), rx.el.span(t(words), class_name="vh")), rx.fragment())


def _rail(current: PageKey, viewer: Viewer) -> rx.Component:
    admin_roles = sorted({role for place in ADMIN for role in place.roles})
    heading = rx.cond(
        rx.Var.create(admin_roles).contains(viewer.role),
        rx.el.div(t("nav.admin"), class_name="rail-label"),
        rx.fragment(),
    )
    return rx.el.nav(
        link(mark(), rx.el.span(t("product")), href="/library/", class_name="brand", aria_label=t("product")),
        *[_rail_item(place, current, viewer) for place in MAIN],
        heading,
        *[_rail_item(place, current, viewer) for place in ADMIN],
        rx.el.div(
            rx.el.div(
                rx.el.span(viewer.organisation_initials, class_name="avatar initials org", aria_hidden="true"),
                rx.el.span(
                    rx.el.span(viewer.organisation, class_name="org-name"), rx.el.br(), t_role(viewer.role), class_name="truncate"
                ),
                class_name="rail-org",
            ),
            class_name="rail-end",
        ),
        class_name="rail",
        aria_label=t("nav.main"),
    )


def t_role(role: rx.Var[str]) -> rx.Var[str]:
    """The name of a role."""
    return t_key(role, prefix="role.")


def connection() -> rx.Component:
    """The small dot: live, or the connection is lost."""
    return rx.cond(
        has_connection_errors,
        rx.el.span(t("top.lost"), class_name="conn lost", title=t("top.lost_hint"), role="status"),
        rx.el.span(t("top.live"), class_name="conn desk", title=t("top.live_hint"), role="status"),
    )


def connection_bar() -> rx.Component:
    """Says that the connection dropped, and that what was typed stays. Part of every page template."""
    return rx.cond(
        has_connection_errors,
        rx.el.div(icon("alert", 16), t("top.lost_hint"), class_name="conn-bar", role="alert"),
        rx.fragment(),
    )


def bell(viewer: Viewer) -> rx.Component:
    """The way to one's alerts, with how many one has not looked at. Live."""
    label = rx.cond(viewer.to_consents, t("top.alerts_new", count=viewer.to_consents), t("top.alerts"))
    news = rx.cond(viewer.to_consents, badge(viewer.to_consents, kind="live"), rx.fragment())
    face = link(icon("bell", 20), news, href="/alerts/", class_name="btn btn-quiet btn-icon bell", aria_label=label, title=label)
    return rx.cond(rx.Var.create(list(STAFF)).contains(viewer.role), face, rx.fragment())


def account_menu(viewer: Viewer) -> rx.Component:
    """Who is signed in, language, appearance, sign out."""

    def language(code: Any) -> rx.Component:
        events: list[Any] = [switch_language(code)]
        if viewer.on_language is not None:
            events.append(viewer.on_language(code))
        return menu_choice(t(f"language.{code}"), checked=language_var() == code, on_click=events)

    return menu(
        initials(viewer.initials),
        rx.el.div(rx.el.b(viewer.name), rx.el.small(viewer.email), class_name="menu-head"),
        menu_label(t("account.language")),
        language("nl"),
        language("en"),
        menu_separator(),
        menu_label(t("account.theme")),
        *theme_choices(),
        menu_separator(),
        menu_item(t("account.title"), icon_name="admin", href="/account/"),
        menu_item(t("account.sign_out"), icon_name="logout", on_click=viewer.on_sign_out),
        label=t("top.account", name=viewer.name),
        button_class="account",
    )


def search_box(*, on_submit: Any, default_value: Any = "", name: str = "q") -> rx.Component:
    """The search field of the top bar; "/" or Ctrl/Cmd-K puts the cursor in it. `on_submit` gets the form's data: {"q": …}."""
    return rx.el.form(
        rx.el.label(
            icon("search", 16),
            rx.el.span(t("top.search"), class_name="vh"),
            rx.el.input(
                id="top-search",
                name=name,
                type="search",
                placeholder=t("top.search_hint"),
                default_value=default_value,
                auto_complete="off",
            ),
            rx.el.kbd("/", aria_hidden="true"),
            class_name="search",
        ),
        _SearchKeys.create(target="top-search"),
        on_submit=on_submit,
        class_name="search-form",
        role="search",
    )


def _top(viewer: Viewer, search: rx.Component | None) -> rx.Component:
    upload = _visible(
        UPLOAD, viewer, link_button(t("nav.upload"), href=UPLOAD.href, kind="primary", icon_name="upload", class_name="desk")
    )
    return rx.el.header(
        link(mark(), href="/library/", class_name="brand phone", aria_label=t("product")) if search is None else rx.fragment(),
        search or rx.fragment(),
        rx.el.div(connection(), upload, bell(viewer), account_menu(viewer), class_name="top-end"),
        class_name="top",
    )


def _bottom(current: PageKey, viewer: Viewer) -> rx.Component:
    """Five places on a phone, upload in the centre; what a role may not use leaves its place empty, so that the centre stays."""

    def item(place: Place) -> rx.Component:
        props: dict[str, Any] = {"aria_current": "page"} if place.key == current else {}
        entry = link(icon(place.icon, 20), t(place.label), _waiting(place, viewer), href=place.href, **props)
        return rx.el.span(_visible(place, viewer, entry), class_name="slot")

    centre: dict[str, Any] = {"aria_current": "page"} if current == "upload" else {}
    up = link(rx.el.span(icon("upload", 20)), href=UPLOAD.href, class_name="up", aria_label=t("nav.upload"), **centre)
    library, review, people, *_ = MAIN
    return rx.el.nav(
        item(library),
        item(review),
        rx.el.span(_visible(UPLOAD, viewer, up), class_name="slot"),
        item(people),
        rx.el.span(_more(viewer), class_name="slot"),
        class_name="bottom",
        aria_label=t("nav.main"),
    )


def _more(viewer: Viewer) -> rx.Component:
    """Everything that has no place of its own in the phone bar."""
    _, _, _, *rest = MAIN
    places = [
        _visible(place, viewer, menu_item(t(place.label), icon_name=place.icon, href=place.href)) for place in (*rest, *ADMIN)
    ]
    return menu(rx.el.span(icon("more", 20), t("nav.more"), class_name="more"), *places, align="end up", button_class="")


def frame(
    *children: Any, current: PageKey, viewer: Viewer, slim: bool = False, search: rx.Component | None = None, bare: bool = False
) -> rx.Component:
    """Rail, top bar, main and phone bar. `slim`: the rail as icons; `bare`: no top bar (the photo page brings its own)."""
    lit = PARENT.get(current, current)
    look = " ".join(word for word, on in (("app", True), ("slim", slim), ("bare", bare)) if on)
    return rx.el.div(
        rx.el.a(t("nav.skip"), href="#main", class_name="skip"),
        _rail(lit, viewer),
        rx.fragment() if bare else _top(viewer, search),
        rx.el.main(connection_bar(), *children, class_name="main", id="main", tab_index=-1, aria_busy=viewer.busy),
        _bottom(lit, viewer),
        class_name=look,
    )

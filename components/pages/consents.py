"""The consents page, drawn: five columns at a desk, the same five as tabs on a phone."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.components.component import NoSSRComponent

from components.ask_dialog import ask_dialog
from components.event_codes import event_codes_dialog
from components.forms import remark
from components.i18n import t, t_date, t_key
from components.layout import head
from components.links import person_page
from components.pages.framed import framed
from components.pages.house_scripts import REQUEST_LIST
from components.pages.notices import not_for_you
from components.people import portrait, use_name
from components.shield import shield_icon
from components.ui import (
    IconName,
    button,
    chip,
    dialog,
    empty_state,
    error_state,
    field,
    icon,
    link,
    menu,
    menu_item,
    skeleton_rows,
    styles,
    text_input,
)
from state.consent_ask import ConsentAskState
from state.consents import COLUMNS, ConsentsState
from state.event_codes import EventCodesState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
S: Any = ConsentsState
A: Any = ConsentAskState


class _RequestList(NoSSRComponent):
    library = REQUEST_LIST
    tag = "RequestList"


# What a record's note says, in the colour and with the sign of that state.
NOTED = {
    "signed": "approved",
    "no_end": "approved",
    "until_of_age": "approved",
    "expiring": "expiring",
    "expired": "expired",
    "withdrawn": "revoked",
}
SHIELDS = {"signed": "approved", "expiring": "expiring", "ended": "revoked"}
WAYS: dict[str, IconName] = {"email": "mail", "link": "qr", "kiosk": "tablet", "staff": "paper"}


def consents() -> rx.Component:
    """The page."""
    return framed(
        t("consents.title"),
        styles("people.css", "consents.css"),
        rx.el.div(
            head(
                t("consents.title"),
                views("board"),
                rx.cond(
                    S.may_ask,
                    rx.fragment(
                        button(t("consents.event_code"), icon_name="qr", on_click=EventCodesState.open_codes), _RequestList.create()
                    ),
                    rx.fragment(),
                ),
            ),
            rx.match(
                S.status,
                ("full", rx.fragment(_tabs(), _board())),
                ("empty", empty_state(t("consents.empty_title"), t("consents.empty_text"), icon_name="consent")),
                ("refused", not_for_you(t("consents.refused_title"), t("consents.refused_text"))),
                ("error", error_state(on_retry=S.load)),
                rx.el.div(
                    *[
                        rx.el.section(skeleton_rows(4, faces=True), class_name="cs-col" if at else "cs-col cur")
                        for at in range(len(COLUMNS))
                    ],
                    class_name="cs-board",
                ),
            ),
            class_name="wrap-page cs",
        ),
        ask_dialog(),
        event_codes_dialog(),
        _address_dialog(),
        _reach_dialog(),
        current="consents",
    )


def views(here: str) -> rx.Component:
    """The ways of looking at consents, and the forms, as links."""

    def view(key: str, href: str) -> rx.Component:
        current: dict[str, Any] = {"aria_current": "page"} if key == here else {}
        return link(t(f"consents.{key}"), href=href, **current)

    return rx.el.nav(
        view("board", "/consents/"),
        view("over_time", "/consents/timeline/"),
        view("templates", "/consents/forms/"),
        class_name="seg",
        aria_label=t("consents.views"),
    )


def _mark(name: str) -> rx.Component:
    if name in SHIELDS:
        return shield_icon(SHIELDS[name])
    return icon("pen" if name == "unasked" else "clock", 18)


def _tabs() -> rx.Component:
    """The columns on a phone."""
    return rx.el.div(
        *[
            chip(
                _mark(name),
                t(f"consents.column_{name}"),
                rx.el.span(S.counts[name], class_name="num"),
                on=S.column == name,
                on_click=S.choose_column(name),
            )
            for name in COLUMNS
        ],
        class_name="cs-tabs",
        role="group",
        aria_label=t("consents.columns"),
    )


def _board() -> rx.Component:
    lists = {"unasked": S.unasked, "waiting": S.waiting, "signed": S.signed, "expiring": S.expiring, "ended": S.ended}
    return rx.el.div(*[_column(name, lists[name]) for name in COLUMNS], class_name="cs-board")


def _column(name: str, cards: Any) -> rx.Component:
    state = f"s-{SHIELDS[name]}" if name in SHIELDS else ""
    ask_all = rx.cond(
        S.may_ask & (cards.length() > 0),
        rx.el.div(button(t("consents.ask_all"), size="sm", icon_name="mail", on_click=A.open_for_all), class_name="cs-all"),
        rx.fragment(),
    )
    return rx.el.section(
        rx.el.h2(
            _mark(name), t(f"consents.column_{name}"), rx.el.span(S.counts[name], class_name="n num"), class_name=f"cs-head {state}"
        ),
        ask_all if name == "unasked" else rx.fragment(),
        rx.cond(
            cards.length() > 0,
            rx.el.ul(rx.foreach(cards, _card), class_name="cs-list"),
            rx.el.p(t("consents.empty_column"), class_name="cs-none"),
        ),
        rx.cond(
            (S.counts[name] > cards.length()) & (cards.length() > 0),
            rx.el.div(button(t("consents.more"), size="sm", kind="quiet", on_click=S.show_more), class_name="cs-all"),
            rx.fragment(),
        ),
        class_name=rx.cond(S.column == name, "cs-col cur", "cs-col"),
        aria_label=t(f"consents.column_{name}"),
    )


def _card(card: Any) -> rx.Component:
    signs = [(note, shield_icon(state)) for note, state in NOTED.items()]
    looks = [(note, f"cs-note s-{state}") for note, state in NOTED.items()]
    way = rx.match(
        card.way,
        *[(key, rx.el.span(icon(glyph, 16), rx.el.span(t(f"consents.way_{key}"), class_name="vh"))) for key, glyph in WAYS.items()],
        rx.fragment(),
    )
    return rx.el.li(
        rx.el.div(
            portrait(card.face, card.initials, card.state, size="sm"),
            rx.el.span(
                link(card.name, href=person_page(card.person_id)),
                rx.cond(card.photos > 0, rx.el.small(t("consents.on_photos", count=card.photos)), rx.fragment()),
                class_name="cs-name",
            ),
            _menu(card),
            class_name="cs-top",
        ),
        rx.cond(card.uses.length() > 0, rx.el.div(rx.foreach(card.uses, _use), class_name="cs-uses"), rx.fragment()),
        rx.cond(
            card.step >= 0,
            rx.el.div(
                *[rx.el.i(class_name=rx.cond(card.step >= at, "on", "")) for at in (1, 2, 3)],
                class_name="cs-prog",
                aria_hidden="true",
            ),
            rx.fragment(),
        ),
        rx.el.div(
            rx.el.p(
                rx.cond(card.trouble, icon("alert", 14), rx.match(card.note, *signs, rx.fragment())),
                t_key(card.note, prefix="consents.note."),
                rx.cond(card.at != "", rx.fragment(rx.cond(card.trouble, " · ", " "), t_date(card.at, "short")), rx.fragment()),
                class_name=rx.cond(card.trouble, "cs-note bad", rx.match(card.note, *looks, "cs-note")),
            ),
            way,
            class_name="cs-foot",
        ),
        rx.cond(
            (card.bounced != "") & S.may_ask,
            button(t("consents.correct"), size="sm", icon_name="pen", on_click=S.ask_address(card.id)),
            rx.fragment(),
        ),
        rx.cond(
            card.lacks != "",
            rx.el.p(icon("alert", 14), t_key(card.lacks, prefix="consents.lacks_"), class_name="cs-note bad"),
            rx.fragment(),
        ),
        rx.cond(
            S.may_ask & (card.lacks != "") & (card.lacks != "guardian"),
            button(t("consents.fill_in"), size="sm", icon_name="mail", on_click=S.ask_reach(card.renews)),
            rx.fragment(),
        ),
        rx.cond(
            S.may_ask & (((card.kind == "person") & (card.lacks == "")) | (card.lacks == "guardian")),
            button(t("consents.ask"), size="sm", icon_name="consent", on_click=A.open_for(card.person_id, "")),
            rx.fragment(),
        ),
        class_name="cs-card",
        key=card.id,
    )


def _use(use: Any) -> rx.Component:
    off = rx.el.span(", ", t("consents.not_granted"), class_name="vh")
    return rx.el.span(use_name(use.nl, use.en), rx.cond(use.off, off, rx.fragment()), class_name=rx.cond(use.off, "u off", "u"))


def _menu(card: Any) -> rx.Component:
    """What can be done to a request or record; nothing for who was never asked."""
    face = icon("more", 16)
    of_request = menu(
        face,
        menu_item(t("consents.resend"), icon_name="mail", on_click=S.send_again(card.id)),
        rx.cond(
            card.way == "email", menu_item(t("consents.correct"), icon_name="pen", on_click=S.ask_address(card.id)), rx.fragment()
        ),
        menu_item(t("consents.show_link"), icon_name="qr", on_click=A.show_links(card.id)),
        menu_item(t("consents.cancel"), icon_name="withdraw", danger=True, on_click=S.cancel(card.id)),
        label=t("consents.actions"),
        button_class="btn btn-quiet btn-sm btn-icon",
    )
    renew = menu_item(t("consents.renew"), icon_name="renew", on_click=S.renew(card.id))
    proof = menu_item(t("consents.proof"), icon_name="download", href=f"/api/v1/consents/{card.id}/evidence")
    of_record = menu(
        face,
        rx.cond(card.may_renew, renew, rx.fragment()),
        rx.cond(card.proven, proof, rx.fragment()),
        label=t("consents.actions"),
        button_class="btn btn-quiet btn-sm btn-icon",
    )
    return rx.cond(
        S.may_ask & card.may_resend,
        of_request,
        rx.cond((card.kind == "record") & (card.may_renew | card.proven), of_record, rx.fragment()),
    )


def _address_dialog() -> rx.Component:
    return _asks_address("consents-address", t("consents.correct_text"), S.correcting != "", S.correct, t("consents.send"))


def _reach_dialog() -> rx.Component:
    """For somebody without an address, who can be asked with one."""
    text = rx.cond(S.reaching_later, t("consents.reach_later"), t("consents.reach_text"))
    done = rx.cond(S.reaching_later, t("act.save"), t("consents.send"))
    return _asks_address("consents-reach", text, S.reaching != "", S.reach, done)


def _asks_address(form: str, text: Any, shown: Any, on_submit: Any, done: Any) -> rx.Component:
    return dialog(
        rx.el.form(
            field(
                t("consents.guardian_email"),
                text_input("email", type="email", auto_complete="off", invalid=S.errors.contains("email")),
                name="email",
                error=remark(S.errors["email"]),
            ),
            id=form,
            on_submit=on_submit,
            no_validate=True,
        ),
        title=t("consents.correct_title", name=S.correcting_name),
        description=text,
        open=shown,
        on_close=S.keep_address,
        footer=[
            button(t("act.cancel"), on_click=S.keep_address),
            button(done, kind="primary", icon_name="mail", type="submit", form=form),
        ],
    )

"""What is open for a person now, and what privacy asks: requests that wait, a request entered, the link to their own page, the log."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.i18n import t, t_date, t_key
from components.links import photo_page
from components.ui import button, card, icon, link, text_button
from state.person import PersonState

# What a state holds is an expression of the browser here, which type checkers cannot know.
Page: Any = PersonState

P: Any = Page.person


def now() -> rx.Component:
    """Requests that wait for an answer: of the person, or of the house."""

    def request(one: Any) -> rx.Component:
        return rx.el.li(
            rx.cond(one.trouble, icon("alert", 16), icon("mail", 16)),
            rx.el.span(
                t("person.request"),
                rx.el.small(
                    t_key(one.note, prefix="consents.note."), rx.cond(one.at, rx.fragment(" ", t_date(one.at, "short")), "")
                ),
                class_name="grow",
            ),
            rx.cond(
                P.may_consent & one.may_resend & (one.way == "email"),
                button(t("person.remind"), size="sm", on_click=Page.send_again(one.id)),
                rx.fragment(),
            ),
            key=one.id,
        )

    def own(one: Any) -> rx.Component:
        left = rx.cond(one.late, t("privacy.late"), rx.cond(one.left > 0, t("privacy.left", count=one.left), t("privacy.today")))
        return rx.el.li(
            rx.match(one.kind, ("access", icon("download", 16)), icon("trash", 16)),
            rx.el.span(
                t_key(one.kind, prefix="privacy.kind."),
                rx.el.small(t("privacy.due", date=t_date(one.due_at)), " · ", left),
                class_name="grow",
            ),
            link(t("person.to_answer"), href="/privacy/"),
            key=one.id,
        )

    faces = rx.el.li(
        icon("review", 16),
        rx.el.span(t("person.faces_wait", count=P.to_confirm), class_name="grow"),
        link(t("person.to_review"), href="/review/"),
    )
    alone = rx.el.li(
        icon("face", 16),
        rx.el.span(t("person.by_itself", count=P.alone), rx.el.small(t("person.by_itself_hint")), class_name="grow"),
        link(t("person.by_itself_look"), href=photo_page(P.alone_photo, of=f"person_id={P.id}")),
    )
    return rx.cond(
        (Page.asked.length() > 0) | (Page.asks.length() > 0) | (P.to_confirm > 0) | (P.alone > 0),
        card(
            rx.el.ul(
                rx.foreach(Page.asks, own),
                rx.foreach(Page.asked, request),
                rx.cond(P.to_confirm > 0, faces, rx.fragment()),
                rx.cond(P.alone > 0, alone, rx.fragment()),
                class_name="pe-list",
            ),
            title=t("person.now"),
            pad=False,
        ),
        rx.fragment(),
    )


def privacy() -> rx.Component:
    """What one can do for this person's privacy, each for who may."""

    def line(glyph: Any, action: Any, hint: Any) -> rx.Component:
        return rx.el.li(icon(glyph, 16), rx.el.span(action, rx.el.small(hint), class_name="grow"))

    ask = link(t("person.enter_request"), href=f"/privacy/?person={P.id}")
    log = link(t("person.activity"), href=f"/audit/?person_id={P.id}")
    own = text_button(t("person.send_page"), on_click=Page.send_page)
    reachable = P.may_consent & (P.email != "")
    return rx.cond(
        P.may_privacy | P.may_audit | reachable,
        card(
            rx.el.ul(
                rx.cond(P.may_privacy, line("paper", ask, t("person.enter_request_hint")), rx.fragment()),
                rx.cond(reachable, line("mail", own, t("person.send_page_hint")), rx.fragment()),
                rx.cond(P.may_audit, line("audit", log, t("person.activity_hint")), rx.fragment()),
                class_name="pe-list",
            ),
            title=t("person.privacy"),
            pad=False,
        ),
        rx.fragment(),
    )

"""The dialog in which somebody is asked to sign, and what is shown then: a code to scan, a link to open here."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.forms import choice, remark
from components.i18n import t
from components.people import use_name
from components.photo import folder_picker
from components.ui import button, dialog, field, icon, link_button, select, text_input
from state.consent_ask import ConsentAskState
from state.consent_form import PLACES

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
A: Any = ConsentAskState
E: Any = ConsentAskState.errors
FORM = "consent-ask"


def ask_dialog() -> rx.Component:
    """The dialog; its state opens it."""
    showing = A.links.length() > 0
    title = rx.cond(
        showing,
        t("consents.links_title", name=A.person_name),
        rx.cond(A.many, t("consents.ask_all_title"), t("consents.ask_for", name=A.person_name)),
    )
    lead = rx.cond(A.many, t("consents.ask_all_lead", count=A.count), t("consents.ask_lead"))
    return dialog(
        rx.cond(showing, _links(), _form()),
        title=title,
        description=rx.cond(showing, t("consents.links_text"), lead),
        open=A.open,
        on_close=A.close,
        footer=[
            button(rx.cond(showing, t("act.close"), t("act.cancel")), on_click=A.close),
            rx.cond(
                showing,
                rx.fragment(),
                button(
                    t("consents.go_on"),
                    kind="primary",
                    icon_name="check",
                    type="submit",
                    disabled=A.many & (A.count == 0),
                    custom_attrs={"form": FORM},
                ),
            ),
        ],
    )


def _form() -> rx.Component:
    languages = [("", t("consents.house_language")), ("nl", t("language.nl")), ("en", t("language.en"))]
    templates = rx.el.span(
        rx.el.select(
            rx.foreach(A.forms, lambda row: rx.el.option(use_name(row[1], row[2]), value=row[0])),
            id="template",
            name="template",
            class_name="input",
        ),
        icon("down", 16),
        class_name="select",
    )
    return rx.el.form(
        field(t("consents.form"), templates, name="template"),
        rx.cond(A.many, rx.fragment(), rx.fragment(_way(), _guardians(), _about(), _where())),
        field(t("consents.language"), select("language", languages), name="language"),
        id=FORM,
        on_submit=A.submit,
        class_name="stack-4",
        no_validate=True,
    )


def _way() -> rx.Component:
    to = rx.cond(A.address != "", t("consents.way_email_to", address=A.address), t("consents.way_email_none"))
    address = field(
        t("consents.guardian_email"),
        text_input("email", type="email", auto_complete="off", invalid=E.contains("email")),
        name="email",
        error=remark(E["email"]),
    )
    return rx.el.fieldset(
        rx.el.legend(t("consents.way")),
        choice("way", "email", t("consents.way_email"), hint=rx.cond(A.guardians > 0, "", to), checked=True),
        rx.cond((A.guardians == 0) & (A.address == ""), rx.el.div(address, class_name="ask-address"), rx.fragment()),
        choice("way", "link", t("consents.way_link"), hint=t("consents.way_link_hint")),
        choice("way", "kiosk", t("consents.way_kiosk"), hint=t("consents.way_kiosk_hint")),
        _remark("way"),
        _remark("person_id"),
        class_name="field ask-way",
    )


def _guardians() -> rx.Component:
    def one(number: int) -> rx.Component:
        return rx.el.fieldset(
            rx.el.legend(t("consents.guardian", number=number)),
            field(t("field.name"), text_input(f"guardian_name_{number}", auto_complete="off"), name=f"guardian_name_{number}"),
            field(
                t("consents.guardian_email"),
                text_input(f"guardian_email_{number}", type="email", auto_complete="off"),
                name=f"guardian_email_{number}",
            ),
            class_name="field",
        )

    return rx.cond(
        A.guardians > 0,
        rx.fragment(one(1), rx.cond(A.guardians > 1, one(2), rx.fragment()), _remark("guardians")),
        rx.fragment(),
    )


def _about() -> rx.Component:
    """Which photos: all, this one, or those of an event; there who opts in to recognition may take a selfie."""
    return rx.el.fieldset(
        rx.el.legend(t("consents.about")),
        choice("extent", "all", t("consents.about_all"), checked=True),
        rx.cond(A.asset_id != "", choice("extent", "photos", t("consents.about_this")), rx.fragment()),
        choice("extent", "folder", t("consents.about_event"), hint=t("consents.about_event_hint")),
        folder_picker(value=A.folder, on_choose=A.choose_folder, name="event-folder"),
        _remark("scope_ids"),
        class_name="field ask-about",
    )


def _where() -> rx.Component:
    """In which countries it may hold; the form says so to who signs."""
    options = [("", t("consent_form.anywhere")), *((place, t(f"territory.{place}")) for place in PLACES)]
    return field(t("consent_form.territory"), select("territory", options), name="territory", error=remark(E["territories"]))


def _links() -> rx.Component:
    def one(row: Any) -> rx.Component:
        return rx.el.li(
            rx.el.b(row[0]),
            rx.el.img(src=row[2], alt=t("consents.code_of", name=row[0]), width="220", height="220", class_name="qr"),
            rx.el.input(value=row[1], read_only=True, aria_label=t("consents.code_of", name=row[0]), class_name="input"),
            link_button(t("consents.open_here"), href=row[1], icon_name="tablet", target="_blank"),
        )

    return rx.el.ul(rx.foreach(A.links, one), class_name="ask-links stack-4")


def _remark(name: str) -> rx.Component:
    return rx.cond(
        E.contains(name), rx.el.span(icon("alert", 14), remark(E[name]), class_name="error", role="alert"), rx.fragment()
    )

"""The person page's dialogs: edit, merge and back, withdraw."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.forms import remark
from components.i18n import t
from components.people import portrait, use_name
from components.ui import button, checkbox, confirm_dialog, dialog, field, icon, notice, select, text_area, text_input
from state.person import PersonState

# What a state holds is an expression of the browser here, which type checkers cannot know.
Page: Any = PersonState

P: Any = Page.person
E: Any = Page.errors
EDIT, ENDING = "person-edit", "consent-ending"


def edit_dialog() -> rx.Component:
    """What is known of the person."""
    return dialog(
        rx.el.form(
            field(
                t("field.name"),
                text_input("name", default_value=P.name, auto_complete="off", invalid=E.contains("name")),
                name="name",
                error=remark(E["name"]),
            ),
            field(
                t("field.email"),
                text_input("email", type="email", default_value=Page.address, auto_complete="off", invalid=E.contains("email")),
                name="email",
                hint=t("person.email_hint"),
                error=remark(E["email"]),
            ),
            field(
                t("person.reference"),
                text_input("reference", default_value=Page.reference, auto_complete="off", max_length=320),
                name="reference",
                hint=t("person.reference_hint"),
            ),
            rx.el.div(
                field(
                    t("person.born"),
                    text_input("born", type="date", default_value=P.born, invalid=E.contains("birth_date")),
                    name="born",
                    hint=t("person.born_hint"),
                    error=remark(E["birth_date"]),
                ),
                field(
                    t("person.guardians"),
                    select(
                        "guardians",
                        [("1", t("person.guardians_1")), ("2", t("person.guardians_2"))],
                        default_value=P.guardians.to_string(),
                    ),
                    name="guardians",
                    hint=t("person.guardians_hint"),
                ),
                class_name="form-grid",
            ),
            checkbox(t("person.minor"), hint=t("person.minor_hint"), name="minor", default_checked=P.minor),
            field(t("field.note"), text_area("note", default_value=P.note), name="note", error=remark(E["note"])),
            id=EDIT,
            on_submit=Page.save,
            class_name="stack-4",
            no_validate=True,
        ),
        title=t("person.edit", name=P.name),
        open=Page.form == "edit",
        on_close=Page.close_form,
        footer=[
            button(t("act.cancel"), on_click=Page.close_form),
            button(t("act.save"), kind="primary", type="submit", custom_attrs={"form": EDIT}),
        ],
    )


def merge_dialog() -> rx.Component:
    """Two entries were one person: who is it really?"""

    def other(one: Any) -> rx.Component:
        return rx.el.button(
            portrait(one.face, one.initials, one.state, size="sm"),
            rx.el.span(one.name, rx.el.small(t("count.photos", count=one.photos)), class_name="ad-name"),
            type="button",
            class_name="p-row",
            on_click=Page.choose_other(one.id),
        )

    searching = rx.fragment(
        field(
            t("person.merge_who"),
            rx.el.span(
                icon("search", 16),
                rx.el.input(
                    id="merge-search",
                    type="search",
                    auto_complete="off",
                    class_name="input",
                    on_change=Page.find_others.debounce(150),
                ),
                class_name="with-icon",
            ),
            name="merge-search",
        ),
        rx.el.div(rx.foreach(Page.found, other), class_name="p-rows", aria_live="polite"),
    )
    look = Page.outlook
    asking = rx.fragment(
        rx.el.div(
            portrait(P.face, P.initials, "", size="lg"),
            icon("right", 24),
            portrait(look.face, look.initials, "", size="lg"),
            class_name="pe-merge",
            aria_hidden="true",
        ),
        rx.el.p(
            t(
                "person.merge_text",
                name=P.name,
                other=Page.into_name,
                photos=t("count.photos", count=look.photos),
                consents=t("person.count_consents", count=look.consents),
            )
        ),
        rx.cond(look.minor, notice(t("person.merge_minor", name=P.name, other=Page.into_name), kind="warn"), rx.fragment()),
        rx.cond(look.off, notice(t("person.merge_off", name=P.name, other=Page.into_name), kind="warn"), rx.fragment()),
        rx.cond(
            look.together > 0,
            notice(t("person.merge_together", count=look.together), kind="bad", role="alert"),
            rx.cond(E.contains("merge"), notice(remark(E["merge"]), kind="bad"), rx.fragment()),
        ),
        rx.el.div(button(t("person.merge_other"), size="sm", kind="quiet", icon_name="back", on_click=Page.choose_again)),
    )
    return dialog(
        rx.cond(Page.into, asking, searching),
        title=t("person.merge_title", name=P.name),
        open=Page.form == "merge",
        on_close=Page.close_form,
        footer=[
            button(t("act.cancel"), on_click=Page.close_form),
            button(t("person.merge_now"), kind="primary", disabled=(Page.into == "") | (look.together > 0), on_click=Page.merge),
        ],
    )


def unmerge_dialog() -> rx.Component:
    """What goes back, before it does."""
    gone = Page.parting
    return confirm_dialog(
        title=t("person.unmerge_title", name=gone.name),
        text=t(
            "person.unmerge_text",
            name=gone.name,
            faces=t("person.count_faces", count=gone.faces),
            consents=t("person.count_consents", count=gone.consents),
        ),
        confirm=t("person.unmerge"),
        open=Page.form == "unmerge",
        on_confirm=Page.unmerge,
        on_close=Page.close_form,
        danger=False,
    )


def withdraw_dialog() -> rx.Component:
    """Everything is ticked at first, so that all goes in one click."""

    def use(one: Any) -> rx.Component:
        return checkbox(use_name(one[1], one[2]), name=f"end_{one[0]}", default_checked=True)

    return dialog(
        rx.el.p(t("person.withdraw_text", name=P.name, photos=t("count.photos", count=Page.ending_photos))),
        rx.el.form(
            rx.el.fieldset(
                rx.el.legend(t("person.withdraw_uses")),
                rx.foreach(Page.ending_uses, use),
                rx.cond(
                    E.contains("uses"),
                    rx.el.span(icon("alert", 14), remark(E["uses"]), class_name="error", role="alert"),
                    rx.fragment(),
                ),
                class_name="field cf-uses",
            ),
            id=ENDING,
            on_submit=Page.withdraw,
            no_validate=True,
        ),
        notice(t("person.withdraw_final")),
        title=t("person.withdraw_title", number=Page.ending_number),
        open=Page.form == "withdraw",
        on_close=Page.close_form,
        footer=[
            button(t("act.cancel"), on_click=Page.close_form, custom_attrs={"data-autofocus": "true"}),
            button(t("consent.withdraw"), kind="danger-solid", type="submit", custom_attrs={"form": ENDING}),
        ],
    )

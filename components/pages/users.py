"""The users page, drawn."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.forms import choice, remark
from components.i18n import t, t_date, t_key
from components.layout import body, head
from components.pages.departments import department_dialogs, departments
from components.pages.framed import framed
from components.pages.notices import not_for_you
from components.ui import (
    button,
    confirm_dialog,
    dialog,
    error_state,
    field,
    icon,
    initials,
    password_input,
    select,
    skeleton_rows,
    styles,
    table,
    text_input,
)
from state.admin_users import ROLES, UsersState

# What a state holds is an expression of the browser here, which type checkers cannot know.
Users: Any = UsersState

FORM = "new-user"


def users() -> rx.Component:
    """The page."""
    return framed(
        t("users.title"),
        styles("admin.css"),
        body(
            head(
                t("users.title"),
                rx.cond(
                    Users.status == "full",
                    button(t("users.new"), kind="primary", icon_name="userplus", on_click=Users.open_form),
                    rx.fragment(),
                ),
                count=rx.cond(Users.status == "full", Users.users.length(), ""),
            ),
            rx.match(
                Users.status,
                ("full", _table()),
                ("refused", not_for_you(t("admin.refused_title"), t("admin.refused_text"))),
                ("error", error_state(on_retry=Users.load)),
                rx.el.section(skeleton_rows(6, faces=True), class_name="card"),
            ),
            departments(),
        ),
        _form(),
        _question(),
        department_dialogs(),
        current="users",
        on_toast=Users.undo,
    )


def _table() -> rx.Component:
    columns = (t("field.name"), t("field.role"), t("users.since"), rx.el.span(t("users.actions"), class_name="vh"))
    return rx.el.section(table(columns, rx.foreach(Users.users, _row), caption=t("users.title")), class_name="card ad-users")


def _row(user: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            rx.el.span(
                initials(user.initials, size=32, aria_hidden="true"),
                rx.el.span(
                    rx.el.b(user.name, rx.cond(user.is_me, rx.el.span(t("users.you"), class_name="badge"), rx.fragment())),
                    rx.el.small(user.email),
                    class_name="ad-name",
                ),
                class_name="row-3",
            )
        ),
        rx.el.td(
            rx.el.span(
                rx.el.select(
                    *[rx.el.option(t(f"role.{role}"), value=role) for role in ROLES],
                    value=user.role,
                    on_change=lambda value: Users.set_role(user.id, value),
                    disabled=user.disabled,
                    aria_label=t("users.role_of", name=user.name),
                    class_name="input",
                ),
                icon("down", 16),
                class_name="select",
            )
        ),
        rx.el.td(
            rx.cond(user.disabled, rx.el.span(t("users.disabled"), class_name="badge alert"), t_date(user.created_at, "short"))
        ),
        rx.el.td(
            rx.cond(
                user.disabled,
                button(t("users.enable"), size="sm", on_click=Users.enable(user.id)),
                rx.cond(
                    user.is_me,
                    rx.fragment(),
                    button(t("users.disable"), size="sm", kind="quiet", on_click=Users.ask_disable(user.id)),
                ),
            ),
            class_name="end",
        ),
        class_name=rx.cond(user.disabled, "off", ""),
    )


def _form() -> rx.Component:
    errors = Users.errors
    return dialog(
        rx.el.form(
            field(
                t("field.name"),
                text_input("user_name", auto_complete="off", invalid=errors.contains("name")),
                name="user_name",
                error=remark(errors["name"]),
            ),
            field(
                t("field.email"),
                text_input("user_email", type="email", auto_complete="off", invalid=errors.contains("email")),
                name="user_email",
                error=remark(errors["email"]),
            ),
            rx.el.fieldset(
                rx.el.legend(t("field.role")),
                *[
                    choice(
                        "user_role", role, t(f"role.{role}"), hint=t_key(role, prefix="users.may_"), checked=role == "contributor"
                    )
                    for role in ROLES
                ],
                class_name="stack-3",
            ),
            field(
                t("users.first_password"),
                password_input("first_password", new=True),
                name="first_password",
                hint=t("users.first_password_hint"),
                error=remark(errors["password"]),
            ),
            field(
                t("account.language"),
                select("user_language", [("nl", t("language.nl")), ("en", t("language.en"))]),
                name="user_language",
            ),
            id=FORM,
            on_submit=Users.create,
            class_name="stack-4",
            no_validate=True,
        ),
        title=t("users.new"),
        open=Users.creating,
        on_close=Users.close_form,
        footer=[
            button(t("act.cancel"), on_click=Users.close_form),
            button(t("users.create"), kind="primary", type="submit", custom_attrs={"form": FORM}),
        ],
    )


def _question() -> rx.Component:
    return confirm_dialog(
        title=t("users.disable_title", name=Users.disabling_name),
        text=t("users.disable_text", name=Users.disabling_name),
        confirm=t("users.disable"),
        open=Users.disabling != "",
        on_confirm=Users.disable,
        on_close=Users.keep,
    )

"""One's own account, drawn."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.components.component import Component
from reflex_base.event import no_args_event_spec
from reflex_base.style import color_mode, set_color_mode

from components.forms import remark
from components.i18n import language_var, switch_language, t, t_date, t_key
from components.layout import body, head
from components.pages.framed import framed
from components.pages.house_scripts import ACCOUNT
from components.ui import (
    button,
    card,
    chip,
    confirm_dialog,
    dialog,
    error_state,
    field,
    icon,
    password_input,
    skeleton_rows,
    styles,
)
from state.account import AccountState
from state.base import PhotobankState

# What a state holds is an expression of the browser here, which type checkers cannot know.
Account: Any = AccountState
House: Any = PhotobankState


class _NewKey(Component):
    library = ACCOUNT
    tag = "NewKey"
    scopes: rx.Var[list[str]]
    on_done: rx.EventHandler[no_args_event_spec]  # type: ignore[type-arg, valid-type]


class _NewCalendar(Component):
    library = ACCOUNT
    tag = "NewCalendar"
    again: rx.Var[bool]
    on_done: rx.EventHandler[no_args_event_spec]  # type: ignore[type-arg, valid-type]


class _Device(Component):
    library = ACCOUNT
    tag = "Device"
    text: rx.Var[str]


def account() -> rx.Component:
    """The page."""
    return framed(
        t("account.title"),
        styles("admin.css"),
        body(
            head(t("account.title")),
            rx.match(
                Account.status,
                ("full", rx.fragment(_me(), _ends(), _password(), _sessions(), _keys())),
                ("error", error_state(on_retry=Account.load)),
                rx.el.section(skeleton_rows(6), class_name="card"),
            ),
            narrow=True,
        ),
        _key_form(),
        _question(),
        current="",
    )


def _me() -> rx.Component:
    def language(code: Any) -> rx.Component:
        return rx.el.button(
            t(f"language.{code}"),
            type="button",
            lang=code,
            aria_pressed=language_var() == code,
            on_click=[switch_language(code), House.keep_language(code)],
        )

    def theme(mode: Any) -> rx.Component:
        return rx.el.button(
            t(f"theme.{mode}"),
            type="button",
            aria_pressed=color_mode == mode,
            on_click=[set_color_mode(mode), Account.keep_theme(mode)],
        )

    return card(
        rx.el.dl(
            rx.el.dt(t("field.name")),
            rx.el.dd(House.my_name),
            rx.el.dt(t("field.email")),
            rx.el.dd(Account.email),
            rx.el.dt(t("field.role")),
            rx.el.dd(t_key(House.my_role, prefix="role.")),
            class_name="kv",
        ),
        rx.el.div(
            rx.el.div(
                rx.el.span(t("account.language"), class_name="label", id="ac-language"),
                rx.el.span(language("nl"), language("en"), class_name="seg", role="group", aria_labelledby="ac-language"),
                class_name="field",
            ),
            rx.el.div(
                rx.el.span(t("account.theme"), class_name="label", id="ac-theme"),
                rx.el.span(
                    theme("system"), theme("light"), theme("dark"), class_name="seg", role="group", aria_labelledby="ac-theme"
                ),
                class_name="field",
            ),
            class_name="form-grid",
        ),
        title=t("account.me"),
    )


def _ends() -> rx.Component:
    """Coming ends of consents: how often by mail, and as a calendar."""

    def rhythm(name: str) -> rx.Component:
        return rx.el.button(
            t(f"account.digest_{name}"), type="button", aria_pressed=Account.digest == name, on_click=Account.keep_digest(name)
        )

    has_one = Account.calendar_since != ""
    mailed = rx.el.div(
        rx.el.span(t("account.digest"), class_name="label", id="ac-digest"),
        rx.el.span(
            *[rhythm(name) for name in ("daily", "weekly", "off")], class_name="seg", role="group", aria_labelledby="ac-digest"
        ),
        rx.el.span(t("account.digest_hint"), class_name="hint"),
        class_name="field",
    )
    calendar = rx.el.div(
        rx.el.span(t("account.calendar"), class_name="label"),
        rx.el.span(
            rx.cond(has_one, t("account.calendar_since", when=t_date(Account.calendar_since, "short")), t("account.calendar_none")),
            class_name="hint",
        ),
        rx.el.div(
            _NewCalendar.create(again=has_one, on_done=Account.calendar_made),
            rx.cond(
                has_one, button(t("account.calendar_end"), size="sm", kind="danger", on_click=Account.end_calendar), rx.fragment()
            ),
            class_name="row",
        ),
        class_name="field",
    )
    return card(
        rx.el.div(mailed, rx.cond(Account.may_watch | has_one, calendar, rx.fragment()), class_name="stack-4"),
        title=t("account.ends"),
    )


def _password() -> rx.Component:
    errors = Account.errors
    return card(
        rx.el.form(
            rx.el.div(
                field(t("account.current_password"), password_input("current"), name="current", error=remark(errors["current"])),
                field(
                    t("account.new_password"),
                    password_input("new", new=True),
                    name="new",
                    hint=t("account.password_hint"),
                    error=remark(errors["password"]),
                ),
                class_name="form-grid",
            ),
            rx.el.div(button(t("account.change_password"), type="submit"), class_name="row"),
            key=Account.password_form.to_string(),
            on_submit=Account.change_password,
            class_name="stack-4",
            no_validate=True,
        ),
        title=t("field.password"),
    )


def _sessions() -> rx.Component:
    def row(one: Any) -> rx.Component:
        return rx.el.li(
            icon("screen", 18),
            rx.el.span(
                rx.el.b(
                    _Device.create(text=one.device), rx.cond(one.is_this, rx.el.span(t("account.this_one"), class_name="badge"), "")
                ),
                rx.el.small(one.place, rx.cond(one.place, " · ", ""), t("account.seen", when=t_date(one.seen_at, "datetime"))),
                class_name="ad-name grow",
            ),
            rx.cond(
                one.is_this,
                rx.fragment(),
                button(t("account.end_session"), size="sm", on_click=Account.end_session(one.id)),
            ),
        )

    others = rx.cond(
        Account.sessions.length() > 1,
        button(t("account.end_others"), size="sm", kind="danger", on_click=Account.end_other_sessions),
        rx.fragment(),
    )
    return card(
        rx.el.ul(rx.foreach(Account.sessions, row), class_name="ad-list"),
        title=t("account.sessions"),
        end=others,
        pad=False,
    )


def _keys() -> rx.Component:
    def row(one: Any) -> rx.Component:
        return rx.el.li(
            icon("key", 18),
            rx.el.span(
                rx.el.b(one.name, " ", rx.el.span(one.prefix, "…", class_name="mono")),
                rx.el.small(
                    rx.cond(one.used_at, t("account.key_used", when=t_date(one.used_at, "datetime")), t("account.key_unused")),
                    rx.cond(one.ends_at, rx.fragment(" · ", t("account.key_ends", when=t_date(one.ends_at, "short"))), ""),
                ),
                rx.cond(
                    one.scopes.length() > 0,
                    rx.el.span(
                        rx.foreach(one.scopes, lambda scope: chip(t_key(scope, prefix="account.scope_"), small=True)),
                        class_name="chips",
                    ),
                    rx.fragment(),
                ),
                class_name="ad-name grow",
            ),
            button(t("account.revoke"), size="sm", kind="danger", on_click=Account.ask_revoke(one.id)),
        )

    return card(
        rx.cond(
            Account.keys.length() > 0,
            rx.el.ul(rx.foreach(Account.keys, row), class_name="ad-list"),
            rx.el.p(t("account.no_keys"), class_name="muted small ad-pad"),
        ),
        title=t("account.keys"),
        end=button(t("account.new_key"), size="sm", icon_name="plus", on_click=Account.open_key_form),
        pad=False,
    )


def _key_form() -> rx.Component:
    return dialog(
        _NewKey.create(scopes=Account.scopes, on_done=Account.close_key_form),
        title=t("account.new_key"),
        description=t("account.key_lead"),
        open=Account.creating,
        on_close=Account.close_key_form,
    )


def _question() -> rx.Component:
    return confirm_dialog(
        title=t("account.revoke_title", name=Account.revoking_name),
        text=t("account.revoke_text"),
        confirm=t("account.revoke"),
        open=Account.revoking != "",
        on_confirm=Account.revoke,
        on_close=Account.keep_key,
    )

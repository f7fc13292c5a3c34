"""The forms page, drawn: the list; a form's words beside what a signer sees of them."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.forms import remark
from components.i18n import t, t_date, t_key
from components.layout import body, head
from components.pages.framed import framed
from components.pages.notices import not_for_you
from components.people import use_name
from components.ui import (
    breadcrumb,
    button,
    checkbox,
    dialog,
    error_state,
    field,
    icon,
    link,
    menu,
    menu_item,
    segmented,
    skeleton_rows,
    styles,
    text_area,
    text_input,
)
from state.consent_forms import ConsentFormsState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
S: Any = ConsentFormsState
F: Any = ConsentFormsState.form
E: Any = ConsentFormsState.errors
FORM, USE = "form-words", "new-use"
LANGUAGES = ("nl", "en")
LONG = {"intro": 6, "terms": 12, "declaration": 3, "biometric": 5}


def consent_forms() -> rx.Component:
    """The page."""
    return framed(
        t("forms.title"),
        styles("admin.css", "consent.css", "consents.css"),
        body(
            rx.match(
                S.status,
                ("full", rx.cond(F.id != "", _one(), _all())),
                ("refused", not_for_you(t("consents.refused_title"), t("consents.refused_text"))),
                ("error", error_state(on_retry=S.load)),
                rx.el.section(skeleton_rows(5), class_name="card"),
            ),
        ),
        _use_dialog(),
        current="consents",
    )


def _all() -> rx.Component:
    sets = menu(
        rx.fragment(icon("plus", 16), t("forms.take_over")),
        rx.foreach(S.more, lambda one: menu_item(use_name(one[1], one[2]), on_click=S.adopt(one[0]))),
        button_class="btn",
    )
    return rx.fragment(
        breadcrumb((t("consents.title"), "/consents/"), here=t("forms.title")),
        head(t("forms.title"), rx.cond(S.may_change & (S.more.length() > 0), sets, rx.fragment())),
        rx.el.p(t("forms.lead"), class_name="muted"),
        rx.el.section(rx.el.ul(rx.foreach(S.rows, _row), class_name="ad-list"), class_name="card"),
    )


def _row(row: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            link(rx.el.b(use_name(row.nl, row.en)), href=f"/consents/forms/?id={row.id}"),
            rx.cond(row.retired, rx.el.span(t("forms.retired"), class_name="badge"), rx.fragment()),
            rx.el.small(
                t_key(row.sector, prefix="sector."), ", ", t_key(row.regime, prefix="forms.regime_"), ", ",
                t("forms.version", number=row.version),
            ),
            class_name="ad-name grow",
        ),
        key=row.id,
    )  # fmt: skip


def _one() -> rx.Component:
    languages = segmented(
        [(one, t(f"language.{one}")) for one in LANGUAGES], S.language, S.choose_language, label=t("forms.language")
    )
    actions = rx.cond(
        S.may_change,
        rx.fragment(
            rx.cond(
                F.retired,
                button(t("forms.use_again"), on_click=S.retire(False)),
                button(t("forms.retire"), on_click=S.retire(True)),
            ),
            button(t("forms.save"), kind="primary", icon_name="check", type="submit", custom_attrs={"form": FORM}),
        ),
        rx.fragment(),
    )
    return rx.fragment(
        breadcrumb((t("consents.title"), "/consents/"), (t("forms.title"), "/consents/forms/"), here=use_name(F.nl, F.en)),
        head(use_name(F.nl, F.en), actions, count=t("forms.version", number=F.version)),
        rx.el.p(t("forms.one_lead"), class_name="muted"),
        languages,
        rx.el.div(
            rx.el.div(_words(), _versions(), class_name="ft-form"),
            rx.cond(S.language == "nl", _preview(S.nl, "nl"), _preview(S.en, "en")),
            class_name="ft",
        ),
    )


def _words() -> rx.Component:
    wrong = rx.cond(
        E.keys().length() > 0,
        rx.el.p(icon("alert", 16), t("errors.invalid"), class_name="cf-wrong", role="alert"),
        rx.fragment(),
    )
    return rx.el.form(
        wrong,
        rx.el.fieldset(
            rx.el.legend(t("forms.uses")),
            rx.foreach(F.uses, _use),
            _remark("uses"),
            rx.cond(S.may_change, button(t("forms.new_use"), size="sm", icon_name="plus", on_click=S.open_use), rx.fragment()),
            class_name="field",
        ),
        field(
            t("forms.months"), text_input("months", default_value=F.months), name="months", hint=t("forms.months_hint"),
            error=remark(E["months"]),
        ),
        rx.cond(
            F.regime == "consent",
            checkbox(t("forms.biometric"), hint=t("forms.biometric_hint"), name="biometric", value="yes", default_checked=F.biometric),
            rx.fragment(),
        ),
        *[_in(language) for language in LANGUAGES],
        id=FORM,
        key=F.id + "-" + F.version.to_string(),  # a new version fills the fields anew
        on_submit=S.save,
        class_name="ft-form",
        no_validate=True,
    )  # fmt: skip


def _use(use: Any) -> rx.Component:
    return checkbox(use_name(use.label_nl, use.label_en), name=f"use_{use.id}", value="yes", default_checked=use.on)


def _in(language: str) -> rx.Component:
    """The words in one language: both are in the page, so that a change of language loses nothing."""

    def words(part: str) -> rx.Component:
        name, key = f"{language}_{part}", f"{language}.{part}"
        rows = LONG.get(part)
        control = text_area(name, default_value=F.words[key], rows=rows) if rows else text_input(name, default_value=F.words[key])
        return field(t(f"forms.part_{part}"), control, name=name, error=remark(E[key]))

    def of_use(use: Any) -> rx.Component:
        text = use.nl if language == "nl" else use.en
        return rx.el.div(
            rx.el.label(use.label_nl if language == "nl" else use.label_en, html_for=f"{language}_use_{use.id}"),
            rx.el.textarea(
                default_value=text, rows=2, id=f"{language}_use_{use.id}", name=f"{language}_use_{use.id}", class_name="input"
            ),
            class_name="field",
        )

    return rx.el.div(
        *[words(part) for part in ("name", "title", "intro")],
        rx.el.h3(t("forms.about_uses")),
        _remark(f"{language}.uses"),
        rx.foreach(F.uses, of_use),
        rx.cond(F.regime == "consent", words("biometric"), rx.fragment()),
        *[words(part) for part in ("terms", "declaration")],
        hidden=S.language != language,
        lang=language,
        class_name="ft-form",
    )


def _versions() -> rx.Component:
    def one(version: Any) -> rx.Component:
        return rx.el.li(
            rx.el.span(t("forms.version", number=version.number), ", ", t_date(version.at), class_name="grow"),
            rx.el.small(t("forms.asked", count=version.requests)),
        )

    return rx.el.section(
        rx.el.h2(t("forms.versions")),
        rx.el.ul(rx.foreach(F.versions, one), class_name="ad-list"),
        class_name="card card-pad",
    )


def _preview(shown: Any, language: str) -> rx.Component:
    def use(row: Any) -> rx.Component:
        return rx.el.li(rx.el.b(row[0]), rx.el.small(row[1]))

    return rx.el.section(
        rx.el.p(t("forms.preview"), class_name="muted small"),
        rx.el.h2(shown.title),
        rx.foreach(shown.intro, lambda text: rx.el.p(text)),
        rx.el.ul(rx.foreach(shown.uses, use)),
        rx.cond(shown.biometric != "", rx.el.ul(rx.el.li(rx.el.small(shown.biometric))), rx.fragment()),
        rx.foreach(shown.terms, lambda text: rx.el.p(text)),
        rx.el.p(rx.el.em(shown.declaration)),
        lang=language,
        class_name="ft-show",
        aria_label=t("forms.preview"),
    )


def _use_dialog() -> rx.Component:
    return dialog(
        rx.el.form(
            field(t("fields.label_nl"), text_input("label_nl"), name="label_nl", error=remark(E["label_nl"])),
            field(t("fields.label_en"), text_input("label_en"), name="label_en", error=remark(E["label_en"])),
            checkbox(t("forms.outside"), hint=t("forms.outside_hint"), name="outside", value="yes", default_checked=True),
            id=USE,
            on_submit=S.add_use,
            class_name="stack-4",
            no_validate=True,
        ),
        title=t("forms.new_use"),
        description=t("forms.new_use_lead"),
        open=S.adding_use,
        on_close=S.close_use,
        footer=[
            button(t("act.cancel"), on_click=S.close_use),
            button(t("act.add"), kind="primary", type="submit", custom_attrs={"form": USE}),
        ],
    )


def _remark(name: str) -> rx.Component:
    return rx.cond(
        E.contains(name), rx.el.span(icon("alert", 14), remark(E[name]), class_name="error", role="alert"), rx.fragment()
    )

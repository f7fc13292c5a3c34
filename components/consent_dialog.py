"""The dialog in which staff enter a consent or release: put `consent_dialog()` on a page, open it with `ConsentFormState.open_for`.

Fields are the browser's own, and what depends on a choice is shown by style alone, so nothing typed is lost when the server objects.
"""

from __future__ import annotations

from typing import Any, Final

import reflex as rx
from reflex_base.components.component import Component

from components.forms import choice, remark
from components.i18n import t
from components.local import script
from components.people import use_name
from components.photo import folder_picker
from components.ui import button, checkbox, dialog, field, icon, notice, select, text_area
from state.consent_form import OTHER_BASES, PLACES, ConsentFormState

F: Any = ConsentFormState
E: Any = ConsentFormState.errors
FORM = "consent-form"
SCRIPT: Final = script(__name__, "consent.jsx")


class _Period(Component):
    library = SCRIPT
    tag = "Period"
    today: rx.Var[str]
    errors: rx.Var[dict[str, str]]


def consent_dialog() -> rx.Component:
    """The dialog; closed until a page opens it."""
    return dialog(
        rx.el.form(
            rx.cond(F.needs_birth_date, notice(t("consent_form.needs_birth_date"), kind="warn"), rx.fragment()),
            _regime(),
            _uses(),
            _Period.create(today=F.today, errors=E),
            _scope(),
            rx.el.div(_territory(), rx.cond(F.minor, _guardians(), rx.fragment()), class_name="form-grid"),
            field(
                t("field.note"),
                text_area("reason", invalid=E.contains("reason")),
                name="reason",
                hint=t("consent_form.reason_hint"),
                error=remark(E["reason"]),
            ),
            id=FORM,
            on_submit=F.submit,
            class_name="cf stack-6",
            no_validate=True,
        ),
        title=t("consent_form.title", name=F.person_name),
        description=t("consent_form.lead"),
        open=F.open,
        on_close=F.close,
        kind="wide",
        footer=[
            rx.cond(
                E.keys().length() > 0,
                rx.el.span(icon("alert", 16), t("errors.invalid"), class_name="cf-wrong", role="alert"),
                rx.fragment(),
            ),
            button(t("act.cancel"), on_click=F.close),
            button(t("consent.record"), kind="primary", icon_name="check", type="submit", custom_attrs={"form": FORM}),
        ],
    )


def _remark(name: str) -> rx.Component:
    return rx.cond(
        E.contains(name), rx.el.span(icon("alert", 14), remark(E[name]), class_name="error", role="alert"), rx.fragment()
    )


def _regime() -> rx.Component:
    bases = [(str(base), t(f"consent_form.regime_{base}")) for base in OTHER_BASES]
    return rx.el.fieldset(
        rx.el.legend(t("consent_form.regime")),
        choice("regime", "consent", t("consent_form.regime_consent"), hint=t("consent_form.consent_hint")),
        choice("regime", "release", t("consent_form.regime_release"), hint=t("consent_form.release_hint")),
        rx.cond(
            F.other_bases,
            rx.fragment(
                choice("regime", "other", t("consent_form.regime_other"), hint=t("consent_form.other_hint")),
                rx.el.div(field(t("consent_form.basis"), select("basis", bases), name="basis"), class_name="cf-when cf-other"),
            ),
            rx.fragment(),
        ),
        _remark("regime"),
        class_name="field",
    )


def _uses() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(t("consent.uses")),
        rx.el.div(rx.foreach(F.uses, lambda use: checkbox(use_name(use[1], use[2]), name=f"use_{use[0]}")), class_name="cf-uses"),
        _remark("uses"),
        class_name="field",
    )


def _scope() -> rx.Component:
    folder = folder_picker(value=F.folder_id, on_choose=F.choose_folder)
    return rx.el.fieldset(
        rx.el.legend(t("consent_form.scope")),
        choice("extent", "all", t("consent.scope_all"), hint=t("consent_form.scope_all_hint")),
        choice("extent", "folder", t("consent.scope_folder"), hint=t("consent_form.scope_folder_hint")),
        rx.el.div(field(t("field.folder"), folder, name="folder", error=remark(E["scope_ids"])), class_name="cf-when cf-folder"),
        rx.cond(
            F.asset_id,
            choice("extent", "photos", t("consent_form.scope_this"), hint=t("consent_form.scope_this_hint")),
            rx.fragment(),
        ),
        _remark("scope"),
        class_name="field",
    )


def _territory() -> rx.Component:
    options = [("", t("consent_form.anywhere")), *((place, t(f"territory.{place}")) for place in PLACES)]
    return field(
        t("consent_form.territory"),
        select("territory", options),
        name="territory",
        error=remark(E["territories"]),
    )


def _guardians() -> rx.Component:
    options = [("", t("act.choose")), *((count, t(f"consent_form.guardians_{count}")) for count in ("0", "1", "2"))]
    return field(
        t("consent_form.guardians"),
        select("guardians_signed", options, invalid=E.contains("guardians_signed")),
        name="guardians_signed",
        hint=t("consent_form.guardians_needed", count=F.guardians),
        error=remark(E["guardians_signed"]),
    )

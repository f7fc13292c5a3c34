"""The person page, drawn."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.components.component import NoSSRComponent

from components.ask_dialog import ask_dialog
from components.consent_dialog import consent_dialog
from components.i18n import t, t_date, t_key
from components.layout import body
from components.links import photo_page
from components.pages.framed import framed
from components.pages.house_scripts import ADD_SCAN
from components.pages.notices import gone
from components.pages.person_forms import edit_dialog, merge_dialog, unmerge_dialog, withdraw_dialog
from components.pages.person_now import now, privacy
from components.pages.person_sides import beside, doubles, merges, recognition
from components.pages.timeline import timeline, use_icon
from components.people import portrait, use_name
from components.shield import shield
from components.ui import (
    breadcrumb,
    button,
    card,
    chip,
    empty_state,
    error_state,
    icon,
    link,
    menu,
    menu_item,
    notice,
    skeleton_rows,
    styles,
    text_button,
)
from state.consent_ask import ConsentAskState
from state.consent_form import ConsentFormState
from state.person import PersonState

# What a state holds is an expression of the browser here, which type checkers cannot know.
Page: Any = PersonState
Consent: Any = ConsentFormState
Ask: Any = ConsentAskState

P: Any = Page.person


class _AddScan(NoSSRComponent):
    library = ADD_SCAN
    tag = "AddScan"
    consent: rx.Var[str]
    number: rx.Var[str]


def person() -> rx.Component:
    """The page."""
    return framed(
        rx.cond(P.name, P.name, t("people.title")),
        styles("people.css", "consent.css", "person.css", "timeline.css"),
        body(
            rx.match(
                Page.status,
                ("full", _whole()),
                ("gone", gone(t("person.gone_title"), t("person.gone_text"), back=t("people.title"), href="/people/")),
                ("error", error_state(on_retry=Page.load)),
                rx.fragment(
                    rx.el.section(skeleton_rows(2, faces=True), class_name="card"),
                    rx.el.section(skeleton_rows(8), class_name="card"),
                ),
            ),
        ),
        edit_dialog(),
        merge_dialog(),
        unmerge_dialog(),
        withdraw_dialog(),
        consent_dialog(),
        ask_dialog(),
        current="person",
    )


def _ask(**props: Any) -> rx.Component:
    return button(t("consents.ask"), icon_name="mail", on_click=Ask.open_for(P.id, ""), **props)


def _record(**props: Any) -> rx.Component:
    return button(t("consent.record"), icon_name="pen", on_click=Consent.open_for(P.id, "", ""), **props)


def _whole() -> rx.Component:
    return rx.fragment(
        breadcrumb((t("people.title"), "/people/"), here=P.name),
        _who(),
        rx.cond(P.hidden, notice(t("person.hidden_note")), rx.fragment()),
        doubles(),
        rx.el.section(rx.el.ul(rx.foreach(Page.line.tracks, _use), class_name="pe-uses card"), aria_label=t("person.states")),
        card(
            timeline(Page.line),
            title=rx.el.span(t("person.timeline"), rx.el.span(class_name="live-dot", title=t("top.live_hint")), class_name="row-3"),
            pad=False,
        ),
        rx.el.div(
            rx.el.div(_photos(), beside(), class_name="pe-side"),
            rx.el.div(now(), _consents(), recognition(), privacy(), merges(), class_name="pe-side"),
            class_name="pe-cols",
        ),
    )


def _who() -> rx.Component:
    email = rx.cond(
        P.email,
        rx.el.span(
            icon("mail", 16),
            rx.cond(Page.address, Page.address, P.email),
            rx.cond(Page.address, rx.fragment(), text_button(t("person.show"), on_click=Page.show_address)),
        ),
        rx.fragment(),
    )
    reference = rx.cond(
        P.has_reference,
        rx.el.span(
            icon("key", 16),
            t("person.reference"),
            ": ",
            rx.cond(
                Page.reference, Page.reference, rx.fragment("•••• ", text_button(t("person.show"), on_click=Page.show_address))
            ),
        ),
        rx.fragment(),
    )
    minor = rx.cond(P.minor, rx.el.span(icon("users", 16), t("person.minor_guardians", count=P.guardians)), rx.fragment())
    more = menu(
        icon("more", 16),
        menu_item(t("act.edit"), icon_name="pen", on_click=Page.open_edit),
        rx.cond(P.hidden, rx.fragment(), menu_item(t("person.merge"), icon_name="merge", on_click=Page.open_merge)),
        rx.cond(
            P.hidden,
            menu_item(t("person.unhide"), icon_name="eye", on_click=Page.hide(False)),
            menu_item(t("person.hide"), icon_name="eyeoff", on_click=Page.hide(True)),
        ),
        label=t("act.more"),
        button_class="btn btn-icon",
    )
    return rx.el.header(
        portrait(P.face, P.initials, P.state, size="lg"),
        rx.el.div(
            rx.el.h1(P.name),
            rx.el.p(
                rx.el.span(
                    icon("library", 16),
                    t("count.photos", count=P.photos),
                    rx.cond(
                        P.to_confirm > 0,
                        rx.fragment(", ", link(t("person.to_confirm", count=P.to_confirm), href="/review/")),
                        rx.fragment(),
                    ),
                ),
                email,
                reference,
                minor,
                rx.cond(P.born, rx.el.span(icon("calendar", 16), t_date(P.born, "date")), rx.fragment()),
                class_name="meta",
            ),
            rx.cond(P.note, rx.el.p(P.note, class_name="pe-note"), rx.fragment()),
            class_name="grow",
        ),
        rx.el.div(
            rx.cond(P.may_consent, rx.fragment(_ask(kind="primary"), _record()), rx.fragment()),
            rx.cond(P.may_edit, more, rx.fragment()),
            class_name="acts",
        ),
        class_name="pe-who",
    )


def _use(track: Any) -> rx.Component:
    return rx.el.li(
        rx.el.b(use_icon(track.use), use_name(track.nl, track.en)),
        shield(track.state, look="bare"),
        rx.el.span(
            rx.cond(
                track.until,
                t("clearance.until", date=t_date(track.until, "short")),
                rx.cond(
                    track.since,
                    t("timeline.since", date=t_date(track.since, "short")),
                    rx.cond(track.state == "approved", t("timeline.no_end"), t("person.not_asked")),
                ),
            ),
            rx.cond(track.partial, rx.fragment(" · ", t("timeline.partial")), ""),
            class_name="d",
        ),
    )


def _photos() -> rx.Component:
    def tile(photo: Any) -> rx.Component:
        return link(
            rx.cond(
                photo.shown,
                rx.el.img(src=f"/api/v1/assets/{photo.id}/renditions/thumb", alt=photo.title, loading="lazy"),
                rx.el.span(icon("lock", 24), rx.el.span(t("photo.not_shown"), class_name="vh"), class_name="none"),
            ),
            shield(photo.state, look="seal"),
            href=photo_page(photo.id, of=f"person_id={P.id}"),
            class_name="pe-photo",
            style={"--ar": photo.ratio.to_string()},
            title=photo.title,
            aria_label=photo.title,
        )

    return card(
        rx.cond(
            Page.photos.length() > 0,
            rx.fragment(
                rx.el.div(rx.foreach(Page.photos, tile), class_name="pe-photos"),
                rx.cond(
                    Page.more,
                    rx.el.div(button(t("person.more_photos"), size="sm", on_click=Page.show_more), class_name="pe-more"),
                    rx.fragment(),
                ),
            ),
            empty_state(t("person.no_photos_title"), t("person.no_photos_text"), icon_name="library"),
        ),
        title=rx.el.span(t("person.photos"), rx.el.span(P.photos, class_name="muted num"), class_name="row"),
        end=rx.cond(
            (Page.photos.length() > 0) & ~P.hidden,
            link(t("person.in_library"), href=f"/library/?person={P.id}"),
            rx.fragment(),
        ),
        pad=False,
    )


def _consents() -> rx.Component:
    return card(
        rx.cond(
            Page.consents.length() > 0,
            rx.el.ul(rx.foreach(Page.consents, _consent), class_name="pe-consents"),
            empty_state(
                t("person.no_consents_title"),
                t("person.no_consents_text"),
                rx.cond(P.may_consent, _record(), rx.fragment()),
                icon_name="consent",
            ),
        ),
        title=t("person.consents"),
        pad=False,
    )


def _consent(row: Any) -> rx.Component:
    def use(one: Any) -> rx.Component:
        return rx.cond(
            one.ended,
            chip(
                rx.el.s(use_name(one.nl, one.en)),
                rx.el.span(", ", t("timeline.withdrawn"), class_name="vh"),
                small=True,
                dashed=True,
            ),
            chip(use_name(one.nl, one.en), small=True),
        )

    dates = rx.cond(
        row.withdrawn_at,
        t("person.withdrawn_on", date=t_date(row.withdrawn_at, "date")),
        rx.cond(row.valid_until, t("person.valid_until", date=t_date(row.valid_until, "date")), t("timeline.no_end")),
    )
    return rx.el.li(
        rx.el.div(
            rx.el.b(row.number, class_name="num"),
            rx.el.span(t_key(row.regime, prefix="consent_form.regime_"), class_name="muted small"),
            shield(row.shield, words=t_key(row.status, prefix="person.status_"), look="bare", class_name="row-end"),
            class_name="row-3 wrap",
        ),
        rx.el.div(rx.foreach(row.uses, use), class_name="chips"),
        rx.el.p(
            t("person.signed_on", date=t_date(row.signed_at, "date")),
            " · ",
            dates,
            " · ",
            rx.cond(
                row.extent == "all",
                t("consent.scope_all"),
                rx.cond(row.extent == "folder", t("consent.scope_folder"), t("count.photos", count=row.targets)),
            ),
            rx.cond(row.territories.length() > 0, rx.fragment(" · ", row.territories.join(", ")), ""),
            rx.cond(row.guardians > 0, rx.fragment(" · ", t("person.guardians_signed", count=row.guardians)), ""),
            class_name="small muted",
        ),
        rx.cond(row.reason, rx.el.p(row.reason, class_name="small"), rx.fragment()),
        rx.cond(row.scans.length() > 0, rx.el.ul(rx.foreach(row.scans, _scan), class_name="pe-scans"), rx.fragment()),
        rx.cond(
            row.may_withdraw | row.may_scan | (row.proof != ""),
            rx.el.div(
                rx.cond(row.proof, _proof(row), rx.fragment()),
                rx.cond(row.may_scan, _AddScan.create(consent=row.id, number=row.number), rx.fragment()),
                rx.cond(row.may_withdraw, _withdraw(row), rx.fragment()),
                class_name="row wrap",
            ),
            rx.fragment(),
        ),
        rx.cond(
            ~row.may_withdraw & (row.regime == "release") & ((row.status == "signed") | (row.status == "expiring")),
            rx.el.p(t("person.release_ends"), class_name="small faint"),
            rx.fragment(),
        ),
    )


def _proof(row: Any) -> rx.Component:
    return rx.el.a(
        icon("download", 16),
        t("person.proof"),
        href=row.proof,
        class_name="btn btn-sm",
        aria_label=t("person.proof_number", number=row.number),
        download=True,
    )


def _withdraw(row: Any) -> rx.Component:
    return button(
        t("person.withdraw"),
        size="sm",
        kind="danger",
        icon_name="withdraw",
        on_click=Page.ask_withdraw(row.id),
        aria_label=t("person.withdraw_number", number=row.number),
    )


def _scan(scan: Any) -> rx.Component:
    return rx.el.li(
        rx.el.a(
            icon("download", 14), t("person.scan", date=t_date(scan[1], "date")), href=scan[0], class_name="link", download=True
        )
    )

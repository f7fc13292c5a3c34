"""The Permissions tab: what the photo may be used for, who sets the limits, what stands in the way."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.i18n import t, t_date, t_key, t_number
from components.links import person_page
from components.pages.photo_holding import kept_in
from components.pages.photo_local import PersonTags
from components.pages.photo_menu import hiding
from components.pages.words import reason, reason_note, use_list
from components.shield import shield_icon, state_class
from components.ui import button, icon, initials, link, link_button, notice, ring
from components.ui.classes import classes
from state.consent_ask import ConsentAskState
from state.consent_form import ConsentFormState
from state.photo import PhotoState
from state.photo_faces import FacesState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
S: Any = PhotoState
F: Any = FacesState
C: Any = ConsentFormState
Ask: Any = ConsentAskState


def permissions() -> rx.Component:
    """The whole tab."""
    return rx.fragment(
        _verdict(),
        kept_in(),
        _remarks(),
        rx.cond(S.photo.state == "ready", rx.fragment(_uses(), _unseen(), _steps(), _hiding()), rx.fragment()),
    )


def _verdict() -> rx.Component:
    title = rx.match(
        S.photo.state,
        (
            "ready",
            rx.cond(
                S.allowed_uses.length() == 0,
                t("photo.usable_none"),
                rx.cond(
                    S.refused.length() == 0,
                    t("photo.usable_all"),
                    t("photo.usable_for", uses=use_list(S.allowed_uses, lower=True)),
                ),
            ),
        ),
        t_key(S.photo.state, prefix="asset."),
    )
    count = S.limiting.length()
    text = rx.match(
        S.photo.state,
        (
            "ready",
            rx.cond(
                S.photo.open_faces > 0,
                t("photo.open_faces", count=S.photo.open_faces),
                rx.cond(
                    S.photo.people == 0,
                    rx.cond(S.photo.no_people, t("photo.no_people_said"), t("photo.no_people_found")),
                    rx.cond(count == 0, t("photo.no_limits"), t("photo.limits", count=count)),
                ),
            ),
        ),
        ("rejected", t_key(S.photo.rejection, prefix="rejections.")),
        ("processing", t("photo.processing_text")),
        "",
    )
    return rx.el.div(rx.el.h2(title), rx.el.p(text), class_name="verdict")


def _remarks() -> rx.Component:
    """A photo on which nobody was found waits for somebody to look; open faces may lack suggestions for a reason that is not theirs."""
    waits = (
        (S.photo.state == "ready") & (S.faces.length() == 0) & (S.tagged.length() == 0) & ~S.photo.no_people & S.photo.may_review
    )
    unnamed = notice(
        rx.el.p(t("photo.unnamed_text")),
        rx.cond(S.photo.may_rule, link(t("photo.unnamed_link"), href="/admin/biometrics/"), rx.fragment()),
        title=t("photo.unnamed_title"),
        id="unnamed",
    )
    nobody = rx.cond(
        waits,
        notice(
            rx.el.p(t("photo.nobody_text")),
            rx.el.div(
                button(t("photo.nobody"), size="sm", kind="primary", icon_name="check", on_click=S.say_no_people),
                class_name="row wrap",
            ),
            title=t("photo.nobody_title"),
            id="nobody",
        ),
        rx.fragment(),
    )

    def disowned(face: Any) -> rx.Component:
        told = notice(rx.el.p(t("photo.disowned_text")), title=t("photo.disowned", name=face.disowned), kind="warn")
        return rx.cond(face.disowned != "", told, rx.fragment())

    noes = rx.fragment(rx.foreach(S.faces, disowned), rx.foreach(S.tagged, disowned))
    return rx.fragment(noes, _alone(), nobody, rx.cond(S.photo.unnamed, unnamed, rx.fragment()))


def _alone() -> rx.Component:
    """Who was confirmed without a person: anybody reads it, a reviewer says yes or no."""

    def one(face: Any) -> rx.Component:
        words = rx.el.span(rx.el.b(face.name), " ", t("face.sure", percent=t_number(face.alone)), class_name="grow")
        no = button(t("face.not_name", name=face.name), size="sm", on_click=F.reject(face.id, face.person))
        yes = button(t("face.right"), size="sm", icon_name="check", on_click=F.confirm(face.id, face.person))
        said = rx.el.li(words, rx.cond(S.photo.may_review, rx.fragment(no, yes), rx.fragment()), class_name="row wrap", key=face.id)
        return rx.cond(face.alone > 0, said, rx.fragment())

    rows = rx.el.ul(rx.foreach(S.faces, one), class_name="stack-2")
    note = notice(rx.el.p(t("face.by_itself_text")), rows, title=t("face.by_itself_title"), id="by-itself")
    return rx.cond(S.photo.alone > 0, note, rx.fragment())


def _uses() -> rx.Component:
    """Who allows what; where there is nobody to set a row, the uses alone."""
    rows = S.limiting.length() + S.free.length()
    return rx.fragment(_uses_grid(rx.cond(rows > 0, "uses-grid phone", "uses-grid")), rx.cond(rows > 0, _matrix(), rx.fragment()))


def _uses_grid(look: Any) -> rx.Component:
    def tile(use: Any) -> rx.Component:
        return rx.el.li(
            shield_icon(use.state),
            rx.el.span(rx.el.b(t_key(use.id, prefix="use_short.")), rx.el.small(t_key(use.state, prefix="clearance_short."))),
            class_name=state_class(use.state),
        )

    return rx.el.ul(rx.foreach(S.uses, tile), class_name=look)


def _unseen() -> rx.Component:
    """Who is on it without a visible face."""
    return PersonTags.create(
        photo=S.photo.id,
        people=S.tagged,
        face=F.face,
        matches=F.matches,
        searched=F.searched,
        refusals=F.refusals,
        may_review=S.photo.may_review,
        on_tag=F.tag,
        on_tag_new=F.tag_new,
        on_untag=F.untag,
        on_confirm=F.confirm,
        on_name=F.name_new,
        on_ignore=F.ignore,
        on_search=F.search,
        on_leave=F.leave,
    )


def _matrix() -> rx.Component:
    def head(use: Any) -> rx.Component:
        until = rx.cond(use.until, t("clearance.until", date=t_date(use.until)), "")
        return rx.el.th(
            rx.el.span(
                shield_icon(use.state),
                rx.el.b(t_key(use.id, prefix="use_short.")),
                rx.el.small(t_key(use.state, prefix="clearance_short.")),
                class_name=classes("use-head", state_class(use.state)),
                title=until,
            ),
            scope="col",
        )

    return rx.el.table(
        rx.el.caption(t("photo.matrix"), class_name="vh"),
        rx.el.thead(
            rx.el.tr(
                rx.el.th(t("count.people", count=S.photo.people), scope="col"),
                rx.foreach(S.uses, head),
            )
        ),
        rx.el.tbody(
            rx.foreach(S.limiting, _row),
            rx.cond(
                S.free.length() > 0,
                rx.cond(
                    S.others_open | (S.free.length() == 1),
                    rx.foreach(S.free, _row),
                    _folded(),
                ),
                rx.fragment(),
            ),
        ),
        class_name="matrix",
    )


def portrait(line: Any) -> rx.Component:
    """The face cut out of the photo on the page, or initials."""
    crop: dict[str, Any] = {
        "backgroundImage": f"url(/api/v1/assets/{S.photo.id}/renditions/preview)",
        "backgroundSize": line.crop_size,
        "backgroundPosition": line.crop_at,
    }
    return rx.cond(
        line.crop_size,
        rx.el.span(class_name="avatar avatar-24 crop", style=crop, aria_hidden="true"),
        initials(line.initials, size=24, aria_hidden="true"),
    )


def _mark(line: Any) -> rx.Component:
    words = t("face.alone", percent=t_number(line.alone))
    return rx.el.small(words, title=t("face.by_itself", percent=t_number(line.alone)), style={"color": "var(--ink-2)"})


def _row(line: Any) -> rx.Component:
    name = rx.cond(line.name, line.name, t("photo.somebody"))
    who = rx.el.span(
        ring(portrait(line), line.state),
        rx.el.span(
            rx.el.b(rx.cond(line.id, link(name, href=person_page(line.id)), name), class_name="truncate"),
            rx.cond(line.code, rx.el.small(reason_note(line.code, line.at)), rx.fragment()),
            rx.cond(line.alone > 0, _mark(line), rx.fragment()),
            class_name="grow",
        ),
        class_name=classes("who", state_class(line.state)),
    )

    def cell(one: Any) -> rx.Component:
        word = t_key(one.state, prefix="clearance.")
        why = rx.cond(one.code, reason(one.code, name, one.at), word)
        return rx.el.td(
            rx.el.span(
                shield_icon(one.state),
                rx.el.span(word, class_name="vh"),
                class_name=classes("cell", state_class(one.state)),
                title=why,
            )
        )

    return rx.el.tr(rx.el.th(who, scope="row"), rx.foreach(line.cells, cell), key=line.id)


def _folded() -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            rx.el.button(
                rx.el.span(rx.foreach(S.free[:6], portrait), class_name="face-stack"),
                rx.el.span(t("photo.others_allow", count=S.free.length()), class_name="link"),
                type="button",
                class_name="others",
                on_click=S.toggle_others,
                aria_expanded="false",
            ),
            scope="row",
        ),
        rx.foreach(
            S.uses,
            lambda use: rx.el.td(
                rx.el.span(
                    shield_icon("approved"),
                    rx.el.span(t("clearance.approved"), class_name="vh"),
                    class_name="cell s-approved",
                ),
                key=use.id,
            ),
        ),
        class_name="rest",
    )


def _hiding() -> rx.Component:
    """The uses for which only some people stand in the way, and what the photo is without their faces."""
    return rx.cond(
        S.hideable.length() > 0,
        rx.el.section(
            rx.el.h3(t("redaction.panel")),
            rx.el.p(t("redaction.panel_text"), class_name="tiny"),
            rx.el.ul(rx.foreach(S.hideable, _hidden_use)),
            class_name="hidings",
        ),
        rx.fragment(),
    )


def _hidden_use(row: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            rx.el.b(t_key(row.use, prefix="use.")),
            rx.cond(row.hidden_until, rx.el.small(t("clearance.until", date=t_date(row.hidden_until, "short"))), rx.fragment()),
            class_name="grow",
        ),
        hiding(row),
        key=row.use,
    )


def _steps() -> rx.Component:
    return rx.cond(
        S.obstacles.length() > 0,
        rx.el.section(rx.el.h3(t("photo.obstacles")), rx.el.ul(rx.foreach(S.obstacles, _obstacle)), class_name="steps"),
        rx.fragment(),
    )


def _obstacle(row: Any) -> rx.Component:
    name = rx.cond(row.name, row.name, t("photo.somebody"))
    about = rx.cond(row.uses.length() == S.uses.length(), t("photo.all_uses"), use_list(row.uses))
    return rx.el.li(
        shield_icon(row.state),
        rx.el.div(rx.el.b(reason(row.code, name, row.at, row.count)), rx.el.p(about), _step(row), class_name="grow"),
        class_name=state_class(row.state),
        key=row.key,
    )


def _step(row: Any) -> rx.Component:
    words = t_key(row.step, prefix="next_steps.")
    consent = button(
        t("consent.record"),
        size="sm",
        icon_name="consent",
        on_click=C.open_for(row.person, S.photo.id, S.photo.folder_id),
    )
    ask = button(t("consents.ask"), size="sm", icon_name="mail", on_click=Ask.open_for(row.person, S.photo.id))
    person = rx.cond(
        row.person, link_button(t("face.to_person"), href=person_page(row.person), size="sm", icon_name="people"), words
    )
    step = rx.match(
        row.action,
        ("faces", _if(S.photo.may_review, button(words, size="sm", icon_name="face", on_click=F.pick_first_open), words)),
        ("no_people", rx.fragment()),
        ("consent", _if((row.person != "") & S.photo.may_consent, rx.fragment(ask, consent), words)),
        ("person", person),
        ("restore", _if(S.photo.may_edit, button(words, size="sm", icon_name="undo", on_click=S.restore), words)),
        rx.el.span(icon("info", 14), words, class_name="tiny row"),
    )
    return rx.el.div(step, class_name="row")


def _if(condition: Any, component: Any, words: Any) -> rx.Component:
    """What one may not do oneself is only named."""
    return rx.cond(condition, component, rx.el.span(words, class_name="tiny"))

"""Who allowed what: the shields per use as the head of a person × use matrix, and what stands in the way."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.i18n import t, t_key
from components.shield import shield_icon
from components.ui.face import face_picture, ring


def use_shields(uses: Any) -> rx.Component:
    """On a phone: one tile per use. `uses` is a variable of rows with use and state."""

    def tile(row: Any) -> rx.Component:
        words = rx.el.span(rx.el.b(t_key(row["use"], prefix="use_short.")), rx.el.small(t_key(row["state"], prefix="clearance.")))
        return rx.el.li(shield_icon(row["state"]), words, class_name=f"s-{row['state']}")

    return rx.el.ul(rx.foreach(uses, tile), class_name="uses-grid")


def permission_matrix(uses: Any, people: Any, *, others: Any = 0) -> rx.Component:
    """The matrix. `uses` rows: use, state. `people` rows: name, initials, portrait, state, note, cells (one state per use).

    Put those who set limits in `people` and count those who allow everything in `others`: they fold into one line.
    """

    def head(row: Any) -> rx.Component:
        words = (rx.el.b(t_key(row["use"], prefix="use_short.")), rx.el.small(t_key(row["state"], prefix="clearance.")))
        return rx.el.th(rx.el.span(shield_icon(row["state"]), *words, class_name=f"use-head s-{row['state']}"), scope="col")

    def cell(state: Any) -> rx.Component:
        word = t_key(state, prefix="clearance.")
        sign = rx.el.span(shield_icon(state), rx.el.span(word, class_name="vh"), class_name=f"cell s-{state}", title=word)
        return rx.el.td(sign)

    def line(row: Any) -> rx.Component:
        face = ring(face_picture(row["portrait"], row["initials"], size=24), row["state"])
        words = rx.el.span(rx.el.b(row["name"]), rx.el.small(row["note"]), class_name=f"s-{row['state']}")
        return rx.el.tr(
            rx.el.th(rx.el.span(face, words, class_name="who"), scope="row"), rx.foreach(row["cells"].to(list[str]), cell)
        )

    rest = rx.el.tr(
        rx.el.th(rx.el.span(t("photo.others_allow", count=others), class_name="who tiny muted"), scope="row"),
        rx.foreach(uses, lambda _row: cell("approved")),
    )
    return rx.el.table(
        rx.el.caption(t("photo.who_allowed"), class_name="vh"),
        rx.el.thead(rx.el.tr(rx.el.th(rx.el.span(t("nav.people"), class_name="vh"), scope="col"), rx.foreach(uses, head))),
        rx.el.tbody(rx.foreach(people, line), rx.cond(rx.Var.create(others) > 0, rest, rx.fragment())),
        class_name="matrix",
    )


def obstacles(rows: Any, action: Any = None) -> rx.Component:
    """What stands in the way: one line per obstacle with one next step.

    `rows`: state, code, params (name, since, until as words), uses (which uses it stops, as words), step.
    `action(row)` gives the component for the next step: a button, or nothing where this person cannot take it.
    """

    def obstacle(row: Any) -> rx.Component:
        text = rx.el.b(t_key(row["code"], row["params"], prefix="reason."))
        step = action(row) if action is not None else rx.el.span(t_key(row["step"], prefix="step."), class_name="tiny")
        return rx.el.li(
            shield_icon(row["state"]),
            rx.el.div(text, rx.el.p(row["uses"]), rx.el.div(step, class_name="row")),
            class_name=f"s-{row['state']}",
        )

    return rx.el.section(rx.el.h3(t("photo.obstacles")), rx.el.ul(rx.foreach(rows, obstacle)), class_name="steps")

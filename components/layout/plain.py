"""Pages of people who are not signed in: one card, the product's mark, the choice of language."""

from __future__ import annotations

from typing import Any, Literal

import reflex as rx

from components.i18n import language_preference, language_var, page_title, switch_language, t
from components.layout.frame import connection_bar
from components.ui import mark


def plain_page(
    title: str | rx.Var[str],
    *children: Any,
    lead: str | rx.Var[str] | None = None,
    step: tuple[Any, int] | None = None,
    wide: bool = False,
    foot: rx.Component | None = None,
) -> rx.Component:
    """A card in the middle. `step=(now, all)` draws the bar of steps, counted from 1."""
    header: list[Any] = [rx.el.h1(title)]
    if lead is not None:
        header.append(rx.el.p(lead))
    return rx.fragment(
        page_title(title=title),
        language_preference(),
        rx.el.main(
            rx.el.div(
                rx.el.span(mark(), rx.el.span(t("product")), class_name="brand"),
                rx.el.div(
                    _steps(*step) if step else rx.fragment(),
                    rx.el.header(*header),
                    connection_bar(),
                    *children,
                    class_name="card plain-card",
                ),
                foot or rx.fragment(),
                class_name="plain-in wide" if wide else "plain-in",
            ),
            rx.el.div(language_switch(), class_name="plain-foot"),
            class_name="plain",
            id="main",
        ),
    )


def _steps(now: Any, count: int) -> rx.Component:
    current: Any = now if isinstance(now, rx.Var) else rx.Var.create(now)
    return rx.el.ol(
        *[rx.el.li(class_name=rx.cond(current >= index, "on", ""), aria_hidden="true") for index in range(1, count + 1)],
        class_name="steps-bar",
        role="img",
        aria_label=t("setup.step", now=current, count=count),
    )


def language_switch(on_change: Any | None = None) -> rx.Component:
    """Two equal buttons, each in its own language."""

    def choice(code: Literal["nl", "en"]) -> rx.Component:
        events: list[Any] = [switch_language(code)]
        if on_change is not None:
            events.append(on_change(code))
        return rx.el.button(t(f"language.{code}"), type="button", lang=code, aria_pressed=language_var() == code, on_click=events)

    return rx.el.span(choice("nl"), choice("en"), class_name="seg", role="group", aria_label=t("account.language"))

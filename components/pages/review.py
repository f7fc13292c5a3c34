"""The review page, drawn: the desk itself is a local React component, which asks one question after the other and loses no answer."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.components.component import NoSSRComponent
from reflex_base.event import no_args_event_spec

from components.i18n import t
from components.layout import body
from components.pages.framed import framed
from components.pages.house_scripts import REVIEW
from components.pages.notices import not_for_you
from components.ui import error_state, skeleton_rows, styles
from state.review import ReviewState

# In pages the vars of a state are expressions of the browser, which type checkers cannot know.
S: Any = ReviewState


def _one(value: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (value,)


class _Review(NoSSRComponent):
    library = REVIEW
    tag = "Review"

    rows: rx.Var[list[Any]]
    more: rx.Var[bool]
    left: rx.Var[int]
    empty: rx.Var[int]
    singles: rx.Var[int]
    named: rx.Var[bool]
    opt_in: rx.Var[bool]
    may_rule: rx.Var[bool]
    view: rx.Var[str]
    on_view: rx.EventHandler[_one]  # type: ignore[type-arg, valid-type]
    on_more: rx.EventHandler[no_args_event_spec]  # type: ignore[type-arg, valid-type]


def review() -> rx.Component:
    """The page."""
    return framed(
        t("review.title"),
        rx.match(
            S.status,
            (
                "full",
                _Review.create(
                    rows=S.rows,
                    more=S.more,
                    left=S.faces,
                    empty=S.empty,
                    singles=S.singles,
                    named=S.named,
                    opt_in=S.opt_in,
                    may_rule=S.may_rule,
                    view=S.view,
                    on_view=S.show,
                    on_more=S.show_more,
                ),
            ),
            ("refused", body(not_for_you(t("review.refused_title"), t("review.refused_text")))),
            ("error", body(error_state(on_retry=S.load))),
            body(skeleton_rows(6, faces=True)),
        ),
        styles("review.css"),
        current="review",
        slim=True,
        bare=True,
    )

"""Sentences with parts that only the browser can write: lists of uses, dates inside a reason."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.i18n import t_date, t_key, words_object


def use_list(uses: rx.Var[list[str]], *, lower: bool = False) -> rx.Var[str]:
    """Names of uses as a list in the reader's language: internal, website and print."""
    words = words_object()
    name = f'{words}.t("use." + use)' + (".toLowerCase()" if lower else "")
    text = f'new Intl.ListFormat({words}.language, {{type: "conjunction"}}).format(({uses}).map((use) => {name}))'
    data = rx.vars.VarData.merge(words._get_all_var_data(), uses._get_all_var_data())
    return rx.Var(_js_expr=text, _var_type=str, _var_data=data).guess_type()


def reason(code: Any, name: Any, at: Any, count: Any = 1) -> rx.Var[str]:
    """One obstacle as a sentence."""
    return t_key(code, {"name": name, "date": t_date(at), "count": count}, prefix="reasons.")


def reason_note(code: Any, at: Any) -> rx.Var[str]:
    """The same in two or three words, below a person's name."""
    return t_key(code, {"date": t_date(at, "short")}, prefix="note.")

"""`t("key")`: a sentence in the reader's language, as a variable that follows a switch of language without a reload.

Keys are checked when the page is compiled. What the server sends to a screen are keys too: show them with `t_key`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Final, Literal

import reflex as rx
from reflex_base.components.component import Component
from reflex_base.utils.imports import ImportVar
from reflex_base.vars.base import LiteralVar, VarData

from components.catalogues import room_module
from components.local import script
from photobank.i18n.rooms import HOUSE
from photobank.i18n.translate import has_key

_LIBRARY: Final = script(__name__, "i18n.js")
_WORDS: Final = VarData(imports={_LIBRARY: [ImportVar(tag="useWords")]}, hooks={"const pb = useWords()": None})


@cache
def _room(key: str) -> VarData | None:
    """What makes a page load the room of a key: its module starts that when the page's code arrives, its hook waits for it."""
    module = room_module(key)
    return module and VarData(imports={module[0]: [ImportVar(tag=module[1])]}, hooks={f"{module[1]}()": None})


DateStyle = Literal["date", "short", "datetime", "time", "seconds", "month", "monthShort"]


def _call(method: str, *arguments: Any, key: str = HOUSE) -> rx.Var[str]:
    parts = [argument if isinstance(argument, rx.Var) else LiteralVar.create(argument) for argument in arguments]
    return rx.Var(
        _js_expr=f"pb.{method}({', '.join(str(part) for part in parts)})",
        _var_type=str,
        _var_data=VarData.merge(_WORDS, _room(key), *[part._get_all_var_data() for part in parts]),
    ).guess_type()


def t(key: str, **params: Any) -> rx.Var[str]:
    """The sentence for a key known when the page is built; parameters may be state variables."""
    if not has_key(key):
        msg = f"No sentence '{key}' in photobank/i18n/locales."
        raise KeyError(msg)
    return _call("t", key, params, key=key) if params else _call("t", key, key=key)


def t_key(key: rx.Var[str] | str, params: Any = None, *, prefix: str = "") -> rx.Var[str]:
    """The sentence for a key known only at run time, such as a message of the server or `prefix` plus a state.

    Without a prefix nothing says which room it is in; one that the page has not loaded is fetched when it is first shown.
    """
    full = f"{prefix}{key}"
    return _call("t", full, key=prefix or HOUSE) if params is None else _call("t", full, params, key=prefix or HOUSE)


def t_date(value: rx.Var[str] | str, style: DateStyle = "date") -> rx.Var[str]:
    """An ISO date or moment as people write it, in the browser's time zone."""
    return _call("date", value, style)


def t_number(value: rx.Var[int] | rx.Var[float] | float) -> rx.Var[str]:
    """A number with the language's separators."""
    return _call("number", value)


def t_size(value: rx.Var[int] | int) -> rx.Var[str]:
    """A file size: 1.5 MB."""
    return _call("size", value)


def language_var() -> rx.Var[str]:
    """The language now shown: nl or en."""
    return rx.Var(_js_expr="pb.language", _var_type=str, _var_data=_WORDS).guess_type()


def switch_language(language: Literal["nl", "en"]) -> Any:
    """For `on_click`: switches what is on screen at once. Add a handler of your own to save it for the account."""
    setter = rx.Var(_js_expr="setLanguage", _var_data=VarData(imports={_LIBRARY: [ImportVar(tag="setLanguage")]})).to(
        rx.vars.FunctionVar
    )
    return rx.run_script(setter.call(language))


class _LanguagePreference(Component):
    library = _LIBRARY
    tag = "LanguagePreference"
    language: rx.Var[str]
    uses: rx.Var[list[tuple[str, str, str]]]


class _PageTitle(Component):
    library = _LIBRARY
    tag = "PageTitle"
    title: rx.Var[str]
    product: rx.Var[str]


def language_preference(language: rx.Var[str] | str = "", uses: Any = ()) -> rx.Component:
    """Puts the page in the account's language; once per page. Empty: what this browser last chose or prefers.

    `uses` are those of the organisation's own, as (id, Dutch, English): from then on they have names like ours.
    """
    return _LanguagePreference.create(language=language, uses=uses if isinstance(uses, rx.Var) else list(uses))


page_title: Callable[..., rx.Component] = _PageTitle.create


def words_object() -> rx.Var[Any]:
    """The whole translator, for local React components that translate keys themselves."""
    return rx.Var(_js_expr="pb", _var_type=Any, _var_data=_WORDS)

"""What must travel over HTTP rather than the socket, as events that a page can bind: `sign_out()`."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx
from reflex_base.utils.imports import ImportVar
from reflex_base.vars.base import VarData

from components.local import script

LIBRARY: Final = script(__name__, "http.js")


def run(library: str, function: str, *arguments: Any) -> Any:
    """An event that calls an exported function of a local module in the browser. Compiled into the page, so it needs no eval."""
    call = rx.Var(_js_expr=function, _var_data=VarData(imports={library: [ImportVar(tag=function)]})).to(rx.vars.FunctionVar)
    return rx.run_script(call.call(*arguments))


def sign_out() -> Any:
    """For `on_click`: end the session and go to the sign-in page."""
    return run(LIBRARY, "signOut")

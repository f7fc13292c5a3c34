"""How an unforeseen error is logged: its kind and the places it went through, not its message, which may quote anything."""

from __future__ import annotations

import traceback


def trace(error: BaseException) -> str:
    """Kind and frames of an error and of what caused it, innermost cause last."""
    parts: list[str] = []
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        parts += [f"{type(one).__module__}.{type(one).__qualname__}\n", *traceback.format_tb(one.__traceback__)]
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return "".join(parts)

"""What the pages of the house share: reading live with a word when it fails, ids that came from a browser, form texts."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any
from uuid import UUID

from reflex.event import EventSpec

from photobank.kernel.errors import Invalid, NotFound
from state.errors import backend_problem
from state.live import Reader

MOST_LETTERS = 10_000


async def show_live(page: Any, which: Reader, *topics: str, **params: Hashable) -> EventSpec | None:
    """`_watch`, for pages with a `status`: what cannot be read shows the error state instead of skeletons for ever."""
    try:
        await page._watch(which, *topics, **params)
    except Exception as error:
        page.status = "error"
        return backend_problem(error)
    return None


def wanted_id(text: object) -> UUID:
    """An id that a browser sent; anything else is the id of nothing."""
    try:
        return UUID(str(text))
    except ValueError:
        raise NotFound("no such thing") from None


def optional_id(text: object) -> UUID | None:
    """The same where nothing may be chosen."""
    return wanted_id(text) if text else None


def written(form: Mapping[str, Any], name: str) -> str:
    """What was typed into a field, trimmed."""
    value = form.get(name)
    return str(value).strip()[:MOST_LETTERS] if value is not None else ""


def remarks(problem: Invalid) -> dict[str, str]:
    """Field → key of the sentence beside it."""
    return {name: str(key) for name, key in problem.fields.items()}

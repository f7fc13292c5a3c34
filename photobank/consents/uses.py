"""The uses that a photo may be put to: a list the organisation keeps, from internal to advertising."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.kernel.errors import Invalid
from photobank.models.consents import Use
from photobank.scope import Scope

INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class UseRow:
    """One use, with its name in both languages. `outside`: the photo leaves the organisation."""

    id: str
    label_nl: str
    label_en: str
    outside: bool


async def list_all(scope: Scope) -> list[UseRow]:
    """The uses in force, in the organisation's order."""
    require(scope, Action.library_view)
    return await load(scope)


async def load(scope: Scope) -> list[UseRow]:
    """`list_all` for services that have authorised something stronger already."""
    rows = (await scope.db.execute(select(Use).where(col(Use.retired_at).is_(None)).order_by(col(Use.position)))).scalars()
    return [UseRow(row.id, row.label_nl, row.label_en, row.outside) for row in rows]


async def require_known(scope: Scope, wanted: Collection[str], field: str = "uses") -> None:
    """Raise Invalid unless all of them are uses in force."""
    known = {use.id for use in await load(scope)}
    if not set(wanted) <= known:
        raise Invalid("no such use", fields={field: "errors.use"})

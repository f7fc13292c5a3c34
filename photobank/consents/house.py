"""What the organisation has decided for all photos alike: its own row and its uses, read in one statement, once per scope. Whether the
asker's rights are still those that this process remembers comes with it: whoever asks for the house first saves a trip to the database.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlmodel import col

from photobank.access import remembered
from photobank.access.authorise import recall
from photobank.models.accounts import Organisation
from photobank.models.consents import Use
from photobank.scope import Scope


@dataclass(frozen=True, slots=True)
class UseRow:
    """One use, with its name in both languages. `outside`: the photo leaves the organisation."""

    id: str
    label_nl: str
    label_en: str
    outside: bool


@dataclass(frozen=True, slots=True)
class House:
    """The organisation, None before anybody set it up, and its uses in force in its order."""

    organisation: Organisation | None
    uses: tuple[UseRow, ...]


_LINE = func.json_build_array(col(Use.id), col(Use.label_nl), col(Use.label_en), col(Use.outside))
_LINES = func.json_agg(aggregate_order_by(_LINE, col(Use.position))).label("uses")
_USES = select(_LINES).where(col(Use.retired_at).is_(None)).subquery()
_HOUSE = (
    select(Organisation, _USES.c.uses, remembered.VERSION).select_from(_USES).outerjoin(Organisation, col(Organisation.id) == 1)
)


async def of(scope: Scope) -> House:
    """As this scope's transaction saw it first, or has changed it since."""
    if isinstance(scope.house, House):
        return scope.house
    await scope.db.flush()
    organisation, found, seen = (await scope.db.execute(_HOUSE)).one()
    recall(scope, seen)
    house = House(organisation, tuple(UseRow(*line) for line in found or ()))
    if organisation is not None:
        scope.house = house
    return house


def changed(scope: Scope) -> None:
    """This transaction has changed a use. (The organisation's row is the one that this transaction changes.)"""
    scope.house = None

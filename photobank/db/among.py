"""Many ids, or a small table, sent to PostgreSQL as one array each.

With IN or VALUES every id is a parameter of its own, and taking a statement with five thousand of them apart costs the process
more than the database needs to find the rows. And a statement that reads the same however many there are is prepared once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, Text, Uuid, any_, column, func, literal
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine


def among(one: SQLColumnExpression[Any], ids: Iterable[UUID]) -> ColumnElement[bool]:
    """`one` is one of these ids. An UPDATE by the session takes `synchronize_session=False` with it."""
    return one == any_(_sent(ids, Uuid()))


def table_of(given: Mapping[UUID, Any], kind: type[TypeEngine[Any]] = Text) -> TableValuedAlias:
    """A table `given` with the columns `id` and `value`, in this order."""
    rows = func.unnest(_sent(given, Uuid()), _sent(given.values(), kind()))
    return rows.table_valued(column("id", Uuid), column("value", kind)).render_derived(name="given")


def _sent(items: Iterable[Any], kind: TypeEngine[Any]) -> ColumnElement[Any]:
    return literal(list(items), ARRAY(kind))

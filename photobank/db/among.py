"""One of many ids as one parameter, so that a statement reads the same however many they are, and is prepared once."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, func, literal


def among(column: Any, ids: Collection[UUID]) -> ColumnElement[bool]:
    """Condition: the column is one of these. For SELECT; a bulk UPDATE by the session needs `in_`."""
    found: ColumnElement[bool] = column == func.any(literal(list(ids), ARRAY(Uuid)))
    return found

"""What the resources share: pages, ids as text, bodies that refuse unknown fields."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, ConfigDict

from photobank.kernel.paging import MAX_LIMIT

T = TypeVar("T")

Cursor = Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before")]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Most items on a page")]


class Body(BaseModel):
    """Base of request bodies: a field nobody knows is a mistake, and is told."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Out(BaseModel):
    """Base of answers, filled from service results."""

    model_config = ConfigDict(from_attributes=True)


class Listed(BaseModel, Generic[T]):
    """One page of a list."""

    items: list[T]
    next_cursor: str | None = None

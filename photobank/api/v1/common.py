"""What the resources share: pages, ids as text, bodies that refuse unknown fields."""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict, StringConstraints, field_validator

from photobank.kernel.errors import TooLarge
from photobank.kernel.paging import MAX_LIMIT

T = TypeVar("T")

RAW_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}
"""For OpenAPI: a file as the body, just as it is."""

# As it was typed: sign-in compares every character.
Password = Annotated[str, StringConstraints(strip_whitespace=False, max_length=1024)]
Cursor = Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before")]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Most items on a page")]


class Body(BaseModel):
    """Base of request bodies: a field nobody knows is a mistake, and is told. NUL is no part of any text, and cannot be stored."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @field_validator("*", mode="after")
    @classmethod
    def _without_nul(cls, value: Any) -> Any:
        if any("\0" in text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)):
            raise ValueError("contains NUL")
        return value


class Out(BaseModel):
    """Base of answers, filled from service results."""

    model_config = ConfigDict(from_attributes=True)


class Listed(BaseModel, Generic[T]):
    """One page of a list."""

    items: list[T]
    next_cursor: str | None = None


async def read_raw(request: Request, limit: int) -> bytes:
    """A body that is a file, in memory; raises TooLarge. Only for routes that authorised already, listed in web/bodies.py."""
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > limit:
            raise TooLarge(f"more than {limit} bytes")
    return bytes(data)

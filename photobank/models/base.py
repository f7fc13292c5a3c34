"""What every table shares: naming of constraints, and column kinds.

A column named `*_ct` holds ciphertext (docs/formats/field.md); loading a row decrypts nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import DateTime, LargeBinary, MetaData, Table, Text, inspect
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from photobank.kernel.ids import new_id

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

metadata: MetaData = SQLModel.metadata
_field: Any = Field  # its overloads cannot follow arguments that are passed on


class Row(SQLModel):
    """Base of all tables."""


def table_of(model: type[Row]) -> Table:
    """The bare table of a model, for statements that need no objects."""
    return cast(Table, inspect(model).local_table)


def key() -> Any:
    """A UUIDv7 primary key."""
    return Field(default_factory=new_id, primary_key=True)


def ref(target: str, *, index: bool = True, ondelete: str = "CASCADE", **kw: Any) -> Any:
    """A foreign key to `table.column`, indexed unless said otherwise."""
    return _field(foreign_key=target, index=index, ondelete=ondelete, **kw)


def optional_ref(target: str, *, index: bool = True, ondelete: str = "SET NULL") -> Any:
    """A foreign key that may be empty."""
    return _field(default=None, foreign_key=target, index=index, ondelete=ondelete, nullable=True)


def moment(*, index: bool = False) -> Any:
    """A moment that must be there."""
    return Field(sa_type=DateTime(timezone=True), index=index, nullable=False)


def optional_moment(*, index: bool = False) -> Any:
    """A moment that may be absent."""
    return Field(default=None, sa_type=DateTime(timezone=True), index=index, nullable=True)


def text(default: str | None = None) -> Any:
    """Text of any length; required when no default is given."""
    return Field(sa_type=Text, nullable=False) if default is None else Field(default=default, sa_type=Text, nullable=False)


def text_with(**kw: Any) -> Any:
    """Required text that is a key, indexed, unique or a reference: `kw` goes to Field."""
    return Field(sa_type=Text, nullable=False, **kw)


def optional_text(*, index: bool = False, unique: bool = False) -> Any:
    """Text that may be absent."""
    return Field(default=None, sa_type=Text, nullable=True, index=index, unique=unique)


def sealed() -> Any:
    """Ciphertext that must be there."""
    return Field(sa_type=LargeBinary, nullable=False)


def optional_sealed() -> Any:
    """Ciphertext that may be absent."""
    return Field(default=None, sa_type=LargeBinary, nullable=True)


def octets(*, index: bool = False, unique: bool = False) -> Any:
    """Plain bytes such as a hash; may be absent."""
    return Field(default=None, sa_type=LargeBinary, nullable=True, index=index, unique=unique)


def json_object() -> Any:
    """A JSON object, empty by default."""
    return Field(default_factory=dict, sa_type=JSONB, nullable=False)


def json_list() -> Any:
    """A JSON list, empty by default."""
    return Field(default_factory=_empty, sa_type=JSONB, nullable=False)


def _empty() -> list[Any]:
    """In place of `list`, whose signature pydantic would read and compile for every row that is made."""
    return []


__all__ = [
    "UUID",
    "Field",
    "Row",
    "datetime",
    "json_list",
    "json_object",
    "key",
    "metadata",
    "moment",
    "octets",
    "optional_moment",
    "optional_ref",
    "optional_sealed",
    "optional_text",
    "ref",
    "sealed",
    "text",
    "text_with",
]

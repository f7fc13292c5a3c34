"""Collections of assets, and bulk changes with what was there before."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import BigInteger, Index

from photobank.models.base import (
    UUID,
    Field,
    Row,
    datetime,
    json_object,
    key,
    moment,
    optional_moment,
    optional_ref,
    ref,
    sealed,
    text,
)


class CollectionKind(StrEnum):
    """Whose a collection is."""

    personal = "personal"
    team = "team"


class Collection(Row, table=True):
    """A hand-made choice of assets. It grants nothing: each asset is seen by who may see it anyway."""

    __tablename__ = "collections"

    id: UUID = key()
    owner_id: UUID | None = optional_ref("users.id")
    kind: str = text(CollectionKind.personal)
    name: str = text()
    cover_id: UUID | None = optional_ref("assets.id")
    created_at: datetime = moment()
    changed_at: datetime = moment()


class CollectionAsset(Row, table=True):
    """An asset in a collection; `position` is its place by hand."""

    __tablename__ = "collection_assets"
    __table_args__ = (Index("ix_collection_assets_order", "collection_id", "position", "asset_id"),)

    collection_id: UUID = Field(foreign_key="collections.id", primary_key=True, ondelete="CASCADE")
    asset_id: UUID = Field(foreign_key="assets.id", primary_key=True, ondelete="CASCADE", index=True)
    position: int = Field(sa_type=BigInteger)
    added_by: UUID | None = optional_ref("users.id", index=False)
    added_at: datetime = moment()


class BulkOperation(Row, table=True):
    """One change to many assets, by one user, who can take it back for a day."""

    __tablename__ = "bulk_operations"

    id: UUID = key()
    user_id: UUID = ref("users.id")
    kind: str = text()
    details: dict[str, str] = json_object()
    changed: int = Field(default=0)
    created_at: datetime = moment(index=True)
    undone_at: datetime | None = optional_moment()


class BulkChange(Row, table=True):
    """What a bulk operation found and what it left on one asset, sealed: private fields may be among it."""

    __tablename__ = "bulk_changes"

    operation_id: UUID = Field(foreign_key="bulk_operations.id", primary_key=True, ondelete="CASCADE")
    asset_id: UUID = Field(foreign_key="assets.id", primary_key=True, ondelete="CASCADE", index=True)
    change_ct: bytes = sealed()

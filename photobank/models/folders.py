"""Folders and who was granted what on them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Identity, UniqueConstraint

from photobank.models.base import UUID, Field, Row, datetime, key, moment, optional_ref, ref, text, text_with


class Folder(Row, table=True):
    """A folder. Grants of the parent hold here too unless `inherits` is off."""

    __tablename__ = "folders"
    __table_args__ = (UniqueConstraint("parent_id", "name", postgresql_nulls_not_distinct=True),)

    id: UUID = key()
    parent_id: UUID | None = optional_ref("folders.id", ondelete="RESTRICT")
    name: str = text()
    inherits: bool = Field(default=True)
    locked: bool = Field(default=False)
    """It and what is below it open only to a session that was confirmed a moment ago (accounts/stepup.py)."""
    created_at: datetime = moment()


class FolderGrant(Row, table=True):
    """A permission on a folder for a user, a department or everybody with a role."""

    __tablename__ = "folder_grants"
    __table_args__ = (UniqueConstraint("folder_id", "principal_kind", "principal"),)

    id: UUID = key()
    folder_id: UUID = ref("folders.id")
    principal_kind: str = text()
    principal: str = text_with(index=True)
    permission: str = text()
    created_at: datetime = moment()


class RightsMark(Row, table=True):
    """A random number per change of folders or grants; all together are the version of everybody's rights (access/remembered.py)."""

    __tablename__ = "rights_marks"

    id: int = Field(default=None, sa_type=BigInteger, sa_column_args=[Identity(always=True)], primary_key=True)
    mark: int = Field(sa_type=BigInteger, nullable=False)

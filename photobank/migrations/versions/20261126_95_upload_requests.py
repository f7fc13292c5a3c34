"""Links on which people without an account bring photos in: where these go, how many may come, and how many came.

Revision ID: 20261126_95
Revises: 20261126_91
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261126_95"
down_revision = "20261126_91"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("shares", sa.Column("folder_id", sa.Uuid(), nullable=True))
    op.add_column("shares", sa.Column("file_limit", sa.Integer(), nullable=True))
    op.add_column("shares", sa.Column("files", sa.Integer(), nullable=False, server_default="0"))
    op.alter_column("shares", "files", server_default=None)
    op.create_foreign_key(op.f("fk_shares_folder_id"), "shares", "folders", ["folder_id"], ["id"], ondelete="CASCADE")
    op.create_index(op.f("ix_shares_folder_id"), "shares", ["folder_id"])


def downgrade() -> None:
    """Take them away."""
    op.drop_column("shares", "files")
    op.drop_column("shares", "file_limit")
    op.drop_column("shares", "folder_id")

"""Collections, bulk changes that can be taken back, locked folders and the confirmation that opens them.

Revision ID: 20261126_50
Revises: 20261126_32
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_50"
down_revision = "20261126_32"
branch_labels = None
depends_on = None

NOW = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make them."""
    op.add_column("folders", sa.Column("locked", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("folders", "locked", server_default=None)
    op.add_column("sessions", sa.Column("confirmed_until", NOW, nullable=True))
    op.create_table(
        "collections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("cover_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", NOW, nullable=False),
        sa.Column("changed_at", NOW, nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_collections_owner_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["cover_id"], ["assets.id"], name=op.f("fk_collections_cover_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collections")),
    )
    op.create_index(op.f("ix_collections_owner_id"), "collections", ["owner_id"], unique=False)
    op.create_index(op.f("ix_collections_cover_id"), "collections", ["cover_id"], unique=False)
    op.create_table(
        "collection_assets",
        sa.Column("collection_id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("added_at", NOW, nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.id"], name=op.f("fk_collection_assets_collection_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_collection_assets_asset_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["added_by"], ["users.id"], name=op.f("fk_collection_assets_added_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("collection_id", "asset_id", name=op.f("pk_collection_assets")),
    )
    op.create_index("ix_collection_assets_order", "collection_assets", ["collection_id", "position", "asset_id"], unique=False)
    op.create_index(op.f("ix_collection_assets_asset_id"), "collection_assets", ["asset_id"], unique=False)
    op.create_table(
        "bulk_operations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("created_at", NOW, nullable=False),
        sa.Column("undone_at", NOW, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_bulk_operations_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_operations")),
    )
    op.create_index(op.f("ix_bulk_operations_user_id"), "bulk_operations", ["user_id"], unique=False)
    op.create_index(op.f("ix_bulk_operations_created_at"), "bulk_operations", ["created_at"], unique=False)
    op.create_table(
        "bulk_changes",
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("change_ct", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["operation_id"], ["bulk_operations.id"], name=op.f("fk_bulk_changes_operation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_bulk_changes_asset_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("operation_id", "asset_id", name=op.f("pk_bulk_changes")),
    )
    op.create_index(op.f("ix_bulk_changes_asset_id"), "bulk_changes", ["asset_id"], unique=False)


def downgrade() -> None:
    """Take them away."""
    for name in ("bulk_changes", "bulk_operations", "collection_assets", "collections"):
        op.drop_table(name)
    op.drop_column("sessions", "confirmed_until")
    op.drop_column("folders", "locked")

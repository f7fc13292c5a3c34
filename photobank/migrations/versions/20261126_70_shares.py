"""Share links and embeds, what they show, who looked, and through which link a photo was taken.

Revision ID: 20261126_70
Revises: 20261126_33
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_70"
down_revision = "20261126_33"
branch_labels = None
depends_on = None

NOW = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "shares",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("recipient_ct", sa.LargeBinary(), nullable=True),
        sa.Column("use_id", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("addresses", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("may_download", sa.Boolean(), nullable=False),
        sa.Column("largest_side", sa.Integer(), nullable=True),
        sa.Column("watermark", sa.Boolean(), nullable=False),
        sa.Column("view_limit", sa.Integer(), nullable=True),
        sa.Column("download_limit", sa.Integer(), nullable=True),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.Column("downloads", sa.Integer(), nullable=False),
        sa.Column("created_at", NOW, nullable=False),
        sa.Column("ends_at", NOW, nullable=True),
        sa.Column("revoked_at", NOW, nullable=True),
        sa.Column("seen_at", NOW, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_shares_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shares")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_shares_token_hash")),
    )
    op.create_index(
        "ix_shares_own", "shares", ["user_id", "kind", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")]
    )
    op.create_table(
        "share_assets",
        sa.Column("share_id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["share_id"], ["shares.id"], name=op.f("fk_share_assets_share_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_share_assets_asset_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("share_id", "asset_id", name=op.f("pk_share_assets")),
        sa.UniqueConstraint("share_id", "name", name=op.f("uq_share_assets_share_id_name")),
    )
    op.create_index(op.f("ix_share_assets_asset_id"), "share_assets", ["asset_id"])
    op.create_table(
        "share_visits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("share_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", NOW, nullable=False),
        sa.Column("ends_at", NOW, nullable=False),
        sa.Column("network_ct", sa.LargeBinary(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("downloads", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["share_id"], ["shares.id"], name=op.f("fk_share_visits_share_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_visits")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_share_visits_token_hash")),
    )
    op.create_index(
        "ix_share_visits_share", "share_visits", ["share_id", sa.literal_column("opened_at DESC"), sa.literal_column("id DESC")]
    )
    op.create_index(op.f("ix_share_visits_ends_at"), "share_visits", ["ends_at"])
    op.add_column("downloads", sa.Column("share_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_downloads_share_id"), "downloads", "shares", ["share_id"], ["id"], ondelete="SET NULL")
    op.create_index(op.f("ix_downloads_share_id"), "downloads", ["share_id"])


def downgrade() -> None:
    """Take them away."""
    op.drop_column("downloads", "share_id")
    op.drop_table("share_visits")
    op.drop_table("share_assets")
    op.drop_table("shares")

"""Presets of the organisation's own, cuts made by hand, visible watermarks, selections as one ZIP.

Revision ID: 20261126_90
Revises: 20261126_80
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_90"
down_revision = "20261126_80"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "presets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("label_nl", sa.Text(), nullable=False),
        sa.Column("label_en", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("fills", sa.Boolean(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("quality", sa.Integer(), nullable=False),
        sa.Column("dpi", sa.Integer(), nullable=False),
        sa.Column("cmyk", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("retired_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_presets")),
    )
    op.create_table(
        "watermarks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("picture_ct", sa.LargeBinary(), nullable=False),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("corner", sa.Text(), nullable=False),
        sa.Column("opacity", sa.Float(), nullable=False),
        sa.Column("size", sa.Float(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watermarks")),
    )
    op.create_table(
        "watermark_uses",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("watermark_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["watermark_id"], ["watermarks.id"], name=op.f("fk_watermark_uses_watermark_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("kind", "target", name=op.f("pk_watermark_uses")),
    )
    op.create_index(op.f("ix_watermark_uses_watermark_id"), "watermark_uses", ["watermark_id"], unique=False)
    op.create_table(
        "cuts",
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("preset", sa.Text(), nullable=False),
        sa.Column("left", sa.Float(), nullable=False),
        sa.Column("top", sa.Float(), nullable=False),
        sa.Column("size", sa.Float(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_cuts_asset_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_cuts_made_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("asset_id", "preset", name=op.f("pk_cuts")),
    )
    op.create_table(
        "zips",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("api_key_id", sa.Uuid(), nullable=True),
        sa.Column("use_id", sa.Text(), nullable=False),
        sa.Column("preset", sa.Text(), nullable=False),
        sa.Column("territory", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("asset_ids", JSON, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("run", sa.Uuid(), nullable=True),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("written", sa.Integer(), nullable=False),
        sa.Column("left_out", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("moved_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_zips_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zips")),
    )
    op.create_index(op.f("ix_zips_user_id"), "zips", ["user_id"], unique=False)
    op.create_index(op.f("ix_zips_created_at"), "zips", ["created_at"], unique=False)


def downgrade() -> None:
    """Take them away."""
    for name in ("zips", "cuts", "watermark_uses", "watermarks", "presets"):
        op.drop_table(name)

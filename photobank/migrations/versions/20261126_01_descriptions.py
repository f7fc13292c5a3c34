"""Event and photographer of an asset, tags, custom fields, favourites and ratings.

Revision ID: 20261126_01
Revises: 20261123_02
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_01"
down_revision = "20261123_02"
branch_labels = None
depends_on = None

NOW = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make them."""
    for name in ("event", "photographer"):
        op.add_column("assets", sa.Column(name, sa.Text(), nullable=False, server_default=""))
        op.alter_column("assets", name, server_default=None)
    op.create_index("ix_assets_event", "assets", ["event"], unique=False, postgresql_where=sa.text("event <> ''"))
    op.create_table(
        "tags",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("normal", sa.Text(), nullable=False),
        sa.Column("created_at", NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("normal", name=op.f("uq_tags_normal")),
    )
    op.create_index("ix_tags_normal_prefix", "tags", [sa.literal_column("normal text_pattern_ops")], unique=False)
    op.create_table(
        "asset_tags",
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("tag_id", sa.Uuid(), nullable=False),
        sa.Column("added_at", NOW, nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_asset_tags_asset_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_asset_tags_tag_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("asset_id", "tag_id", name=op.f("pk_asset_tags")),
    )
    op.create_index("ix_asset_tags_tag_id", "asset_tags", ["tag_id", "asset_id"], unique=False)
    op.create_table(
        "custom_fields",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("label_nl", sa.Text(), nullable=False),
        sa.Column("label_en", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("choices", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", NOW, nullable=False),
        sa.Column("retired_at", NOW, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_fields")),
    )
    op.create_table(
        "field_values",
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("field_id", sa.Uuid(), nullable=False),
        sa.Column("value", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("value_ct", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("(value IS NULL) <> (value_ct IS NULL)", name=op.f("ck_field_values_one_of_two")),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_field_values_asset_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["field_id"], ["custom_fields.id"], name=op.f("fk_field_values_field_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("asset_id", "field_id", name=op.f("pk_field_values")),
    )
    op.create_index(op.f("ix_field_values_field_id"), "field_values", ["field_id"], unique=False)
    op.create_table(
        "favourites",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("at", NOW, nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_favourites_asset_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_favourites_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "asset_id", name=op.f("pk_favourites")),
    )
    op.create_index(op.f("ix_favourites_asset_id"), "favourites", ["asset_id"], unique=False)
    op.create_table(
        "ratings",
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("stars", sa.SmallInteger(), nullable=False),
        sa.Column("at", NOW, nullable=False),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_ratings_stars")),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_ratings_asset_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_ratings_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("asset_id", "user_id", name=op.f("pk_ratings")),
    )
    op.create_index(op.f("ix_ratings_user_id"), "ratings", ["user_id"], unique=False)


def downgrade() -> None:
    """Take them away."""
    for name in ("ratings", "favourites", "field_values", "custom_fields", "asset_tags", "tags"):
        op.drop_table(name)
    op.drop_index("ix_assets_event", table_name="assets")
    for name in ("photographer", "event"):
        op.drop_column("assets", name)

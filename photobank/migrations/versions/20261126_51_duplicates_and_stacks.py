"""Near-copies: words of pictures with their index, pairs, answers; stacks of bursts.

Revision ID: 20261126_51
Revises: 20261126_50
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_51"
down_revision = "20261126_50"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "picture_words",
        sa.Column("asset_id", sa.Uuid(), sa.ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("words", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("searched_at", MOMENT, nullable=True),
    )
    op.create_index(
        "ix_picture_words_words", "picture_words", ["words"], postgresql_using="gin", postgresql_with={"fastupdate": "off"}
    )
    op.create_table(
        "duplicate_pairs",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("older_id", sa.Uuid(), sa.ForeignKey("assets.id", ondelete="CASCADE"), nullable=False),
        sa.Column("newer_id", sa.Uuid(), sa.ForeignKey("assets.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("better", sa.Text(), nullable=False),
        *[
            sa.Column(name, sa.Float(), nullable=False)
            for name in ("fit", "covers_newer", "covers_older", "chroma_newer", "chroma_older")
        ],
        sa.Column("matrix", postgresql.ARRAY(sa.Float()), nullable=False),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Uuid(), sa.ForeignKey("users.id", ondelete="SET NULL"), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.UniqueConstraint("older_id", "newer_id"),
        sa.CheckConstraint("older_id <> newer_id", name="two"),
    )
    op.create_index("ix_duplicate_pairs_newer_id", "duplicate_pairs", ["newer_id"])
    op.create_index(
        "ix_duplicate_pairs_open",
        "duplicate_pairs",
        [sa.text("found_at DESC"), sa.text("id DESC")],
        postgresql_where=sa.text("answer IS NULL"),
    )
    op.create_table(
        "duplicate_answers",
        sa.Column("low", sa.LargeBinary(), primary_key=True),
        sa.Column("high", sa.LargeBinary(), primary_key=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Uuid(), sa.ForeignKey("users.id", ondelete="SET NULL"), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=False),
    )
    op.create_table(
        "stacks",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("folder_id", sa.Uuid(), sa.ForeignKey("folders.id", ondelete="CASCADE"), nullable=False),
        sa.Column("made_by", sa.Uuid(), sa.ForeignKey("users.id", ondelete="SET NULL"), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_index("ix_stacks_folder_id", "stacks", ["folder_id"])
    op.create_table(
        "stack_members",
        sa.Column("asset_id", sa.Uuid(), sa.ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("stack_id", sa.Uuid(), sa.ForeignKey("stacks.id", ondelete="CASCADE"), nullable=False),
        sa.Column("is_cover", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_stack_members_stack_id", "stack_members", ["stack_id"])
    op.create_index("uq_stack_members_cover", "stack_members", ["stack_id"], unique=True, postgresql_where=sa.text("is_cover"))


def downgrade() -> None:
    """Take them away."""
    for table in ("stack_members", "stacks", "duplicate_answers", "duplicate_pairs", "picture_words"):
        op.drop_table(table)

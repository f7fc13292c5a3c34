"""Entries of people that were merged, with what moved, so that they can come apart again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261126_33"
down_revision = "20261126_61"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "person_merges",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("gone_id", sa.Uuid(), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("moved", JSONB(), nullable=False),
        sa.Column("merged_by", sa.Uuid(), nullable=True),
        sa.Column("merged_at", moment, nullable=False),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", moment, nullable=True),
        sa.ForeignKeyConstraint(["gone_id"], ["people.id"], name="fk_person_merges_gone_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["kept_id"], ["people.id"], name="fk_person_merges_kept_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["merged_by"], ["users.id"], name="fk_person_merges_merged_by", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["undone_by"], ["users.id"], name="fk_person_merges_undone_by", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_person_merges"),
    )
    op.create_index("ix_person_merges_gone_id", "person_merges", ["gone_id"])
    op.create_index("ix_person_merges_kept_id", "person_merges", ["kept_id"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("person_merges")

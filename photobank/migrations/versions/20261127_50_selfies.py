"""What is kept of selfies taken at events.

Revision ID: 20261127_50
Revises: 20261127_10
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261127_50"
down_revision = "20261127_10"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """None yet."""
    op.create_table(
        "selfies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("folders", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("vector_ct", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_selfies_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["request_id"], ["consent_requests.id"], name=op.f("fk_selfies_request_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_selfies")),
    )
    op.create_index(op.f("ix_selfies_person_id"), "selfies", ["person_id"])
    op.create_index(op.f("ix_selfies_request_id"), "selfies", ["request_id"], unique=True)


def downgrade() -> None:
    """The reverse: they are deleted."""
    op.drop_table("selfies")

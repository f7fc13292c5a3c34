"""Mails with the address of a share.

Revision ID: 20261126_96
Revises: 20261126_95
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261126_96"
down_revision = "20261126_95"
branch_labels = None
depends_on = None

NOW = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "share_letters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("share_id", sa.Uuid(), nullable=False),
        sa.Column("address_ct", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("due_at", NOW, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", NOW, nullable=True),
        sa.Column("failed_at", NOW, nullable=True),
        sa.ForeignKeyConstraint(["share_id"], ["shares.id"], name=op.f("fk_share_letters_share_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_letters")),
    )
    op.create_index(op.f("ix_share_letters_share_id"), "share_letters", ["share_id"])
    waiting = sa.text("sent_at IS NULL AND failed_at IS NULL")
    op.create_index("ix_share_letters_due", "share_letters", ["due_at"], postgresql_where=waiting)


def downgrade() -> None:
    """Take it away."""
    op.drop_table("share_letters")

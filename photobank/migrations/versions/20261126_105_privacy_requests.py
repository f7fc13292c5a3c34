"""What people ask about their own data.

Revision ID: 20261126_105
Revises: 20261126_97
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261126_105"
down_revision = "20261126_97"
branch_labels = None
depends_on = None

TABLE = "privacy_requests"
NOW = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("signer_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("asked_at", NOW, nullable=False),
        sa.Column("due_at", NOW, nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("answer_ct", sa.LargeBinary(), nullable=True),
        sa.Column("closed_at", NOW, nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_privacy_requests_person_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["signer_id"], ["consent_signers.id"], name=op.f("fk_privacy_requests_signer_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["entered_by"], ["users.id"], name=op.f("fk_privacy_requests_entered_by"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["closed_by"], ["users.id"], name=op.f("fk_privacy_requests_closed_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_requests")),
    )
    op.create_index(op.f("ix_privacy_requests_person_id"), TABLE, ["person_id"])
    op.create_index(op.f("ix_privacy_requests_signer_id"), TABLE, ["signer_id"])
    waiting = sa.text("outcome IS NULL")
    op.create_index("ix_privacy_requests_due", TABLE, ["due_at", "id"], postgresql_where=waiting)
    newest = [sa.text("closed_at DESC"), sa.text("id DESC")]
    op.create_index("ix_privacy_requests_closed", TABLE, newest, postgresql_where=sa.text("outcome IS NOT NULL"))
    op.create_index("uq_privacy_requests_open", TABLE, ["person_id", "kind"], unique=True, postgresql_where=waiting)


def downgrade() -> None:
    """Take it away."""
    op.drop_table(TABLE)

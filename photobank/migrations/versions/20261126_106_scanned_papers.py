"""Scans of papers that were signed by hand.

Revision ID: 20261126_106
Revises: 20261126_105
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261126_106"
down_revision = "20261126_105"
branch_labels = None
depends_on = None

TABLE = "consent_papers"


def upgrade() -> None:
    """Make the table. What was added is never changed."""
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("content_ct", sa.LargeBinary(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["consent_id"], ["consents.id"], name=op.f("fk_consent_papers_consent_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["added_by"], ["users.id"], name=op.f("fk_consent_papers_added_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_papers")),
        sa.UniqueConstraint("consent_id", "content_hash", name=op.f("uq_consent_papers_consent_id_content_hash")),
    )
    op.execute(
        """
        CREATE FUNCTION papers_stay() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.content_hash IS DISTINCT FROM OLD.content_hash OR NEW.consent_id IS DISTINCT FROM OLD.consent_id
            THEN RAISE EXCEPTION 'a scanned paper is never changed';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(f"CREATE TRIGGER papers_stay BEFORE UPDATE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION papers_stay()")


def downgrade() -> None:
    """Take it away."""
    op.drop_table(TABLE)
    op.execute("DROP FUNCTION papers_stay()")

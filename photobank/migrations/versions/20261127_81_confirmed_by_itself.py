"""Faces may be confirmed without a person, where an organisation switches that on and its own decisions support it.

Revision ID: 20261127_81
Revises: 20261127_70
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261127_81"
down_revision = "20261127_70"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The switch, off; what supports it, beside the model; and which faces nobody confirmed: none so far."""
    op.create_table(
        "unattended_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("one_in", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["set_by"], ["users.id"], name=op.f("fk_unattended_rules_set_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unattended_rules")),
    )
    op.add_column("face_models", sa.Column("support", postgresql.JSONB(), nullable=False, server_default="{}"))
    op.alter_column("face_models", "support", server_default=None)
    for table in ("faces", "version_faces"):
        op.add_column(table, sa.Column("by_itself", sa.Float(), nullable=True))


def downgrade() -> None:
    """The reverse. Faces confirmed by themselves wait for a person again."""
    op.execute("UPDATE faces SET state = 'unknown', person_id = NULL, settled_at = NULL WHERE by_itself IS NOT NULL")
    op.execute("UPDATE version_faces SET state = 'unknown', person_id = NULL, settled_at = NULL WHERE by_itself IS NOT NULL")
    for table in ("faces", "version_faces"):
        op.drop_column(table, "by_itself")
    op.drop_column("face_models", "support")
    op.drop_table("unattended_rules")

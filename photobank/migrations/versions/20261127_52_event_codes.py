"""Codes that hang at events, and which requests came through one.

Revision ID: 20261127_52
Revises: 20261127_51
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261127_52"
down_revision = "20261127_51"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """None yet."""
    op.create_table(
        "event_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("template_id", sa.Uuid(), nullable=False),
        sa.Column("folder_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["template_id"], ["consent_templates.id"], name=op.f("fk_event_codes_template_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["folder_id"], ["folders.id"], name=op.f("fk_event_codes_folder_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_event_codes_created_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_codes")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_event_codes_token_hash")),
    )
    op.create_index(op.f("ix_event_codes_folder_id"), "event_codes", ["folder_id"])
    op.add_column("consent_requests", sa.Column("event_code_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_consent_requests_event_code_id"),
        "consent_requests",
        "event_codes",
        ["event_code_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_index(op.f("ix_consent_requests_event_code_id"), "consent_requests", ["event_code_id"])


def downgrade() -> None:
    """The reverse; requests stay."""
    op.drop_column("consent_requests", "event_code_id")
    op.drop_table("event_codes")

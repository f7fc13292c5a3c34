"""When a selfie was asked for anew; whose faces a selfie is like; which entries are two people, whatever they have in common.

Revision ID: 20261127_53
Revises: 20261127_52
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261127_53"
down_revision = "20261127_52"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody was asked, nothing is known yet."""
    op.add_column("selfies", sa.Column("asked_anew_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "selfie_likenesses",
        sa.Column("selfie_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["selfie_id"], ["selfies.id"], name=op.f("fk_selfie_likenesses_selfie_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_selfie_likenesses_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("selfie_id", "person_id", name=op.f("pk_selfie_likenesses")),
    )
    op.create_index(op.f("ix_selfie_likenesses_person_id"), "selfie_likenesses", ["person_id"])
    op.create_table(
        "people_apart",
        sa.Column("one", sa.Uuid(), nullable=False),
        sa.Column("other", sa.Uuid(), nullable=False),
        sa.Column("said_by", sa.Uuid(), nullable=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["one"], ["people.id"], name=op.f("fk_people_apart_one"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["other"], ["people.id"], name=op.f("fk_people_apart_other"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["said_by"], ["users.id"], name=op.f("fk_people_apart_said_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("one", "other", name=op.f("pk_people_apart")),
    )
    op.create_index(op.f("ix_people_apart_other"), "people_apart", ["other"])


def downgrade() -> None:
    """The reverse."""
    op.drop_table("people_apart")
    op.drop_table("selfie_likenesses")
    op.drop_column("selfies", "asked_anew_at")

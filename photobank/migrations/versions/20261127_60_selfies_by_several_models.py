"""What several models see in one selfie: those that are being filled when it is taken measure it too.

Revision ID: 20261127_60
Revises: 20261127_53
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261127_60"
down_revision = "20261127_53"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Vectors move to rows of their own, sealed as they are."""
    op.create_table(
        "selfie_vectors",
        sa.Column("selfie_id", sa.Uuid(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("vector_ct", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["selfie_id"], ["selfies.id"], name=op.f("fk_selfie_vectors_selfie_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("selfie_id", "model", name=op.f("pk_selfie_vectors")),
    )
    op.execute("INSERT INTO selfie_vectors (selfie_id, model, vector_ct) SELECT id, model, vector_ct FROM selfies")
    op.drop_column("selfies", "model")
    op.drop_column("selfies", "vector_ct")


def downgrade() -> None:
    """The reverse, for one model of each."""
    op.add_column("selfies", sa.Column("model", sa.Text(), nullable=True))
    op.add_column("selfies", sa.Column("vector_ct", sa.LargeBinary(), nullable=True))
    op.execute(
        "UPDATE selfies SET model = v.model, vector_ct = v.vector_ct FROM (SELECT DISTINCT ON (selfie_id) * FROM selfie_vectors "
        "ORDER BY selfie_id, model) v WHERE v.selfie_id = selfies.id"
    )
    op.execute("DELETE FROM selfies WHERE model IS NULL")
    op.alter_column("selfies", "model", nullable=False)
    op.alter_column("selfies", "vector_ct", nullable=False)
    op.drop_table("selfie_vectors")

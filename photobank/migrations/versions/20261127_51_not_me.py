"""Who said that a face is not theirs: the person themself, or a reviewer.

Revision ID: 20261127_51
Revises: 20261127_50
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261127_51"
down_revision = "20261127_50"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Reviewers, so far."""
    op.add_column("face_rejections", sa.Column("own", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("face_rejections", "own", server_default=None)


def downgrade() -> None:
    """The reverse; the noes stay."""
    op.drop_column("face_rejections", "own")

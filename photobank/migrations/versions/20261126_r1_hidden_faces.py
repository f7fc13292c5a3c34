"""Which faces were made unrecognisable on what was handed over; ZIPs and links that ask for it.

Revision ID: 20261126_r1
Revises: 20261126_110
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261126_r1"
down_revision = "20261126_110"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """None on what was handed over before."""
    op.add_column("downloads", sa.Column("hidden_faces", sa.ARRAY(sa.Uuid()), nullable=False, server_default="{}"))
    op.alter_column("downloads", "hidden_faces", server_default=None)
    for table in ("zips", "shares"):
        op.add_column(table, sa.Column("redacted", sa.Boolean(), nullable=False, server_default=sa.false()))
        op.alter_column(table, "redacted", server_default=None)


def downgrade() -> None:
    """The reverse; who was hidden is lost."""
    for table in ("zips", "shares"):
        op.drop_column(table, "redacted")
    op.drop_column("downloads", "hidden_faces")

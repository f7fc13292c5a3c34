"""Why a photo is locked or under a legal hold, sealed. The plain column was never written.

Revision ID: 20261126_91
Revises: 20261126_90
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261126_91"
down_revision = "20261126_90"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the sealed ones, drop the plain one."""
    op.add_column("assets", sa.Column("lock_reason_ct", sa.LargeBinary(), nullable=True))
    op.add_column("assets", sa.Column("hold_reason_ct", sa.LargeBinary(), nullable=True))
    op.drop_column("assets", "lock_reason")


def downgrade() -> None:
    """The reverse; reasons are lost."""
    op.add_column("assets", sa.Column("lock_reason", sa.Text(), nullable=False, server_default=""))
    op.drop_column("assets", "hold_reason_ct")
    op.drop_column("assets", "lock_reason_ct")

"""No index on the state of stored verdicts: nothing looks them up by it, and every new verdict had to be written into it.

Revision ID: 20261126_110
Revises: 20261126_106
"""

from __future__ import annotations

from alembic import op

revision = "20261126_110"
down_revision = "20261126_106"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop it."""
    op.drop_index("ix_verdicts_state", "verdicts")


def downgrade() -> None:
    """Make it again."""
    op.create_index("ix_verdicts_state", "verdicts", ["state"])

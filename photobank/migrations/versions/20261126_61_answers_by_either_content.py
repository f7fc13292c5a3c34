"""What was said of two pictures is looked up by either of them, when a file comes again that was skipped."""

from __future__ import annotations

from alembic import op

revision = "20261126_61"
down_revision = "20261126_60"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index the other half."""
    op.create_index("ix_duplicate_answers_high", "duplicate_answers", ["high"])


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_duplicate_answers_high", "duplicate_answers")

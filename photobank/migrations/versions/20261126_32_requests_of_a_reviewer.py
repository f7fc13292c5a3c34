"""A decision's own id is its reviewer's: two reviewers may use one.

Revision ID: 20261126_32
Revises: 20261126_31
"""

from __future__ import annotations

from alembic import op

revision = "20261126_32"
down_revision = "20261126_31"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Narrow it."""
    op.drop_constraint(op.f("uq_review_actions_request_id"), "review_actions", type_="unique")
    op.create_unique_constraint(op.f("uq_review_actions_user_id_request_id"), "review_actions", ["user_id", "request_id"])


def downgrade() -> None:
    """Widen it again."""
    op.drop_constraint(op.f("uq_review_actions_user_id_request_id"), "review_actions", type_="unique")
    op.create_unique_constraint(op.f("uq_review_actions_request_id"), "review_actions", ["request_id"])

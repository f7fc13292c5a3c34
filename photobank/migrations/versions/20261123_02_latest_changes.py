"""Indexes for what changed lately, which open lists read after every push.

Revision ID: 20261123_02
Revises: 20261123_01
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261123_02"
down_revision = "20261123_01"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them."""
    op.create_index("ix_assets_changed", "assets", [sa.literal_column("changed_at DESC")], unique=False)
    op.create_index("ix_verdicts_derived", "verdicts", [sa.literal_column("derived_at DESC")], unique=False)


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_verdicts_derived", table_name="verdicts")
    op.drop_index("ix_assets_changed", table_name="assets")

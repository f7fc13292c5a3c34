"""Of what few photos have (a place in the trash, a photo that they become a version of) only those photos are indexed.

Every change of a photo writes into each index that it stands in: a hundred thousand new verdicts wrote a hundred thousand empty
entries into both.

Revision ID: 20261127_10
Revises: 20261126_r1
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261127_10"
down_revision = "20261126_r1"
branch_labels = None
depends_on = None

SPARSE = ("trashed_at", "version_of")


def upgrade() -> None:
    """Index the few."""
    for column in SPARSE:
        op.drop_index(f"ix_assets_{column}", "assets")
        op.create_index(f"ix_assets_{column}", "assets", [column], postgresql_where=sa.text(f"{column} IS NOT NULL"))


def downgrade() -> None:
    """Index all."""
    for column in SPARSE:
        op.drop_index(f"ix_assets_{column}", "assets")
        op.create_index(f"ix_assets_{column}", "assets", [column])

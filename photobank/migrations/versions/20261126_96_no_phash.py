"""No perceptual hash on photos: near copies are found by keypoints (docs/adr/0060), and nothing read it.

The column cannot be brought back with what was in it; going back leaves it empty, as it is for photos that were not decoded.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261126_96"
down_revision = "20261126_95"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop the columns."""
    op.drop_column("assets", "phash")
    op.drop_column("asset_versions", "phash")


def downgrade() -> None:
    """Empty ones."""
    for table in ("asset_versions", "assets"):
        op.add_column(table, sa.Column("phash", sa.BigInteger(), nullable=True))

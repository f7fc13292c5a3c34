"""People who are on a photo without a face that could be boxed.

Revision ID: 20261127_70
Revises: 20261127_60
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "20261127_70"
down_revision = "20261127_60"
branch_labels = None
depends_on = None

TABLES = ("faces", "version_faces")


def upgrade() -> None:
    """A face may lack its box."""
    for table in TABLES:
        op.alter_column(table, "box", existing_type=ARRAY(sa.Float()), nullable=True)


def downgrade() -> None:
    """The reverse. Somebody who is tagged becomes somebody boxed as the whole photo: nobody is taken off it."""
    for table in TABLES:
        faces = sa.table(table, sa.column("box", ARRAY(sa.Float())))
        op.execute(faces.update().where(faces.c.box.is_(None)).values(box=[0.0, 0.0, 1.0, 1.0]))
        op.alter_column(table, "box", existing_type=ARRAY(sa.Float()), nullable=False)

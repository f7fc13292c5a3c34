"""A mark for every change of folders and grants, so that processes know when rights they have worked out no longer hold.

Written by triggers, in the transaction that changes: nobody waits for anybody, and what is rolled back leaves no mark.
`access/remembered.py` reads and folds them.

Revision ID: 20261126_60
Revises: 20261126_51
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261126_60"
down_revision = "20261126_51"
branch_labels = None
depends_on = None

TABLES = ("folders", "folder_grants")
MARK = """
CREATE FUNCTION mark_rights() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rights_marks (mark) VALUES (hashtextextended(gen_random_uuid()::text, 0));
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    """Make the table, and let the database write it."""
    op.create_table(
        "rights_marks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute(MARK)
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER mark_rights AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION mark_rights()"
        )


def downgrade() -> None:
    """As it was."""
    for table in TABLES:
        op.execute(f"DROP TRIGGER mark_rights ON {table}")
    op.execute("DROP FUNCTION mark_rights()")
    op.drop_table("rights_marks")

"""How many photos lie in each folder and month, kept by the database itself; indexes that answer lists without the rows.

Every change of a photo's folder, state or date adds a line (+1, −1) in the same transaction, so that a sum over the lines is always
exact and nobody waits for anybody. `library/counting.py` folds them. Why: docs/adr/0014-a-million-photos.md.

Revision ID: 20261126_10
Revises: 20261126_41
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261126_10"
down_revision = "20261126_41"
branch_labels = None
depends_on = None

MONTH = "date_trunc('month', {row}.sort_at AT TIME ZONE 'UTC')::date"
FIRST = """
INSERT INTO asset_counts (folder_id, month, state, n)
SELECT a.folder_id, {month}, a.state, count(*) FROM assets a WHERE a.version_of IS NULL GROUP BY 1, 2, 3
"""
BULK = """
CREATE FUNCTION count_assets_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO asset_counts (folder_id, month, state, n)
    SELECT a.folder_id, {month}, a.state, {sign}count(*) FROM some_assets a WHERE a.version_of IS NULL GROUP BY 1, 2, 3;
    RETURN NULL;
END $$;
CREATE TRIGGER count_assets_{name} AFTER {event} ON assets
    REFERENCING {which} TABLE AS some_assets FOR EACH STATEMENT EXECUTE FUNCTION count_assets_{name}();
"""
MOVED = """
CREATE FUNCTION count_assets_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO asset_counts (folder_id, month, state, n)
    SELECT OLD.folder_id, {old}, OLD.state, -1 WHERE OLD.version_of IS NULL
    UNION ALL SELECT NEW.folder_id, {new}, NEW.state, 1 WHERE NEW.version_of IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER count_assets_moved AFTER UPDATE OF folder_id, state, sort_at, version_of ON assets FOR EACH ROW
    WHEN (OLD.folder_id <> NEW.folder_id OR OLD.state <> NEW.state OR OLD.sort_at <> NEW.sort_at
          OR OLD.version_of IS DISTINCT FROM NEW.version_of)
    EXECUTE FUNCTION count_assets_moved();
"""
ORDER: list[sa.ColumnClause[object]] = [sa.literal_column("sort_at DESC"), sa.literal_column("id DESC")]
HERE = sa.text("state <> 'trashed' AND version_of IS NULL")
LISTED = ["state", "uploaded_by", "width", "height"]


def upgrade() -> None:
    """Make the table, count what is there, and let the database keep it."""
    op.create_table(
        "asset_counts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("folder_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_asset_counts_folder", "asset_counts", ["folder_id", "month"], postgresql_include=["state", "n"])
    op.execute(FIRST.format(month=MONTH.format(row="a")))
    op.execute(BULK.format(name="added", month=MONTH.format(row="a"), sign="", event="INSERT", which="NEW"))
    op.execute(BULK.format(name="gone", month=MONTH.format(row="a"), sign="-", event="DELETE", which="OLD"))
    op.execute(MOVED.format(old=MONTH.format(row="OLD"), new=MONTH.format(row="NEW")))

    op.drop_index("ix_assets_sorted", table_name="assets")
    op.drop_index("ix_assets_folder_sorted", table_name="assets")
    op.create_index("ix_assets_sorted", "assets", ORDER, postgresql_include=["folder_id", *LISTED], postgresql_where=HERE)
    op.create_index("ix_assets_folder_sorted", "assets", ["folder_id", *ORDER], postgresql_include=LISTED, postgresql_where=HERE)
    op.create_index(
        "ix_assets_folder_changed", "assets", ["folder_id", sa.literal_column("changed_at DESC")], postgresql_include=["id"]
    )
    op.create_index("ix_assets_sending", "assets", ["uploaded_by"], postgresql_where=sa.text("state = 'uploading'"))
    op.drop_index("ix_verdicts_derived", table_name="verdicts")


def downgrade() -> None:
    """As it was."""
    op.create_index("ix_verdicts_derived", "verdicts", [sa.literal_column("derived_at DESC")], unique=False)
    op.drop_index("ix_assets_sending", table_name="assets")
    op.drop_index("ix_assets_folder_changed", table_name="assets")
    for name in ("ix_assets_folder_sorted", "ix_assets_sorted"):
        op.drop_index(name, table_name="assets")
    op.create_index("ix_assets_sorted", "assets", ORDER, postgresql_where=sa.text("state <> 'trashed'"))
    op.create_index("ix_assets_folder_sorted", "assets", ["folder_id", *ORDER], postgresql_where=sa.text("state <> 'trashed'"))
    for name in ("added", "gone", "moved"):
        op.execute(f"DROP TRIGGER count_assets_{name} ON assets")
        op.execute(f"DROP FUNCTION count_assets_{name}()")
    op.drop_table("asset_counts")

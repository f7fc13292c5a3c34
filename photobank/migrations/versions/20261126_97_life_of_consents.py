"""Coming ends told once, mails that gather them, calendars, and photos that are put away when nothing allows them any more.

Revision ID: 20261126_97
Revises: 20261126_96
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261126_97"
down_revision = "20261126_96"
branch_labels = None
depends_on = None

NOW = sa.DateTime(timezone=True)
WAITING = sa.text("sent_at IS NULL AND failed_at IS NULL")


def upgrade() -> None:
    """Make the tables, and room for the organisation's rule and everybody's wish."""
    op.add_column("organisation", sa.Column("alert_days", sa.Integer(), nullable=True))
    op.add_column("organisation", sa.Column("archive_days", sa.Integer(), nullable=True, server_default="30"))
    op.alter_column("organisation", "archive_days", server_default=None)
    op.add_column("organisation", sa.Column("delete_days", sa.Integer(), nullable=True))
    op.add_column("users", sa.Column("digest", sa.Text(), nullable=False, server_default="daily"))
    op.alter_column("users", "digest", server_default=None)
    op.create_table(
        "consent_ends",
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("ends_at", NOW, nullable=False),
        sa.Column("told_at", NOW, nullable=False),
        sa.ForeignKeyConstraint(["consent_id"], ["consents.id"], name=op.f("fk_consent_ends_consent_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("consent_id", "ends_at", name=op.f("pk_consent_ends")),
    )
    op.create_table(
        "consent_alerts",
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("ends_at", NOW, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("created_at", NOW, nullable=False),
        sa.Column("seen_at", NOW, nullable=True),
        sa.Column("mailed_at", NOW, nullable=True),
        sa.ForeignKeyConstraint(
            ["consent_id", "ends_at"], ["consent_ends.consent_id", "consent_ends.ends_at"], name="consent_end", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_consent_alerts_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("consent_id", "ends_at", "user_id", name=op.f("pk_consent_alerts")),
    )
    op.create_index("ix_consent_alerts_user", "consent_alerts", ["user_id", "ends_at", "consent_id"])
    op.create_index("ix_consent_alerts_untold", "consent_alerts", ["user_id"], postgresql_where=sa.text("mailed_at IS NULL"))
    op.create_table(
        "digests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("due_at", NOW, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", NOW, nullable=True),
        sa.Column("failed_at", NOW, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_digests_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sa.UniqueConstraint("user_id", "day", name=op.f("uq_digests_user_id_day")),
    )
    op.create_index("ix_digests_due", "digests", ["due_at"], postgresql_where=WAITING)
    op.create_table(
        "calendar_feeds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", NOW, nullable=False),
        sa.Column("read_at", NOW, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_calendar_feeds_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feeds")),
        sa.UniqueConstraint("user_id", name=op.f("uq_calendar_feeds_user_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feeds_token_hash")),
    )
    op.create_table(
        "retired_assets",
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("ended_at", NOW, nullable=False),
        sa.Column("archived_at", NOW, nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_retired_assets_asset_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("asset_id", name=op.f("pk_retired_assets")),
    )
    op.create_index("ix_retired_assets_order", "retired_assets", ["archived_at", "asset_id"])


def downgrade() -> None:
    """Take them away."""
    for table in ("retired_assets", "calendar_feeds", "digests", "consent_alerts", "consent_ends"):
        op.drop_table(table)
    op.drop_column("users", "digest")
    for column in ("delete_days", "archive_days", "alert_days"):
        op.drop_column("organisation", column)

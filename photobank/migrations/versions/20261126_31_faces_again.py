"""Faces: rules for templates, models beside one another, claims, looking again.

Revision ID: 20261126_31
Revises: 20261126_10
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_31"
down_revision = "20261126_10"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "biometric_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["set_by"], ["users.id"], name=op.f("fk_biometric_rules_set_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_biometric_rules")),
    )
    op.create_table(
        "face_models",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("setting", sa.Text(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("calibration", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("scores", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["acknowledged_by"], ["users.id"], name=op.f("fk_face_models_acknowledged_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_face_models")),
        sa.UniqueConstraint("pack", name=op.f("uq_face_models_pack")),
    )
    op.create_index("uq_face_models_active", "face_models", ["state"], unique=True, postgresql_where=sa.text("state = 'active'"))
    op.create_table(
        "review_claims",
        sa.Column("cluster_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name=op.f("fk_review_claims_cluster_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_review_claims_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("cluster_id", name=op.f("pk_review_claims")),
    )
    op.create_index(op.f("ix_review_claims_user_id"), "review_claims", ["user_id"], unique=False)
    op.create_index(op.f("ix_review_claims_until"), "review_claims", ["until"], unique=False)
    op.add_column("people", sa.Column("biometrics_off_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("review_actions", sa.Column("request_id", sa.Uuid(), nullable=True))
    op.create_unique_constraint(op.f("uq_review_actions_request_id"), "review_actions", ["request_id"])
    op.add_column("assets", sa.Column("look_again_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_assets_look_again", "assets", ["look_again_at"], unique=False, postgresql_where=sa.text("look_again_at IS NOT NULL")
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_assets_look_again", table_name="assets")
    op.drop_column("assets", "look_again_at")
    op.drop_constraint(op.f("uq_review_actions_request_id"), "review_actions", type_="unique")
    op.drop_column("review_actions", "request_id")
    op.drop_column("people", "biometrics_off_at")
    op.drop_table("review_claims")
    op.drop_table("face_models")
    op.drop_table("biometric_rules")

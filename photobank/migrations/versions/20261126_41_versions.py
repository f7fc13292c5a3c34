"""Versions of an asset, and the faces of those that are not shown.

Revision ID: 20261126_41
Revises: 20261126_40
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_41"
down_revision = "20261126_40"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every asset there is shows its first and only version."""
    op.add_column("assets", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("assets", sa.Column("versions", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("assets", sa.Column("version_of", sa.Uuid(), nullable=True))
    op.add_column("assets", sa.Column("pictures", postgresql.JSONB(), nullable=False, server_default="[]"))
    for name in ("version", "versions", "pictures"):
        op.alter_column("assets", name, server_default=None)
    op.create_foreign_key(op.f("fk_assets_version_of"), "assets", "assets", ["version_of"], ["id"], ondelete="SET NULL")
    op.create_index(op.f("ix_assets_version_of"), "assets", ["version_of"])
    op.add_column("shredded_keys", sa.Column("versions", sa.Integer(), nullable=False, server_default="1"))
    op.alter_column("shredded_keys", "versions", server_default=None)
    op.create_table(
        "asset_versions",
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("content_index", sa.LargeBinary(), nullable=True),
        sa.Column("phash", sa.BigInteger(), nullable=True),
        sa.Column("placeholder", sa.LargeBinary(), nullable=True),
        sa.Column("metadata_ct", sa.LargeBinary(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("renditions", postgresql.JSONB(), nullable=False),
        sa.Column("faces_done", sa.Boolean(), nullable=False),
        sa.Column("no_people_by", sa.Uuid(), nullable=True),
        sa.Column("no_people_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("came_from", sa.Integer(), nullable=True),
        sa.Column("shift", postgresql.ARRAY(sa.Float()), nullable=True),
        sa.Column("picture", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_asset_versions_asset_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_asset_versions_made_by"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["no_people_by"], ["users.id"], name=op.f("fk_asset_versions_no_people_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("asset_id", "number", name=op.f("pk_asset_versions")),
    )
    op.create_index(op.f("ix_asset_versions_content_index"), "asset_versions", ["content_index"])
    op.create_table(
        "version_faces",
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("face_id", sa.Uuid(), nullable=False),
        sa.Column("box", postgresql.ARRAY(sa.Float()), nullable=False),
        sa.Column("landmarks", postgresql.ARRAY(sa.Float()), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("quality", sa.Float(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_version_faces_asset_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_version_faces_person_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["settled_by"], ["users.id"], name=op.f("fk_version_faces_settled_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("asset_id", "number", "face_id", name=op.f("pk_version_faces")),
    )
    op.create_index(op.f("ix_version_faces_person_id"), "version_faces", ["person_id"])


def downgrade() -> None:
    """Only the versions shown remain; what is kept of others is lost, so this is for developers."""
    op.drop_table("version_faces")
    op.drop_table("asset_versions")
    op.drop_column("shredded_keys", "versions")
    for name in ("pictures", "version_of", "versions", "version"):
        op.drop_column("assets", name)

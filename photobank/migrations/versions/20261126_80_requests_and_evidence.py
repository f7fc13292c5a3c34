"""Forms with versions, requests to sign, who signs, evidence and its seal, mail; the uses that somebody left unticked.

Revision ID: 20261126_80
Revises: 20261126_70
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_80"
down_revision = "20261126_70"
branch_labels = None
depends_on = None

NOW = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make them."""
    op.add_column("consents", sa.Column("refused", sa.Text(), nullable=False, server_default=""))
    op.alter_column("consents", "refused", server_default=None)
    _templates()
    _requests()
    _signers()
    _evidence()
    _mails()


def _templates() -> None:
    op.create_table(
        "consent_templates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("starter", sa.Text(), nullable=True),
        sa.Column("sector", sa.Text(), nullable=False),
        sa.Column("regime", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", NOW, nullable=False),
        sa.Column("retired_at", NOW, nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_consent_templates_created_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_templates")),
        sa.UniqueConstraint("starter", name=op.f("uq_consent_templates_starter")),
    )
    op.create_table(
        "consent_template_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("template_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", NOW, nullable=False),
        sa.ForeignKeyConstraint(
            ["template_id"], ["consent_templates.id"], name=op.f("fk_consent_template_versions_template_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_consent_template_versions_created_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_template_versions")),
        sa.UniqueConstraint("template_id", "number", name=op.f("uq_consent_template_versions_template_id_number")),
    )
    op.create_index(op.f("ix_consent_template_versions_template_id"), "consent_template_versions", ["template_id"])
    op.execute(
        """
        CREATE FUNCTION template_words_stay() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' OR (NEW.id, NEW.template_id, NEW.number, NEW.content, NEW.digest, NEW.created_at)
                IS DISTINCT FROM (OLD.id, OLD.template_id, OLD.number, OLD.content, OLD.digest, OLD.created_at)
            THEN RAISE EXCEPTION 'a version of a form is never changed';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER template_words_stay BEFORE UPDATE OR DELETE ON consent_template_versions
        FOR EACH ROW EXECUTE FUNCTION template_words_stay()
        """
    )


def _requests() -> None:
    op.create_table(
        "consent_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("targets", postgresql.JSONB(), nullable=False),
        sa.Column("territories", sa.Text(), nullable=False),
        sa.Column("renews", sa.Uuid(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", NOW, nullable=False),
        sa.Column("expires_at", NOW, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("finished_at", NOW, nullable=True),
        sa.Column("consent_id", sa.Uuid(), nullable=True),
        sa.Column("reminded_at", NOW, nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_consent_requests_person_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["version_id"], ["consent_template_versions.id"], name=op.f("fk_consent_requests_version_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["renews"], ["consents.id"], name=op.f("fk_consent_requests_renews"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_consent_requests_created_by"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["consent_id"], ["consents.id"], name=op.f("fk_consent_requests_consent_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_requests")),
    )
    for column in ("person_id", "version_id", "renews", "consent_id", "outcome"):
        op.create_index(op.f(f"ix_consent_requests_{column}"), "consent_requests", [column])
    op.create_index(
        "ix_consent_requests_open", "consent_requests", ["created_at", "id"], postgresql_where=sa.text("outcome IS NULL")
    )
    op.create_index("ix_consent_requests_order", "consent_requests", ["created_at", "id"])


def _signers() -> None:
    op.create_table(
        "consent_signers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name_ct", sa.LargeBinary(), nullable=False),
        sa.Column("email_ct", sa.LargeBinary(), nullable=True),
        sa.Column("link_number", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", NOW, nullable=True),
        sa.Column("opened_at", NOW, nullable=True),
        sa.Column("bounced_at", NOW, nullable=True),
        sa.Column("answers_ct", sa.LargeBinary(), nullable=True),
        sa.Column("answered_at", NOW, nullable=True),
        sa.Column("code_number", sa.Integer(), nullable=False),
        sa.Column("code_sent_at", NOW, nullable=True),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        sa.Column("signed_at", NOW, nullable=True),
        sa.Column("declined_at", NOW, nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"], ["consent_requests.id"], name=op.f("fk_consent_signers_request_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_signers")),
        sa.UniqueConstraint("request_id", "position", name=op.f("uq_consent_signers_request_id_position")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_consent_signers_token_hash")),
    )


def _evidence() -> None:
    op.create_table(
        "evidence_seals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("key_ct", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_seals")),
    )
    op.create_table(
        "consent_evidence",
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("record_ct", sa.LargeBinary(), nullable=False),
        sa.Column("record_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", NOW, nullable=False),
        sa.Column("pdf_ct", sa.LargeBinary(), nullable=True),
        sa.Column("pdf_hash", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_at", NOW, nullable=True),
        sa.Column("seal_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["consent_id"], ["consents.id"], name=op.f("fk_consent_evidence_consent_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["seal_id"], ["evidence_seals.id"], name=op.f("fk_consent_evidence_seal_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("consent_id", name=op.f("pk_consent_evidence")),
    )
    op.create_index(op.f("ix_consent_evidence_sealed_at"), "consent_evidence", ["sealed_at"])
    op.execute(
        """
        CREATE FUNCTION evidence_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.record_hash IS DISTINCT FROM OLD.record_hash OR (OLD.pdf_hash IS NOT NULL AND NEW.pdf_hash IS DISTINCT FROM OLD.pdf_hash)
            THEN RAISE EXCEPTION 'evidence is never changed';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER evidence_stays BEFORE UPDATE ON consent_evidence FOR EACH ROW EXECUTE FUNCTION evidence_stays()
        """
    )


def _mails() -> None:
    op.create_table(
        "mails",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("signer_id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created_at", NOW, nullable=False),
        sa.Column("due_at", NOW, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", NOW, nullable=True),
        sa.Column("failed_at", NOW, nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["signer_id"], ["consent_signers.id"], name=op.f("fk_mails_signer_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["consent_id"], ["consents.id"], name=op.f("fk_mails_consent_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
    )
    op.create_index("ix_mails_due", "mails", ["due_at"], postgresql_where=sa.text("sent_at IS NULL AND failed_at IS NULL"))
    op.create_index("ix_mails_signer", "mails", ["signer_id"])

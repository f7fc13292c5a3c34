"""What recognition may keep and with which model: the organisation's rules for templates, the models it has used, and live claims."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlalchemy import text as sql

from photobank.models.base import (
    UUID,
    Field,
    Row,
    datetime,
    json_object,
    key,
    moment,
    optional_moment,
    optional_ref,
    ref,
    text,
    text_with,
)


class Basis(StrEnum):
    """On what ground templates of named people may exist."""

    opt_in = "opt_in"
    """Only of people who opted in to it."""
    documented = "documented"
    """Also of others: the organisation has another basis and has written it down. Whoever was switched off stays off."""


class BiometricRule(Row, table=True):
    """What the organisation decided about templates, and why. Rows are only added; the last one counts."""

    __tablename__ = "biometric_rules"

    id: UUID = key()
    basis: str = text(Basis.opt_in)
    reason: str = text("")
    days: int = Field(default=30)
    set_by: UUID | None = optional_ref("users.id", index=False)
    set_at: datetime = moment()


class UnattendedRule(Row, table=True):
    """Whether faces may be confirmed without a person: at most one wrong in so many; 0: never. Rows are only added; the last one counts."""

    __tablename__ = "unattended_rules"

    id: UUID = key()
    one_in: int = Field(default=0)
    set_by: UUID | None = optional_ref("users.id", index=False)
    set_at: datetime = moment()


class ModelState(StrEnum):
    """Where a model stands. One is active; others are being filled, are filled, or were given up."""

    indexing = "indexing"
    active = "active"
    retired = "retired"


class FaceModel(Row, table=True):
    """A recognition model that is or was used. `pack` is its name as in the settings, `tag` what its vectors carry."""

    __tablename__ = "face_models"
    __table_args__ = (Index("uq_face_models_active", "state", unique=True, postgresql_where=sql("state = 'active'")),)

    id: UUID = key()
    pack: str = text_with(unique=True)
    tag: str = text("")
    state: str = text(ModelState.indexing)
    setting: str = text("")
    licence: str = text("")
    acknowledged_by: UUID | None = optional_ref("users.id", index=False)
    acknowledged_at: datetime | None = optional_moment()
    created_at: datetime = moment()
    activated_at: datetime | None = optional_moment()
    calibration: dict[str, Any] = json_object()
    scores: dict[str, Any] = json_object()
    support: dict[str, Any] = json_object()
    """What decisions say of confirming without a person under this model, and of which decisions that was (people/unattended.py)."""


class ReviewClaim(Row, table=True):
    """A reviewer is at this cluster, until then. Others are given another one."""

    __tablename__ = "review_claims"

    cluster_id: UUID = Field(foreign_key="clusters.id", primary_key=True, ondelete="CASCADE")
    user_id: UUID = ref("users.id")
    until: datetime = moment(index=True)

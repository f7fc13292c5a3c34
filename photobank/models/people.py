"""People, the faces found on assets, and what was said of them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, Float, Index, UniqueConstraint, Uuid
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
    optional_sealed,
    optional_text,
    ref,
    sealed,
    text,
    text_with,
)


class FaceState(StrEnum):
    """What is known of a face. Only `confirmed` and `ignored` are settled: by people, or by itself where that is switched on."""

    unknown = "unknown"
    suggested = "suggested"
    confirmed = "confirmed"
    ignored = "ignored"


class Person(Row, table=True):
    """Somebody recognisable. Contact data and date of birth are sealed under the person's own key."""

    __tablename__ = "people"
    __table_args__ = (Index("ix_people_name_order", sql("lower(name)"), "id"),)

    id: UUID = key()
    name: str = text()
    note: str = text("")
    email_ct: bytes | None = optional_sealed()
    email_index: bytes | None = Field(default=None, index=True)
    external_ref_ct: bytes | None = optional_sealed()
    birth_date_ct: bytes | None = optional_sealed()
    is_minor: bool = Field(default=False)
    guardians_needed: int = Field(default=1)
    cover_face_id: UUID | None = Field(default=None)
    merged_into: UUID | None = optional_ref("people.id")
    hidden_at: datetime | None = optional_moment()
    biometrics_off_at: datetime | None = optional_moment()
    created_by: UUID | None = optional_ref("users.id", index=False)
    created_at: datetime = moment()
    changed_at: datetime = moment()


class PersonMerge(Row, table=True):
    """Two entries that were put together, with what moved, so that they can come apart again. `moved` holds ids and moments only."""

    __tablename__ = "person_merges"

    id: UUID = key()
    gone_id: UUID = ref("people.id")
    kept_id: UUID = ref("people.id")
    moved: dict[str, Any] = json_object()
    merged_by: UUID | None = optional_ref("users.id", index=False)
    merged_at: datetime = moment()
    undone_by: UUID | None = optional_ref("users.id", index=False)
    undone_at: datetime | None = optional_moment()


class Cluster(Row, table=True):
    """Faces that look like the same unknown person."""

    __tablename__ = "clusters"

    id: UUID = key()
    model: str = text()
    created_at: datetime = moment()


class Face(Row, table=True):
    """One face on one asset. The box is x, y, width, height in 0–1 of the upright picture.

    Without a box it is somebody who is on the photo without a face that can be seen (people/tagged.py).
    """

    __tablename__ = "faces"
    __table_args__ = (Index("ix_faces_person_confirmed", "person_id", postgresql_where=sql("state = 'confirmed'")),)

    id: UUID = key()
    asset_id: UUID = ref("assets.id")
    box: list[float] | None = Field(default=None, sa_type=ARRAY(Float), nullable=True)
    landmarks: list[float] = Field(default_factory=list, sa_type=ARRAY(Float), nullable=False)
    score: float = Field(default=1.0)
    quality: float = Field(default=0.0)
    source: str = text("detected")
    state: str = text_with(default=FaceState.unknown, index=True)
    person_id: UUID | None = optional_ref("people.id")
    cluster_id: UUID | None = optional_ref("clusters.id")
    settled_by: UUID | None = optional_ref("users.id", index=False)
    settled_at: datetime | None = optional_moment()
    by_itself: float | None = Field(default=None)
    """With which probability it was confirmed without a person; empty for everything that people decided."""
    created_at: datetime = moment()
    changed_at: datetime = moment(index=True)


class FaceLink(Row, table=True):
    """What a reviewer said of two faces without naming anybody: `apart` or `together`. `one` is the smaller id."""

    __tablename__ = "face_links"

    one: UUID = Field(foreign_key="faces.id", primary_key=True, ondelete="CASCADE")
    other: UUID = Field(foreign_key="faces.id", primary_key=True, ondelete="CASCADE", index=True)
    kind: str = text()
    said_by: UUID | None = optional_ref("users.id", index=False)
    said_at: datetime = moment()


class FaceTemplate(Row, table=True):
    """The vector of a face under one model, sealed. `model` is the engine's tag; vectors of two models never meet."""

    __tablename__ = "face_templates"

    face_id: UUID = Field(foreign_key="faces.id", primary_key=True, ondelete="CASCADE")
    model: str = text_with(primary_key=True)
    vector_ct: bytes = sealed()
    created_at: datetime = moment(index=True)


class Selfie(Row, table=True):
    """A picture that somebody took of themselves at an event, to be found on photos there; only its vectors are kept.

    `folders` hold the event's photos. The picture itself is kept nowhere (people/selfies.py).
    """

    __tablename__ = "selfies"

    id: UUID = key()
    person_id: UUID = ref("people.id")
    request_id: UUID = ref("consent_requests.id", unique=True)
    folders: list[UUID] = Field(sa_type=ARRAY(Uuid), nullable=False)
    created_at: datetime = moment()
    asked_anew_at: datetime | None = optional_moment()
    """When the person was asked for another one, since none of its models is in use any more."""


class SelfieVector(Row, table=True):
    """What one model sees in a selfie, sealed: the model in use when it was taken, and those that were being filled beside it."""

    __tablename__ = "selfie_vectors"

    selfie_id: UUID = Field(foreign_key="selfies.id", primary_key=True, ondelete="CASCADE")
    model: str = text_with(primary_key=True)
    vector_ct: bytes = sealed()


class SelfieLikeness(Row, table=True):
    """A face at the event that was confirmed as somebody is like a selfie of another entry: perhaps they are one person (people/doubles.py)."""

    __tablename__ = "selfie_likenesses"

    selfie_id: UUID = Field(foreign_key="selfies.id", primary_key=True, ondelete="CASCADE")
    person_id: UUID = Field(foreign_key="people.id", primary_key=True, ondelete="CASCADE", index=True)
    probability: float


class PeopleApart(Row, table=True):
    """Somebody said that these two entries are two people. `one` is the smaller id."""

    __tablename__ = "people_apart"

    one: UUID = Field(foreign_key="people.id", primary_key=True, ondelete="CASCADE")
    other: UUID = Field(foreign_key="people.id", primary_key=True, ondelete="CASCADE", index=True)
    said_by: UUID | None = optional_ref("users.id", index=False)
    said_at: datetime = moment()


class FaceRejection(Row, table=True):
    """A "no" that sticks: this face is not that person. `own`: that person said so, on their own page."""

    __tablename__ = "face_rejections"

    face_id: UUID = Field(foreign_key="faces.id", primary_key=True, ondelete="CASCADE")
    person_id: UUID = Field(foreign_key="people.id", primary_key=True, ondelete="CASCADE", index=True)
    rejected_by: UUID | None = optional_ref("users.id", index=False)
    rejected_at: datetime = moment()
    own: bool = Field(default=False)


class FaceSuggestion(Row, table=True):
    """Who a face may be, with a calibrated probability."""

    __tablename__ = "face_suggestions"

    face_id: UUID = Field(foreign_key="faces.id", primary_key=True, ondelete="CASCADE")
    person_id: UUID = Field(foreign_key="people.id", primary_key=True, ondelete="CASCADE", index=True)
    score: float
    probability: float
    model: str = text()


class ReviewAction(Row, table=True):
    """One thing a reviewer did, with what it changed, so that it can be undone."""

    __tablename__ = "review_actions"
    __table_args__ = (UniqueConstraint("user_id", "request_id"),)

    id: UUID = key()
    user_id: UUID | None = optional_ref("users.id")
    kind: str = text()
    before: dict[str, Any] = json_object()
    after: dict[str, Any] = json_object()
    created_at: datetime = moment(index=True)
    undone_at: datetime | None = optional_moment()
    undoes: str | None = optional_text()
    request_id: UUID | None = Field(default=None)

"""What people without an account are given: links and embeds that show photos, requests that take them in, and who came."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy import text as sql

from photobank.models.base import (
    UUID,
    Field,
    Row,
    datetime,
    json_list,
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


class ShareKind(StrEnum):
    """What it is: a page that shows photos, a picture on another site, or a page on which others bring photos in."""

    link = "link"
    embed = "embed"
    request = "request"


class Share(Row, table=True):
    """What `user_id` gave to people without an account, good for as long as that user may. Of its token only a hash is kept.

    `views`, `downloads` and `files` are counted by one statement that refuses beyond the limit (sharing/counting.py), never written otherwise.
    """

    __tablename__ = "shares"
    __table_args__ = (Index("ix_shares_own", "user_id", "kind", sql("created_at DESC"), sql("id DESC")),)

    id: UUID = key()
    kind: str = text(ShareKind.link)
    user_id: UUID = ref("users.id", index=False)
    token_hash: bytes = Field(unique=True)
    title: str = text("")
    recipient_ct: bytes | None = optional_sealed()
    use_id: str = text()
    password_hash: str | None = optional_text()
    addresses: list[str] = json_list()
    """Networks in CIDR notation from which it may be opened; empty: from everywhere."""
    may_download: bool = Field(default=True)
    largest_side: int | None = Field(default=None)
    """No picture that leaves this way has a longer side, in pixels; None: the original may go."""
    watermark: bool = Field(default=False)
    redacted: bool = Field(default=False)
    """Those who stand in the way are made unrecognisable, in every picture that leaves this way."""
    view_limit: int | None = Field(default=None)
    download_limit: int | None = Field(default=None)
    views: int = Field(default=0)
    downloads: int = Field(default=0)
    folder_id: UUID | None = optional_ref("folders.id", ondelete="CASCADE")
    """Where photos go that are brought in."""
    file_limit: int | None = Field(default=None)
    files: int = Field(default=0)
    created_at: datetime = moment()
    ends_at: datetime | None = optional_moment()
    revoked_at: datetime | None = optional_moment()
    seen_at: datetime | None = optional_moment()


class ShareAsset(Row, table=True):
    """A photo that a share shows. Outside it goes by `name`, which is random and tells neither its id nor its place."""

    __tablename__ = "share_assets"
    __table_args__ = (UniqueConstraint("share_id", "name"),)

    share_id: UUID = Field(foreign_key="shares.id", primary_key=True, ondelete="CASCADE")
    asset_id: UUID = Field(foreign_key="assets.id", primary_key=True, ondelete="CASCADE", index=True)
    name: str = text()
    position: int


class ShareVisit(Row, table=True):
    """Somebody who opened a link: one view. The token in their browser lets them look for a while without being counted again."""

    __tablename__ = "share_visits"
    __table_args__ = (Index("ix_share_visits_share", "share_id", sql("opened_at DESC"), sql("id DESC")),)

    id: UUID = key()
    share_id: UUID = ref("shares.id", index=False)
    token_hash: bytes = Field(unique=True)
    opened_at: datetime = moment()
    ends_at: datetime = moment(index=True)
    network_ct: bytes = sealed()
    """Coarsely where from: the network, never the whole address."""
    device: str = text_with()
    downloads: int = Field(default=0)


class ShareLetter(Row, table=True):
    """A mail with the address of a share, to one recipient: to go out, gone, or failed. The words are written when it is sent."""

    __tablename__ = "share_letters"
    __table_args__ = (Index("ix_share_letters_due", "due_at", postgresql_where=sql("sent_at IS NULL AND failed_at IS NULL")),)

    id: UUID = key()
    share_id: UUID = ref("shares.id")
    address_ct: bytes = sealed()
    language: str = text()
    due_at: datetime = moment()
    tries: int = Field(default=0)
    sent_at: datetime | None = optional_moment()
    failed_at: datetime | None = optional_moment()

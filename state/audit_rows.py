"""An audit event as the feed shows it: the fields of the REST API, so that what is pushed and what is fetched look alike."""

from __future__ import annotations

from datetime import UTC
from typing import Any, Final
from uuid import UUID

from photobank.audit.feed import EventRow, Narrow
from photobank.audit.tags import Tag
from photobank.kernel.errors import NotFound
from state.watching import optional_id

IDS: Final = (
    "actor_id", "asset_id", "person_id", "folder_id", "consent_id", "user_id", "download_id",
)  # fmt: skip
NAMES: Final = ("actor_name", "asset_name", "person_name", "folder_name", "user_name")
PLAIN: Final = ("outcome", "actor_kind", "via", "address")

FILTERS: Final = ("actor_id", "person_id", "asset_id", "folder_id", "tag")
"""What the feed can be narrowed by; also the names of the REST parameters, and of those in the page's address."""


def event_view(row: EventRow) -> dict[str, Any]:
    """One event as JSON."""
    view: dict[str, Any] = {"id": row.id, "at": row.at.astimezone(UTC).isoformat(), "tag": str(row.tag), "payload": row.payload}
    for name in IDS:
        value: UUID | None = getattr(row, name)
        view[name] = str(value) if value else None
    for name in (*NAMES, *PLAIN):
        view[name] = getattr(row, name)
    return view


def narrowed(chosen: dict[str, str]) -> Narrow:
    """The filter that a page asks for; what is no id or no tag matches nothing and counts as not found."""
    tag = chosen.get("tag") or None
    if tag is not None and tag not in set(Tag):
        raise NotFound("no such action")
    return Narrow(
        actor_id=optional_id(chosen.get("actor_id")),
        asset_id=optional_id(chosen.get("asset_id")),
        person_id=optional_id(chosen.get("person_id")),
        folder_id=optional_id(chosen.get("folder_id")),
        tag=Tag(tag) if tag else None,
        refused=chosen.get("refused") == "true",
    )

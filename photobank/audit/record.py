"""Write an event into the transaction of the fact it tells of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from photobank.access.actor import Actor
from photobank.audit.tags import Tag
from photobank.kernel.ids import new_id
from photobank.models.audit import AuditEvent
from photobank.scope import Scope

TARGETS = ("asset_id", "face_id", "person_id", "consent_id", "folder_id", "user_id", "download_id")


def record(scope: Scope, tag: Tag, *, outcome: str = "done", payload: dict[str, Any] | None = None, **targets: UUID | None) -> None:
    """Add one event; `targets` are ids named as in TARGETS. The payload holds no names, addresses or free text."""
    scope.db.add(AuditEvent(**_values(scope, tag, outcome, payload or {}, targets)))
    scope.wake("audit")


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of one of many: its payload, and its ids named as in TARGETS."""

    payload: dict[str, Any]
    targets: dict[str, UUID]


async def record_each(scope: Scope, tag: Tag, events: Sequence[Told]) -> None:
    """Add one event each, in this order, in one statement. All name the same targets."""
    if not events:
        return
    await scope.db.execute(insert(AuditEvent), [_values(scope, tag, "done", one.payload, one.targets) for one in events])
    scope.wake("audit")


def _values(scope: Scope, tag: Tag, outcome: str, payload: dict[str, Any], targets: Mapping[str, UUID | None]) -> dict[str, Any]:
    """The row for an event, with the asker's address sealed."""
    actor = scope.actor
    unknown = targets.keys() - set(TARGETS)
    if unknown:
        raise TypeError(f"unknown audit targets: {sorted(unknown)}")
    where = " | ".join(part for part in (actor.address, actor.device) if part)
    uid = new_id()
    return {
        "uid": uid,
        "at": scope.now(),
        "tag": tag,
        "outcome": outcome,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "via": _via(actor),
        "session_id": actor.session_id,
        "payload": payload,
        "address_ct": scope.vault.fields.seal("audit_events", "address_ct", str(uid), where.encode()) if where else None,
        **targets,
    }


def _via(actor: Actor) -> str:
    """What the asker came in with, where that is no session."""
    if actor.share_id:
        return f"share:{actor.share_id}"
    return f"key:{actor.api_key_id}" if actor.api_key_id else ""

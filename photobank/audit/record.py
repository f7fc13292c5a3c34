"""Write an event into the transaction of the fact it tells of."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from photobank.access.actor import Actor
from photobank.audit.tags import Tag
from photobank.kernel.ids import new_id
from photobank.models.audit import AuditEvent
from photobank.scope import Scope

TARGETS = ("asset_id", "face_id", "person_id", "consent_id", "folder_id", "user_id", "download_id")


def record(scope: Scope, tag: Tag, *, outcome: str = "done", payload: dict[str, Any] | None = None, **targets: UUID | None) -> None:
    """Add one event; `targets` are ids named as in TARGETS. The payload holds no names, addresses or free text."""
    scope.db.add(event_of(scope, scope.actor, tag, outcome, payload or {}, targets))
    scope.wake("audit")


def event_of(
    scope: Scope, actor: Actor, tag: Tag, outcome: str, payload: dict[str, Any], targets: dict[str, UUID | None]
) -> AuditEvent:
    """The row for an event, with the asker's address sealed."""
    unknown = targets.keys() - set(TARGETS)
    if unknown:
        raise TypeError(f"unknown audit targets: {sorted(unknown)}")
    where = " | ".join(part for part in (actor.address, actor.device) if part)
    uid = new_id()
    event = AuditEvent(
        uid=uid,
        at=scope.now(),
        tag=tag,
        outcome=outcome,
        actor_kind=actor.kind,
        actor_id=actor.id,
        via=f"key:{actor.api_key_id}" if actor.api_key_id else "",
        session_id=actor.session_id,
        payload=payload,
        address_ct=scope.vault.fields.seal("audit_events", "address_ct", str(uid), where.encode()) if where else None,
    )
    for name, id_ in targets.items():
        setattr(event, name, id_)
    return event

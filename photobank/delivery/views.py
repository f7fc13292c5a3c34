"""Looking is logged: once per person, photo and hour, so that the log stays readable.

A thumbnail in a list is no look: a scroll through a thousand of them says nothing about any one. What counts is the photo opened.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import and_, exists, func, select
from sqlmodel import col

from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.db.locks import number
from photobank.models.assets import Asset
from photobank.models.audit import AuditEvent
from photobank.scope import Scope

COUNTS_AS_LOOKING = ("preview", "large")
ONCE_PER = timedelta(hours=1)


async def note(scope: Scope, asset: Asset) -> None:
    """Record that the actor looks at the photo, unless that was recorded lately or is being recorded by another request."""
    actor_id = scope.actor.id
    lately = exists().where(
        col(AuditEvent.actor_id).is_not_distinct_from(actor_id),
        col(AuditEvent.asset_id) == asset.id,
        col(AuditEvent.tag) == Tag.asset_viewed,
        col(AuditEvent.outcome) == "done",
        col(AuditEvent.at) > scope.now() - ONCE_PER,
    )
    alone = func.pg_try_advisory_xact_lock(number(f"view:{actor_id}:{asset.id}"))
    if await scope.db.scalar(select(and_(alone, ~lately))):
        record(scope, Tag.asset_viewed, asset_id=asset.id, folder_id=asset.folder_id)

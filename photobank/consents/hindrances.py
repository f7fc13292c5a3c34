"""What stands in the way of asking somebody by mail, before anybody is asked."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.consents import asking, records
from photobank.models.requests import ConsentRequest, TemplateVersion
from photobank.scope import Scope


async def of(scope: Scope, person_ids: Collection[UUID], template_id: UUID | None) -> dict[UUID, str]:
    """Of people in sight those who would be left out, and why: `waiting` (for an answer on that form), `minor`, `no_address`.

    The same order and the same rules as `asking.ask_many`, which decides again.
    """
    require(scope, Action.person_contact)
    waiting = await _waiting(scope, person_ids, template_id) if template_id else set()
    found: dict[UUID, str] = {}
    for person in await records.require_people(scope, set(person_ids)):
        if person.id in waiting:
            found[person.id] = "waiting"
        elif asking.is_minor(scope, person):
            found[person.id] = "minor"
        elif not person.email_ct:
            found[person.id] = "no_address"
    return found


async def _waiting(scope: Scope, person_ids: Collection[UUID], template_id: UUID) -> set[UUID]:
    query = (
        select(col(ConsentRequest.person_id))
        .join(TemplateVersion, col(TemplateVersion.id) == col(ConsentRequest.version_id))
        .where(col(ConsentRequest.person_id).in_(person_ids), col(ConsentRequest.outcome).is_(None))
        .where(col(TemplateVersion.template_id) == template_id, col(ConsentRequest.expires_at) > scope.now())
    )
    return set((await scope.db.scalars(query)).all())

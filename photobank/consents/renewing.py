"""Asking for a record anew: on which form, and for the same photos and countries as before."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from photobank.consents import asking, records, templates
from photobank.consents.asking import Guardian, NewRequest
from photobank.consents.progress import Way
from photobank.consents.records import ConsentRow
from photobank.consents.requests import RequestRow
from photobank.kernel.errors import Invalid
from photobank.models.requests import ConsentRequest, ConsentSigner, TemplateVersion
from photobank.scope import Scope


async def ask(
    scope: Scope, consent_id: UUID, way: str = Way.email, guardians: tuple[Guardian, ...] = (), template_id: UUID | None = None
) -> RequestRow:
    """Ask for a record anew, for the same photos and countries; without `template_id` on the form that fits it (`form_for`)."""
    consent = await records.get(scope, consent_id)
    form = template_id or await form_for(scope, consent)
    if form is None:
        raise Invalid("no form fits this record", fields={"template_id": "errors.no_form"})
    new = NewRequest(
        person_id=consent.person_id,
        template_id=form,
        way=way,
        language=consent.language,
        extent=consent.extent,
        extent_ids=consent.extent_ids,
        territories=consent.territories,
        guardians=guardians,
        renews=consent_id,
    )
    return await asking.ask(scope, new)


async def form_for(scope: Scope, consent: ConsentRow) -> UUID | None:
    """The form to renew a record on: the one that it was signed on, or else the first one in use that names all its uses.

    Who decides alone by now is not given one that is written for guardians: the one that follows it, or else one that none ever signed.
    """
    signed_on = await scope.db.scalar(
        select(col(TemplateVersion.template_id))
        .join(ConsentRequest, col(ConsentRequest.version_id) == col(TemplateVersion.id))
        .where(col(ConsentRequest.consent_id) == consent.id)
    )
    kept = {use.use for use in consent.uses if use.withdrawn_at is None}
    forms = [one for one in await templates.list_all(scope) if one.regime == consent.regime]
    if consent.guardians_signed and not await asking.guardians_of(scope, consent.person_id):
        if (next_one := await templates.for_grown(scope, signed_on)) is not None:
            return next_one
        for_guardians = await _signed_by_guardians(scope)
        forms = [one for one in forms if one.id not in for_guardians] or forms
        return max(forms, key=lambda one: len(kept & set(one.uses))).id if forms else None
    return next((one.id for one in forms if one.id == signed_on), next((one.id for one in forms if kept <= set(one.uses)), None))


async def _signed_by_guardians(scope: Scope) -> set[UUID]:
    """Forms that were put before a guardian."""
    query = (
        select(col(TemplateVersion.template_id))
        .join(ConsentRequest, col(ConsentRequest.version_id) == col(TemplateVersion.id))
        .join(ConsentSigner, col(ConsentSigner.request_id) == col(ConsentRequest.id))
        .where(col(ConsentSigner.role) == "guardian")
    )
    return set((await scope.db.scalars(query.distinct())).all())

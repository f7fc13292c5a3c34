"""Who a person is, as the top of their page says it, and what the viewer may do there."""

from __future__ import annotations

from dataclasses import dataclass

from photobank.access.authorise import may
from photobank.access.permissions import Action
from photobank.clearance.standing import Standing
from photobank.people import groups, unattended
from photobank.people.persons import PersonDetail
from photobank.scope import Scope
from state.people_rows import initials, masked


@dataclass
class PersonHead:
    """Who it is, and what the viewer may do."""

    id: str = ""
    name: str = ""
    initials: str = ""
    face: str = ""
    email: str = ""
    minor: bool = False
    guardians: int = 1
    born: str = ""
    note: str = ""
    photos: int = 0
    state: str = ""
    granted: int = 0
    of: int = 0
    may_edit: bool = False
    may_consent: bool = False
    may_audit: bool = False
    may_privacy: bool = False
    to_confirm: int = 0
    alone: int = 0
    """Faces that were confirmed as this person by themselves, and the photo of the latest, for who reviews."""
    alone_photo: str = ""
    has_reference: bool = False
    hidden: bool = False


async def head_of(scope: Scope, found: PersonDetail, stand: Standing) -> PersonHead:
    """The head of a person's page; the address and the reference are not in it."""
    reviews = may(scope.actor, Action.face_review)
    alone, photo = await unattended.of_person(scope, found.id) if reviews else (0, None)
    return PersonHead(
        id=str(found.id),
        name=found.name,
        initials=initials(found.name),
        face=str(found.cover or ""),
        email=masked(found.email),
        minor=found.is_minor,
        guardians=found.guardians_needed,
        born=found.birth_date.isoformat() if found.birth_date else "",
        note=found.note,
        photos=found.photos,
        state=stand.state.value,
        granted=stand.granted,
        of=stand.of,
        may_edit=may(scope.actor, Action.person_edit),
        may_consent=may(scope.actor, Action.consent_record),
        may_audit=may(scope.actor, Action.audit_view),
        may_privacy=may(scope.actor, Action.privacy_manage),
        to_confirm=await groups.waiting_as(scope, found.id) if reviews else 0,
        alone=alone,
        alone_photo=str(photo or ""),
        has_reference=bool(found.external_ref),
        hidden=found.hidden,
    )

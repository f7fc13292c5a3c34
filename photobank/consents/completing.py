"""What follows a signature: the last one makes the record and its proof, ends what was left unticked, and closes the request.

Who may sign, and whether the code was right, is decided before (signing.py).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.consents import days, evidence, own, recording, records, requests, strokes, wording
from photobank.consents.evidence import Signed
from photobank.consents.progress import Progress, Way
from photobank.consents.recording import NewConsent
from photobank.consents.records import Extent
from photobank.consents.wording import Period
from photobank.messaging.events import PersonChanged
from photobank.models.consents import Regime
from photobank.models.people import Person
from photobank.models.requests import ConsentRequest, ConsentSigner, ConsentTemplate
from photobank.scope import Scope


async def sign(
    scope: Scope, signer: ConsentSigner, request: ConsentRequest, person: Person, template: ConsentTemplate, *, checked: bool
) -> bool:
    """This signer signs now; the last one makes the record. False while another guardian has still to sign."""
    signer.signed_at = scope.now()
    signers = (await requests.signers_of(scope, [request.id]))[request.id]
    value = scope.vault.fields.open_json("consent_signers", "answers_ct", signer.id, signer.answers_ct or b"")
    value |= {"address": scope.actor.address, "device": scope.actor.device, "checked": checked}
    signer.answers_ct = scope.vault.fields.seal_json("consent_signers", "answers_ct", signer.id, value)
    requests.moved(scope, request)
    if any(one.signed_at is None for one in signers):
        payload = {"request": str(request.id), "of": len(signers)}
        record(scope, Tag.consent_signed, person_id=request.person_id, payload=payload)
        return False
    parts = [_part(scope, one) for one in signers]
    offered = [use.id for use in parts[0].shown.uses]
    granted = [use for use in offered if all(use in part.uses for part in parts)]
    if not granted:
        end_with_no(scope, request)
        forget_answers(signers)
        return True
    refused = [use for use in offered if use not in granted]
    biometric = all(part.biometric for part in parts) and template.regime == "consent"
    if template.regime == "consent":
        asked = any(part.shown.biometric for part in parts)
        await _end_unticked(scope, request, person, {*refused, own.BIOMETRIC} if asked and not biometric else refused)
    consent = await recording.write_down(
        scope,
        NewConsent(
            person_id=person.id,
            uses=tuple(granted),
            valid_until=_until(parts),
            extent=request.scope,
            extent_ids=tuple(UUID(target) for target in request.targets),
            regime=template.regime,
            territories=tuple(part for part in request.territories.split(",") if part),
            guardians_signed=sum(part.role == "guardian" for part in parts),
            biometric=biometric,
        ),
        renews=request.renews,
        way_in=request.way,
        language=parts[-1].shown.language,
        refused=refused,
    )
    request.outcome, request.finished_at, request.consent_id = Progress.signed, scope.now(), consent.id
    if consent.biometric and person.biometrics_off_at is not None:
        # Their latest word counts, also where recognition was switched off before.
        person.biometrics_off_at, person.changed_at = None, scope.now()
        record(scope, Tag.biometrics_switched, person_id=person.id, payload={"off": False, "by": "signer"})
        scope.announce(PersonChanged(person_id=person.id))
    await scope.db.flush()
    await evidence.make(scope, consent, request, parts, granted)
    forget_answers(signers)
    return True


async def _end_unticked(scope: Scope, request: ConsentRequest, person: Person, unticked: Collection[str]) -> None:
    """What stood on the form and was left unticked is a no: it ends earlier consents for those uses of the same photos, or of fewer."""
    older = await own.papers(scope, person.id, to_change=True)
    if request.scope != Extent.all:
        wanted = {UUID(target) for target in request.targets}
        within = await records.targets_of(scope, [one.id for one in older])
        older = [one for one in older if one.scope == request.scope and within[one.id] <= wanted]
        unticked = set(unticked) - {own.BIOMETRIC}  # recognition is of a person, not of some photos
    await own.say_no(scope, person, unticked, [one for one in older if one.regime == Regime.consent])


def _until(parts: Sequence[Signed]) -> datetime | None:
    """The shortest of the periods that were chosen. A minor's ends on the birthday in any case."""
    ends = [days.end_of(_period(part).last_day) for part in parts if part.months is not None]
    ends += [days.end_of(part.shown.until_birthday) for part in parts if part.shown.until_birthday is not None]
    return min(ends, default=None)


def _period(part: Signed) -> Period:
    return next(one for one in part.shown.periods if one.months == part.months)


def _part(scope: Scope, signer: ConsentSigner) -> Signed:
    value: dict[str, Any] = scope.vault.fields.open_json("consent_signers", "answers_ct", signer.id, signer.answers_ct or b"")
    signed = signer.signed_at or scope.now()
    return Signed(
        signer_id=signer.id,
        role=signer.role,
        name=requests.name_of(scope, signer),
        email=requests.email_of(scope, signer),
        shown=wording.from_json(value["shown"]),
        uses=tuple(value["uses"]),
        biometric=value["biometric"],
        months=value["months"],
        signature=strokes.from_json(value["signature"]),
        opened_at=signer.opened_at or signed,
        answered_at=signer.answered_at or signed,
        signed_at=signed,
        code_sent_at=signer.code_sent_at if value["checked"] else None,
        address=value["address"],
        device=value["device"],
    )


def forget_answers(signers: Sequence[ConsentSigner]) -> None:
    """What they filled in stands in the record now, or came to nothing."""
    for signer in signers:
        signer.answers_ct = None


def end_with_no(scope: Scope, request: ConsentRequest) -> None:
    """The request is over: they said no, or ticked nothing."""
    request.outcome, request.finished_at = Progress.declined, scope.now()
    record(scope, Tag.consent_declined, person_id=request.person_id, payload={"request": str(request.id), "way": Way(request.way)})
    requests.moved(scope, request)

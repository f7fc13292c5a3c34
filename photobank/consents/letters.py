"""What our letters to signers say. Written at the moment they go; a letter whose reason is gone is not written at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.consents import asking, evidence, links, records, requests, showing
from photobank.i18n import format as written
from photobank.i18n.translate import Language, is_language, translate
from photobank.kernel.errors import Conflict, NotFound
from photobank.mail.sender import Attachment, Letter
from photobank.mail.writing import Words, write
from photobank.models.consents import Consent, Use
from photobank.models.people import Person
from photobank.models.privacy import PrivacyRequest
from photobank.models.requests import ConsentRequest, ConsentSigner, Mail
from photobank.notices.mails import Kind
from photobank.scope import Scope

ASKING = (Kind.request, Kind.reminder, Kind.renewal)


async def compose(scope: Scope, mail: Mail) -> Letter | None:
    """The letter, or None when it is not needed any more. For the job that sends it."""
    signer = await scope.db.get_one(ConsentSigner, mail.signer_id)
    request = await scope.db.get_one(ConsentRequest, signer.request_id)
    to = requests.email_of(scope, signer)
    if not to or not _still_needed(scope, mail, signer, request):
        return None
    person = await scope.db.get_one(Person, request.person_id)
    if mail.kind in ASKING and (signer.role == "guardian") != asking.is_minor(scope, person):
        return None  # a birthday came between: the link opens no form any more
    names = {
        "organisation": await showing.organisation_name(scope),
        "person": person.name,
        "name": requests.name_of(scope, signer),
    }
    language: Language = request.language if is_language(request.language) else "nl"
    words = await _words(scope, mail, signer, request, language, names)
    return replace(write(to, words), reference=str(mail.id)) if words else None


async def sent(scope: Scope, mail: Mail) -> None:
    """It went."""
    mail.sent_at = scope.now()
    signer = await scope.db.get_one(ConsentSigner, mail.signer_id)
    if mail.kind in ASKING:
        signer.sent_at = scope.now()
        requests.moved(scope, await scope.db.get_one(ConsentRequest, signer.request_id))


async def bounced(scope: Scope, mail: Mail, trouble: str) -> None:
    """There is no such address; the board shows it, and staff can put it right."""
    mail.failed_at, mail.trouble = scope.now(), trouble[:300]
    signer = await scope.db.get_one(ConsentSigner, mail.signer_id)
    request = await scope.db.get_one(ConsentRequest, signer.request_id)
    signer.bounced_at = scope.now()
    payload = {"request": str(request.id), "kind": mail.kind}
    record(scope, Tag.mail_bounced, person_id=request.person_id, payload=payload)
    requests.moved(scope, request)


def _still_needed(scope: Scope, mail: Mail, signer: ConsentSigner, request: ConsentRequest) -> bool:
    if mail.kind in ASKING:
        return request.outcome is None and signer.signed_at is None and request.expires_at > scope.now()
    if mail.kind == Kind.code:
        return mail.number == signer.code_number
    return True


async def _words(
    scope: Scope, mail: Mail, signer: ConsentSigner, request: ConsentRequest, language: Language, names: dict[str, str]
) -> Words | None:
    kind = Kind(mail.kind)
    grown = kind is Kind.renewal and signer.role == "subject" and await _guardians_signed(scope, request.renews)

    def say(key: str, **params: Any) -> str:
        return translate(f"mail.{key}", language, **(names | params))

    def part(name: str) -> str:
        if grown:
            return say(f"grown_{name}")
        return say(f"{kind}_{name}_guardian" if signer.role == "guardian" and kind in ASKING else f"{kind}_{name}")

    link = f"{links.address(scope.settings.origin, scope.vault, signer.id, signer.link_number)}?lang={language}"
    common: dict[str, Any] = {
        "language": language,
        "organisation": names["organisation"],
        "subject": say("grown_subject" if grown else f"{kind}_subject"),
        "greeting": say("greeting"),
        "foot": (say("foot"),),
    }
    if kind in ASKING:
        until = written.day(request.expires_at - timedelta(microseconds=1), language)
        return Words(
            **common,
            before=(part("text"), say("no_duty")),
            button=(say("open_form"), link),
            after=(say("until", date=until), say("own_link")),
        )
    if kind is Kind.code:
        code = links.code(scope.vault, signer.id, mail.number)
        return Words(**common, before=(say("code_text"),), code=code, after=(say("code_after"),))
    if kind is Kind.own_page:
        return Words(**common, before=(say("own_page_text"),), button=(say("open"), link), after=(say("own_link"),))
    if kind is Kind.selfie:
        return Words(
            **common,
            before=(say("selfie_text"), say("selfie_why")),
            button=(say("open"), link),
            after=(say("selfie_after"), say("own_link")),
        )
    if kind is Kind.privacy:
        asked = await _asked(scope, signer, language)
        return Words(
            **common, before=(say("privacy_text"),), facts=asked, button=(say("open"), link), after=(say("privacy_after"),)
        )
    consent = await scope.db.get(Consent, mail.consent_id) if mail.consent_id else None
    if consent is None:
        return None
    facts = await _facts(scope, consent, language)
    if kind is Kind.withdrawn:
        return Words(
            **common, before=(say("withdrawn_text"),), facts=facts, after=(say("withdrawn_after"),), button=(say("open"), link)
        )
    try:
        proof = await evidence.read(scope, consent, "pdf")
    except (NotFound, Conflict):
        return None
    name = f"{say('copy_file')}-{consent.number}.pdf"
    return Words(
        **common,
        before=(say("copy_text"),),
        facts=facts,
        button=(say("open"), link),
        after=(say(f"copy_after_{consent.regime}"), say("own_link")),
        attachments=(Attachment(name, proof.media_type, proof.content),),
    )


async def _guardians_signed(scope: Scope, consent_id: UUID | None) -> bool:
    """Whether it was guardians who consented: who is asked to renew that has come of age, and never signed for it."""
    consent = await scope.db.get(Consent, consent_id) if consent_id else None
    return consent is not None and consent.guardians_signed > 0


async def _asked(scope: Scope, signer: ConsentSigner, language: Language) -> list[tuple[str, str]]:
    """Where it stands with what the signer asked about their data, newest first."""
    query = select(PrivacyRequest).where(col(PrivacyRequest.signer_id) == signer.id).order_by(col(PrivacyRequest.asked_at).desc())
    facts = []
    for row in (await scope.db.scalars(query.limit(4))).all():
        if row.outcome is None or row.closed_at is None:
            due = written.day(row.due_at - timedelta(microseconds=1), language)
            stands = translate("mail.privacy_waiting", language, asked=written.day(row.asked_at, language), due=due)
        else:
            stands = translate(f"mail.privacy_{row.outcome}", language, date=written.day(row.closed_at, language))
        facts.append((translate(f"mail.fact_{row.kind}", language), stands))
    return facts


async def _facts(scope: Scope, consent: Consent, language: Language) -> list[tuple[str, str]]:
    used = (await records.uses_of(scope, [consent.id]))[consent.id]
    rows = select(Use).where(col(Use.id).in_([one.use_id for one in used])).order_by(col(Use.position))
    labels = {row.id: row.label_nl if language == "nl" else row.label_en for row in (await scope.db.scalars(rows)).all()}
    kept = [labels[one.use_id] for one in used if one.withdrawn_at is None]
    ended = [labels[one.use_id] for one in used if one.withdrawn_at is not None]
    ends = consent.valid_until
    facts = [(translate("mail.fact_number", language), str(consent.number))]
    if kept:
        facts.append((translate("mail.fact_uses", language), ", ".join(kept)))
    if ended:
        facts.append((translate("mail.fact_ended", language), ", ".join(ended)))
    if ends is not None and kept:
        facts.append((translate("mail.fact_until", language), written.day(ends - timedelta(microseconds=1), language)))
    return facts

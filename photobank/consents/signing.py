"""Signing, from the link to the record: what the signer reads, their answer, the code that confirms it, or their no.

Who holds the link may look and answer; the code shows that they also read the mail. A link that is used, lapsed or replaced opens
nothing any more but the door to the signer's own page, for which a code is needed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from photobank.access import limits
from photobank.access.actor import Actor, ActorKind
from photobank.accounts.sessions import hash_token
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.consents import asking, days, evidence, links, own, recording, records, requests, showing, strokes, wording
from photobank.consents.evidence import Signed
from photobank.consents.progress import Progress, Way
from photobank.consents.recording import NewConsent
from photobank.consents.records import Extent
from photobank.consents.strokes import Signature
from photobank.consents.wording import Period, Shown
from photobank.i18n.translate import Language, is_language
from photobank.kernel.errors import Conflict, Invalid, NotFound
from photobank.messaging.events import PersonChanged
from photobank.models.consents import Regime
from photobank.models.people import Person
from photobank.models.requests import ConsentRequest, ConsentSigner, ConsentTemplate, TemplateVersion
from photobank.notices import mails
from photobank.notices.mails import Kind
from photobank.scope import Scope

CODE_MINUTES = 15
MOST_TRIES = 6


class Stage(StrEnum):
    """Where the holder of a link is."""

    form = "form"
    code = "code"
    door = "door"
    """Nothing to sign here: signed, declined, lapsed or taken back. With a code the signer's own page opens."""
    waiting = "waiting"
    """Signed; another guardian has still to sign."""


@dataclass(slots=True)
class Link:
    """What a link leads to. Only for the services here and the pages of the signer."""

    signer: ConsentSigner
    request: ConsentRequest
    person: Person
    template: ConsentTemplate
    version: TemplateVersion
    stage: Stage

    @property
    def language(self) -> Language:
        """The language that the signer was asked in."""
        return self.request.language if is_language(self.request.language) else "nl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A form that was filled in. `digest` is that of the words that stood on it."""

    language: str
    digest: str
    uses: tuple[str, ...]
    biometric: bool
    months: int | None
    signature: Signature


def signer_actor(address: str, device: str, language: str = "nl") -> Actor:
    """Who comes with a link: nobody with an account."""
    return Actor(kind=ActorKind.subject, address=address, device=device, language=language)


async def follow(scope: Scope, token: str, *, to_change: bool = False) -> Link:
    """What this link leads to; raises NotFound for any that is not the newest of a signer."""
    query = (
        select(ConsentSigner, ConsentRequest, TemplateVersion, ConsentTemplate, Person)
        .join(ConsentRequest, col(ConsentRequest.id) == col(ConsentSigner.request_id))
        .join(TemplateVersion, col(TemplateVersion.id) == col(ConsentRequest.version_id))
        .join(ConsentTemplate, col(ConsentTemplate.id) == col(TemplateVersion.template_id))
        .join(Person, col(Person.id) == col(ConsentRequest.person_id))
        .where(col(ConsentSigner.token_hash) == hash_token(token))
    )
    if to_change:
        # The person first, as everybody who records for them does; then the request, so that two guardians never pass each other.
        await scope.db.execute(
            select(Person)
            .join(ConsentRequest, col(ConsentRequest.person_id) == col(Person.id))
            .join(ConsentSigner, col(ConsentSigner.request_id) == col(ConsentRequest.id))
            .where(col(ConsentSigner.token_hash) == hash_token(token))
            .with_for_update(of=Person, key_share=True)
        )
        query = query.with_for_update(of=ConsentRequest)
    found = (await scope.db.execute(query.execution_options(populate_existing=True))).first()
    if found is None or found[1].outcome == Progress.cancelled:
        await scope.container.rates.hit(limits.LINK_ADDRESS, limits.network_of(scope.actor.address))
        raise NotFound("this link leads nowhere")
    signer, request, version, template, person = found
    while person.merged_into is not None:  # whoever staff found to be one person has one page, and one set of papers
        lock = {"key_share": True} if to_change else None
        person = await scope.db.get_one(Person, person.merged_into, populate_existing=True, with_for_update=lock)
    return Link(signer, request, person, template, version, _stage(scope, signer, request))


async def look(scope: Scope, token: str) -> Link:
    """Open a link. The first time is noted."""
    link = await follow(scope, token)
    await scope.container.rates.hit(limits.LINK_OPENED, str(link.signer.id))
    if link.stage is Stage.form and link.signer.opened_at is None:
        link.signer.opened_at = scope.now()
        record(scope, Tag.consent_opened, person_id=link.request.person_id, payload={"request": str(link.request.id)})
        requests.moved(scope, link.request)
    return link


async def form(scope: Scope, link: Link, language: str) -> Shown:
    """What stands on the form, for the holder of a link that is still to be signed."""
    if link.stage not in (Stage.form, Stage.code):
        raise NotFound("nothing to sign here")
    return await showing.shown(
        scope,
        link.template,
        link.version,
        language=language if is_language(language) else link.language,
        person=link.person.name,
        signer=requests.name_of(scope, link.signer),
        extent=Extent(link.request.scope),
        role=link.signer.role,
        targets=len(link.request.targets),
        grown=asking.grown_at(scope, link.person),
    )


async def answer(scope: Scope, token: str, given: Answer) -> Link:
    """Take a filled-in form: a code goes out to the signer's address. Without one, or on a tablet that staff hand over, it is signed
    here and now."""
    link = await follow(scope, token, to_change=True)
    shown = await form(scope, link, given.language)
    _check(shown, given)
    _require_own_age(scope, link)
    signer = link.signer
    value = {
        "shown": shown.as_json(),
        "uses": sorted(given.uses),
        "biometric": given.biometric and bool(shown.biometric),
        "months": given.months,
        "signature": given.signature.as_json(),
    }
    signer.answers_ct = scope.vault.fields.seal_json("consent_signers", "answers_ct", signer.id, value)
    signer.answered_at = scope.now()
    signer.opened_at = signer.opened_at or scope.now()
    requests.moved(scope, link.request)
    if signer.email_ct is None or link.request.way == Way.kiosk:
        await _sign(scope, link, checked=False)
    else:
        await send_code(scope, link)
        link.stage = Stage.code
    return link


def faults_in(shown: Shown, uses: Sequence[str], months: int | None) -> dict[str, str]:
    """What is missing or wrong in what was chosen, in the order of the form."""
    faults: dict[str, str] = {}
    if not uses:
        faults["uses"] = "signing.choose_use"
    elif not set(uses) <= {use.id for use in shown.uses}:
        faults["uses"] = "errors.use"
    periods = {one.months for one in shown.periods}
    if (months is None) != (not periods) or (months is not None and months not in periods):
        faults["months"] = "signing.choose_period"
    return faults


async def send_code(scope: Scope, link: Link) -> None:
    """Mail a fresh code to the signer; the earlier ones work no more."""
    if link.signer.email_ct is None:
        raise Conflict("there is no address to send a code to")
    await scope.container.rates.hit(limits.CODE_SENT, str(link.signer.id))
    link.signer.code_number += 1
    link.signer.code_tries = 0
    link.signer.code_sent_at = scope.now()
    mails.put_down(scope, Kind.code, link.signer.id, number=link.signer.code_number)


def right_code(scope: Scope, signer: ConsentSigner, typed: str) -> str:
    """Empty when these are the digits that were mailed last; else the key of what to say. The caller keeps the count of tries."""
    sent = signer.code_sent_at
    if sent is None or scope.now() - sent > timedelta(minutes=CODE_MINUTES) or signer.code_tries >= MOST_TRIES:
        return "signing.code_over"
    signer.code_tries += 1
    return "" if links.is_code(scope.vault, signer.id, signer.code_number, typed) else "signing.code_wrong"


async def confirm(scope: Scope, token: str, typed: str) -> tuple[Link, str]:
    """Sign with the code. Gives the key of what was wrong with it, since a try that failed must be kept."""
    link = await follow(scope, token, to_change=True)
    if link.stage is not Stage.code:
        raise Conflict("there is nothing to confirm")
    await scope.container.rates.hit(limits.CODE_TRIED, str(link.signer.id))
    if wrong := right_code(scope, link.signer, typed):
        return link, wrong
    _require_own_age(scope, link)
    await _sign(scope, link, checked=True)
    return link, ""


async def decline(scope: Scope, token: str) -> Link:
    """No. One guardian's no is enough."""
    link = await follow(scope, token, to_change=True)
    if link.stage not in (Stage.form, Stage.code):
        raise Conflict("there is nothing to decline")
    link.signer.declined_at = scope.now()
    _end_with_no(scope, link)
    _forget_answers((await requests.signers_of(scope, [link.request.id]))[link.request.id])
    link.stage = Stage.door
    return link


async def reconsider(scope: Scope, token: str) -> Link:
    """Back to the form, before the code."""
    link = await follow(scope, token, to_change=True)
    if link.stage is Stage.code:
        link.signer.answers_ct = link.signer.answered_at = None
        link.stage = Stage.form
        requests.moved(scope, link.request)
    return link


def _stage(scope: Scope, signer: ConsentSigner, request: ConsentRequest) -> Stage:
    if request.outcome is None and signer.signed_at is not None:
        return Stage.waiting
    if request.outcome is not None or request.expires_at <= scope.now():
        return Stage.door
    return Stage.code if signer.answered_at is not None else Stage.form


def _require_own_age(scope: Scope, link: Link) -> None:
    """A guardian signs for a minor only, and a minor never; a birthday may have come between."""
    young = asking.grown_at(scope, link.person) is not None
    if young != (link.signer.role == "guardian"):
        raise Conflict("the age has changed since this was asked; ask anew")


def _check(shown: Shown, given: Answer) -> None:
    if given.digest != shown.digest:
        raise Conflict("the text has changed")
    if faults := faults_in(shown, given.uses, given.months):
        raise Invalid("answer", fields=faults)


async def _sign(scope: Scope, link: Link, *, checked: bool) -> None:
    """This signer signs now; the last one makes the record."""
    signer, request = link.signer, link.request
    signer.signed_at = scope.now()
    signers = (await requests.signers_of(scope, [request.id]))[request.id]
    value = scope.vault.fields.open_json("consent_signers", "answers_ct", signer.id, signer.answers_ct or b"")
    value |= {"address": scope.actor.address, "device": scope.actor.device, "checked": checked}
    signer.answers_ct = scope.vault.fields.seal_json("consent_signers", "answers_ct", signer.id, value)
    requests.moved(scope, request)
    if any(one.signed_at is None for one in signers):
        payload = {"request": str(request.id), "of": len(signers)}
        record(scope, Tag.consent_signed, person_id=request.person_id, payload=payload)
        link.stage = Stage.waiting
        return
    parts = [_part(scope, one) for one in signers]
    offered = [use.id for use in parts[0].shown.uses]
    granted = [use for use in offered if all(use in part.uses for part in parts)]
    link.stage = Stage.door
    if not granted:
        _end_with_no(scope, link)
        _forget_answers(signers)
        return
    refused = [use for use in offered if use not in granted]
    biometric = all(part.biometric for part in parts) and link.template.regime == "consent"
    if link.template.regime == "consent":
        asked = any(part.shown.biometric for part in parts)
        await _end_unticked(scope, link, {*refused, own.BIOMETRIC} if asked and not biometric else refused)
    consent = await recording.write_down(
        scope,
        NewConsent(
            person_id=link.person.id,
            uses=tuple(granted),
            valid_until=_until(parts),
            extent=request.scope,
            extent_ids=tuple(UUID(target) for target in request.targets),
            regime=link.template.regime,
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
    if consent.biometric and link.person.biometrics_off_at is not None:
        # Their latest word counts, also where recognition was switched off before.
        link.person.biometrics_off_at, link.person.changed_at = None, scope.now()
        record(scope, Tag.biometrics_switched, person_id=link.person.id, payload={"off": False, "by": "signer"})
        scope.announce(PersonChanged(person_id=link.person.id))
    await scope.db.flush()
    await evidence.make(scope, consent, request, parts, granted)
    _forget_answers(signers)


async def _end_unticked(scope: Scope, link: Link, unticked: Collection[str]) -> None:
    """What stood on the form and was left unticked is a no: it ends earlier consents for those uses of the same photos, or of fewer."""
    request, older = link.request, await own.papers(scope, link.person.id, to_change=True)
    if request.scope != Extent.all:
        wanted = {UUID(target) for target in request.targets}
        within = await records.targets_of(scope, [one.id for one in older])
        older = [one for one in older if one.scope == request.scope and within[one.id] <= wanted]
        unticked = set(unticked) - {own.BIOMETRIC}  # recognition is of a person, not of some photos
    await own.say_no(scope, link.person, unticked, [one for one in older if one.regime == Regime.consent])


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


def _forget_answers(signers: Sequence[ConsentSigner]) -> None:
    """What they filled in stands in the record now, or came to nothing."""
    for signer in signers:
        signer.answers_ct = None


def _end_with_no(scope: Scope, link: Link) -> None:
    request = link.request
    request.outcome, request.finished_at = Progress.declined, scope.now()
    record(scope, Tag.consent_declined, person_id=request.person_id, payload={"request": str(request.id), "way": Way(request.way)})
    requests.moved(scope, request)

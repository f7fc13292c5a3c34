"""Signing, from the link to the signature: what the signer reads, their answer, the code that confirms it, or their no.

What a signature makes and ends is in completing.py.

Who holds the link may look and answer; the code shows that they also read the mail. A link that is used, lapsed or replaced opens
nothing any more but the door to the signer's own page, for which a code is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlmodel import col

from photobank.access import limits
from photobank.access.actor import Actor, ActorKind
from photobank.accounts.sessions import hash_token
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.consents import asking, completing, links, records, requests, showing
from photobank.consents.progress import Progress, Way
from photobank.consents.records import Extent
from photobank.consents.strokes import Signature
from photobank.consents.wording import Shown
from photobank.i18n.translate import Language, is_language
from photobank.kernel.errors import Conflict, Invalid, NotFound
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
    if link.stage in (Stage.form, Stage.code):
        _require_own_age(scope, link)
    if link.stage is Stage.form and link.signer.opened_at is None:
        link.signer.opened_at = scope.now()
        record(scope, Tag.consent_opened, person_id=link.request.person_id, payload={"request": str(link.request.id)})
        requests.moved(scope, link.request)
    return link


async def form(scope: Scope, link: Link, language: str) -> Shown:
    """What stands on the form, for the holder of a link that is still to be signed."""
    if link.stage not in (Stage.form, Stage.code):
        raise NotFound("nothing to sign here")
    _require_own_age(scope, link)
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
        territories=records.split_territories(link.request.territories),
        grown=asking.grown_at(scope, link.person),
    )


async def answer(scope: Scope, token: str, given: Answer) -> Link:
    """Take a filled-in form: a code goes out to the signer's address. Without one, or on a tablet that staff hand over, it is signed
    here and now."""
    link = await follow(scope, token, to_change=True)
    shown = await form(scope, link, given.language)
    _check(shown, given)
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
    completing.end_with_no(scope, link.request)
    completing.forget_answers((await requests.signers_of(scope, [link.request.id]))[link.request.id])
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
    """A guardian signs for a minor only, and a minor never; a birthday may have come between, and then nobody is shown the form."""
    young = asking.grown_at(scope, link.person) is not None
    if young != (link.signer.role == "guardian"):
        raise NotFound("the age has changed since this was asked; ask anew")


def _check(shown: Shown, given: Answer) -> None:
    if given.digest != shown.digest:
        raise Conflict("the text has changed")
    if faults := faults_in(shown, given.uses, given.months):
        raise Invalid("answer", fields=faults)


async def _sign(scope: Scope, link: Link, *, checked: bool) -> None:
    done = await completing.sign(scope, link.signer, link.request, link.person, link.template, checked=checked)
    link.stage = Stage.door if done else Stage.waiting

"""The signer's own page: what was allowed, taking it back, asking anew, the proof. For who came with the link and a fresh code."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from photobank.access import limits
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.consents import asking, evidence, links, own, records, requests, showing, signing, status, templates, withdrawal
from photobank.consents.evidence import Evidence
from photobank.consents.records import Extent
from photobank.consents.signing import Link
from photobank.consents.status import ConsentStatus
from photobank.i18n.translate import Language
from photobank.kernel.errors import Conflict, NotFound
from photobank.kernel.ids import new_id
from photobank.models.consents import Consent, ConsentEvent, Use
from photobank.models.requests import ConsentRequest, ConsentSigner
from photobank.notices import mails
from photobank.notices.mails import Kind
from photobank.scope import Scope

MOST_EVENTS = 40


@dataclass(frozen=True, slots=True)
class Allowed:
    """A use that somebody was asked for, with the end of what they allowed; `granted` False: not, or no more.

    `soon`: it ends within the alert period. `some`: it was given for certain photos only; `where`: in these countries only.
    """

    use: str
    label: str
    granted: bool
    until: datetime | None = None
    withdrawable: bool = False
    soon: bool = False
    some: bool = False
    where: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """One record that was signed."""

    id: UUID
    number: int
    regime: str
    status: ConsentStatus
    signed_at: datetime
    until: datetime | None
    proven: bool


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, for the story below."""

    kind: str
    at: datetime
    uses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the page shows."""

    organisation: str
    person: str
    allowed: tuple[Allowed, ...]
    biometric: bool
    papers: tuple[Paper, ...]
    events: tuple[Event, ...]
    until: datetime | None
    """When the first of what was allowed ends, where that is soon."""
    may_renew: bool

    @property
    def withdrawable(self) -> bool:
        """Is there anything to take back."""
        return self.biometric or any(one.granted and one.withdrawable for one in self.allowed)


async def knock(scope: Scope, token: str) -> Link:
    """Mail a code to the signer of this link, whoever holds it. Says nothing about what lies behind."""
    link = await signing.follow(scope, token, to_change=True)
    if link.signer.email_ct is None:
        raise Conflict("there is no address to send a code to")
    await signing.send_code(scope, link)
    return link


async def enter(scope: Scope, token: str, typed: str) -> tuple[Link, str]:
    """Check the code of a signer who comes back. Gives the key of what was wrong with it, since a try that failed must be kept."""
    link = await signing.follow(scope, token, to_change=True)
    await scope.container.rates.hit(limits.CODE_TRIED, str(link.signer.id))
    if wrong := signing.right_code(scope, link.signer, typed):
        return link, wrong
    link.signer.code_sent_at = None  # a code opens one door once
    _require_own(scope, link)
    record(scope, Tag.consent_portal_opened, person_id=link.person.id, payload={"signer": str(link.signer.id)})
    return link, ""


async def open_page(scope: Scope, token: str, signer_id: UUID, *, to_change: bool = False) -> Link:
    """The link of somebody who has entered; raises NotFound when it is not theirs (any more)."""
    link = await signing.follow(scope, token, to_change=to_change)
    if link.signer.id != signer_id:
        raise NotFound("this link leads nowhere")
    _require_own(scope, link)
    return link


async def overview(scope: Scope, link: Link, language: Language) -> Overview:
    """What this person allowed, and what happened."""
    papers = await own.papers(scope, link.person.id)
    used = await records.uses_of(scope, [one.id for one in papers])
    now, alert = scope.now(), await records.alert_period(scope)
    stands = {one.id: status.status_of(one, used[one.id], now, alert) for one in papers}
    in_force = [one for one in papers if stands[one.id].in_force]
    rows = select(Use).order_by(col(Use.position), col(Use.id))
    known = {row.id: row.label_nl if language == "nl" else row.label_en for row in (await scope.db.scalars(rows)).all()}
    grants: dict[str, list[tuple[Consent, datetime | None]]] = {}
    named: set[str] = set()
    for paper in papers:
        named |= {use.use_id for use in used[paper.id]} | {use for use in paper.refused.split(",") if use}
        for use in used[paper.id] if paper in in_force else ():
            end = status.end_of(paper, use)
            if use.withdrawn_at is None and (end is None or end > now):
                grants.setdefault(use.use_id, []).append((paper, end))
    allowed = tuple(
        _allowed(use, label, grants.get(use, []), now + alert, language) for use, label in known.items() if use in named
    )
    proven = await evidence.proven(scope, [one.id for one in papers])
    return Overview(
        organisation=await showing.organisation_name(scope),
        person=link.person.name,
        allowed=allowed,
        biometric=link.person.biometrics_off_at is None and any(one.biometric for one in in_force),
        papers=tuple(
            Paper(
                one.id, one.number, one.regime, stands[one.id], one.signed_at or one.created_at, one.valid_until, one.id in proven
            )
            for one in papers
        ),
        events=await _events(scope, [one.id for one in papers], known),
        until=min((one.until for one in allowed if one.soon and one.until is not None), default=None),
        may_renew=_may_renew(link, (await requests.signers_of(scope, [link.request.id]))[link.request.id]),
    )


def _allowed(
    use: str, label: str, grants: Sequence[tuple[Consent, datetime | None]], soon: datetime, language: Language
) -> Allowed:
    """A use with the last end of what was allowed for it."""
    if not grants:
        return Allowed(use, label, granted=False)
    ends = [end for _, end in grants]
    until = None if None in ends else max(end for end in ends if end is not None)
    within = [records.split_territories(paper.territories) for paper, _ in grants]
    return Allowed(
        use,
        label,
        granted=True,
        until=until,
        withdrawable=any(paper.regime in withdrawal.ENDS_AT_A_NO for paper, _ in grants),
        soon=until is not None and until <= soon,
        some=all(paper.scope != Extent.all for paper, _ in grants),
        where=showing.places(sorted({code for codes in within for code in codes}), language) if all(within) else "",
    )


async def withdraw(scope: Scope, token: str, signer_id: UUID, chosen: Collection[str]) -> Link:
    """Take back what was chosen, on every consent in force; `biometric` is recognition. From the commit on it holds everywhere."""
    link = await open_page(scope, token, signer_id, to_change=True)
    ended = await own.say_no(scope, link.person, chosen, await own.papers(scope, link.person.id, to_change=True))
    if ended is not None and link.signer.email_ct is not None:
        mails.put_down(scope, Kind.withdrawn, link.signer.id, consent_id=ended)
    return link


async def renew(scope: Scope, token: str, signer_id: UUID) -> str:
    """Choose anew: a fresh form in the newest version, for the same person and photos. Gives the token of its link.

    Where several guardians sign, each gets a form of their own: this one here, the others by mail.
    """
    link = await open_page(scope, token, signer_id, to_change=True)
    signers = (await requests.signers_of(scope, [link.request.id]))[link.request.id]
    if not _may_renew(link, signers):
        raise Conflict("ask the organisation for a new form")
    _, version = await templates.current(scope, link.template.id)
    request = ConsentRequest(
        id=new_id(),
        person_id=link.person.id,
        version_id=version.id,
        way="email" if link.signer.email_ct else "link",
        language=link.request.language,
        scope=link.request.scope,
        targets=link.request.targets,
        territories=link.request.territories,
        created_at=scope.now(),
        expires_at=asking.end_of_link(scope),
    )
    scope.db.add(request)
    await scope.db.flush()
    here = UUID(int=0)
    for signer in signers:
        id_ = await _asked_anew(scope, request, signer, by_mail=signer.id != link.signer.id)
        here = id_ if signer.id == link.signer.id else here
    payload = {"request": str(request.id), "way": "portal", "version": str(version.id), "signers": len(signers)}
    record(scope, Tag.consent_requested, person_id=link.person.id, payload=payload)
    requests.moved(scope, request)
    return links.token(scope.vault, here, 1)


async def _asked_anew(scope: Scope, request: ConsentRequest, signer: ConsentSigner, *, by_mail: bool) -> UUID:
    """The same signer on a fresh form. With `by_mail` a letter brings them the link."""
    id_, sealed = new_id(), scope.vault.fields.seal_text
    email = requests.email_of(scope, signer)
    scope.db.add(
        ConsentSigner(
            id=id_,
            request_id=request.id,
            position=signer.position,
            role=signer.role,
            name_ct=sealed("consent_signers", "name_ct", id_, requests.name_of(scope, signer)),
            email_ct=sealed("consent_signers", "email_ct", id_, email) if email else None,
            token_hash=links.kept(scope.vault, id_, 1),
            sent_at=None if by_mail else scope.now(),
        )
    )
    await scope.db.flush()
    if by_mail:
        mails.put_down(scope, Kind.request, id_)
    return id_


def _may_renew(link: Link, signers: Sequence[ConsentSigner]) -> bool:
    """While the form is in use, and everybody else who has to sign can be reached."""
    reached = all(one.id == link.signer.id or one.email_ct is not None for one in signers)
    return link.template.retired_at is None and reached


async def proof(scope: Scope, token: str, signer_id: UUID, consent_id: UUID) -> Evidence:
    """The sealed proof of one of the person's own records."""
    link = await open_page(scope, token, signer_id)
    consent = next((one for one in await own.papers(scope, link.person.id) if one.id == consent_id), None)
    if consent is None:
        raise NotFound("no such record")
    found = await evidence.read(scope, consent, "pdf")
    record(scope, Tag.evidence_fetched, consent_id=consent.id, person_id=link.person.id, payload={"form": "pdf", "by": "signer"})
    return found


def _require_own(scope: Scope, link: Link) -> None:
    """A guardian's door closes when the minor comes of age; and that of an address which staff put right since, at once."""
    if link.signer.role == "guardian":
        mine = asking.grown_at(scope, link.person) is not None
    else:
        known = asking.address_of(scope, link.person)
        mine = not known or known.casefold() == requests.email_of(scope, link.signer).casefold()
    if not mine:
        raise NotFound("this link leads nowhere")


async def _events(scope: Scope, consent_ids: Sequence[UUID], known: dict[str, str]) -> tuple[Event, ...]:
    query = select(ConsentEvent).where(col(ConsentEvent.consent_id).in_(consent_ids), col(ConsentEvent.kind) != "superseded")
    rows = (await scope.db.scalars(query.order_by(col(ConsentEvent.at).desc(), col(ConsentEvent.id)).limit(MOST_EVENTS))).all()
    return tuple(
        Event(row.kind, row.at, tuple(known[use] for use in row.details.get("uses", "").split(",") if use in known)) for row in rows
    )

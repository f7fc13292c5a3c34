"""What the consents page shows of a request or a record: a card with a person, the uses, and the one date that matters."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from photobank.clearance.standing import Standing
from photobank.consents.progress import Progress
from photobank.consents.records import ConsentRow
from photobank.consents.requests import RequestRow
from photobank.consents.status import ConsentStatus
from photobank.consents.unasked import Outgrown
from photobank.consents.unreached import Missing
from photobank.consents.uses import UseRow
from photobank.people.persons import PersonRow
from state.people_rows import initials, moment

STEPS = {Progress.queued: 0, Progress.shown: 1, Progress.sent: 1, Progress.opened: 2, Progress.answered: 3, Progress.partly: 3}


@dataclass
class UseChip:
    """A use on a card; `off`: not granted, or ended."""

    nl: str
    en: str
    off: bool


@dataclass
class Card:
    """One card. `kind`: person, request or record. `note` is a key under `consents.note.`; `at` the moment it speaks of."""

    id: str
    kind: str
    person_id: str
    name: str
    initials: str
    face: str
    state: str
    way: str
    uses: list[UseChip]
    note: str
    at: str
    step: int
    trouble: bool
    photos: int
    signers: list[tuple[str, str]]
    """Id and name of those who have still to sign."""
    may_resend: bool
    may_renew: bool
    proven: bool
    bounced: str
    """Id of the signer whose address does not hold; empty when nothing bounced."""
    lacks: str
    """What keeps the person from being asked to renew, a key under `consents.lacks_`; empty for nothing."""
    renews: str
    """Id of the record that they are to be asked for anew; empty for none."""


def person_card(person: PersonRow, stand: Standing | None) -> Card:
    """Somebody who was never asked."""
    return _card(str(person.id), "person", person.id, person.name, person, stand, note="never", photos=person.photos)


def outgrown_card(one: Outgrown, person: PersonRow, stand: Standing | None, lacks: str) -> Card:
    """Somebody whose guardians consented, until they came of age or it ended."""
    return _card(
        f"outgrown-{one.consent_id}",
        "person",
        person.id,
        person.name,
        person,
        stand,
        note="outgrown" if one.of_age else "guardians_ended",
        at=moment(one.ended_at if one.of_age else one.ended_at - timedelta(microseconds=1)),
        photos=person.photos,
        lacks="own" if lacks == Missing.own_address else lacks,
        renews=str(one.consent_id),
    )


def request_card(row: RequestRow, person: PersonRow | None, stand: Standing | None, known: list[UseRow], why: str = "") -> Card:
    """A request under way, or one that was declined. `why` a letter did not arrive, as far as the mail server told."""
    bounced = next((str(one.id) for one in row.signers if one.bounced_at is not None and one.signed_at is None), "")
    at = {
        Progress.sent: max((one.sent_at for one in row.signers if one.sent_at), default=row.created_at),
        Progress.opened: max((one.opened_at for one in row.signers if one.opened_at), default=row.created_at),
        Progress.declined: row.finished_at or row.created_at,
        Progress.lapsed: row.expires_at,
    }.get(row.progress, row.created_at)
    return _card(
        str(row.id),
        "request",
        row.person_id,
        row.person_name,
        person,
        stand,
        way=row.way,
        uses=_chips(known, row.uses, () if row.progress is not Progress.declined else row.uses),
        note=f"bounced_{why}" if bounced and why else f"progress_{row.progress}",
        at=moment(at),
        step=STEPS.get(row.progress, -1),
        trouble=row.progress in (Progress.bounced, Progress.lapsed),
        signers=[(str(one.id), one.name) for one in row.signers if one.signed_at is None],
        may_resend=row.progress.waiting or row.progress is Progress.lapsed,
        bounced=bounced if row.progress is Progress.bounced else "",
    )


def record_card(
    row: ConsentRow, person: PersonRow | None, stand: Standing | None, known: list[UseRow], *, proven: bool, lacks: str = ""
) -> Card:
    """A record that was signed, is about to end, or has ended. `lacks`: what keeps the person from being asked to renew."""
    off = [use.use for use in row.uses if use.withdrawn_at is not None or row.withdrawn_at is not None]
    at = row.withdrawn_at or _last_no(row) if row.status is ConsentStatus.withdrawn else row.valid_until
    note = str(row.status) if at is not None else "until_of_age" if row.guardians_signed else "no_end"
    return _card(
        str(row.id),
        "record",
        row.person_id,
        row.person_name,
        person,
        stand,
        way=row.way_in,
        uses=_chips(known, [use.use for use in row.uses], off),
        note=note,
        at=moment(at),
        may_renew=row.status in (ConsentStatus.expiring, ConsentStatus.expired),
        proven=proven,
        lacks=lacks,
        renews=str(row.id) if lacks else "",
    )


def _last_no(row: ConsentRow) -> datetime | None:
    return max((use.withdrawn_at for use in row.uses if use.withdrawn_at is not None), default=None)


def _chips(known: list[UseRow], uses: Collection[str], off: Collection[str]) -> list[UseChip]:
    return [UseChip(use.label_nl, use.label_en, use.id in off) for use in known if use.id in uses]


def _card(
    id_: str,
    kind: str,
    person_id: UUID,
    name: str,
    person: PersonRow | None,
    stand: Standing | None,
    *,
    way: str = "",
    uses: list[UseChip] | None = None,
    note: str,
    at: str = "",
    step: int = -1,
    trouble: bool = False,
    photos: int = 0,
    signers: list[tuple[str, str]] | None = None,
    may_resend: bool = False,
    may_renew: bool = False,
    proven: bool = False,
    bounced: str = "",
    lacks: str = "",
    renews: str = "",
) -> Card:
    return Card(
        id=id_,
        kind=kind,
        person_id=str(person_id),
        name=name,
        initials=initials(name),
        face=str(person.cover or "") if person else "",
        state=stand.state.value if stand else "",
        way=str(way),
        uses=uses or [],
        note=note,
        at=at,
        step=step,
        trouble=trouble,
        photos=photos,
        signers=signers or [],
        may_resend=may_resend,
        may_renew=may_renew,
        proven=proven,
        bounced=bounced,
        lacks=lacks,
        renews=renews,
    )

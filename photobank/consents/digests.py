"""Digests: one mail a day or a week per person, with the ends they were told of since the last one, in their own language.

What it says is read at the moment it goes, as the person it goes to: what they may not see any more is not in it, and what has been
renewed or withdrawn meanwhile neither. Whoever wants none says so on the account page; the alerts in the application stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import Select, and_, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import may, require
from photobank.access.permissions import Action
from photobank.accounts.sessions import actor_of, departments_of
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.consents import alerts, unreached
from photobank.consents.alerts import AlertRow
from photobank.i18n import format as written
from photobank.i18n.translate import DEFAULT_LANGUAGE, Language, is_language, translate
from photobank.kernel.errors import Unavailable
from photobank.kernel.ids import new_id
from photobank.mail.sender import Bounced, Letter
from photobank.mail.writing import Words, write
from photobank.messaging.events import DigestDue
from photobank.models.accounts import Organisation, User
from photobank.models.assets import Asset
from photobank.models.consents import Consent, Use
from photobank.models.life import ConsentAlert, Digest
from photobank.models.people import Face, FaceState, Person
from photobank.notices.mails import AT_ONCE, PAUSES
from photobank.scope import Scope

FROM_HOUR: Final = 7
MOST_LINES: Final = 25
CONSENTS_PAGE: Final = Action.consent_request

log = structlog.get_logger(__name__)


class Rhythm(StrEnum):
    """How often somebody wants it."""

    daily = "daily"
    weekly = "weekly"
    off = "off"


async def put_down_due(scope: Scope) -> int:
    """A digest for everybody who has something to hear and none yet of this day or week; gives how many. For the schedule.

    It goes in the morning of the organisation's day; the weekly one on Monday, or once in the week when there is first something to say.
    """
    require(scope, Action.consent_view)
    here = scope.now().astimezone(written.HOME_ZONE)
    if here.hour < FROM_HOUR:
        return 0
    today, monday = here.date(), here.date() - timedelta(days=here.weekday())
    rows = [
        {"id": new_id(), "user_id": user_id, "day": today if rhythm == Rhythm.daily else monday, "due_at": scope.now(), "tries": 0}
        for user_id, rhythm in await scope.db.execute(_wanting(scope.now(), today, monday))
    ]
    if not rows:
        return 0
    writing = insert(Digest).values(rows).on_conflict_do_nothing(index_elements=["user_id", "day"])
    made = (await scope.db.scalars(writing.returning(col(Digest.id)))).all()
    for digest_id in made:
        scope.announce(DigestDue(digest_id=digest_id))
    return len(made)


def _wanting(now: datetime, today: date, monday: date) -> Select[UUID, str]:
    untold = exists().where(
        col(ConsentAlert.user_id) == col(User.id), col(ConsentAlert.mailed_at).is_(None), col(ConsentAlert.ends_at) > now
    )
    has_today, has_week = (exists().where(col(Digest.user_id) == col(User.id), col(Digest.day) == day) for day in (today, monday))
    rhythm = or_(
        and_(col(User.digest) == Rhythm.daily, ~has_today),
        and_(col(User.digest) == Rhythm.weekly, ~has_week),
    )
    return select(col(User.id), col(User.digest)).where(col(User.disabled_at).is_(None), untold, rhythm).limit(AT_ONCE)


async def due(scope: Scope) -> list[UUID]:
    """Digests whose time has come: what a lost queue forgot, and second tries."""
    return list((await scope.db.scalars(_waiting(scope).order_by(col(Digest.due_at)).limit(AT_ONCE))).all())


async def send(scope: Scope, digest_id: UUID) -> None:
    """Write and send one, if it is still to go and says anything. For the job."""
    query = select(Digest).where(col(Digest.id).in_(_waiting(scope).where(col(Digest.id) == digest_id)))
    digest = await scope.db.scalar(query.with_for_update(skip_locked=True))
    if digest is None:
        return
    user = await scope.db.get_one(User, digest.user_id)
    told, letter = await _compose(scope, user)
    if letter is None:
        digest.failed_at = scope.now()
        return
    try:
        await scope.container.mailer.send(letter)
    except Bounced:
        digest.failed_at = scope.now()
        log.warning("no such address", user=str(user.id))
    except Unavailable as away:
        if digest.tries >= len(PAUSES):
            digest.failed_at = scope.now()
            return
        digest.due_at = scope.now() + timedelta(seconds=PAUSES[digest.tries])
        digest.tries += 1
        log.warning("digest waits", digest=str(digest_id), tries=digest.tries, reason=away.detail)
    else:
        digest.sent_at = scope.now()
        ends = col(ConsentAlert.user_id) == user.id, col(ConsentAlert.mailed_at).is_(None)
        done = update(ConsentAlert).where(*ends, col(ConsentAlert.created_at) <= scope.now())
        await scope.db.execute(done.values(mailed_at=scope.now()).execution_options(synchronize_session=False))
        record(scope, Tag.digest_sent, user_id=user.id, payload={"ends": told})


def _waiting(scope: Scope) -> Select[UUID]:
    open_still = col(Digest.sent_at).is_(None), col(Digest.failed_at).is_(None), col(Digest.due_at) <= scope.now()
    return select(col(Digest.id)).where(*open_still)


async def _compose(scope: Scope, user: User) -> tuple[int, Letter | None]:
    """How many ends it tells of, and the letter; None when there is nothing to say, or nobody to say it to."""
    if user.disabled_at is not None or user.digest == Rhythm.off:
        return 0, None
    reader = Scope(scope.container, actor_of(user, await departments_of(scope.db, user.id)), scope.db)
    language: Language = user.language if is_language(user.language) else DEFAULT_LANGUAGE
    seen = await _lines(reader, language) if may(reader.actor, Action.person_view) else await _unnamed(reader, language)
    if not seen:
        return 0, None
    house = await scope.db.get(Organisation, 1)
    place = "consents" if may(reader.actor, CONSENTS_PAGE) else "people" if may(reader.actor, Action.person_view) else "library"

    def say(key: str, **params: object) -> str:
        return translate(f"digest.{key}", language, **params)

    left = len(seen) - MOST_LINES
    words = Words(
        language=language,
        organisation=house.name if house else "",
        subject=say("subject", count=len(seen)),
        greeting=say("greeting", name=user.name),
        before=(say("text", count=len(seen)),),
        facts=seen[:MOST_LINES],
        button=(say(f"open_{place}"), f"{scope.settings.origin}/{place}/"),
        after=(say("more", count=left),) if left > 0 else (),
        foot=(say(f"foot_{user.digest}", address=f"{scope.settings.origin}/account/"),),
    )
    return len(seen), write(scope.vault.fields.open_text("users", "email_ct", user.id, user.email_ct), words)


async def _lines(reader: Scope, language: Language) -> list[tuple[str, str]]:
    """Name, and which uses end when, for who may ask also what keeps somebody from being asked; the first end first."""
    found: list[AlertRow] = await alerts.unmailed(reader)
    labels = await _labels(reader, language)
    asks = may(reader.actor, Action.consent_request)
    missing = await unreached.of(reader, [one.consent_id for one in found]) if asks else {}
    lines = []
    for one in found:
        text = _until(language, ", ".join(labels[use] for use in one.uses), one.ends_at)
        if (lacks := missing.get(one.consent_id)) is not None:
            text += f". {translate(f'consents.lacks_{lacks}', language)}"
        lines.append((one.person_name, text))
    return lines


async def _labels(reader: Scope, language: Language) -> dict[str, str]:
    rows = (await reader.db.scalars(select(Use))).all()
    return {row.id: row.label_nl if language == "nl" else row.label_en for row in rows}


async def _unnamed(reader: Scope, language: Language) -> list[tuple[str, str]]:
    """For who may not know people: how many photos in sight an end touches, per day."""
    on_it = (
        select(col(ConsentAlert.ends_at), col(Face.asset_id))
        .join(Consent, col(Consent.id) == col(ConsentAlert.consent_id))
        .join(Person, or_(col(Person.id) == col(Consent.person_id), col(Person.merged_into) == col(Consent.person_id)))
        .join(Face, and_(col(Face.person_id) == col(Person.id), col(Face.state) == FaceState.confirmed))
        .where(col(ConsentAlert.user_id) == reader.actor.user_id, col(ConsentAlert.mailed_at).is_(None))
        .where(col(ConsentAlert.ends_at) > reader.now(), col(Consent.withdrawn_at).is_(None), col(Consent.superseded_at).is_(None))
        .subquery()
    )
    seen = (await visibility.assets(reader)).with_only_columns(col(Asset.id), maintain_column_froms=True)
    query = select(on_it.c.ends_at, func.count(on_it.c.asset_id.distinct())).where(on_it.c.asset_id.in_(seen))
    rows: Sequence[tuple[datetime, int]] = [
        (at, count) for at, count in await reader.db.execute(query.group_by(on_it.c.ends_at).order_by(on_it.c.ends_at))
    ]
    return [(translate("count.photos", language, count=count), _until(language, "", at)) for at, count in rows]


def _until(language: Language, uses: str, ends_at: datetime) -> str:
    """Until and including the last day on which it holds."""
    day = written.day(ends_at - timedelta(microseconds=1), language)
    until = translate("digest.until", language, date=day)
    return f"{uses} – {until}" if uses else until

"""What a person's own page shows beside their consents: photos of them, and where these were used. Behind the link and a fresh code.

No name of anybody else is in it: no file names, titles or events, and staff are staff.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, and_, case, cast, func, or_, select, tuple_
from sqlmodel import col

from photobank.access import limits
from photobank.clearance import facts
from photobank.consents import portal
from photobank.consents.days import ZONE
from photobank.delivery import presets, subjects
from photobank.delivery.deciding import Released
from photobank.delivery.outside import one_state
from photobank.i18n.translate import Language
from photobank.kernel.paging import Page, TimeCursor, clamp
from photobank.models.assets import Asset
from photobank.models.consents import Download, Use
from photobank.models.handing_over import OwnPreset
from photobank.models.shares import Share, ShareAsset, ShareKind
from photobank.people import disowning
from photobank.scope import Scope
from photobank.sharing import policy
from photobank.sharing.policy import Standing

FIRST = 6
"""Photos and uses on the first page; all of them have a page of their own."""
PER_PAGE = 24


class Taker(StrEnum):
    """How a photo got out."""

    staff = "staff"
    program = "program"
    visitor = "visitor"
    link = "link"
    embed = "embed"


@dataclass(frozen=True, slots=True)
class OwnPhoto:
    """A photo with this person on it."""

    id: UUID
    at: datetime
    ratio: float


@dataclass(frozen=True, slots=True)
class Used:
    """Photos of this person that went out on one day in one way, or that a link or another site shows. `preset` is a built-in size,
    `channel` the name of one of the organisation's own."""

    id: UUID
    at: datetime
    taker: Taker
    use: str
    photos: int
    preset: str = ""
    channel: str = ""
    open: bool = False
    until: datetime | None = None
    views: int = 0


@dataclass(frozen=True, slots=True)
class Mine:
    """The first photos and uses, and how many photos there are."""

    photos: Page[OwnPhoto]
    total: int
    used: Page[Used]


async def first(scope: Scope, token: str, signer_id: UUID, language: Language) -> Mine:
    """What stands on the first page."""
    person_id = await _person(scope, token, signer_id)
    return Mine(
        await _photos(scope, person_id, None, FIRST),
        await subjects.count(scope, person_id),
        await _used(scope, person_id, language, None, FIRST),
    )


async def photos(scope: Scope, token: str, signer_id: UUID, cursor: str | None) -> Page[OwnPhoto]:
    """Photos of oneself, newest first."""
    return await _photos(scope, await _person(scope, token, signer_id), cursor, PER_PAGE)


async def used(scope: Scope, token: str, signer_id: UUID, language: Language, cursor: str | None) -> Page[Used]:
    """Where photos of oneself were used, newest first."""
    return await _used(scope, await _person(scope, token, signer_id), language, cursor, PER_PAGE)


async def picture(scope: Scope, token: str, signer_id: UUID, asset_id: UUID) -> Released:
    """One of these photos, small; others on it are not to be recognised."""
    await one_state(scope)
    person_id = await _person(scope, token, signer_id)
    await scope.container.rates.hit(limits.OWN_PHOTO, str(signer_id))
    return await subjects.show(scope, person_id, asset_id)


async def not_me(scope: Scope, token: str, signer_id: UUID, asset_id: UUID) -> None:
    """This photo is not of them: it leaves their page at once, and goes back to review."""
    await one_state(scope)
    person = (await portal.open_page(scope, token, signer_id, to_change=True)).person
    own = await subjects.find(scope, person.id, asset_id)
    await disowning.disown(scope, await facts.family(scope, person.id), own.asset)


async def _person(scope: Scope, token: str, signer_id: UUID) -> UUID:
    return (await portal.open_page(scope, token, signer_id)).person.id


async def _photos(scope: Scope, person_id: UUID, cursor: str | None, limit: int) -> Page[OwnPhoto]:
    found = await subjects.page(scope, person_id, cursor, limit)
    rows = [OwnPhoto(one.id, one.sort_at, (one.width or 4) / (one.height or 3)) for one in found.items]
    return Page(rows, found.next_cursor)


async def _used(scope: Scope, person_id: UUID, language: Language, cursor: str | None, limit: int) -> Page[Used]:
    size, after = clamp(limit), TimeCursor.decode(cursor) if cursor else None
    family = await facts.family(scope, person_id)
    mine = select(col(Asset.id)).where(subjects.with_any_of(family))
    words = await _words(scope, language)
    taken, shown = await _taken(scope, mine, words, after, size + 1), await _shown(scope, mine, words, after, size + 1)
    rows = sorted([*taken, *shown], key=lambda one: (one.at, one.id), reverse=True)
    more = len(rows) > size
    rows = rows[:size]
    return Page(rows, TimeCursor(rows[-1].at, rows[-1].id).encode() if more else None)


@dataclass(frozen=True, slots=True)
class _Words:
    uses: dict[str, str]
    channels: dict[str, str]


async def _words(scope: Scope, language: Language) -> _Words:
    uses = (await scope.db.scalars(select(Use))).all()
    own = (await scope.db.scalars(select(OwnPreset))).all()
    return _Words(
        {row.id: row.label_nl if language == "nl" else row.label_en for row in uses},
        {row.name: row.label_nl if language == "nl" else row.label_en for row in own},
    )


async def _taken(scope: Scope, mine: Any, words: _Words, after: TimeCursor | None, limit: int) -> Sequence[Used]:
    """Hand-overs, a line per day, use, size and kind of taker."""
    day = func.date_trunc("day", col(Download.created_at), str(ZONE))
    taker = case(
        (col(Download.share_id).is_not(None), Taker.visitor.value),
        (col(Download.api_key_id).is_not(None), Taker.program.value),
        else_=Taker.staff.value,
    )
    at, key = func.max(col(Download.created_at)), cast(func.min(cast(col(Download.id), Text)), Uuid)
    query = (
        select(at, key, taker, col(Download.use_id), col(Download.preset), func.count(col(Download.asset_id).distinct()))
        .where(col(Download.asset_id).in_(mine))
        .group_by(day, taker, col(Download.use_id), col(Download.preset))
        .order_by(at.desc(), key.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.having(tuple_(at, key) < tuple_(after.at, after.id))
    return [
        Used(
            id_,
            when,
            Taker(who),
            words.uses.get(use, use),
            count,
            preset if preset in presets.BUILT_IN else "",
            words.channels.get(preset, ""),
        )
        for when, id_, who, use, preset, count in await scope.db.execute(query)
    ]


async def _shown(scope: Scope, mine: Any, words: _Words, after: TimeCursor | None, limit: int) -> Sequence[Used]:
    """Links for outsiders and pictures on other sites."""
    count = select(func.count()).where(col(ShareAsset.share_id) == col(Share.id), col(ShareAsset.asset_id).in_(mine))
    query = select(Share, count.scalar_subquery()).where(
        col(Share.kind).in_((ShareKind.link, ShareKind.embed)),
        col(Share.id).in_(select(col(ShareAsset.share_id)).where(col(ShareAsset.asset_id).in_(mine))),
    )
    if after is not None:
        older, same = col(Share.created_at) < after.at, col(Share.created_at) == after.at
        query = query.where(or_(older, and_(same, col(Share.id) < after.id)))
    query = query.order_by(col(Share.created_at).desc(), col(Share.id).desc()).limit(limit)
    return [
        Used(
            share.id,
            share.created_at,
            Taker(share.kind),
            words.uses.get(share.use_id, share.use_id),
            photos_,
            open=policy.standing(share, scope.now()) is Standing.open,
            until=share.revoked_at or share.ends_at,
            views=share.views,
        )
        for share, photos_ in await scope.db.execute(query)
    ]

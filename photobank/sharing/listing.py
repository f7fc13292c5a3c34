"""Shares as their makers see them, and as those do who watch over all of them: in lists, one by one, and who looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import may, require
from photobank.access.permissions import Action
from photobank.audit.tags import Tag
from photobank.clearance import index
from photobank.clearance.verdicts import ClearanceState
from photobank.kernel.errors import NotFound, Refused
from photobank.kernel.paging import Page, TimeCursor, clamp
from photobank.models.accounts import User
from photobank.models.assets import Asset
from photobank.models.consents import StoredVerdict
from photobank.models.shares import Share, ShareAsset, ShareKind, ShareVisit
from photobank.scope import Scope
from photobank.sharing import letters, policy
from photobank.sharing.policy import Standing

VISITS_KEPT = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class ShareRow:
    """A share as its maker sees it; who oversees all of them sees neither for whom it is nor who looked.

    `visible` of its `photos` may go out now, as far as stored verdicts tell (of a redacted one: those that are not blocked); nobody is shown
    the others. `undelivered`: addresses that the
    link could not be mailed to.
    """

    id: UUID
    kind: ShareKind
    maker: str
    mine: bool
    title: str
    recipient: str
    use: str
    standing: Standing
    photos: int
    visible: int
    cover_id: UUID | None
    views: int
    view_limit: int | None
    downloads: int
    download_limit: int | None
    may_download: bool
    largest_side: int | None
    watermark: bool
    redacted: bool
    has_password: bool
    addresses: tuple[str, ...]
    folder_id: UUID | None
    file_limit: int | None
    files: int
    created_at: datetime
    ends_at: datetime | None
    ended_at: datetime | None
    seen_at: datetime | None
    mailed: int
    undelivered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One view of a link: when, from which network, with what, and how much was taken."""

    id: UUID
    at: datetime
    network: str
    device: str
    downloads: int


async def page(
    scope: Scope, cursor: str | None = None, limit: int | None = None, kind: ShareKind | None = None, *, everybodys: bool = False
) -> Page[ShareRow]:
    """One's own shares, newest first; or everybody's, for who oversees them."""
    if everybodys:
        require(scope, Action.share_oversee)
        query = select(Share)
    else:
        query = select(Share).where(col(Share.user_id) == maker_of(scope))
    if kind is not None:
        query = query.where(col(Share.kind) == kind)
    if cursor is not None:
        at = TimeCursor.decode(cursor)
        query = query.where(tuple_(col(Share.created_at), col(Share.id)) < tuple_(at.at, at.id))
    size = clamp(limit)
    query = query.order_by(col(Share.created_at).desc(), col(Share.id).desc()).limit(size + 1)
    found = list((await scope.db.execute(query)).scalars())
    rows = found[:size]
    more = len(found) > size
    return Page(await rows_of(scope, rows), TimeCursor(rows[-1].created_at, rows[-1].id).encode() if more else None)


async def get(scope: Scope, share_id: UUID) -> ShareRow:
    """One of one's own shares, or anybody's for who oversees them."""
    (row,) = await rows_of(scope, [await find(scope, share_id, also=Action.share_oversee)])
    return row


async def visits(scope: Scope, share_id: UUID, cursor: str | None = None, limit: int | None = None) -> Page[VisitRow]:
    """Who looked: every view of one of one's own links, newest first."""
    await find(scope, share_id)
    query = select(ShareVisit).where(col(ShareVisit.share_id) == share_id)
    if cursor is not None:
        at = TimeCursor.decode(cursor)
        query = query.where(tuple_(col(ShareVisit.opened_at), col(ShareVisit.id)) < tuple_(at.at, at.id))
    size = clamp(limit)
    query = query.order_by(col(ShareVisit.opened_at).desc(), col(ShareVisit.id).desc()).limit(size + 1)
    found = list((await scope.db.execute(query)).scalars())
    opened = scope.vault.fields.open_text
    rows = [
        VisitRow(one.id, one.opened_at, opened("share_visits", "network_ct", one.id, one.network_ct), one.device, one.downloads)
        for one in found[:size]
    ]
    return Page(rows, TimeCursor(rows[-1].at, rows[-1].id).encode() if len(found) > size else None)


def maker_of(scope: Scope) -> UUID:
    """Who shares things here: an account, never somebody who came through a share."""
    require(scope, Action.asset_share)
    if scope.actor.user_id is None or scope.actor.share_id is not None:
        raise Refused("shares are made by people with an account", action=Tag.share_created)
    return scope.actor.user_id


async def find(scope: Scope, share_id: UUID, *, also: Action | None = None) -> Share:
    """A share of one's own as it is kept; anybody's for who may do `also`. Raises NotFound."""
    oversees = also is not None and may(scope.actor, also)
    maker = scope.actor.user_id if oversees else maker_of(scope)
    share = await scope.db.get(Share, share_id)
    if share is None or not (oversees or share.user_id == maker):
        raise NotFound("no such share")
    return share


async def rows_of(scope: Scope, shares: Sequence[Share]) -> list[ShareRow]:
    """With counts, covers and names, in a few queries however many."""
    now, member = scope.now(), col(ShareAsset.share_id)
    ids = [share.id for share in shares]
    hideable = and_(col(Share.redacted), col(StoredVerdict.state).is_not(None), col(StoredVerdict.state) != ClearanceState.BLOCKED)
    allowed = or_(index.effective_allowed(now), hideable)
    counts = (
        select(member, func.count(), func.count().filter(allowed))
        .join(Share, col(Share.id) == member)
        .outerjoin(
            StoredVerdict,
            and_(col(StoredVerdict.asset_id) == col(ShareAsset.asset_id), col(StoredVerdict.use_id) == col(Share.use_id)),
        )
        .where(member.in_(ids))
        .group_by(member)
    )
    numbers = {share_id: (all_, visible) for share_id, all_, visible in await scope.db.execute(counts)}
    seen = (await visibility.assets(scope)).join(ShareAsset, col(ShareAsset.asset_id) == col(Asset.id)).where(member.in_(ids))
    first = seen.with_only_columns(member, col(Asset.id)).ext(distinct_on(member)).order_by(member, col(ShareAsset.position))
    covers = dict((await scope.db.execute(first)).all())
    query = select(col(User.id), col(User.name)).where(col(User.id).in_({share.user_id for share in shares}))
    names: dict[UUID, str] = dict((await scope.db.execute(query)).all())
    mail = await letters.delivery(scope, [share.id for share in shares if share.user_id == scope.actor.user_id])
    told = {share.id: (*numbers.get(share.id, (0, 0)), covers.get(share.id)) for share in shares}
    return [_row(scope, share, now, names[share.user_id], told[share.id], mail.get(share.id, (0, ()))) for share in shares]


def _row(
    scope: Scope, share: Share, now: datetime, maker: str, photos: tuple[int, int, UUID | None], mail: tuple[int, tuple[str, ...]]
) -> ShareRow:
    opened, is_mine = scope.vault.fields.open_text, share.user_id == scope.actor.user_id
    for_whom = share.recipient_ct if is_mine else None
    return ShareRow(
        id=share.id,
        kind=ShareKind(share.kind),
        maker=maker,
        mine=is_mine,
        title=share.title,
        recipient=opened("shares", "recipient_ct", share.id, for_whom) if for_whom else "",
        use=share.use_id,
        standing=policy.standing(share, now),
        photos=photos[0],
        visible=photos[1],
        cover_id=photos[2],
        views=share.views,
        view_limit=share.view_limit,
        downloads=share.downloads,
        download_limit=share.download_limit,
        may_download=share.may_download,
        largest_side=share.largest_side,
        watermark=share.watermark,
        redacted=share.redacted,
        has_password=share.password_hash is not None,
        addresses=tuple(share.addresses),
        folder_id=share.folder_id,
        file_limit=share.file_limit,
        files=share.files,
        created_at=share.created_at,
        ends_at=share.ends_at,
        ended_at=share.revoked_at,
        seen_at=share.seen_at,
        mailed=mail[0],
        undelivered=mail[1],
    )


async def forget_old_visits(scope: Scope) -> None:
    """Who looked is kept for a year; how often, for as long as the share."""
    if not scope.actor.is_system:
        raise Refused("only the system itself may do this", action=Tag.share_opened)
    await scope.db.execute(delete(ShareVisit).where(col(ShareVisit.opened_at) < scope.now() - VISITS_KEPT))

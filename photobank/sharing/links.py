"""Shares as their makers see them: made in one go, listed, looked into, ended at once."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import require, require_on_folder
from photobank.access.permissions import Action, Permission
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.clearance import index, judgement
from photobank.clearance.verdicts import ClearanceState
from photobank.delivery import outside
from photobank.kernel.errors import ClearanceRefused, Invalid, NotFound, Refused
from photobank.kernel.ids import new_id
from photobank.kernel.paging import Page, TimeCursor, clamp
from photobank.library import collections
from photobank.messaging.events import ShareChanged
from photobank.models.assets import Asset
from photobank.models.collections import CollectionAsset
from photobank.models.consents import StoredVerdict
from photobank.models.shares import Share, ShareAsset, ShareKind, ShareVisit
from photobank.scope import Scope
from photobank.sharing import letters, policy, terms
from photobank.sharing.policy import Standing
from photobank.sharing.terms import Terms
from photobank.sharing.tokens import url_of

MOST_PHOTOS = 500
CAP = 1920
VISITS_KEPT = timedelta(days=365)
NO_RIGHT = "no_right"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewShare(Terms):
    """What is to be shared, and how narrowly. The defaults are the safe ones: a week, no larger than a screen."""

    use: str
    asset_ids: Sequence[UUID] = ()
    collection_id: UUID | None = None
    kind: ShareKind = ShareKind.link
    may_download: bool = True
    largest_side: int | None = CAP
    watermark: bool = False
    redacted: bool = False
    download_limit: int | None = None


@dataclass(frozen=True, slots=True)
class ShareRow:
    """A share as its maker sees it. `visible` of its `photos` may go out now, as far as stored verdicts tell; of a redacted one, those
    that are not blocked."""

    id: UUID
    kind: ShareKind
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


@dataclass(frozen=True, slots=True)
class Made:
    """A share that was just made; photos that may not go are left out, each with the reason."""

    row: ShareRow
    url: str
    left_out: dict[UUID, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One view of a link: when, from which network, with what, and how much was taken."""

    id: UUID
    at: datetime
    network: str
    device: str
    downloads: int


async def create(scope: Scope, new: NewShare) -> Made:
    """Make a share of what may go. Raises when nothing may: ClearanceRefused with the reasons, Refused or NotFound."""
    maker = maker_of(scope)
    wanted = await _wanted(scope, new)
    allowed, left_out = await _sorted_out(scope, wanted, new.use, redacted=new.redacted)
    if new.kind is ShareKind.request:
        raise Invalid("requests are made by themselves", fields={"kind": "errors.share_photos"})
    mail_to, share_id = letters.check(scope, new.mail_to), new_id()
    share = await terms.share_of(
        scope,
        share_id,
        maker,
        new.kind,
        new,
        use_id=new.use,
        may_download=new.may_download,
        largest_side=terms.cap(new.largest_side),
        watermark=new.watermark,
        redacted=new.redacted,
        download_limit=terms.count(new.download_limit, "download_limit"),
    )
    scope.db.add(share)
    await scope.db.flush()
    for place, asset_id in enumerate(allowed):
        scope.db.add(ShareAsset(share_id=share_id, asset_id=asset_id, name=secrets.token_urlsafe(9), position=place))
    letters.put_down(scope, share_id, mail_to)
    await scope.db.flush()
    payload: dict[str, Any] = {
        "share": str(share_id),
        "kind": str(new.kind),
        "use": new.use,
        "assets": [str(id_) for id_ in allowed],
    }
    if new.redacted:
        payload["redacted"] = True
    record(scope, Tag.share_created, asset_id=allowed[0] if len(allowed) == 1 else None, payload=payload)
    scope.announce(ShareChanged(share_id=share_id, user_id=maker))
    (row,) = await rows_of(scope, [share])
    return Made(row, url_of(scope, share_id, new.kind), left_out)


async def page(scope: Scope, cursor: str | None = None, limit: int | None = None, kind: ShareKind | None = None) -> Page[ShareRow]:
    """One's own shares, newest first."""
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
    """One of one's own shares."""
    (row,) = await rows_of(scope, [await _find(scope, share_id)])
    return row


async def url(scope: Scope, share_id: UUID) -> str:
    """The address of one of one's own shares, to hand out again."""
    share = await _find(scope, share_id)
    return url_of(scope, share.id, ShareKind(share.kind))


async def end(scope: Scope, share_id: UUID) -> ShareRow:
    """End it now. Nobody gets anything through it from the commit on; a second time changes nothing."""
    share = await _find(scope, share_id)
    if share.revoked_at is None:
        share.revoked_at = scope.now()
        record(scope, Tag.share_ended, payload={"share": str(share_id)})
        scope.announce(ShareChanged(share_id=share_id, user_id=share.user_id))
    (row,) = await rows_of(scope, [share])
    return row


async def visits(scope: Scope, share_id: UUID, cursor: str | None = None, limit: int | None = None) -> Page[VisitRow]:
    """Who looked: every view of one of one's own links, newest first."""
    await _find(scope, share_id)
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


async def _find(scope: Scope, share_id: UUID) -> Share:
    share = await scope.db.scalar(select(Share).where(col(Share.id) == share_id, col(Share.user_id) == maker_of(scope)))
    if share is None:
        raise NotFound("no such share")
    return share


async def _wanted(scope: Scope, new: NewShare) -> list[UUID]:
    """The photos meant, in order. A collection is shared as it is now: what joins it later was not looked at for this."""
    if new.collection_id is not None and not new.asset_ids and new.kind is ShareKind.link:
        query = (await collections.inside(scope, new.collection_id)).with_only_columns(col(Asset.id))
        query = query.order_by(col(CollectionAsset.position), col(Asset.id)).limit(MOST_PHOTOS + 1)
        ids = list((await scope.db.scalars(query)).all())
    elif new.collection_id is None:
        ids = list(dict.fromkeys(new.asset_ids))
    else:
        ids = []
    most = 1 if new.kind is ShareKind.embed else MOST_PHOTOS
    if not 0 < len(ids) <= most:
        raise Invalid("which photos", fields={"asset_ids": "errors.share_photos"}, most=most)
    return ids


async def _sorted_out(scope: Scope, wanted: Sequence[UUID], use: str, *, redacted: bool) -> tuple[list[UUID], dict[UUID, str]]:
    """Those of the photos that may go now, and why each other one in sight may not. Raises when none may."""
    found = await outside.verdicts(scope, wanted, use, redacted=redacted)
    verdicts = {id_: one.verdict for id_, (_, one) in found.items()}
    allowed = [id_ for id_ in wanted if id_ in verdicts and verdicts[id_].allowed]
    query = (await visibility.assets(scope)).where(col(Asset.id).in_(wanted))
    seen = {asset.id: asset for asset in (await scope.db.execute(query)).scalars()}
    left = {id_: str(verdicts[id_].state) if id_ in verdicts else NO_RIGHT for id_ in wanted if id_ in seen and id_ not in allowed}
    if allowed:
        return allowed, left
    first = next((seen[id_] for id_ in wanted if id_ in seen), None)
    if first is None:
        raise NotFound("no such photo")
    targets = {"asset_id": first.id}
    await require_on_folder(scope, Action.asset_share, Permission.download, first.folder_id, **targets)
    verdict = verdicts[first.id]
    names = await judgement.names_for(scope, [verdict])
    reasons = [judgement.reason_json(reason, names) for reason in verdict.reasons]
    raise ClearanceRefused(
        f"not cleared for {use}", use=use, state=verdict.state.value, reasons=reasons, action=Tag.share_created, targets=targets
    )


async def rows_of(scope: Scope, shares: Sequence[Share]) -> list[ShareRow]:
    """With counts and covers, in two queries however many."""
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
    return [_row(scope, share, now, numbers.get(share.id, (0, 0)), covers.get(share.id)) for share in shares]


def _row(scope: Scope, share: Share, now: datetime, numbers: tuple[int, int], cover: UUID | None) -> ShareRow:
    opened = scope.vault.fields.open_text
    return ShareRow(
        id=share.id,
        kind=ShareKind(share.kind),
        title=share.title,
        recipient=opened("shares", "recipient_ct", share.id, share.recipient_ct) if share.recipient_ct else "",
        use=share.use_id,
        standing=policy.standing(share, now),
        photos=numbers[0],
        visible=numbers[1],
        cover_id=cover,
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
    )


async def forget_old_visits(scope: Scope) -> None:
    """Who looked is kept for a year; how often, for as long as the share."""
    if not scope.actor.is_system:
        raise Refused("only the system itself may do this", action=Tag.share_opened)
    await scope.db.execute(delete(ShareVisit).where(col(ShareVisit.opened_at) < scope.now() - VISITS_KEPT))

"""Shares: made in one go of what may go, their addresses told again, ended at once."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import require_on_folder
from photobank.access.permissions import Action, Permission
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.clearance import judgement
from photobank.delivery import outside
from photobank.kernel.errors import ClearanceRefused, Invalid, NotFound
from photobank.kernel.ids import new_id
from photobank.library import collections
from photobank.messaging.events import ShareChanged
from photobank.models.assets import Asset
from photobank.models.collections import CollectionAsset
from photobank.models.shares import ShareAsset, ShareKind
from photobank.scope import Scope
from photobank.sharing import letters, listing, terms
from photobank.sharing.listing import ShareRow
from photobank.sharing.terms import Terms
from photobank.sharing.tokens import url_of

MOST_PHOTOS = 500
CAP = 1920
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
class Made:
    """A share that was just made; photos that may not go are left out, each with the reason."""

    row: ShareRow
    url: str
    left_out: dict[UUID, str] = field(default_factory=dict)


async def create(scope: Scope, new: NewShare) -> Made:
    """Make a share of what may go. Raises when nothing may: ClearanceRefused with the reasons, Refused or NotFound."""
    maker = listing.maker_of(scope)
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
    payload: dict[str, Any] = {"share": str(share_id), "kind": str(new.kind), "use": new.use}
    payload |= {"assets": [str(id_) for id_ in allowed], **({"redacted": True} if new.redacted else {})}
    record(scope, Tag.share_created, asset_id=allowed[0] if len(allowed) == 1 else None, payload=payload)
    scope.announce(ShareChanged(share_id=share_id, user_id=maker))
    (row,) = await listing.rows_of(scope, [share])
    return Made(row, url_of(scope, share_id, new.kind), left_out)


async def url(scope: Scope, share_id: UUID) -> str:
    """The address of one of one's own shares, to hand out again."""
    share = await listing.find(scope, share_id)
    return url_of(scope, share.id, ShareKind(share.kind))


async def end(scope: Scope, share_id: UUID) -> ShareRow:
    """End it now: one's own, or anybody's for who oversees them. Nobody gets anything through it from the commit on; a second time changes
    nothing."""
    share = await listing.find(scope, share_id, also=Action.share_oversee)
    if share.revoked_at is None:
        share.revoked_at = scope.now()
        record(scope, Tag.share_ended, payload={"share": str(share_id)})
        scope.announce(ShareChanged(share_id=share_id, user_id=share.user_id))
    (row,) = await listing.rows_of(scope, [share])
    return row


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

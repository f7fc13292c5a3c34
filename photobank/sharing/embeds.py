"""Photos on other sites: one address per photo that answers for as long as the consent, the sender's rights and the embed last.

An address is `/embed/TOKEN/WIDTH.FORMAT`. The token is as of a link, made by the house with a key of its own; widths and formats are a short
list, so that an address that went round cannot be used to keep the house busy.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from html import escape
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlmodel import col

from photobank.delivery import outsiders, watermarks
from photobank.delivery.outsiders import Embeddable
from photobank.delivery.presets import Shape
from photobank.imaging.renditions import Format
from photobank.kernel.errors import NotFound
from photobank.models.assets import Asset
from photobank.models.shares import Share, ShareAsset, ShareKind
from photobank.scope import Container, Scope
from photobank.sharing import links, listing
from photobank.sharing.guests import Guest, ending, on_behalf, still_shared

WIDTHS = (320, 640, 960, 1280, 1920)
QUALITIES: dict[Format, int] = {"avif": 60, "webp": 80, "jpeg": 85}
MIDDLE = 960
NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Snippet:
    """What to put on the other site."""

    html: str
    url: str
    """The address of one picture, for those who want no more."""


async def picture(container: Container, guest: Guest, width: int, fmt: str, known: str = "") -> Embeddable:
    """The photo at a width and in a format of the list. Raises Gone when it may not be shown, whatever the reason."""
    async with on_behalf(container, guest) as scope:
        query = select(Asset).join(ShareAsset, col(ShareAsset.asset_id) == col(Asset.id))
        asset = (await scope.db.execute(query.where(col(ShareAsset.share_id) == guest.share.id))).scalar_one_or_none()
        shape = _shapes(asset, guest.share.largest_side).get((width, fmt)) if asset else None
        if asset is None or shape is None:
            raise NotFound("no such picture")
    mark = await watermarks.of_words(guest.organisation) if guest.share.watermark else None
    async with ending(), container.scope(guest.actor) as scope:
        found = await outsiders.embed(
            scope, asset.id, guest.share.use_id, shape, known=known, watermark=mark, redacted=guest.share.redacted
        )
        await still_shared(scope)
    await _seen(container, guest)
    return found


async def snippet(scope: Scope, share_id: UUID) -> Snippet:
    """The element for the other site: every width in the format that the reader's browser likes best, and where to go on from."""
    url = await links.url(scope, share_id)
    row = await listing.get(scope, share_id)
    if row.kind is not ShareKind.embed or row.cover_id is None:
        raise NotFound("no such embed")
    asset = await scope.db.get_one(Asset, row.cover_id)
    offered = _shapes(asset, row.largest_side)
    widths = sorted({width for width, _ in offered})

    def srcset(fmt: Format) -> str:
        return ", ".join(f"{url}{width}.{fmt} {width}w" for width in widths)

    middle = max((width for width in widths if width <= MIDDLE), default=widths[0])
    height = round(middle * (asset.height or 1) / (asset.width or 1))
    sources = "".join(f'  <source type="image/{fmt}" srcset="{srcset(fmt)}" sizes="100vw">\n' for fmt in ("avif", "webp"))
    image = (
        f'  <img src="{url}{middle}.jpeg" srcset="{srcset("jpeg")}" sizes="100vw" width="{middle}" height="{height}" '
        f'alt="{escape(row.title)}" loading="lazy" decoding="async" referrerpolicy="no-referrer">\n'
    )
    return Snippet(f"<picture>\n{sources}{image}</picture>", f"{url}{middle}.jpeg")


def _shapes(asset: Asset, cap: int | None) -> dict[tuple[int, str], Shape]:
    """What there is of a photo: no wider than it is, no larger than the cap; the smallest width always."""
    width, height = asset.width or 1, asset.height or 1
    sides = {one: -(-one * max(width, height) // width) for one in WIDTHS if one <= width or one == WIDTHS[0]}
    fitting = {one: side for one, side in sides.items() if cap is None or side <= cap} or {
        WIDTHS[0]: min(sides[WIDTHS[0]], cap or 0)
    }
    return {(one, fmt): Shape(side, fmt, quality) for one, side in fitting.items() for fmt, quality in QUALITIES.items()}


async def _seen(container: Container, guest: Guest) -> None:
    """Note that it was asked for: once a minute at most, and not in the transaction that decides."""
    now = container.clock.now()
    before = now - NOTED_EVERY
    if guest.share.seen_at is not None and guest.share.seen_at > before:
        return
    old = or_(col(Share.seen_at).is_(None), col(Share.seen_at) <= before)
    async with container.sessions() as db:
        await db.execute(update(Share).where(col(Share.id) == guest.share.id, old).values(seen_at=now))
        await db.commit()

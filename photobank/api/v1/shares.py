"""Share links and embeds of one's own."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body, Cursor, Limit, Listed, Out, Password
from photobank.models.shares import ShareKind
from photobank.sharing import embeds, letters, links, listing, policy, qr, requests
from photobank.sharing.links import Made
from photobank.sharing.listing import ShareRow, VisitRow

router = APIRouter(prefix="/shares", tags=["shares"], responses=RESPONSES)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeShare(ShareRow):
    """A share that was just made, with its address. `left_out`: photos that may not go, each with its clearance state, or `no_right`."""

    url: str
    left_out: dict[UUID, str]


class TermsIn(Body):
    """What every kind of share has. Everything has a safe default."""

    title: str = Field("", max_length=200, description="Shown to whoever opens the link")
    recipient: str = Field("", max_length=200, description="Whom it is for; shown to nobody but you")
    mail_to: list[str] = Field(
        default_factory=list, max_length=letters.MOST, description="Who gets the link by mail, without the password"
    )
    ends_at: datetime | None = Field(
        None, description="A week from now if left out; an embed without an end lasts as the consent does"
    )
    password: Password = ""
    addresses: list[str] = Field(default_factory=list, max_length=policy.MOST_NETWORKS, description="Networks such as 192.0.2.0/24")
    view_limit: int | None = None


class ShareIn(TermsIn):
    """A new share: photos, or a collection as it is now, and what they are for."""

    use: str = Field(min_length=1, max_length=50, description="What the photos are for; only what is cleared for it goes out")
    asset_ids: list[UUID] = Field(default_factory=list, max_length=links.MOST_PHOTOS)
    collection_id: UUID | None = None
    kind: ShareKind = ShareKind.link
    may_download: bool = True
    largest_side: int | None = Field(links.CAP, description="Longest side of what goes out, in pixels; null: originals too")
    watermark: bool = False
    redacted: bool = Field(False, description="With those who stand in the way made unrecognisable, where that clears a photo")
    download_limit: int | None = None


class RequestIn(TermsIn):
    """A new request: a link on which others bring photos into a folder that one may add to."""

    folder_id: UUID
    file_limit: int = Field(requests.FILES, description="How many photos may come in")


class Address(Out):
    """What to hand out."""

    url: str


class SnippetOut(Out):
    """An element with every width and format, and the address of one picture."""

    html: str
    url: str


Everybodys = Annotated[
    bool, Query(description="Everybody's, for admins and privacy officers: without for whom they are and who looked")
]


@router.get("")
async def list_shares(
    scope: InScope, cursor: Cursor = None, limit: Limit = 50, kind: ShareKind | None = None, everybodys: Everybodys = False
) -> Listed[ShareRow]:
    """One's own shares, newest first."""
    page = await listing.page(scope, cursor, limit, kind, everybodys=everybodys)
    return Listed(items=page.items, next_cursor=page.next_cursor)


@router.post("", status_code=201)
async def create_share(body: ShareIn, scope: InScope) -> MadeShare:
    """Share what may go; 403 `clearance_refused` when nothing of it may."""
    return _made(await links.create(scope, links.NewShare(**body.model_dump())))


@router.post("/requests", status_code=201)
async def create_request(body: RequestIn, scope: InScope) -> MadeShare:
    """Ask others for photos."""
    return _made(await requests.create(scope, requests.NewRequest(**body.model_dump())))


@router.get("/{share_id}")
async def get_share(share_id: UUID, scope: InScope) -> ShareRow:
    """One of them."""
    return await listing.get(scope, share_id)


@router.post("/{share_id}/end")
async def end_share(share_id: UUID, scope: InScope) -> ShareRow:
    """End it now: one's own, or anybody's as an admin or privacy officer."""
    return await links.end(scope, share_id)


@router.get("/{share_id}/url")
async def get_url(share_id: UUID, scope: InScope) -> Address:
    """Its address, to hand out again."""
    return Address(url=await links.url(scope, share_id))


@router.get("/{share_id}/qr", response_class=Response, responses={200: {"content": {"image/svg+xml": {}}}})
async def get_qr(share_id: UUID, scope: InScope) -> Response:
    """Its address as a QR code."""
    return Response(qr.svg(await links.url(scope, share_id)), media_type="image/svg+xml")


@router.get("/{share_id}/snippet")
async def get_snippet(share_id: UUID, scope: InScope) -> SnippetOut:
    """What to put on another site, for an embed."""
    return SnippetOut.model_validate(await embeds.snippet(scope, share_id))


@router.get("/{share_id}/visits")
async def list_visits(share_id: UUID, scope: InScope, cursor: Cursor = None, limit: Limit = 50) -> Listed[VisitRow]:
    """Who looked, newest first; for its maker alone."""
    page = await listing.visits(scope, share_id, cursor, limit)
    return Listed(items=page.items, next_cursor=page.next_cursor)


def _made(made: Made) -> MadeShare:
    told = {one.name: getattr(made.row, one.name) for one in fields(made.row)}
    return MadeShare(**told, url=made.url, left_out=made.left_out)

"""Share links and embeds of one's own."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body, Cursor, Limit, Listed, Out, Password
from photobank.models.shares import ShareKind
from photobank.sharing import embeds, letters, links, policy, qr, requests
from photobank.sharing.policy import Standing

router = APIRouter(prefix="/shares", tags=["shares"], responses=RESPONSES)


class ShareOut(Out):
    """A share of one's own. `visible` of its `photos` are cleared at this moment; nobody is shown the others."""

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
    addresses: list[str]
    folder_id: UUID | None
    file_limit: int | None
    files: int
    created_at: datetime
    ends_at: datetime | None
    ended_at: datetime | None
    seen_at: datetime | None


class MadeOut(ShareOut):
    """A share that was just made, with its address. `left_out`: photos that may not go, each with its clearance state, or `no_right`."""

    url: str
    left_out: dict[UUID, str]


class ShareIn(Body):
    """A new share: photos, or a collection as it is now. Everything but the photos and what they are for has a safe default."""

    use: str = Field(min_length=1, max_length=50, description="What the photos are for; only what is cleared for it goes out")
    asset_ids: list[UUID] = Field(default_factory=list, max_length=links.MOST_PHOTOS)
    collection_id: UUID | None = None
    kind: ShareKind = ShareKind.link
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
    may_download: bool = True
    largest_side: int | None = Field(links.CAP, description="Longest side of what goes out, in pixels; null: originals too")
    watermark: bool = False
    redacted: bool = Field(False, description="With those who stand in the way made unrecognisable, where that clears a photo")
    view_limit: int | None = None
    download_limit: int | None = None


class RequestIn(Body):
    """A new request: a link on which others bring photos into a folder that one may add to."""

    folder_id: UUID
    title: str = Field("", max_length=200, description="Shown to whoever opens the link")
    recipient: str = Field("", max_length=200, description="Whom it is for; shown to nobody but you")
    mail_to: list[str] = Field(
        default_factory=list, max_length=letters.MOST, description="Who gets the link by mail, without the password"
    )
    ends_at: datetime | None = Field(None, description="A week from now if left out")
    password: Password = ""
    addresses: list[str] = Field(default_factory=list, max_length=policy.MOST_NETWORKS, description="Networks such as 192.0.2.0/24")
    view_limit: int | None = None
    file_limit: int = Field(requests.FILES, description="How many photos may come in")


class VisitOut(Out):
    """One view: when, from which network, with what kind of device, and how many photos were taken."""

    id: UUID
    at: datetime
    network: str
    device: str
    downloads: int


class Address(Out):
    """What to hand out."""

    url: str


class SnippetOut(Out):
    """An element with every width and format, and the address of one picture."""

    html: str
    url: str


@router.get("")
async def list_shares(scope: InScope, cursor: Cursor = None, limit: Limit = 50, kind: ShareKind | None = None) -> Listed[ShareOut]:
    """One's own shares, newest first."""
    page = await links.page(scope, cursor, limit, kind)
    return Listed(items=[ShareOut.model_validate(row) for row in page.items], next_cursor=page.next_cursor)


@router.post("", status_code=201)
async def create_share(body: ShareIn, scope: InScope) -> MadeOut:
    """Share what may go; 403 `clearance_refused` when nothing of it may."""
    made = await links.create(scope, links.NewShare(**body.model_dump()))
    return MadeOut(**ShareOut.model_validate(made.row).model_dump(), url=made.url, left_out=made.left_out)


@router.post("/requests", status_code=201)
async def create_request(body: RequestIn, scope: InScope) -> MadeOut:
    """Ask others for photos."""
    made = await requests.create(scope, requests.NewRequest(**body.model_dump()))
    return MadeOut(**ShareOut.model_validate(made.row).model_dump(), url=made.url, left_out={})


@router.get("/{share_id}")
async def get_share(share_id: UUID, scope: InScope) -> ShareOut:
    """One of them."""
    return ShareOut.model_validate(await links.get(scope, share_id))


@router.post("/{share_id}/end")
async def end_share(share_id: UUID, scope: InScope) -> ShareOut:
    """End it now."""
    return ShareOut.model_validate(await links.end(scope, share_id))


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
async def list_visits(share_id: UUID, scope: InScope, cursor: Cursor = None, limit: Limit = 50) -> Listed[VisitOut]:
    """Who looked, newest first."""
    page = await links.visits(scope, share_id, cursor, limit)
    return Listed(items=[VisitOut.model_validate(row) for row in page.items], next_cursor=page.next_cursor)

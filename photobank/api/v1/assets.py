"""Assets: sent whole, listed, read, edited, put into the trash and taken back."""

from __future__ import annotations

import base64
from datetime import date
from typing import Annotated, Literal
from urllib.parse import unquote
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import Field
from starlette.responses import Response

from photobank.access.actor import Actor
from photobank.api.deps import Caller, InScope, TheHouse
from photobank.api.problems import RESPONSES
from photobank.api.v1.asset_answers import AssetDetailOut, AssetOut, detailed, listed
from photobank.api.v1.common import Body, Cursor, Limit, Listed, Out
from photobank.api.v1.describing import DescriptionIn
from photobank.api.v1.uploads import digest_of
from photobank.kernel.errors import Invalid, NotFound
from photobank.kernel.paging import MAX_LIMIT
from photobank.library import archiving, assets, incoming, trash, uploads
from photobank.library.assets import Filters
from photobank.library.incoming import Completed, OnDuplicate
from photobank.models.assets import AssetState
from photobank.people import nobody
from photobank.scope import Scope
from photobank.web.house import House

router = APIRouter(prefix="/assets", tags=["assets"], responses=RESPONSES)

BODY = {
    "requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}


class AssetPatch(DescriptionIn):
    """What changes, and the folder it moves to."""

    folder_id: UUID | None = None


class NoPeopleIn(Body):
    """Photos on which nobody is recognisable."""

    asset_ids: list[UUID] = Field(min_length=1, max_length=500)


class SaidOut(Out):
    """Which of them took it, and the action that takes it back."""

    asset_ids: list[UUID]
    action_id: UUID | None


class Count(Out):
    """How many."""

    count: int


class Month(Out):
    """A month with the number of photos in it."""

    month: date
    count: int


class BlockOut(Out):
    """A run of a month's photos: `end` is the cursor of its last one, `ratios` the sum of width over height."""

    end: str
    count: int
    ratios: float


MONTH = r"^[12][0-9]{3}-(0[1-9]|1[0-2])$"
Until = Annotated[str | None, Query(max_length=200, description="Cursor of the last photo wanted")]
Sort = Literal["newest", "oldest"]


async def narrowed(
    folder_id: UUID | None = None,
    person_id: UUID | None = None,
    state: AssetState | None = None,
    ids: Annotated[str, Query(max_length=8000, description="Only these, comma-separated; the other filters hold too")] = "",
    mine: bool = False,
    trashed: bool = False,
    month: Annotated[str | None, Query(pattern=MONTH, description="Only this month (UTC)")] = None,
    favourite: Annotated[bool, Query(description="The caller's favourites")] = False,
    rating: Annotated[int | None, Query(ge=1, le=5, description="At least this many stars on average")] = None,
    collection_id: UUID | None = None,
    tag: Annotated[str | None, Query(min_length=1, max_length=80)] = None,
    event: Annotated[str | None, Query(min_length=1, max_length=300)] = None,
) -> Filters:
    """What a list, its count, its months and its blocks are narrowed to."""
    first = date.fromisoformat(f"{month}-01") if month else None
    marked = (favourite, rating, collection_id, tag, event)
    return Filters(folder_id, person_id, state, _ids(ids), mine, trashed, first, *marked)


Narrowed = Annotated[Filters, Depends(narrowed)]


@router.post("", status_code=201, openapi_extra=BODY)
async def send(
    request: Request,
    response: Response,
    caller: Caller,
    house: TheHouse,
    folder_id: UUID | None = None,
    on_duplicate: Literal["ask", "skip", "keep", "version"] = "ask",
    version_of: UUID | None = None,
    upload_filename: Annotated[str, Header(max_length=1000)] = "",
    content_digest: Annotated[str | None, Header(max_length=300)] = None,
) -> AssetOut:
    """Send a photo as the raw body. 409 with the existing ones when it is here already; with `skip` 200 and the one that is here.

    With `on_duplicate=version` and `version_of` it becomes a new version of that photo: 202 and that photo, which shows its new version
    once it has been processed.
    """
    if version_of is not None and on_duplicate != "version":
        raise Invalid("version_of", fields={"on_duplicate": "errors.on_duplicate"})
    done = await take(request, caller, house, folder_id, OnDuplicate(on_duplicate), version_of, upload_filename, content_digest)
    if done.skipped or version_of is not None:
        response.status_code = 202 if version_of is not None else 200
    shown = version_of or done.asset.id
    response.headers["Location"] = f"/api/v1/assets/{shown}"
    async with house.scope(caller) as scope:
        return (await listed(scope, [await assets.find(scope, shown)]))[0]


@router.get("/by-hash/{sha256}")
async def by_hash(sha256: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")], scope: InScope) -> Listed[AssetOut]:
    """Photos in sight with exactly these bytes, with their clearance; 404 when there are none."""
    return Listed(items=await _same(scope, sha256))


@router.head("/by-hash/{sha256}")
async def is_here(sha256: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")], scope: InScope) -> Response:
    """Whether a photo in sight has exactly these bytes: 200 or 404."""
    await _same(scope, sha256)
    return Response(status_code=200)


@router.get("")
async def list_assets(
    scope: InScope,
    filters: Narrowed,
    cursor: Cursor = None,
    limit: Limit = 50,
    until: Until = None,
    use: Annotated[str, Query(max_length=100, description="Shields for this use only")] = "",
    sort: Sort = "newest",
) -> Listed[AssetOut]:
    """Photos in sight, newest first unless asked otherwise."""
    page = await assets.page(scope, filters, cursor, limit, oldest_first=sort == "oldest", until=until)
    return Listed(items=await listed(scope, page.items, use), next_cursor=page.next_cursor)


@router.get("/count")
async def count(scope: InScope, filters: Narrowed) -> Count:
    """How many photos in sight match."""
    return Count(count=await assets.count(scope, filters))


@router.get("/months")
async def months(scope: InScope, filters: Narrowed) -> Listed[Month]:
    """Photos in sight per month (UTC), newest first. `month` is its first day."""
    found = await assets.months(scope, filters)
    return Listed(items=[Month(month=month, count=n) for month, n in found])


@router.get("/blocks")
async def blocks(
    scope: InScope,
    filters: Narrowed,
    month: Annotated[str, Query(pattern=MONTH, description="Which month (UTC)")],
    size: Annotated[int, Query(ge=10, le=MAX_LIMIT)] = 100,
    cursor: Cursor = None,
    until: Until = None,
    sort: Sort = "newest",
) -> Listed[BlockOut]:
    """A month, or a stretch of it, cut into blocks, in order: each is the list after the end of the one before, up to its own end."""
    found = await assets.blocks(scope, filters, size, cursor, oldest_first=sort == "oldest", until=until)
    return Listed(items=[BlockOut.model_validate(one) for one in found])


@router.post("/no-people")
async def say_no_people(body: NoPeopleIn, scope: InScope) -> SaidOut:
    """A human looked: nobody on these photos is recognisable. Photos with open or confirmed faces are left out; the action takes it back
    (`POST /review/undo`)."""
    return SaidOut.model_validate(await nobody.say(scope, body.asset_ids))


@router.get("/{asset_id}")
async def get_asset(asset_id: UUID, scope: InScope) -> AssetDetailOut:
    """One photo. Its clearance is decided now, with reasons."""
    return await detailed(scope, asset_id)


@router.patch("/{asset_id}")
async def edit(asset_id: UUID, body: AssetPatch, scope: InScope) -> AssetDetailOut:
    """Change texts, tags, custom fields or folder."""
    await assets.edit(scope, asset_id, body.description(), folder_id=body.folder_id)
    await scope.db.flush()
    return await detailed(scope, asset_id)


@router.delete("/{asset_id}", status_code=204)
async def delete(asset_id: UUID, scope: InScope, purge: bool = False) -> None:
    """Into the trash; with `purge` out of it for good. A rejected photo is discarded at once by who sent it."""
    if purge:
        await trash.purge(scope, asset_id)
        return
    asset = await assets.find(scope, asset_id)
    if asset.state == AssetState.rejected and asset.uploaded_by == scope.actor.user_id:
        await trash.discard_rejected(scope, asset_id)
    else:
        await trash.trash(scope, asset_id)


@router.post("/{asset_id}/archive")
async def archive(asset_id: UUID, scope: InScope) -> AssetOut:
    """Into the archive: read-only from then on; clearance goes on to count."""
    return (await listed(scope, [await archiving.archive(scope, asset_id)]))[0]


@router.post("/{asset_id}/unarchive")
async def unarchive(asset_id: UUID, scope: InScope) -> AssetOut:
    """Out of the archive; for who manages the folder."""
    return (await listed(scope, [await archiving.unarchive(scope, asset_id)]))[0]


@router.post("/{asset_id}/restore")
async def restore(asset_id: UUID, scope: InScope) -> AssetOut:
    """Out of the trash, as it was."""
    asset = await trash.restore(scope, asset_id)
    await scope.db.flush()
    return (await listed(scope, [asset]))[0]


async def take(
    request: Request,
    caller: Actor,
    house: House,
    folder_id: UUID | None,
    on_duplicate: OnDuplicate,
    version_of: UUID | None,
    filename: str,
    content_digest: str | None,
) -> Completed:
    """The raw body of a request, as an original."""
    length = request.headers.get("content-length", "")
    return await uploads.receive(
        house.container,
        caller,
        request.stream(),
        filename=unquote(filename),
        folder_id=folder_id,
        on_duplicate=on_duplicate,
        size=int(length) if length.isascii() and length.isdecimal() and len(length) < 15 else None,
        digest=_content_digest(content_digest),
        version_of=version_of,
    )


def _ids(text: str) -> tuple[UUID, ...] | None:
    """Ids from a comma-separated list; None when nothing was asked for."""
    if not text:
        return None
    try:
        found = tuple(UUID(part) for part in text.split(","))
    except ValueError:
        found = ()
    if not 0 < len(found) <= MAX_LIMIT:
        raise Invalid("ids", fields={"ids": "errors.id"})
    return found


async def _same(scope: Scope, sha256: str) -> list[AssetOut]:
    found = await incoming.duplicates_of(scope, digest_of(sha256) or b"")
    if not found:
        raise NotFound("no photo in sight has these bytes, nor was this file skipped for one")
    return await listed(scope, found)


def _content_digest(header: str | None) -> bytes | None:
    """The SHA-256 of a Content-Digest header (RFC 9530): `sha-256=:base64:`. Other algorithms are passed over."""
    for part in (header or "").split(","):
        name, _, value = part.strip().partition("=")
        if name.lower() == "sha-256":
            try:
                digest = base64.b64decode(value.strip(":"), validate=True)
            except ValueError:
                digest = b""
            if len(digest) != 32:
                raise Invalid("content-digest", fields={"content-digest": "errors.digest"})
            return digest
    return None

"""Batches: an evening's shoot as one thing, with what became of each file. One's own only."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field, StringConstraints
from starlette.responses import Response

from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body, Cursor, Limit, Listed, Out
from photobank.clearance import index
from photobank.library import assets, batch_files, batches, known
from photobank.library.assets import Filters
from photobank.library.batch_files import FileRow, Standing
from photobank.library.batches import BatchRow
from photobank.people import faces
from photobank.scope import Scope

router = APIRouter(prefix="/batches", tags=["batches"], responses=RESPONSES)

MANY = 1_000_000
HUGE = 2**50
EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
Line = Annotated[str, StringConstraints(max_length=batches.LONGEST)]
Tags = Annotated[list[Line], Field(max_length=batches.MOST_TAGS)]


class BatchOut(Out):
    """A batch. `files` and `size` are what was announced, `counts` what the files that began have come to."""

    id: UUID
    folder_id: UUID | None
    event: str
    photographer: str
    tags: list[str]
    source: str
    files: int
    size: int
    received: int
    counts: dict[Standing, int]
    created_at: datetime
    changed_at: datetime
    closed_at: datetime | None


class BatchIn(Body):
    """A batch to begin; its photos go into `folder_id` and take the rest over."""

    folder_id: UUID | None = None
    event: Line = ""
    photographer: Line = ""
    tags: Tags = Field(default_factory=list)
    files: int = Field(0, ge=0, le=MANY)
    size: int = Field(0, ge=0, le=HUGE)


class BatchPatch(Body):
    """What changes, for all photos of the batch. `closed`: nothing more will come."""

    folder_id: UUID | None = None
    event: Line | None = None
    photographer: Line | None = None
    tags: Tags | None = None
    files: int | None = Field(None, ge=0, le=MANY)
    size: int | None = Field(None, ge=0, le=HUGE)
    closed: bool | None = None


class FileOut(Out):
    """A file of a batch. `clearance` is per use the state of its photo, once that is in sight."""

    id: UUID
    filename: str
    size: int
    standing: Standing
    asset_id: UUID | None
    rejection: str | None
    title: str
    open_faces: int = 0
    clearance: dict[str, str] = Field(default_factory=dict)


class Files(Listed[FileOut]):
    """A page of files. Ask with `since` set to `as_of` for what moved after this answer."""

    as_of: datetime


class FileIn(Body):
    """A file about to be sent."""

    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$")]
    size: int = Field(gt=0, le=HUGE)
    filename: str = Field(min_length=1, max_length=1000)


class CheckIn(Body):
    """Files about to be sent."""

    files: list[FileIn] = Field(min_length=1, max_length=known.MOST)


class KnownOut(Out):
    """What is known of a file: the photo with these bytes, whether it came with this batch, or where to go on sending it."""

    asset_id: UUID | None
    sent: bool
    upload: str | None
    title: str = ""
    filename: str = ""
    since: datetime | None = None
    clearance: dict[str, str] = Field(default_factory=dict)


class KeyOut(Out):
    """32 bytes in base64."""

    key: str


@router.post("", status_code=201)
async def create(body: BatchIn, scope: InScope) -> BatchOut:
    """Begin a batch."""
    batch = await batches.create(scope, **_words(body.model_dump()))
    return _out(await batches.row(scope, batch.id))


@router.get("")
async def list_batches(scope: InScope, cursor: Cursor = None, limit: Limit = 50) -> Listed[BatchOut]:
    """One's own batches, newest first."""
    page = await batches.page(scope, cursor, limit)
    return Listed(items=[_out(row) for row in page.items], next_cursor=page.next_cursor)


@router.get("/{batch_id}")
async def get_batch(batch_id: UUID, scope: InScope) -> BatchOut:
    """One batch."""
    return _out(await batches.row(scope, batch_id))


@router.patch("/{batch_id}")
async def change(batch_id: UUID, body: BatchPatch, scope: InScope) -> BatchOut:
    """Change what holds for all photos of the batch, while they come in or later."""
    await batches.change(scope, batch_id, **_words(body.model_dump(exclude_unset=True)))
    await scope.db.flush()
    return _out(await batches.row(scope, batch_id))


@router.get("/{batch_id}/files")
async def list_files(
    batch_id: UUID,
    scope: InScope,
    cursor: Cursor = None,
    limit: Limit = 50,
    since: Annotated[datetime | None, Query(description="Only what moved after this moment")] = None,
) -> Files:
    """What became of each file, in the order they came."""
    await batches.get(scope, batch_id)
    as_of = scope.now()
    if since is not None:
        since = _as_utc(since)
    cleared = index.derived_since(since - batch_files.OVERLAP) if since else None
    page = await batch_files.page(scope, batch_id, cursor, limit, since, cleared)
    return Files(items=await _files(scope, page.items), next_cursor=page.next_cursor, as_of=as_of)


@router.post("/{batch_id}/check")
async def check(batch_id: UUID, body: CheckIn, scope: InScope) -> Listed[KnownOut]:
    """Before bytes are sent: what is known of these files, in their order."""
    wanted = [known.Wanted(bytes.fromhex(one.sha256), one.size, one.filename) for one in body.files]
    found = await known.look_up(scope, batch_id, wanted)
    ids = tuple({one.asset_id for one in found if one.asset_id})
    photos = {asset.id: asset for asset in (await assets.page(scope, Filters(ids=ids), limit=len(ids))).items} if ids else {}
    shields = await index.shields(scope, list(ids))
    return Listed(
        items=[
            KnownOut(
                asset_id=one.asset_id,
                sent=one.sent,
                upload=f"/api/v1/uploads/{one.upload_id}" if one.upload_id else None,
                **_named(photos.get(one.asset_id) if one.asset_id else None),
                clearance=_states(shields.get(one.asset_id, {})) if one.asset_id else {},
            )
            for one in found
        ]
    )


@router.get("/{batch_id}/key")
async def browser_key(batch_id: UUID, scope: InScope, response: Response) -> KeyOut:
    """The key under which a browser keeps files it has not sent yet; only as long as the batch is open."""
    response.headers["Cache-Control"] = "no-store"
    return KeyOut(key=base64.b64encode(await batches.browser_key(scope, batch_id)).decode())


def _words(given: dict[str, Any]) -> dict[str, Any]:
    return {"words" if name == "tags" else name: value for name, value in given.items()}


def _as_utc(moment: datetime) -> datetime:
    """A moment without a zone counts as UTC; nothing here is older than the software."""
    return max(moment if moment.tzinfo else moment.replace(tzinfo=UTC), EARLIEST)


async def _files(scope: Scope, rows: Sequence[FileRow]) -> list[FileOut]:
    """In three queries however many they are."""
    ids = [row.asset_id for row in rows if row.asset_id]
    shields = await index.shields(scope, ids)
    counts = await faces.counts(scope, ids)
    return [
        FileOut.model_validate(row).model_copy(
            update={
                "open_faces": counts[row.asset_id].open if row.asset_id else 0,
                "clearance": _states(shields.get(row.asset_id, {})) if row.asset_id else {},
            }
        )
        for row in rows
    ]


def _named(asset: Any) -> dict[str, Any]:
    return {"title": asset.title, "filename": asset.filename, "since": asset.created_at} if asset else {}


def _states(shields: Any) -> dict[str, str]:
    return {use: str(shield.state) for use, shield in shields.items()}


def _out(row: BatchRow) -> BatchOut:
    return BatchOut(
        **{name: getattr(row.batch, name) for name in BatchOut.model_fields if hasattr(row.batch, name)},
        counts=row.counts,
        received=row.received,
    )

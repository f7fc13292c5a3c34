"""Uploads in pieces (tus): created, asked how far, continued, ended. How far an upload is stands in the blob, not in the database."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from limits import RateLimitItemPerMinute
from sqlalchemy import bindparam, cast, delete, func, insert, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import load_only
from sqlmodel import col

from photobank.access.actor import Actor
from photobank.access.authorise import recall, require
from photobank.access.limits import Rate
from photobank.access.permissions import Action
from photobank.access.remembered import VERSION
from photobank.blobs.resumable import ResumableWriter
from photobank.db.locks import one_at_a_time
from photobank.kernel.errors import ChecksumMismatch, Conflict, DuplicateAsset, Invalid, NotFound, RateLimited
from photobank.kernel.ids import new_id
from photobank.library import incoming
from photobank.library.incoming import OnDuplicate
from photobank.library.uploads import require_picture
from photobank.messaging.events import UploadMoved
from photobank.models.assets import Asset, AssetState, Upload
from photobank.models.base import table_of
from photobank.scope import Container, Scope

KEPT = timedelta(days=7)
MOST_OPEN = 1000
DIGEST = "digest"
ONCE = "once"
LONGEST_WORD = 200
UPLOADS = Rate("uploads", RateLimitItemPerMinute(6000, 1))
ENOUGH_TO_TELL = 64  # bytes; what starts with less is judged when it is decoded
_NEW = insert(table_of(Upload))
_OWN = (
    select(Upload, Asset)
    .join(Asset, col(Asset.id) == col(Upload.asset_id))
    .options(load_only(Asset.state, Asset.uploaded_by, Asset.folder_id))  # type: ignore[arg-type]
    .where(
        col(Upload.id) == bindparam("upload_id"),
        col(Upload.user_id) == bindparam("user_id"),
        col(Upload.ends_at) > bindparam("now"),
    )
)
_OPEN = (
    select(func.count(), VERSION)
    .select_from(Upload)
    .join(Asset, col(Asset.id) == col(Upload.asset_id))
    .where(col(Upload.user_id) == bindparam("user_id"), col(Asset.state) == AssetState.uploading)
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload is. `asset_id` is what it became, or will."""

    upload_id: UUID
    asset_id: UUID
    offset: int
    size: int
    ends_at: datetime

    @property
    def done(self) -> bool:
        """True once the last byte is here."""
        return self.offset >= self.size


async def create(
    scope: Scope,
    *,
    size: int,
    filename: str,
    folder_id: UUID | None = None,
    on_duplicate: OnDuplicate = OnDuplicate.ask,
    digest: bytes | None = None,
    batch_id: UUID | None = None,
    version_of: UUID | None = None,
    once: str = "",
) -> Progress:
    """Begin an upload, of a photo of its own or of a new version of one.

    `once` is the sender's own word for this file. Asked for again with the same word, as after an answer that never came, the upload
    that was begun is given: how far it is tells `progress`.

    With `digest` (SHA-256) a duplicate is told before a byte is sent: raises DuplicateAsset with `ask`.
    What came in must then have that digest in the end. Nobody may begin without end: see MOST_OPEN and the rate.
    """
    if size <= 0:
        raise Invalid("size", fields={"size": "errors.empty"})
    if digest is not None and on_duplicate is OnDuplicate.ask and version_of is None:
        same = await incoming.duplicates_of(scope, digest)
        if same:
            raise DuplicateAsset("this photo is already here", existing=[str(other.id) for other in same])
    if scope.actor.user_id is None:
        raise Conflict("only users send photos in pieces")
    # Asked already; a copy that lands meanwhile is not kept twice.
    wish = OnDuplicate.keep if on_duplicate is OnDuplicate.keep else OnDuplicate.skip
    details = {} if digest is None else {DIGEST: incoming.content_index(scope, digest).hex()}
    if once:
        details[ONCE] = _word(once)
        begun = await _begun_once(scope, details, size, wish)
        if begun is not None:
            return _told(begun, 0)
    await _require_room(scope, scope.actor.user_id)
    asset = await incoming.begin(scope, filename, folder_id, size, batch_id, version_of)
    id_, ends_at = new_id(), scope.now() + KEPT
    row = {
        "id": id_,
        "asset_id": asset.id,
        "user_id": scope.actor.user_id,
        "size": size,
        "on_duplicate": wish,
        "details": details,
        "created_at": scope.now(),
        "ends_at": ends_at,
    }
    await scope.db.execute(_NEW, row)
    if batch_id is not None:
        scope.announce(UploadMoved(user_id=scope.actor.user_id))
    return Progress(id_, asset.id, 0, size, ends_at)


async def progress(container: Container, actor: Actor, upload_id: UUID) -> Progress:
    """How far one's own upload is; raises NotFound for any other."""
    async with container.look(actor) as scope:
        upload, asset = await _own(scope, upload_id)
        if asset.state != AssetState.uploading:
            return _told(upload, upload.size)
        key = await incoming.writing_key(scope, asset.id)
    writer = await _writer(container, upload, key)
    if writer is None:
        # Stopped between the last byte and the decision about it.
        return await _complete(container, actor, upload, key)
    return _told(upload, await writer.suspend())


async def append(
    container: Container,
    actor: Actor,
    upload_id: UUID,
    offset: int,
    stream: AsyncIterator[bytes],
    digest: tuple[str, bytes] | None = None,
) -> Progress:
    """Take bytes from `offset` on. What arrived is kept however the stream ends; the last byte completes the asset.

    `digest` is (algorithm, value) of this piece, checked before the piece counts (tus checksum); raises Invalid when it differs.
    """
    async with container.look(actor) as scope:
        upload, asset = await _own(scope, upload_id)
        if asset.state != AssetState.uploading:
            raise Conflict("this upload is complete")
        key = await incoming.writing_key(scope, asset.id)
    begun = await _writer(container, upload, key)
    if begun is None:
        return await _complete(container, actor, upload, key)
    async with begun as writer:
        if writer.offset != offset:
            raise Conflict("another offset", offset=writer.offset)
        if digest is not None:
            stream = _checked(stream, *digest, limit=upload.size - offset)
        async for piece in stream:
            if writer.offset + len(piece) > upload.size:
                raise Conflict("more bytes than announced")
            if writer.offset == 0 and len(piece) >= ENOUGH_TO_TELL:
                require_picture(piece)
            await writer.write(piece)
        reached = writer.offset
        if reached < upload.size:
            return _told(upload, await writer.suspend())
        written = await writer.finish()
    return await _complete(container, actor, upload, key, written.digest)


async def end(container: Container, actor: Actor, upload_id: UUID) -> None:
    """Give an upload up; what arrived is forgotten. A finished one stays an asset."""
    async with container.scope(actor) as scope:
        upload, asset = await _own(scope, upload_id)
        if asset.state == AssetState.uploading:
            await incoming.abandon(scope, asset.id)
        await scope.db.execute(delete(Upload).where(col(Upload.id) == upload.id))
        scope.announce(UploadMoved(user_id=upload.user_id))
        unfinished = asset.state == AssetState.uploading
    if unfinished:
        await container.blobs.delete(incoming.blob_of(asset.id)[0])


async def list_own(scope: Scope) -> list[tuple[Upload, Asset]]:
    """The actor's uploads that are not finished, newest first."""
    require(scope, Action.asset_upload)
    query = (
        select(Upload, Asset)
        .join(Asset, col(Asset.id) == col(Upload.asset_id))
        .where(col(Upload.user_id) == scope.actor.user_id, col(Asset.state) == AssetState.uploading)
        .order_by(col(Upload.id).desc())
    )
    return [(upload, asset) for upload, asset in (await scope.db.execute(query))]


async def _writer(container: Container, upload: Upload, key: bytes) -> ResumableWriter | None:
    """The blob to go on with; None when its last byte is stored already."""
    blob, context = incoming.blob_of(upload.asset_id)
    try:
        return await container.blobs.resumable(blob, key, context)
    except Conflict as conflict:
        if conflict.params.get("complete"):
            return None
        raise


async def _complete(container: Container, actor: Actor, upload: Upload, key: bytes, digest: bytes | None = None) -> Progress:
    """All bytes are stored: decide about duplicates. What came over several requests is read back for its digest."""
    blob, context = incoming.blob_of(upload.asset_id)
    if digest is None:
        digest = await container.blobs.digest(blob, key, context)
    async with container.scope(actor) as scope:
        done = None
        if upload.details.get(DIGEST) in (None, incoming.content_index(scope, digest).hex()):
            done = await incoming.complete(scope, upload.asset_id, digest, upload.size, OnDuplicate(upload.on_duplicate))
    if done is None:
        # Another file went on with this upload, or bytes changed on the way: nothing of it is anybody's photo.
        await end(container, actor, upload.id)
        raise ChecksumMismatch("these are not the bytes that were announced", fields={"body": "errors.digest"})
    if done.skipped:
        await container.blobs.delete(blob)
    return Progress(upload.id, done.asset.id, upload.size, upload.size, upload.ends_at)


def _word(once: str) -> str:
    if len(once) > LONGEST_WORD:
        raise Invalid("once", fields={"once": "errors.too_long"})
    return hashlib.sha256(once.encode()).hexdigest()


async def _begun_once(scope: Scope, details: Mapping[str, str], size: int, wish: OnDuplicate) -> Upload | None:
    """The actor's own unfinished upload under this word, and of this very file. Whoever asks twice at once is answered one by one."""
    await one_at_a_time(scope.db, f"upload:{scope.actor.user_id}:{details[ONCE]}")
    query = (
        select(Upload)
        .join(Asset, col(Asset.id) == col(Upload.asset_id))
        .where(
            col(Upload.user_id) == scope.actor.user_id,
            col(Upload.ends_at) > scope.now(),
            col(Upload.size) == size,
            col(Upload.on_duplicate) == wish,
            col(Asset.state) == AssetState.uploading,
            cast(Upload.details, JSONB) == cast(dict(details), JSONB),
        )
    )
    return (await scope.db.scalars(query.limit(1))).first()


async def _require_room(scope: Scope, user_id: UUID) -> None:
    """Raise RateLimited for who begins too often, or leaves too much unfinished."""
    await scope.container.rates.hit(UPLOADS, str(user_id))
    open_, rights = (await scope.db.execute(_OPEN, {"user_id": user_id})).one()
    recall(scope, rights)
    if open_ >= MOST_OPEN:
        raise RateLimited("too many unfinished uploads", retry_after=60, action="rate:unfinished-uploads")


async def _own(scope: Scope, upload_id: UUID) -> tuple[Upload, Asset]:
    require(scope, Action.asset_upload)
    mine = {"upload_id": upload_id, "user_id": scope.actor.user_id, "now": scope.now()}
    found = (await scope.db.execute(_OWN, mine)).first()
    if found is None:
        raise NotFound("no such upload")
    return found[0], found[1]


def _told(upload: Upload, offset: int) -> Progress:
    return Progress(upload.id, upload.asset_id, offset, upload.size, upload.ends_at)


async def _checked(stream: AsyncIterator[bytes], algorithm: str, expected: bytes, limit: int) -> AsyncIterator[bytes]:
    """Hold a piece back until its checksum is right: in memory, which is why pieces with one are kept small."""
    hashed = hashlib.new(algorithm)
    held: list[bytes] = []
    total = 0
    async for piece in stream:
        total += len(piece)
        if total > min(limit, 32 * 2**20):
            raise Conflict("more bytes than announced")
        hashed.update(piece)
        held.append(piece)
    if hashed.digest() != expected:
        raise ChecksumMismatch("checksum", fields={"body": "errors.digest"})
    for piece in held:
        yield piece

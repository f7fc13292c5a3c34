"""Whole uploads in one request: a stream of bytes in, an asset out. Nothing of it touches a disk in the clear."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from photobank.access.actor import Actor
from photobank.imaging.rejections import Rejected
from photobank.imaging.sniff import HEAD_BYTES, sniff
from photobank.kernel.errors import Invalid, TooLarge, UnsupportedMedia
from photobank.library import incoming
from photobank.library.incoming import Completed, OnDuplicate
from photobank.scope import Container


async def receive(
    container: Container,
    actor: Actor,
    stream: AsyncIterator[bytes],
    *,
    filename: str,
    folder_id: UUID | None = None,
    on_duplicate: OnDuplicate = OnDuplicate.ask,
    size: int | None = None,
    digest: bytes | None = None,
    batch_id: UUID | None = None,
    version_of: UUID | None = None,
) -> Completed:
    """Take an original, of a photo of its own or of a new version of one. `size` and `digest` (SHA-256) are what the sender
    announced; what differs is refused.

    Raises UnsupportedMedia as soon as the first bytes are no picture, TooLarge as soon as it is too long.
    """
    if digest is not None and version_of is None and on_duplicate in (OnDuplicate.ask, OnDuplicate.skip):
        async with container.scope(actor) as scope:
            same = await incoming.duplicates_of(scope, digest)
            if same and on_duplicate is OnDuplicate.skip:
                return Completed(same[0], skipped=True)
    async with container.scope(actor) as scope:
        asset = await incoming.begin(scope, filename, folder_id, size, batch_id, version_of)
        key = await incoming.writing_key(scope, asset.id)
    try:
        taken, found = await _write(container, asset.id, key, stream)
        if (size is not None and size != taken) or (digest is not None and digest != found):
            raise Invalid("the bytes are not those announced", fields={"body": "errors.digest"})
        async with container.scope(actor) as scope:
            done = await incoming.complete(scope, asset.id, found, taken, on_duplicate)
    except BaseException:
        async with container.scope(actor) as scope:
            nobodys = await incoming.abandon(scope, asset.id)
        if nobodys:
            await container.blobs.delete(incoming.blob_of(asset.id)[0])
        raise
    if done.skipped:
        await container.blobs.delete(incoming.blob_of(asset.id)[0])
    return done


async def _write(container: Container, asset_id: UUID, key: bytes, stream: AsyncIterator[bytes]) -> tuple[int, bytes]:
    """Encrypt the stream as it comes; gives the number of bytes and their SHA-256."""
    blob, context = incoming.blob_of(asset_id)
    head = b""
    async with await container.blobs.resumable(blob, key, context) as writer:
        try:
            async for piece in stream:
                if len(head) < HEAD_BYTES:
                    head += piece[: HEAD_BYTES - len(head)]
                    if len(head) >= HEAD_BYTES:
                        require_picture(head)
                if writer.offset + len(piece) > container.settings.max_upload_bytes:
                    raise TooLarge("the file is too large", limit=container.settings.max_upload_bytes)
                await writer.write(piece)
            require_picture(head)
        except BaseException:
            await writer.abort()
            raise
        written = await writer.finish()
    return written.size, written.digest or await container.blobs.digest(blob, key, context)


def require_picture(head: bytes) -> None:
    """Raise UnsupportedMedia unless the first bytes are of a kind of picture that we take."""
    try:
        sniff(head)
    except Rejected as rejected:
        raise UnsupportedMedia(f"rejections.{rejected.reason}", reason=str(rejected.reason), **rejected.params) from rejected

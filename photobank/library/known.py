"""Before bytes are sent: which of these files are here already, which belong to this batch, and which were half sent before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import cast, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import col

from photobank.access import visibility
from photobank.kernel.errors import Invalid
from photobank.library import batch_files, batches
from photobank.library.incoming import content_index
from photobank.library.resumable import DIGEST
from photobank.models.assets import Asset, AssetState, Upload
from photobank.models.batches import BatchFile, Outcome
from photobank.scope import Scope

MOST = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that somebody is about to send."""

    digest: bytes
    size: int
    filename: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of it: the photo in sight with these bytes, whether it came with this very batch, an upload to go on with."""

    asset_id: UUID | None = None
    sent: bool = False
    upload_id: UUID | None = None


async def look_up(scope: Scope, batch_id: UUID, wanted: Sequence[Wanted]) -> list[Known]:
    """One answer per file, in their order. What is here already is noted in the batch as left, until its sender decides otherwise.

    An unfinished upload of the same bytes by the same person is given to go on with, from whatever device it was begun.
    """
    batch = await batches.get(scope, batch_id)
    if len(wanted) > MOST:
        raise Invalid("files", fields={"files": "errors.too_many"})
    indexes = [content_index(scope, one.digest) for one in wanted]
    here = await _here(scope, indexes)
    came = batch_files.asset_ids(batch.id).where(col(BatchFile.asset_id).in_(set(here.values())))
    mine = set((await scope.db.scalars(came)).all())
    uploads = await _begun(scope, indexes)
    found: list[Known] = []
    for index, one in zip(indexes, wanted, strict=True):
        asset_id = here.get(index)
        sent = asset_id in mine
        if asset_id is not None and not sent:
            await batch_files.retract_here(scope, batch.id, one.filename, one.size)
            batch_files.add(scope, batch.id, one.filename, one.size, asset_id, Outcome.here)
        found.append(Known(asset_id, sent, uploads.get((index.hex(), one.size)) if asset_id is None else None))
    return found


async def _here(scope: Scope, indexes: Sequence[bytes]) -> dict[bytes, UUID]:
    """Photos in sight by what they hold; of several the oldest."""
    query = (await visibility.assets(scope)).where(
        col(Asset.content_index).in_(set(indexes)), col(Asset.state).not_in([AssetState.uploading, AssetState.rejected])
    )
    found = await scope.db.execute(query.order_by(col(Asset.created_at).desc()))
    return {asset.content_index: asset.id for asset in found.scalars() if asset.content_index is not None}


async def _begun(scope: Scope, indexes: Sequence[bytes]) -> dict[tuple[str, int], UUID]:
    """The actor's unfinished uploads of these bytes, by digest and size."""
    digest = cast(Upload.details, JSONB)[DIGEST].astext
    query = (
        select(digest, col(Upload.size), col(Upload.id))
        .join(Asset, col(Asset.id) == col(Upload.asset_id))
        .where(
            col(Upload.user_id) == scope.actor.user_id,
            col(Upload.ends_at) > scope.now(),
            col(Asset.state) == AssetState.uploading,
            digest.in_({index.hex() for index in indexes}),
        )
        .order_by(col(Upload.created_at))
    )
    return {(name, size): id_ for name, size, id_ in await scope.db.execute(query)}

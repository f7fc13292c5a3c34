"""Looking for near-copies of a photo that was decoded. For jobs: safe to run twice, and nothing waits for it.

The photo is read into words (imaging/keypoints.py), the words are kept, photos that share them are looked up, and the few best are laid
over it (imaging/likeness.py). Words are committed before the search: of two copies that are looked at in the same moment at least
one finds the other. The search knows no rights; who hears of what it found is decided whenever a pair is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from photobank.blobs.names import place
from photobank.db.locks import try_lock
from photobank.duplicates import policy, repository
from photobank.duplicates.policy import Picture
from photobank.imaging import keypoints
from photobank.imaging.results import Likeness
from photobank.imaging.sandbox import COMPARED
from photobank.kernel.errors import Damaged, ImageRejected, NotFound
from photobank.kernel.ids import new_id
from photobank.library.processing import WORKER, key_to_process
from photobank.messaging.events import DuplicatesLooked
from photobank.models.assets import Asset, AssetState, Rendition, Stage
from photobank.models.duplicates import DuplicatePair, PictureWords
from photobank.scope import Container, Scope

SIZE = "thumb"
MOST_LAID = 2 * COMPARED


@dataclass(frozen=True, slots=True)
class _Found:
    """A photo that lies on the one looked for."""

    asset: Asset
    likeness: Likeness


async def look(container: Container, asset_id: UUID) -> None:
    """Find the near-copies of a photo, unless that was done for the file it has now."""
    async with try_lock(container.engine, f"duplicates:{asset_id}") as mine:
        if not mine:
            return
        async with container.scope(WORKER) as scope:
            picture = await _picture(scope, asset_id) if await _due(scope, asset_id) else None
        if picture is None:
            return
        try:
            read = await container.decoder.words(picture)
        except ImageRejected:
            return  # our own rendition, so this is a decoder in trouble: upkeep comes back to it
        async with container.scope(WORKER) as scope:
            asset = await scope.db.get(Asset, asset_id)
            if asset is None:
                return
            await repository.keep_words(scope, asset, repository.keyed(scope, read.kept))
        async with container.scope(WORKER) as scope:
            near = await repository.candidates(scope, repository.keyed(scope, read.asked), asset_id, MOST_LAID)
        found = await _laid(container, picture, near)
        async with container.scope(WORKER) as scope:
            await _store(scope, asset_id, found)


async def _due(scope: Scope, asset_id: UUID) -> bool:
    asset = await scope.db.get(Asset, asset_id)
    if asset is None or asset.version_of or asset.state not in repository.SETTLED or asset.stage == Stage.decode:
        return False
    known = await scope.db.get(PictureWords, asset_id)
    done = known is not None and known.searched_at is not None
    return not (done and known and known.version == keypoints.VERSION and known.content == asset.content_index)


async def _picture(scope: Scope, asset_id: UUID) -> bytes | None:
    """Our own small rendition of a photo; None when there is none to read."""
    asset = await scope.db.get(Asset, asset_id)
    if asset is None or await scope.db.get(Rendition, (asset_id, SIZE)) is None:
        return None
    where, context = place(asset_id, asset.version, SIZE)
    try:
        key = await key_to_process(scope, asset_id)
        return await scope.blobs.read_all(where, key, context)
    except (NotFound, Damaged):
        return None


async def _laid(container: Container, picture: bytes, near: list[UUID]) -> list[tuple[UUID, Likeness]]:
    """Which candidates the picture lies on; the next few are tried as long as the ones before gave any."""
    found: list[tuple[UUID, Likeness]] = []
    for start in range(0, len(near), COMPARED):
        async with container.scope(WORKER) as scope:
            pictures = {id_: await _picture(scope, id_) for id_ in near[start : start + COMPARED]}
        there = {id_: data for id_, data in pictures.items() if data}
        if not there:
            continue
        likenesses = await container.decoder.compare(picture, list(there.values()))
        some = [(id_, one) for id_, one in zip(there, likenesses, strict=True) if one is not None]
        found += some
        if not some:
            break
    return found


async def _store(scope: Scope, asset_id: UUID, laid: list[tuple[UUID, Likeness]]) -> None:
    """Keep the pairs, with what was said of such pictures before; forget open ones that no longer hold."""
    words = await scope.db.get(PictureWords, asset_id)
    asset = await scope.db.get(Asset, asset_id)
    if words is None or asset is None:
        return
    query = select(Asset).where(col(Asset.id).in_([id_ for id_, _ in laid]), col(Asset.state) != AssetState.rejected)
    others = {other.id: other for other in (await scope.db.execute(query)).scalars()}
    pairs = [pair for id_, likeness in laid if id_ in others and (pair := _pair(scope, asset, _Found(others[id_], likeness)))]
    mine = (col(DuplicatePair.older_id) == asset_id) | (col(DuplicatePair.newer_id) == asset_id)
    kept = [{pair.older_id, pair.newer_id} for pair in pairs]
    for old in (await scope.db.execute(select(DuplicatePair).where(mine, col(DuplicatePair.answer).is_(None)))).scalars():
        if {old.older_id, old.newer_id} not in kept:
            await scope.db.execute(delete(DuplicatePair).where(col(DuplicatePair.id) == old.id))
    keys = {pair.id: key_of(asset, others[pair.older_id if pair.newer_id == asset_id else pair.newer_id]) for pair in pairs}
    said = await repository.answers(scope, set(keys.values()))
    for pair in sorted(pairs, key=lambda pair: (pair.older_id, pair.newer_id)):
        before = said.get(keys[pair.id])
        if before is not None:
            pair.answer, pair.answered_by, pair.answered_at = before.answer, before.answered_by, before.answered_at
        row = pair.model_dump()
        fresh = {name: value for name, value in row.items() if name not in ("id", "older_id", "newer_id", "found_at")}
        put = insert(DuplicatePair).values(**row)
        await scope.db.execute(put.on_conflict_do_update(index_elements=["older_id", "newer_id"], set_=fresh))
    words.searched_at = scope.now()
    # Told whether or not anything was found: that something was is for those who may see both photos only.
    scope.announce(DuplicatesLooked(asset_id=asset_id))


def key_of(one: Asset, other: Asset) -> tuple[bytes, bytes]:
    """What an answer about these two is kept under."""
    return policy.answer_key(one.content_index, other.content_index, one.id, other.id)


def picture_of(asset: Asset, chroma: float, covered: float) -> Picture:
    """An asset as the policy sees it."""
    return Picture(
        asset.id, asset.width, asset.height, asset.size, asset.media_type, asset.created_at, asset.taken_at, chroma, covered
    )


def _pair(scope: Scope, asset: Asset, found: _Found) -> DuplicatePair | None:
    likeness, other = found.likeness, found.asset
    mine = picture_of(asset, likeness.chroma_new, likeness.covers_new)
    its = picture_of(other, likeness.chroma_other, likeness.covers_other)
    kind = policy.kind_of(likeness, mine, its)
    if kind is None:
        return None
    first = (other.created_at, other.id) < (asset.created_at, asset.id)
    older, newer = (its, mine) if first else (mine, its)
    return DuplicatePair(
        id=new_id(),
        older_id=older.id,
        newer_id=newer.id,
        kind=kind,
        better=policy.better_of(older, newer),
        fit=likeness.fit,
        covers_newer=newer.covered,
        covers_older=older.covered,
        chroma_newer=newer.chroma,
        chroma_older=older.chroma,
        matrix=list(likeness.matrix) if first else policy.inverse(likeness.matrix),
        found_at=scope.now(),
    )

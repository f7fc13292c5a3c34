"""Near-copies are found after decoding, whichever way round and however often one looks."""

from __future__ import annotations

from sqlalchemy import func, select, update
from sqlmodel import col

from photobank.access.actor import system
from photobank.duplicates import match, upkeep
from photobank.imaging.results import Words
from photobank.kernel.errors import ImageRejected
from photobank.messaging.jobs import Job
from photobank.messaging.queue import MemoryQueue
from photobank.models.assets import Asset, AssetState
from photobank.models.duplicates import DuplicatePair, PairKind, PictureWords
from photobank.scope import Container
from tests.duplicates.given import ASTRONAUT, CHELSEA, COFFEE, CROP, add_picture, look, pair_of
from tests.house import Cast
from workers.duplicates import look_again


async def test_a_crop_is_found_and_where_it_lies(container: Container, cast: Cast) -> None:
    whole = await add_picture(container, cast.shared, ASTRONAUT)
    crop = await add_picture(container, cast.shared, CROP, at=60)
    other = await add_picture(container, cast.shared, CHELSEA, at=61)
    await look(container, whole, other, crop)
    pair = await pair_of(container, whole, crop)
    assert pair is not None
    assert (pair.older_id, pair.newer_id, pair.kind, pair.better) == (whole, crop, PairKind.copy, "older")
    assert pair.covers_newer > 0.93 > pair.covers_older
    # Pixel 30, 20 of 512 is where the crop begins.
    assert abs(pair.matrix[2] - 30 / 512) < 0.01
    assert abs(pair.matrix[5] - 20 / 512) < 0.01
    assert await pair_of(container, whole, other) is None


async def test_the_order_of_looking_does_not_matter(container: Container, cast: Cast) -> None:
    whole = await add_picture(container, cast.shared, ASTRONAUT)
    crop = await add_picture(container, cast.shared, CROP, at=60)
    await look(container, crop, whole)
    pair = await pair_of(container, whole, crop)
    assert pair is not None
    assert (pair.older_id, pair.newer_id) == (whole, crop)
    assert abs(pair.matrix[2] - 30 / 512) < 0.01


async def test_looking_again_changes_nothing(container: Container, cast: Cast) -> None:
    whole = await add_picture(container, cast.shared, ASTRONAUT)
    crop = await add_picture(container, cast.shared, CROP, at=60)
    await look(container, whole, crop)
    before = await pair_of(container, whole, crop)
    async with container.scope(system()) as scope:
        await scope.db.execute(update(PictureWords).values(searched_at=None))
    await look(container, whole, crop, crop)
    after = await pair_of(container, whole, crop)
    assert before
    assert after
    assert after.id == before.id
    async with container.sessions() as db:
        assert await db.scalar(select(func.count()).select_from(DuplicatePair)) == 1


async def test_a_photo_with_another_file_is_looked_at_afresh(container: Container, cast: Cast) -> None:
    whole = await add_picture(container, cast.shared, ASTRONAUT)
    crop = await add_picture(container, cast.shared, CROP, at=60)
    await look(container, whole, crop)
    replaced = await add_picture(container, cast.shared, COFFEE, at=61)
    async with container.scope(system()) as scope:
        coffee = await scope.db.get(Asset, replaced)
        assert coffee is not None
        await scope.db.execute(update(Asset).where(col(Asset.id) == crop).values(content_index=b"another file"))
    # The file is another one while the rendition still is that of the crop: the pair stays; with another picture it goes.
    await look(container, crop)
    assert await pair_of(container, whole, crop) is not None
    async with container.scope(system()) as scope:
        await scope.db.execute(update(Asset).where(col(Asset.id) == crop).values(content_index=b"a third file"))
        await scope.db.execute(update(PictureWords).where(col(PictureWords.asset_id) == whole).values(words=[]))
    await look(container, crop)
    assert await pair_of(container, whole, crop) is None


async def test_rejected_and_unfinished_photos_are_left_alone(container: Container, cast: Cast) -> None:
    rejected = await add_picture(container, cast.shared, ASTRONAUT, state=AssetState.rejected)
    await look(container, rejected)
    async with container.sessions() as db:
        assert await db.get(PictureWords, rejected) is None


async def test_a_decoder_in_trouble_leaves_the_photo_to_upkeep(container: Container, cast: Cast, monkeypatch: object) -> None:
    photo = await add_picture(container, cast.shared, ASTRONAUT)
    decoder = container.decoder

    class Broken:
        async def words(self, _: bytes) -> Words:
            raise ImageRejected("crashed")

    container.decoder = Broken()  # type: ignore[assignment]
    await match.look(container, photo)
    container.decoder = decoder
    async with container.scope(system("worker")) as scope:
        assert await upkeep.waiting(scope) == [photo]
    await match.look(container, photo)
    async with container.scope(system("worker")) as scope:
        assert await upkeep.waiting(scope) == []


async def test_old_photos_are_queued_by_the_clock(container: Container, cast: Cast, jobs: MemoryQueue) -> None:
    photo = await add_picture(container, cast.shared, ASTRONAUT)
    jobs.jobs.clear()
    await look_again({"container": container})
    assert jobs.jobs == [(Job.find_duplicates, (str(photo),))]


async def test_words_lie_in_the_database_under_a_key(container: Container, cast: Cast) -> None:
    photo = await add_picture(container, cast.shared, ASTRONAUT)
    await look(container, photo)
    async with container.sessions() as db:
        kept = await db.get(PictureWords, photo)
    from benchmarks.near_copies import webp

    read = await container.decoder.words(webp(ASTRONAUT))
    assert kept is not None
    assert len(kept.words) == len(read.kept)
    assert not set(kept.words) & set(read.kept)

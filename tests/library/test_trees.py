"""A tree on disk becomes folders and photos, once, however often and however rudely it is imported."""

from __future__ import annotations

from sqlalchemy import select

from photobank.access.actor import system
from photobank.library import batches, tags, trees
from photobank.library.trees import Said
from photobank.models.assets import Asset
from photobank.models.batches import Batch
from photobank.models.folders import Folder
from tests.factories import picture

OPERATOR = system("command line")


def plant(root):
    for seed, place in enumerate(("", "dag 1", "dag 1/ochtend", "dag  2")):
        (root / place).mkdir(parents=True, exist_ok=True)
        (root / place / f"{seed}.jpg").write_bytes(picture(seed))
    (root / "dag 1" / "copy.jpg").write_bytes(picture(0))
    (root / ".hidden").mkdir()
    (root / ".hidden" / "x.jpg").write_bytes(picture(9))
    (root / "Thumbs.db").write_bytes(b"x")
    (root / "linked").symlink_to(root / "dag 1")
    return trees.leaves(root)


async def take(cast, files, stop=None, said=None):
    found = []
    stream = trees.take(cast.container, OPERATOR, files, cast.shared, said)
    async for taken in stream:
        found.append(taken)
        if stop is not None and len(found) == stop:
            break
    await stream.aclose()
    return found


async def rows(cast, query):
    async with cast.container.sessions() as db:
        return list((await db.execute(query)).scalars())


def test_links_and_hidden_files_are_left_alone(tmp_path):
    assert [(leaf.path.name, leaf.above) for leaf in plant(tmp_path / "album")] == [
        ("0.jpg", ()),
        ("3.jpg", ("dag  2",)),
        ("1.jpg", ("dag 1",)),
        ("copy.jpg", ("dag 1",)),
        ("2.jpg", ("dag 1", "ochtend")),
    ]


async def test_an_import_that_was_cut_off_goes_on_and_takes_nothing_twice(cast, tmp_path):
    files = plant(tmp_path / "album")
    assert len(await take(cast, files, stop=2)) == 2
    said = Said("Open dag", "Bram", ("open dag",))
    again = await take(cast, files, said=said)
    assert [taken.skipped for taken in again] == [True, True, False, True, False]
    assert [taken.skipped for taken in await take(cast, files)] == [True] * 5
    photos = await rows(cast, select(Asset).order_by(Asset.filename))
    assert [photo.filename for photo in photos] == ["0.jpg", "1.jpg", "2.jpg", "3.jpg"]
    names = {folder.id: folder.name for folder in await rows(cast, select(Folder))}
    assert [names[photo.folder_id] for photo in photos] == ["Open dag", "dag 1", "ochtend", "dag 2"]
    # Two batches, each closed; the third run found nothing to do and left none.
    runs = await rows(cast, select(Batch).order_by(Batch.created_at, Batch.id))
    assert [bool(batch.closed_at) for batch in runs] == [True, True]
    async with cast.scope(OPERATOR) as scope:
        assert (await batches.row(scope, runs[1].id)).counts == {"received": 2}
        assert (await tags.of_assets(scope, [photos[1].id]))[photos[1].id] == ["open dag"]
    assert (photos[1].event, photos[1].photographer) == ("Open dag", "Bram")


async def test_what_is_no_photo_is_told_and_leaves_no_batch(cast, tmp_path):
    readme = tmp_path / "readme.txt"
    readme.write_text("no photo at all, but long enough to tell" * 3)
    (taken,) = await take(cast, trees.leaves(readme))
    assert taken.refused
    assert await rows(cast, select(Batch)) == []

"""Answers that outlive the file they were about: a skipped one that is sent again, and a copy that became a version."""

from __future__ import annotations

import hashlib

import pytest
from PIL import Image

from photobank.access.actor import Actor
from photobank.duplicates import decisions, pairs
from photobank.duplicates.pairs import Which
from photobank.kernel.errors import Conflict, DuplicateAsset, NotFound, Refused
from photobank.library import assets, incoming, succession, uploads, versions
from photobank.library.incoming import Completed, OnDuplicate
from photobank.models.duplicates import Answer
from tests.duplicates.given import ASTRONAUT, CROP, add_picture, found_pair
from tests.house import Cast, audit_of
from tests.library.test_versions import _stream, arrive, jpeg

SMALL = ASTRONAUT.resize((300, 300), Image.Resampling.LANCZOS)
FILE = jpeg(CROP)


async def skipped(cast: Cast) -> tuple[object, object]:
    """Alice's photo, and Bob's crop of it that he skipped; its file is FILE."""
    older = await add_picture(cast.container, cast.shared, ASTRONAUT, by=cast.alice)
    newer = await add_picture(cast.container, cast.shared, CROP, at=60, by=cast.bob, content=hashlib.sha256(FILE).digest())
    pair = await found_pair(cast.container, older, newer)
    async with cast.scope(cast.bob) as scope:
        await decisions.decide(scope, pair, Answer.skip)
    return older, pair


async def send(cast: Cast, actor: Actor, how: OnDuplicate, **more: object) -> Completed:
    where = {"folder_id": cast.shared} | more
    return await uploads.receive(cast.container, actor, _stream(FILE), filename="again.jpg", on_duplicate=how, **where)  # type: ignore[arg-type]


async def test_a_file_that_was_skipped_is_answered_by_what_it_was_skipped_for(cast: Cast) -> None:
    older, _ = await skipped(cast)
    async with cast.scope(cast.bob) as scope:
        assert [one.id for one in await incoming.duplicates_of(scope, hashlib.sha256(FILE).digest())] == [older]
    with pytest.raises(DuplicateAsset) as asked:
        await send(cast, cast.bob, OnDuplicate.ask)
    assert asked.value.existing == [str(older)]
    assert (await send(cast, cast.bob, OnDuplicate.skip)).asset.id == older
    assert not (await send(cast, cast.bob, OnDuplicate.keep)).skipped


async def test_after_an_undo_it_is_itself_again(cast: Cast) -> None:
    _, pair = await skipped(cast)
    async with cast.scope(cast.bob) as scope:
        row = await decisions.undo(scope, pair)  # type: ignore[arg-type]
    async with cast.scope(cast.bob) as scope:
        assert [one.id for one in await incoming.duplicates_of(scope, hashlib.sha256(FILE).digest())] == [row.newer_id]


async def test_it_may_become_a_version_of_what_it_was_skipped_for(cast: Cast) -> None:
    older, _ = await skipped(cast)
    sent = await send(cast, cast.bob, OnDuplicate.version, folder_id=None, version_of=older)
    assert sent.asset.version_of == older


async def test_who_sees_neither_the_file_nor_the_other_photo_is_told_nothing(cast: Cast) -> None:
    """Dora sees the photo that was kept, but not the folder in which the copy lay: that there was one is not for her."""
    older = await add_picture(cast.container, cast.shared, ASTRONAUT, by=cast.alice)
    newer = await add_picture(cast.container, cast.closed, CROP, at=60, by=cast.alice, content=hashlib.sha256(FILE).digest())
    pair = await found_pair(cast.container, older, newer)
    async with cast.scope(cast.alice) as scope:
        await decisions.decide(scope, pair, Answer.skip)
    for actor, told in ((cast.alice, [older]), (cast.bob, [])):
        async with cast.scope(actor) as scope:
            assert [one.id for one in await incoming.duplicates_of(scope, hashlib.sha256(FILE).digest())] == told


async def test_a_copy_becomes_a_version_of_the_photo_that_was_here(cast: Cast) -> None:
    older = await arrive(cast, cast.alice, jpeg(SMALL))
    newer = await arrive(cast, cast.bob, jpeg(ASTRONAUT), name="large.jpg")
    pair = await found_pair(cast.container, older, newer)
    await cast.grant(cast.charlie, cast.shared, "view")
    async with cast.scope(cast.charlie) as scope:
        with pytest.raises(Refused):
            await decisions.decide(scope, pair, Answer.version)
    async with cast.scope(cast.bob) as scope:
        await decisions.decide(scope, pair, Answer.version)
    async with cast.scope(cast.bob) as scope:
        assert [row.id for row in (await pairs.page(scope)).items] == []
        with pytest.raises(NotFound):
            await assets.find(scope, newer)
    await succession.adopt(cast.container, newer)
    async with cast.scope(cast.bob) as scope:
        assert [(row.number, row.filename) for row in await versions.list_of(scope, older)] == [(2, "large.jpg"), (1, "IMG.jpg")]
        assert (await assets.find(scope, older)).width == ASTRONAUT.width
        assert [one.id for one in await incoming.duplicates_of(scope, hashlib.sha256(jpeg(SMALL)).digest())] == [older]
        assert (await pairs.page(scope, which=Which.answered)).items == []
    (event,) = await audit_of(cast.container, "duplicate:decide")
    assert (event.asset_id, event.payload["answer"]) == (newer, "version")


async def test_a_version_is_not_taken_back_here(cast: Cast) -> None:
    older = await arrive(cast, cast.alice, jpeg(SMALL))
    newer = await arrive(cast, cast.bob, jpeg(ASTRONAUT))
    pair = await found_pair(cast.container, older, newer)
    async with cast.scope(cast.bob) as scope:
        await decisions.decide(scope, pair, Answer.version)
    async with cast.scope(cast.bob) as scope:
        with pytest.raises((Conflict, NotFound)):
            await decisions.undo(scope, pair)

"""Writing about a photo in place: kept, refused with what was typed left open, and undone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import reflex as rx

from photobank.kernel.errors import Refused
from photobank.library import assets, fields, marks
from photobank.models.descriptions import FieldKind
from state.photo_details import DetailsState
from tests.factories import add_photo
from tests.house import Cast


@pytest.fixture
def page(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The state of Bob's page; what it would read again afterwards is left out."""

    async def fresh(_: Any) -> None: ...

    monkeypatch.setattr(DetailsState, "_scope", lambda self: cast.scope(self.somebody))
    monkeypatch.setattr(DetailsState, "_fresh", fresh)
    monkeypatch.setattr(DetailsState, "somebody", cast.bob, raising=False)
    return rx.State(_reflex_internal_init=True).get_substate(DetailsState.get_full_name().split(".")[1:])  # type: ignore[call-arg]


async def do(page: Any, name: str, *arguments: Any) -> None:
    await getattr(DetailsState, name).fn(page, *arguments)


async def written(cast: Cast, photo: UUID) -> assets.AssetDetail:
    async with cast.scope(cast.bob) as scope:
        return await assets.detail(scope, photo)


async def test_a_text_is_kept_and_undone(cast: Cast, page: Any) -> None:
    photo = await add_photo(cast.container, cast.shared, title="Was")
    page.shown = str(photo)
    await do(page, "save", "title", "  Wordt ")
    assert (await written(cast, photo)).asset.title == "Wordt"
    assert page.toasts[-1].action == "undo_detail"
    await do(page, "undo_detail", "undo")  # that of a face
    assert (await written(cast, photo)).asset.title == "Wordt"
    await do(page, "undo_detail", "undo_detail")
    assert (await written(cast, photo)).asset.title == "Was"
    await do(page, "undo_detail", "undo_detail")
    assert (await written(cast, photo)).asset.title == "Was"


async def test_on_the_next_photo_nothing_of_the_one_before_is_undone(cast: Cast, page: Any) -> None:
    first, second = (
        await add_photo(cast.container, cast.shared),
        await add_photo(cast.container, cast.shared, seed=1, title="Tweede"),
    )
    page.shown = str(first)
    await do(page, "save", "title", "Eerste")
    page.shown = str(second)
    await do(page, "undo_detail", "undo_detail")
    assert (await written(cast, first)).asset.title == "Eerste"
    assert (await written(cast, second)).asset.title == "Tweede"


async def test_a_field_that_does_not_fit_says_why_and_changes_nothing(cast: Cast, page: Any) -> None:
    photo = await add_photo(cast.container, cast.shared)
    async with cast.scope(cast.alice) as scope:
        beds = (await fields.define(scope, "Bedden", "Beds", FieldKind.number)).id
    page.shown = str(photo)
    await do(page, "save", str(beds), "veel")
    assert (page.failed, page.failed_words, page.failures) == (str(beds), "errors.field_number", 1)
    await do(page, "save", str(beds), "12")
    assert (page.failed, [one.value for one in (await written(cast, photo)).fields]) == ("", [12])
    await do(page, "undo_detail", "undo_detail")
    assert [one.value for one in (await written(cast, photo)).fields] == [None]
    await do(page, "save", "no such field", "x")
    assert page.failed_words == "errors.field_unknown"


async def test_tags_come_and_go_and_come_back(cast: Cast, page: Any) -> None:
    photo = await add_photo(cast.container, cast.shared)
    page.shown = str(photo)
    await do(page, "add_tag", "tuin")
    await do(page, "add_tag", "zomer")
    await do(page, "remove_tag", "tuin")
    assert list((await written(cast, photo)).tags) == ["zomer"]
    await do(page, "undo_detail", "undo_detail")
    assert sorted((await written(cast, photo)).tags) == ["tuin", "zomer"]


async def test_a_heart_is_ones_own(cast: Cast, page: Any) -> None:
    photo = await add_photo(cast.container, cast.shared)
    page.shown = str(photo)
    for favourite in (True, False):
        await do(page, "favour")
        async with cast.scope(cast.bob) as scope:
            assert (await marks.of_assets(scope, [photo]))[photo].favourite is favourite


async def test_who_may_only_look_writes_nothing(cast: Cast, page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = await add_photo(cast.container, cast.shared, title="Was")
    await cast.grant(cast.charlie, cast.shared, "download")
    monkeypatch.setattr(DetailsState, "somebody", cast.charlie)
    page.shown = str(photo)
    with pytest.raises(Refused):
        await do(page, "save", "title", "Wordt")
    assert (await written(cast, photo)).asset.title == "Was"

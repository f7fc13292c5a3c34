"""Folders to choose from: level by level or by name, only what is in sight, at the same price however many there are."""

from __future__ import annotations

from uuid import UUID

import pytest

from photobank.access.permissions import Permission
from photobank.kernel.errors import Invalid
from photobank.library import choosing, folders
from tests.house import Cast


async def tree(cast: Cast, **names: str) -> dict[str, UUID]:
    """Folders by name, each below the folder that its value names ("" the shared one)."""
    found = {"": cast.shared}
    async with cast.scope(cast.alice) as scope:
        for name, parent in names.items():
            found[name] = (await folders.create(scope, name, found[parent])).id
    return found


async def test_a_level_at_a_time(cast: Cast) -> None:
    made = await tree(cast, Zorg="", Artsen="Zorg", Bestuur="Zorg", Feest="")
    async with cast.scope(cast.bob) as scope:
        (top,) = (await choosing.below(scope, None)).items
        assert (top.id, top.above, top.branches, top.permission) == (cast.shared, (), True, Permission.edit)
        level = (await choosing.below(scope, cast.shared)).items
        assert [(one.name, one.branches) for one in level] == [("Feest", False), ("Zorg", True)]
        deeper = (await choosing.below(scope, made["Zorg"])).items
        assert [one.path for one in deeper] == [f"{top.name} / Zorg / {name}" for name in ("Artsen", "Bestuur")]


async def test_by_the_words_of_a_name(cast: Cast) -> None:
    await tree(cast, **{"Groot feest 2025": "", "Groot feest 2026": "", "100% feest": ""})
    async with cast.scope(cast.bob) as scope:
        assert [one.name for one in (await choosing.search(scope, "FEEST groot")).items] == ["Groot feest 2025", "Groot feest 2026"]
        assert [one.name for one in (await choosing.search(scope, "%")).items] == ["100% feest"]
        assert not (await choosing.search(scope, "nergens")).items
        with pytest.raises(Invalid):
            await choosing.search(scope, "x" * (choosing.LONGEST + 1))


async def test_what_is_not_in_sight_is_neither_found_nor_named(cast: Cast) -> None:
    made = await tree(cast, Geheim="", Open="Geheim")
    async with cast.scope(cast.alice) as scope:
        await folders.change(scope, made["Geheim"], inherits=False)
        await folders.give(scope, made["Open"], "user", str(cast.charlie.user_id), "view")
    async with cast.scope(cast.charlie) as scope:
        (only,) = (await choosing.below(scope, None)).items
        assert (only.name, only.above, only.branches) == ("Open", (), False)
        assert not (await choosing.search(scope, "Geheim")).items
        assert await choosing.one(scope, made["Geheim"]) is None
        assert not (await choosing.search(scope, "Open", Permission.edit)).items
        assert not (await choosing.below(scope, made["Geheim"])).items
        assert not await choosing.several(scope)


async def test_pages_go_on_where_the_last_one_ended(cast: Cast) -> None:
    await tree(cast, **dict.fromkeys(("a", "B", "c", "D", "e"), ""))
    seen, cursor = [], None
    async with cast.scope(cast.bob) as scope:
        while True:
            page = await choosing.below(scope, cast.shared, cursor, 2)
            seen += [one.name for one in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == ["a", "B", "c", "D", "e"]
        with pytest.raises(Invalid):
            await choosing.below(scope, None, "x")

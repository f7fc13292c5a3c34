"""What people write about photos: one by one and many at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, text
from sqlmodel import col, select

from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import Conflict, Invalid, Refused
from photobank.library import assets, bulk, fields, marks, tags
from photobank.library.bulk import Change, Kind, Left
from photobank.library.describing import Description
from photobank.library.fields import FieldChange, FieldRow, Filled
from photobank.models.assets import AssetState
from photobank.models.descriptions import FieldKind, FieldValue
from tests.factories import add_photo
from tests.house import Cast, audit_of


async def photos(cast: Cast, count: int, folder: UUID | None = None, **more: Any) -> list[UUID]:
    return [await add_photo(cast.container, folder or cast.shared, with_bytes=False, seed=n, **more) for n in range(count)]


def about(description: Description) -> Change:
    return Change(kind=Kind.describe, description=description)


async def field(cast: Cast, kind: FieldKind, *, private: bool = False, choices: tuple[str, ...] = ()) -> FieldRow:
    async with cast.scope(cast.alice) as scope:
        return await fields.define(scope, "Veld", "Field", kind, choices=choices, private=private)


async def values_of(cast: Cast, actor: Any, asset_id: UUID) -> list[Filled]:
    async with cast.scope(actor) as scope:
        return list((await assets.detail(scope, asset_id)).fields)


async def test_one_photo_gets_texts_and_tags_and_the_log_says_what_changed(cast: Cast) -> None:
    (photo,) = await photos(cast, 1)
    async with cast.scope(cast.bob) as scope:
        await assets.edit(scope, photo, Description(event="Open dag 2026", photographer="J. Smit", tags=("Zorg", " open  DAG ")))
    async with cast.scope(cast.bob) as scope:
        shown = await assets.detail(scope, photo)
        assert (shown.asset.event, shown.asset.photographer) == ("Open dag 2026", "J. Smit")
        assert shown.tags == ["open DAG", "Zorg"]
        await assets.edit(scope, photo, Description(event="Open dag 2026", tags=("ZORG", "Open dag")))
    assert [one.payload for one in await audit_of(cast.container, "asset:change")] == [
        {"fields": ["event", "photographer", "tags"]}
    ]


async def test_many_are_changed_and_what_one_may_not_change_is_counted(cast: Cast) -> None:
    mine = await photos(cast, 3)
    archived = await photos(cast, 1, state=AssetState.archived)
    seen_only = await photos(cast, 2, cast.closed)
    await cast.grant(cast.bob, cast.closed, "view")
    change = Description(event="Kerst", add_tags=("Kerst", "Kinderen"))
    async with cast.scope(cast.bob) as scope:
        done = await bulk.apply(scope, [*mine, *archived, *seen_only, uuid4(), mine[0]], about(change))
    assert (done.touched, done.changed) == (3, 3)
    assert done.left == {Left.archived: 1, Left.not_allowed: 2, Left.gone: 1}
    async with cast.scope(cast.bob) as scope:
        found = await tags.of_assets(scope, [*mine, *archived, *seen_only])
        assert found == {id_: ["Kerst", "Kinderen"] for id_ in mine}
        again = await bulk.apply(
            scope, mine, about(Description(event="Kerst", add_tags=("kerst",), remove_tags=("KINDEREN", "never")))
        )
        assert again.changed == 3
        assert (await tags.of_assets(scope, mine))[mine[2]] == ["Kerst"]
    async with cast.scope(cast.bob) as scope:
        assert (await bulk.apply(scope, mine, about(change))).changed == 3
        assert (await bulk.apply(scope, mine, about(change))).changed == 0


async def test_a_thousand_photos_take_a_handful_of_queries(cast: Cast) -> None:
    ids = await photos(cast, 30)
    number = await field(cast, FieldKind.number)
    seen: list[str] = []

    def listen(_c: Any, _cur: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    engine = cast.container.engine.sync_engine
    event.listen(engine, "before_cursor_execute", listen)
    try:
        async with cast.scope(cast.bob) as scope:
            change = Description(
                title="A", caption="B", credit="C", event="D", photographer="E", tags=("x", "y"), fields={number.id: 3}
            )
            done = await bulk.apply(scope, ids, about(change))
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    assert done.changed == 30
    assert len(seen) < 50, "\n".join(seen)


async def test_somebody_who_may_not_edit_at_all_is_refused(cast: Cast) -> None:
    ids = await photos(cast, 1)
    await cast.grant(cast.charlie, cast.shared, "edit")
    with pytest.raises(Refused):
        async with cast.scope(cast.charlie) as scope:
            await bulk.apply(scope, ids, about(Description(title="Mine")))
    assert len(await audit_of(cast.container, "asset:edit", "refused")) + len(
        await audit_of(cast.container, "request:refuse", "refused")
    )


async def test_the_archive_is_read_only(cast: Cast) -> None:
    (photo,) = await photos(cast, 1, state=AssetState.archived)
    with pytest.raises(Conflict):
        async with cast.scope(cast.bob) as scope:
            await assets.edit(scope, photo, Description(title="New"))


@pytest.mark.parametrize(
    "bad",
    [
        Description(title="x" * 301),
        Description(caption="a\0b"),
        Description(tags=("x" * 81,)),
        Description(add_tags=(" ",)),
        Description(add_tags=("a\u0000b",)),
        Description(add_tags=tuple(f"t{n}" for n in range(101))),
        Description(fields={uuid4(): "x"}),
    ],
)
async def test_what_cannot_be_kept_is_told_and_nothing_changes(cast: Cast, bad: Description) -> None:
    ids = await photos(cast, 2)
    with pytest.raises(Invalid):
        async with cast.scope(cast.bob) as scope:
            await bulk.apply(scope, ids, about(bad))
    assert await audit_of(cast.container, "asset:change") == []


async def test_a_photo_has_a_hundred_tags_at_most(cast: Cast) -> None:
    ids = await photos(cast, 1)
    async with cast.scope(cast.bob) as scope:
        await bulk.apply(scope, ids, about(Description(add_tags=tuple(f"a{n}" for n in range(60)))))
    with pytest.raises(Invalid):
        async with cast.scope(cast.bob) as scope:
            await bulk.apply(scope, ids, about(Description(add_tags=tuple(f"b{n}" for n in range(41)))))


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        (FieldKind.text, " Zaal 3 ", "Zaal 3"),
        (FieldKind.number, "3,5", 3.5),
        (FieldKind.number, 4, 4.0),
        (FieldKind.date, "2026-11-26", "2026-11-26"),
        (FieldKind.choice, "Zorg", "Zorg"),
        (FieldKind.yes_no, False, False),
        (FieldKind.yes_no, "true", True),
    ],
)
async def test_a_field_holds_what_its_kind_says(cast: Cast, kind: FieldKind, given: Any, kept: Any) -> None:
    (photo,) = await photos(cast, 1)
    about = await field(cast, kind, choices=("Zorg", "Staf"))
    async with cast.scope(cast.bob) as scope:
        await assets.edit(scope, photo, Description(fields={about.id: given}))
    assert [one.value for one in await values_of(cast, cast.bob, photo)] == [kept]
    async with cast.scope(cast.bob) as scope:
        await assets.edit(scope, photo, Description(fields={about.id: None}))
    assert [one.value for one in await values_of(cast, cast.bob, photo)] == [None]


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (FieldKind.number, "three"), (FieldKind.number, "inf"), (FieldKind.number, "nan"), (FieldKind.number, True),
        (FieldKind.date, "2026-02-30"), (FieldKind.date, "today"), (FieldKind.choice, "Elders"), (FieldKind.yes_no, "perhaps"),
        (FieldKind.text, "x" * 2001), (FieldKind.text, 3),
    ],
)  # fmt: skip
async def test_a_field_refuses_what_its_kind_does_not_hold(cast: Cast, kind: FieldKind, given: Any) -> None:
    (photo,) = await photos(cast, 1)
    about = await field(cast, kind, choices=("Zorg",))
    with pytest.raises(Invalid) as told:
        async with cast.scope(cast.bob) as scope:
            await assets.edit(scope, photo, Description(fields={about.id: given}))
    assert told.value.fields == {f"fields.{about.id}": f"errors.field_{kind}"}


async def test_a_private_field_is_sealed_and_only_for_those_who_may_edit(cast: Cast) -> None:
    (photo,) = await photos(cast, 1)
    about = await field(cast, FieldKind.text, private=True)
    await cast.grant(cast.charlie, cast.shared, "view")
    async with cast.scope(cast.bob) as scope:
        await assets.edit(scope, photo, Description(fields={about.id: "Kamer 12"}))
    assert [one.value for one in await values_of(cast, cast.bob, photo)] == ["Kamer 12"]
    assert await values_of(cast, cast.charlie, photo) == []
    async with cast.container.sessions() as db:
        row = (await db.execute(select(FieldValue).where(col(FieldValue.asset_id) == photo))).scalar_one()
        assert row.value is None
        assert b"Kamer" not in (row.value_ct or b"Kamer")
        assert "Kamer" not in str(await db.scalar(text("SELECT string_agg(t::text, '') FROM audit_events t")))


async def test_only_who_manages_settings_defines_fields_and_a_retired_one_keeps_its_values(cast: Cast) -> None:
    (photo,) = await photos(cast, 1)
    with pytest.raises(Refused):
        async with cast.scope(cast.petra) as scope:
            await fields.define(scope, "Veld", "Field", FieldKind.text)
    for wrong in ({"kind": FieldKind.choice}, {"kind": FieldKind.text, "label": " "}):
        with pytest.raises(Invalid):
            async with cast.scope(cast.alice) as scope:
                await fields.define(scope, str(wrong.get("label", "Veld")), "Field", FieldKind(wrong["kind"]))
    about = await field(cast, FieldKind.text)
    async with cast.scope(cast.bob) as scope:
        await assets.edit(scope, photo, Description(fields={about.id: "Zaal 3"}))
    async with cast.scope(cast.alice) as scope:
        await fields.change(scope, about.id, FieldChange(retired=True, label_nl="Zaal"))
    assert await values_of(cast, cast.bob, photo) == []
    async with cast.scope(cast.alice) as scope:
        assert [row.label_nl for row in await fields.definitions(scope, retired=True)] == ["Zaal"]
        await fields.change(scope, about.id, FieldChange(retired=False))
    assert [one.value for one in await values_of(cast, cast.bob, photo)] == ["Zaal 3"]


async def test_tags_are_known_only_from_photos_in_sight(cast: Cast) -> None:
    here, there = (await photos(cast, 1))[0], (await photos(cast, 1, cast.closed))[0]
    async with cast.scope(cast.alice) as scope:
        await assets.edit(scope, here, Description(tags=("zorg", "zon")))
        await assets.edit(scope, there, Description(tags=("Zorg", "zwijgen")))
    async with cast.scope(cast.bob) as scope:
        assert [(row.name, row.photos) for row in (await tags.page(scope)).items] == [("zon", 1), ("zorg", 1)]
        first = await tags.page(scope, "Z", limit=1)
        rest = await tags.page(scope, "Z", first.next_cursor)
        assert [row.name for row in (*first.items, *rest.items)] == ["zon", "zorg"]
        assert (await tags.page(scope, "%")).items == []
    async with cast.scope(cast.alice) as scope:
        assert [(row.name, row.photos) for row in (await tags.page(scope)).items] == [("zon", 1), ("zorg", 2), ("zwijgen", 1)]


async def test_ones_latest_hearts_are_told_as_far_as_their_photos_are_in_sight(cast: Cast, clock: TurnableClock) -> None:
    seen = [await add_photo(cast.container, cast.shared, seed=n, with_bytes=False) for n in range(3)]
    hidden = await add_photo(cast.container, cast.closed, seed=9, with_bytes=False)
    for id_ in (seen[1], seen[0], seen[2]):
        async with cast.scope(cast.bob) as scope:
            await marks.favour(scope, [id_])
        clock.turn(timedelta(minutes=1))
    async with cast.scope(cast.alice) as scope:
        await marks.favour(scope, [hidden, seen[0]])
    async with cast.scope(cast.bob) as scope:
        latest, count = await marks.hearts(scope, 2)
        assert ([id_ for id_, _ in latest], count) == ([seen[2], seen[0]], 3)
        await marks.favour(scope, [seen[0]], on=False)
        latest, count = await marks.hearts(scope)
        assert ([id_ for id_, _ in latest], count) == ([seen[2], seen[1]], 2)
    async with cast.scope(cast.rita) as scope:
        assert await marks.hearts(scope) == ([], 0)


async def test_hearts_and_stars_are_each_users_own_and_others_see_the_average(cast: Cast) -> None:
    one, two = await photos(cast, 2)
    await cast.grant(cast.charlie, cast.shared, "view")
    async with cast.scope(cast.bob) as scope:
        assert await marks.rate(scope, [one, two], 5) == {one, two}
        assert await marks.rate(scope, [one, two], 5) == set()
        await marks.favour(scope, [one])
    async with cast.scope(cast.charlie) as scope:
        await marks.rate(scope, [one], 2)
        found = await marks.of_assets(scope, [one, two])
        assert found[one] == marks.Marks(favourite=False, stars=2, average=3.5, ratings=2)
        assert found[two] == marks.Marks(favourite=False, stars=None, average=5.0, ratings=1)
        await marks.rate(scope, [one], None)
    async with cast.scope(cast.bob) as scope:
        assert (await marks.of_assets(scope, [one]))[one] == marks.Marks(favourite=True, stars=5, average=5.0, ratings=1)
        assert await marks.favour(scope, [one], on=False) == {one}
        for wrong in (0, 6):
            with pytest.raises(Invalid):
                await marks.rate(scope, [one], wrong)

"""People: found by name page by page, changed, and sealed where they must be."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest
from sqlmodel import col, select

from photobank.kernel.errors import Invalid, NotFound, Refused
from photobank.models.people import Person
from photobank.people import persons
from photobank.settings import Settings
from tests.factories import add_person, add_photo
from tests.house import Cast

NAMES = ["Özlem", "anna", "Anna", "ANNA B.", "İnci", "Zoë", "ßeta", "%_\\"]


async def test_pages_by_name_miss_and_repeat_nobody(cast: Cast) -> None:
    made = {await add_person(cast.container, name) for name in NAMES}
    async with cast.scope(cast.alice) as scope:
        seen, cursor = [], None
        for _ in range(len(NAMES) + 1):
            page = await persons.page(scope, cursor=cursor, limit=1)
            seen += [row.id for row in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert (len(seen), set(seen)) == (len(made), made)
        assert {row.name for row in (await persons.page(scope, "ANNA")).items} == {"anna", "Anna", "ANNA B."}
        assert [row.name for row in (await persons.page(scope, "%_")).items] == ["%_\\"]
        assert [row.name for row in (await persons.page(scope, "zo\0ë")).items] == ["Zoë"]
        for bad in ("x", "01a20000-0000-7000-8000-000000000000"):
            with pytest.raises(Invalid):
                await persons.page(scope, cursor=bad)


async def test_somebody_out_of_sight_is_no_place_in_the_list(cast: Cast) -> None:
    hidden = await add_person(cast.container, "Mia")
    await add_photo(cast.container, cast.closed, [hidden], with_bytes=False)
    async with cast.scope(cast.rita) as scope:
        with pytest.raises(Invalid):
            await persons.page(scope, cursor=str(hidden))
        with pytest.raises(NotFound):
            await persons.change(scope, hidden, name="Mia 2")
    async with cast.scope(cast.bob) as scope:
        with pytest.raises(Refused):
            await persons.create(scope, "Nieuw")


async def test_what_is_sealed_does_not_lie_in_the_database(cast: Cast, house_settings: Settings) -> None:
    async with cast.scope(cast.rita) as scope:
        anna = (await persons.create(scope, "  Anna   de  Vries ")).id
        await scope.db.flush()
        await persons.change(
            scope,
            anna,
            email="anna.geheim@lelie.example",
            external_ref="PATIENT-4711",
            birth_date=date(2011, 3, 4),
            name="Anna Visser",
        )
    async with cast.scope(cast.rita) as scope:
        shown = await persons.detail(scope, anna)
        assert (shown.name, shown.email, shown.external_ref) == ("Anna Visser", "anna.geheim@lelie.example", "PATIENT-4711")
        assert shown.birth_date == date(2011, 3, 4)
        row = (await scope.db.execute(select(Person).where(col(Person.id) == anna))).scalar_one()
        assert row.email_index == scope.vault.blind.email("people.email", "ANNA.geheim@lelie.example")
        with pytest.raises(Invalid):
            await persons.change(scope, anna, email="anna bij lelie")
        for wrong in ({"birth_date": date(2030, 1, 1)}, {"birth_date": date(1850, 1, 1)}, {"guardians_needed": 3}, {"name": " "}):
            with pytest.raises(Invalid):
                await persons.change(scope, anna, **wrong)  # type: ignore[arg-type]
    assert house_settings.database_url is not None
    async with await psycopg.AsyncConnection.connect(house_settings.database_url.get_secret_value()) as connection:
        tables = await (await connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).fetchall()
        for (table,) in tables:
            lines = await (await connection.execute(f'SELECT t::text FROM "{table}" t')).fetchall()  # type: ignore[arg-type]
            dump = "\n".join(line for (line,) in lines).lower()
            for secret in ("anna.geheim", "patient-4711", "2011-03-04", b"anna.geheim".hex(), b"PATIENT".hex()):
                assert secret not in dump, (table, secret)
    async with cast.scope(cast.rita) as scope:
        await persons.change(scope, anna, email="", external_ref="")
        shown = await persons.detail(scope, anna)
        assert (shown.email, shown.external_ref) == ("", "")


async def test_somebody_hidden_is_in_no_list(cast: Cast) -> None:
    anna = await add_person(cast.container)
    async with cast.scope(cast.alice) as scope:
        await persons.change(scope, anna, hidden=True)
        assert (await persons.page(scope)).items == []

"""What the departments' list reads, and to whom it says nothing."""

from __future__ import annotations

import pytest

from photobank.accounts import departments
from photobank.kernel.errors import Refused
from photobank.messaging.events import DepartmentChanged
from photobank.models.accounts import Role
from photobank.wiring import REACTIONS
from state.admin_departments import SHOWN, read_departments
from tests.house import Cast, add_user


async def test_members_are_counted_and_the_first_are_named(cast: Cast) -> None:
    async with cast.scope(cast.alice) as scope:
        assert await read_departments.read(scope) == {"status": "empty", "rows": []}
    many = [await add_user(cast.container, f"Zoe{n}", Role.viewer) for n in range(SHOWN + 1)]
    members = [user.user_id for user in (cast.bob, *many) if user.user_id]
    async with cast.scope(cast.alice) as scope:
        await departments.create(scope, "Pers")
        await departments.create(scope, "Communicatie", members)
    async with cast.scope(cast.alice) as scope:
        page = await read_departments.read(scope)
    full, empty = page["rows"]
    assert (page["status"], full.name, full.members, full.more) == ("full", "Communicatie", SHOWN + 2, 2)
    assert full.shown[0] == "B"
    assert (empty.name, empty.members, empty.shown, empty.more) == ("Pers", 0, [], 0)


async def test_only_who_manages_users_reads_them(cast: Cast) -> None:
    for actor in (cast.petra, cast.rita, cast.bob, cast.charlie):
        with pytest.raises(Refused):
            async with cast.scope(actor) as scope:
                await read_departments.read(scope)


def test_a_change_wakes_the_page() -> None:
    assert [topic for topic, _ in REACTIONS[DepartmentChanged].pushes] == ["departments"]

"""Departments: who belongs to one has its rights at once, and loses them at once."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from photobank.access.actor import Actor
from photobank.accounts import departments, sessions
from photobank.kernel.errors import Conflict, Invalid, NotFound, Refused
from photobank.library import folders
from photobank.models.accounts import User
from tests.house import Cast


async def seen_by(cast: Cast, actor: Actor) -> set[UUID]:
    """The folders that a user sees who signs in now."""
    async with cast.container.sessions() as db:
        user = await db.get(User, actor.user_id)
        assert user is not None
        them = sessions.actor_of(user, await sessions.departments_of(db, user.id))
    async with cast.scope(them) as scope:
        return {row.id for row in await folders.list_all(scope)}


async def test_members_come_and_go_and_their_rights_with_them(cast: Cast) -> None:
    bob, charlie = cast.bob.user_id, cast.charlie.user_id
    assert bob is not None
    assert charlie is not None
    async with cast.scope(cast.alice) as scope:
        made = await departments.create(scope, "  Communicatie ", [charlie])
        await folders.give(scope, cast.closed, "department", str(made.id), "view")
    assert cast.closed in await seen_by(cast, cast.charlie)
    async with cast.scope(cast.alice) as scope:
        changed = await departments.change(scope, made.id, name="Pers", members=[bob])
    assert (changed.name, changed.members) == ("Pers", (bob,))
    assert cast.closed not in await seen_by(cast, cast.charlie)
    assert cast.closed in await seen_by(cast, cast.bob)
    async with cast.scope(cast.alice) as scope:
        await departments.remove(scope, made.id)
        assert await departments.list_all(scope) == []
        assert all(grant.principal_kind != "department" for grant in await folders.grants(scope, cast.closed))
    assert cast.closed not in await seen_by(cast, cast.bob)


async def test_names_are_one_and_members_are_users(cast: Cast) -> None:
    async with cast.scope(cast.alice) as scope:
        first = await departments.create(scope, "Pers")
        second = await departments.create(scope, "Zorg")
    for name, problem in (("Pers", Conflict), (" ", Invalid), ("x" * 201, Invalid)):
        with pytest.raises(problem):
            async with cast.scope(cast.alice) as scope:
                await departments.change(scope, second.id, name=name)
    async with cast.scope(cast.alice) as scope:
        assert (await departments.change(scope, first.id, name="Pers")).name == "Pers", "its own name is free to itself"
    with pytest.raises(NotFound):
        async with cast.scope(cast.alice) as scope:
            await departments.change(scope, first.id, members=[uuid4()])


async def test_only_who_manages_users_changes_them_or_sees_who_belongs(cast: Cast) -> None:
    assert cast.bob.user_id is not None
    async with cast.scope(cast.alice) as scope:
        made = await departments.create(scope, "Pers", [cast.bob.user_id])
    async with cast.scope(cast.bob) as scope:
        assert [row.members for row in await departments.list_all(scope)] == [()]
    for act in (
        lambda scope: departments.change(scope, made.id, members=[]),
        lambda scope: departments.remove(scope, made.id),
        lambda scope: departments.create(scope, "Mijn"),
    ):
        with pytest.raises(Refused):
            async with cast.scope(cast.bob) as scope:
                await act(scope)

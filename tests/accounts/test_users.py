"""Users, passwords, API keys and set-up."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from photobank.access.actor import anonymous, system
from photobank.accounts import api_keys, passwords, sessions, users
from photobank.kernel.errors import Conflict, Invalid, NotFound, RateLimited, Refused
from photobank.library import folders, setup
from tests.house import audit_of, with_key


@pytest.mark.parametrize("password", ["short", "password123", "aaaaaaaaaaaaaa", "eva de vries", "x" * 300, "eva@lelie.example"])
def test_weak_passwords_are_refused(password):
    with pytest.raises(Invalid):
        passwords.check(password, about=("eva@lelie.example", "Eva de Vries"))


def test_long_and_unusual_passwords_are_fine():
    assert passwords.check("naïve 名前 🙂 doorn") == "naïve 名前 🙂 doorn"


async def test_an_address_is_sealed_in_the_database(cast):
    async with cast.container.sessions() as db:
        rows = (await db.execute(text("SELECT row_to_json(u)::text FROM users u"))).scalars().all()
    assert rows
    assert not any("lelie" in row for row in rows)


async def test_two_users_cannot_have_one_address(cast):
    with pytest.raises(Conflict):
        async with cast.scope(cast.alice) as scope:
            await users.create(scope, "BOB@lelie.example", "Other Bob", "viewer")


@pytest.mark.parametrize("name", ["bob", "charlie", "rita", "petra"])
async def test_only_admins_manage_users(cast, name):
    actor = getattr(cast, name)
    for work in (
        users.list_all,
        lambda s: users.create(s, "x@y.example", "X", "admin"),
        lambda s: users.change(s, actor.user_id, role="admin"),
    ):
        with pytest.raises(Refused):
            async with cast.scope(actor) as scope:
                await work(scope)
    assert len(await audit_of(cast.container, "request:refuse", "refused")) == 3


async def test_the_last_admin_stays(cast):
    for change in ({"role": "viewer"}, {"disabled": True}):
        with pytest.raises(Conflict):
            async with cast.scope(cast.alice) as scope:
                await users.change(scope, cast.alice.user_id, **change)


async def test_a_key_works_until_revoked_and_is_kept_as_a_hash(cast):
    async with cast.scope(cast.bob) as scope:
        made = await api_keys.create(scope, "script", scopes=("read",))
    actor = await api_keys.resolve(cast.container, made.key)
    assert (actor.user_id, actor.key_scopes) == (cast.bob.user_id, {"read"})
    async with cast.container.sessions() as db:
        assert made.key not in (await db.execute(text("SELECT row_to_json(k)::text FROM api_keys k"))).scalar_one()
    async with cast.scope(cast.bob) as scope:
        await api_keys.revoke(scope, made.row.id)
    assert await api_keys.resolve(cast.container, made.key) is None


async def test_nobody_makes_or_ends_keys_of_others(cast):
    async with cast.scope(cast.bob) as scope:
        made = await api_keys.create(scope, "script")
    with pytest.raises(Refused):
        async with cast.scope(cast.charlie) as scope:
            await api_keys.create(scope, "x", user_id=cast.alice.user_id)
    # As if it were not there: an answer of its own would tell which ids are keys.
    with pytest.raises(NotFound):
        async with cast.scope(cast.charlie) as scope:
            await api_keys.revoke(scope, made.row.id)


async def test_a_narrowed_key_cannot_make_a_wider_one(cast):
    with pytest.raises(Refused):
        async with cast.scope(with_key(cast.alice, "admin")) as scope:
            await api_keys.create(scope, "wider")


async def test_a_key_cannot_make_one_that_outlives_it(cast):
    async with cast.scope(cast.bob) as scope:
        made = await api_keys.create(scope, "script", days=7)
    actor = await api_keys.resolve(cast.container, made.key)
    for days in (None, 30):
        async with cast.scope(actor) as scope:
            assert (await api_keys.create(scope, "heir", days=days)).row.ends_at == made.row.ends_at
    async with cast.scope(actor) as scope:
        assert (await api_keys.create(scope, "short", days=1)).row.ends_at < made.row.ends_at


async def test_a_narrowed_key_may_not_touch_its_owners_account(cast):
    narrowed = with_key(cast.alice, "read", "admin")
    for work in (
        lambda s: users.set_password(s, "old", "correct horse battery staple"),
        lambda s: users.set_preferences(s, theme="dark"),
        sessions.list_own,
        lambda s: sessions.revoke(s, cast.alice.session_id),
    ):
        with pytest.raises(Refused):
            async with cast.scope(narrowed) as scope:
                await work(scope)


async def test_the_own_password_cannot_be_guessed_from_a_session(cast):
    for _ in range(6):
        with pytest.raises(Invalid):
            async with cast.scope(cast.bob) as scope:
                await users.set_password(scope, "guess", "correct horse battery staple")
    with pytest.raises(RateLimited):
        async with cast.scope(cast.bob) as scope:
            await users.set_password(scope, "guess", "correct horse battery staple")


async def test_two_admins_who_demote_each_other_at_once_leave_one(cast):
    async with cast.scope(cast.alice) as scope:
        await users.change(scope, cast.petra.user_id, role="admin")

    async def demote(by, whom):
        async with cast.scope(by) as scope:
            await users.change(scope, whom.user_id, role="viewer")

    petra = replace(cast.petra, role="admin")
    done = await asyncio.gather(demote(cast.alice, petra), demote(petra, cast.alice), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["Conflict", "NoneType"]


async def test_set_up_works_once_and_only_with_the_link(container):
    details = {
        "organisation": "Gemeente",
        "sector": "government",
        "language": "nl",
        "name": "Eva",
        "email": "eva@gemeente.example",
        "password": "correct horse battery staple",
    }
    link = setup.token_of(container.vault)
    with pytest.raises(NotFound):
        async with container.scope(anonymous("192.0.2.1")) as scope:
            await setup.set_up(scope, "A" * len(link), **details)
    async with container.scope(anonymous("192.0.2.1")) as scope:
        admin = await setup.set_up(scope, link, **details)
    with pytest.raises(NotFound):
        async with container.scope(anonymous("192.0.2.1")) as scope:
            await setup.set_up(scope, link, **(details | {"email": "mallory@example.org"}))
    async with container.scope(system()) as scope:
        assert [(user.id, user.role) for user in await users.list_all(scope)] == [(admin, "admin")]
        assert [folder.name for folder in await folders.list_all(scope)] == ["Foto's"]

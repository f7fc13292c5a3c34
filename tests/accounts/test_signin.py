"""Signing in: right, wrong, too often, and nobody learns which accounts exist."""

from __future__ import annotations

from datetime import timedelta

import pytest

from photobank.access.actor import anonymous, system
from photobank.accounts import sessions, signin, users
from photobank.kernel.errors import NotAuthenticated, RateLimited
from tests.house import audit_of

PASSWORD = "correct horse battery staple"


@pytest.fixture
async def eva(container):
    async with container.scope(system()) as scope:
        return await users.create(scope, "Eva@Lelie.example", "Eva", "admin", PASSWORD)


async def sign_in(container, email, password, address="192.0.2.1"):
    async with container.scope(anonymous(address, "Firefox")) as scope:
        return await signin.sign_in(scope, email, password)


async def test_the_address_is_found_whatever_its_case(container, eva):
    signed_in = await sign_in(container, " eva@lelie.EXAMPLE ", PASSWORD)
    actor = await sessions.resolve(container, signed_in.session_token)
    assert (actor.user_id, actor.name, actor.role) == (eva.id, "Eva", "admin")
    assert [event.user_id for event in await audit_of(container, "session:sign-in")] == [eva.id]


@pytest.mark.parametrize(("email", "password"), [("eva@lelie.example", "wrong"), ("nobody@lelie.example", PASSWORD), ("", "")])
async def test_any_wrong_pair_gets_one_answer(container, eva, email, password):
    with pytest.raises(NotAuthenticated) as refused:
        await sign_in(container, email, password)
    assert str(refused.value) == "wrong e-mail or password"
    assert len(await audit_of(container, "session:sign-in-failed", "refused")) == 1


async def test_a_disabled_account_cannot_sign_in(container, eva):
    async with container.scope(system()) as scope:
        other = await users.create(scope, "bob@lelie.example", "Bob", "viewer", PASSWORD)
        await users.change(scope, other.id, disabled=True)
    with pytest.raises(NotAuthenticated):
        await sign_in(container, "bob@lelie.example", PASSWORD)


async def test_guessing_is_stopped_per_address_and_locks_nobody_else_out(container, eva):
    for _ in range(6):
        with pytest.raises(NotAuthenticated):
            await sign_in(container, eva.email, "guess", "198.51.100.9")
    with pytest.raises(RateLimited) as limited:
        await sign_in(container, eva.email, PASSWORD, "198.51.100.9")
    assert limited.value.retry_after > 0
    await sign_in(container, eva.email, PASSWORD, "192.0.2.1")


async def test_a_session_ends_by_time_by_idling_and_by_revocation(container, clock, eva):
    token = (await sign_in(container, eva.email, PASSWORD)).session_token
    clock.turn(timedelta(hours=11))
    assert await sessions.resolve(container, token)
    clock.turn(timedelta(hours=11))
    actor = await sessions.resolve(container, token)
    assert actor, "use keeps a session alive"
    clock.turn(timedelta(hours=13))
    assert await sessions.resolve(container, token) is None, "idle too long"
    token = (await sign_in(container, eva.email, PASSWORD)).session_token
    for _ in range(14 * 3):
        clock.turn(timedelta(hours=8))
        alive = await sessions.resolve(container, token)
    assert alive is None, "ended after its days, however much it was used"
    token = (await sign_in(container, eva.email, PASSWORD)).session_token
    actor = await sessions.resolve(container, token)
    async with container.scope(actor) as scope:
        await sessions.revoke(scope, actor.session_id)
    assert await sessions.resolve(container, token) is None


async def test_changing_the_password_ends_all_other_sessions(container, eva):
    here = (await sign_in(container, eva.email, PASSWORD)).session_token
    there = (await sign_in(container, eva.email, PASSWORD)).session_token
    actor = await sessions.resolve(container, here)
    async with container.scope(actor) as scope:
        await users.set_password(scope, PASSWORD, "another horse entirely 9")
    assert await sessions.resolve(container, here)
    assert await sessions.resolve(container, there) is None
    await sign_in(container, eva.email, "another horse entirely 9")


async def test_a_token_is_kept_only_as_a_hash(container, eva):
    token = (await sign_in(container, eva.email, PASSWORD)).session_token
    async with container.sessions() as db:
        stored = (await db.connection()).exec_driver_sql("SELECT row_to_json(s)::text FROM sessions s")
        assert token not in (await stored).scalar_one()


async def test_a_flood_of_tries_leaves_one_line_in_the_log(container, eva):
    for number in range(30):
        with pytest.raises((NotAuthenticated, RateLimited)):
            await sign_in(container, f"guess{number}@lelie.example", "guess", "198.51.100.9")
    for _ in range(20):
        with pytest.raises(RateLimited):
            await sign_in(container, eva.email, "guess", "198.51.100.9")
    assert len(await audit_of(container, "request:refuse", "refused")) == 1


async def test_a_network_of_addresses_counts_as_one_guesser(container, eva):
    for number in range(6):
        with pytest.raises(NotAuthenticated):
            await sign_in(container, eva.email, "guess", f"2001:db8:1:2::{number:x}")
    with pytest.raises(RateLimited):
        await sign_in(container, eva.email, PASSWORD, "2001:db8:1:2:ffff::1")
    await sign_in(container, eva.email, PASSWORD, "2001:db8:1:3::1")

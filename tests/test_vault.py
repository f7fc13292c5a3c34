"""Which permit opens what."""

from __future__ import annotations

from uuid import UUID

import pytest

from photobank.access.actor import system
from photobank.access.permits import to_process, to_rewrap
from photobank.kernel.errors import Refused
from tests.factories import add_photo
from tests.house import Cast


@pytest.fixture
async def photo(cast: Cast) -> UUID:
    return await add_photo(cast.container, cast.shared, with_bytes=False)


async def test_a_permit_to_move_a_key_does_not_hand_it_out(cast: Cast, photo: UUID) -> None:
    async with cast.scope(cast.bob) as scope:
        permit = to_rewrap(scope, photo, cast.container.clock)
    with pytest.raises(Refused):
        async with cast.scope(cast.bob) as scope:
            await scope.vault.asset_key(scope.db, permit, scope.now())


async def test_a_permit_to_open_does_not_move_a_key(cast: Cast, photo: UUID) -> None:
    async with cast.scope(system()) as scope:
        permit = to_process(scope, photo, cast.container.clock)
    with pytest.raises(Refused):
        async with cast.scope(system()) as scope:
            await scope.vault.move_assets(scope.db, [permit], cast.closed, scope.now())

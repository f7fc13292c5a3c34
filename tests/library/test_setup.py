"""The first start: once, with the one-time link, and what was said there counts whatever commands did before."""

from __future__ import annotations

import pytest

from photobank.access.actor import anonymous, system
from photobank.kernel.errors import NotFound
from photobank.library import setup
from photobank.models.accounts import Organisation
from photobank.scope import Container

ANSWERS = {
    "organisation": " Gemeente Oost ",
    "sector": "government",
    "language": "en",
    "name": "Eva",
    "email": "eva@oost.example",
    "password": "een lange zin over fietsen",
}


async def _house(container: Container) -> Organisation:
    async with container.scope(system()) as scope:
        return await scope.db.get_one(Organisation, 1)


async def test_a_house_that_a_command_made_takes_the_name_it_is_given(container: Container) -> None:
    async with container.scope(system()) as scope:
        await setup.ensure_house(scope)
    async with container.scope(anonymous()) as scope:
        await setup.set_up(scope, setup.token_of(container.vault), **ANSWERS)
    house = await _house(container)
    assert (house.name, house.sector, house.language) == ("Gemeente Oost", "government", "en")


async def test_it_is_possible_once(container: Container) -> None:
    token = setup.token_of(container.vault)
    with pytest.raises(NotFound):
        async with container.scope(anonymous()) as scope:
            await setup.set_up(scope, "x" + token, **ANSWERS)
    async with container.scope(anonymous()) as scope:
        await setup.set_up(scope, token, **ANSWERS)
    with pytest.raises(NotFound):
        async with container.scope(anonymous()) as scope:
            await setup.set_up(scope, token, **ANSWERS | {"organisation": "Another"})
    assert (await _house(container)).name == "Gemeente Oost"

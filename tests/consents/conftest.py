"""Anna, who is on a photo that Bob and Rita may edit."""

from __future__ import annotations

from uuid import UUID

import pytest

from photobank.consents import sealing
from tests.factories import add_person, add_photo
from tests.house import Cast


@pytest.fixture(autouse=True)
def _small_seal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shorter key: making a long one takes seconds, and every test has a house of its own."""
    monkeypatch.setattr(sealing, "KEY_BITS", 2048)


@pytest.fixture
async def anna(cast: Cast) -> UUID:
    person_id = await add_person(cast.container, "Anna de Vries")
    await add_photo(cast.container, cast.shared, [person_id], with_bytes=False)
    return person_id

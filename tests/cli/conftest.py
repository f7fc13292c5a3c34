"""Commands beside an open house."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from photobank.settings import Settings
from tests.cli.commands import Commands


@pytest.fixture
async def commands(house_settings: Settings) -> AsyncIterator[Commands]:
    """Commands on the same data, with the same servers, as the house that is open in this process."""
    assert house_settings.database_url is not None
    assert house_settings.redis_url is not None
    made = Commands(
        {
            "PHOTOBANK_DATA_DIR": str(house_settings.data_dir),
            "PHOTOBANK_DATABASE_URL": house_settings.database_url.get_secret_value(),
            "PHOTOBANK_REDIS_URL": house_settings.redis_url.get_secret_value(),
            "PHOTOBANK_FACE_PACK": "fake",
        }
    )
    yield made
    made.close()

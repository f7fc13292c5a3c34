"""Connections."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from photobank.db.engine import open_engine


async def test_an_error_does_not_quote_the_values_of_a_row(fresh_database_url: str) -> None:
    engine = open_engine(fresh_database_url, pool=1)
    try:
        with pytest.raises(DBAPIError) as error:
            async with engine.connect() as connection:
                await connection.execute(text("SELECT :name FROM nowhere"), {"name": "Anna de Vries"})
    finally:
        await engine.dispose()
    assert "Anna" not in str(error.value)

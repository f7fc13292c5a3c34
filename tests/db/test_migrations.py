"""The migrations make what the models say."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from photobank.db import migrate
from photobank.db.engine import driver_url
from photobank.models import metadata


@pytest.mark.filterwarnings("ignore:Expression #.*operator clause:UserWarning")  # one that alembic cannot compare
def test_the_migrated_tables_are_those_of_the_models(fresh_database_url: str) -> None:
    engine = create_engine(driver_url(fresh_database_url))
    try:
        with engine.connect() as connection:
            found = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)
    finally:
        engine.dispose()
    assert not found, "add a migration of your own (photobank/migrations/versions)"


def test_there_is_one_newest_migration() -> None:
    heads = ScriptDirectory.from_config(migrate.config()).get_heads()
    assert len(heads) == 1, "two migrations follow the same one: let the later follow the earlier"

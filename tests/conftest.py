"""What every test may ask for: servers, databases, the shared samples.

External servers run the same tests: PHOTOBANK_TEST_DATABASE_URL (a role that may make databases) and PHOTOBANK_TEST_REDIS_URL
(database 15 of it is emptied; one process per server, when several are given with spaces between them). Real photos are read from
PHOTOBANK_TEST_DATA, by default `../shared` beside the checkout.
"""

from __future__ import annotations

import gc
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import redis

from photobank.runtime import postgres as embedded
from photobank.runtime.places import Places
from photobank.runtime.postgres import OWNER, EmbeddedPostgres
from photobank.runtime.redis import EmbeddedRedis
from photobank.runtime.servers import start_quietly
from tests import spread
from tests.house import _opened, cast, clock, container, door, house_settings, jobs  # noqa: F401 (fixtures for every test)
from tests.servers import TestServers

# How long an example takes says more about the machine than about us.
hypothesis.settings.register_profile("photobank", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("photobank")

# Python looks through everything there is for garbage at every few dozen tests: a second each time, a third of what service tests cost.
gc.set_threshold(10_000, 10, 25)

ROOT = Path(__file__).resolve().parent.parent
# Rows of tests need not survive the machine. What does is tested on servers of its own (tests/runtime).
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def pytest_xdist_auto_num_workers() -> int:
    return spread.processes()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> spread.Spread:
    return spread.Spread(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    spread.longest_first(items)


@pytest.fixture(scope="session", autouse=True)
def _plain_environment() -> Iterator[None]:
    """Settings of the person who runs the tests do not decide what the tests say."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PHOTOBANK_") and not name.startswith("PHOTOBANK_TEST_")]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="session")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TestServers]:
    """Embedded servers in a folder of this run (one pair per xdist process), or the external ones."""
    database = os.environ.get("PHOTOBANK_TEST_DATABASE_URL")
    cache = spread.given_cache()
    places = Places(tmp_path_factory.mktemp("servers"))
    postgres = None if database else EmbeddedPostgres(places)
    store = None if cache else EmbeddedRedis(places)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in FORGETFUL.items():
            patch.setitem(embedded.SERVER_SETTINGS, name, value)
        readers = [await start_quietly(server) for server in (postgres, store) if server is not None]
    found = TestServers(
        admin_url=database or (postgres.admin_url() if postgres else ""),
        redis_url=_database_15(cache) if cache else (store.url() if store else ""),
        owner=OWNER if postgres else None,
        owner_url=postgres.owner_url() if postgres else None,
        app_url=postgres.url() if postgres else None,
    )
    yield found
    found.drop_all()
    for server in (store, postgres):
        if server is not None:
            await server.stop()
    for reader in readers:
        reader.cancel()


def _database_15(url: str) -> str:
    return url.rstrip("/").rsplit("/", 1)[0] + "/15" if url.count("/") > 2 else url + "/15"


@pytest.fixture
def fresh_database_url(servers: TestServers) -> Iterator[str]:
    """A migrated, empty database for one test."""
    url = servers.fresh_database()
    yield url
    servers.give_back(url)


@pytest.fixture
def redis_url(servers: TestServers) -> str:
    """An empty Redis."""
    with redis.Redis.from_url(servers.redis_url) as client:
        client.flushdb()
    return servers.redis_url


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Real photos and models for tests; what needs them is left out where they are not."""
    folder = Path(os.environ.get("PHOTOBANK_TEST_DATA", ROOT.parent / "shared")).resolve()
    if not (folder / "data").is_dir():
        pytest.skip("left out: needs the sample photos (PHOTOBANK_TEST_DATA)")
    return folder

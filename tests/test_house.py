"""The house that service tests stand on."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from photobank.access import visibility
from photobank.access.authorise import folder_rights
from photobank.access.permissions import Permission
from photobank.bootstrap import open_container
from photobank.kernel.clock import TurnableClock
from photobank.models.assets import Asset
from photobank.settings import Settings
from tests.factories import add_person, add_photo
from tests.house import Cast, found, move_in
from tests.servers import TestServers


async def test_the_cast_holds_what_it_says(cast: Cast) -> None:
    held = {}
    for name in ("alice", "bob", "charlie", "rita", "petra"):
        async with cast.scope(getattr(cast, name)) as scope:
            held[name] = dict(await folder_rights(scope))
    assert held["alice"] == {cast.shared: Permission.manage, cast.closed: Permission.manage}
    assert held["bob"] == held["rita"] == {cast.shared: Permission.edit}
    assert held["charlie"] == {}
    assert held["petra"] == {cast.shared: Permission.view, cast.closed: Permission.view}


async def test_a_photo_lies_encrypted_and_is_seen_by_its_folder(cast: Cast) -> None:
    anna = await add_person(cast.container)
    photo = await add_photo(cast.container, cast.shared, [anna])
    async with cast.scope(cast.bob) as scope:
        rows = (await scope.db.execute(await visibility.assets(scope))).scalars().all()
        assert [row.id for row in rows] == [photo]
        assert isinstance(rows[0], Asset)
    blobs = [path for path in (cast.container.settings.data_dir / "blobs").rglob("*") if path.is_file()]
    assert len(blobs) == 4
    assert not any(path.read_bytes().startswith((b"\xff\xd8", b"RIFF")) for path in blobs)


async def test_who_was_put_there_is_who_would_have_moved_in(
    cast: Cast, servers: TestServers, house_settings: Settings, clock: TurnableClock, tmp_path: Path
) -> None:
    assert house_settings.database_url is not None
    there = servers.keep(house_settings.database_url.get_secret_value())
    url = servers.fresh_database()
    apart = house_settings.model_copy(update={"data_dir": tmp_path / "apart", "database_url": SecretStr(url)})
    async with open_container(apart, clock=clock) as container:
        await found(container)
        people = await move_in(container)
    here = servers.keep(url)
    servers.give_back(url)
    assert {name: rows.count(b"\n") for name, rows in there.rows.items()} == {
        name: rows.count(b"\n") for name, rows in here.rows.items()
    }
    assert there.sequences == here.sequences
    assert (cast.alice.name, cast.petra.role) == (people.alice.name, people.petra.role)
    assert await cast.container.redis.keys("*") == [], "nothing but its rows and its keys makes the house"

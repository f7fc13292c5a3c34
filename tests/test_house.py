"""The house that service tests stand on."""

from __future__ import annotations

from photobank.access import visibility
from photobank.access.authorise import folder_rights
from photobank.access.permissions import Permission
from photobank.models.assets import Asset
from tests.factories import add_person, add_photo
from tests.house import Cast


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

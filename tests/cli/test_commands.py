"""The commands that people's scripts use, beside an open house, and what they print for machines."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any
from uuid import UUID

from PIL import Image

from photobank.blobs.names import ORIGINAL
from photobank.library import folders, processing
from tests.api.given import V1, problem
from tests.blobs import stranger
from tests.cli.commands import Commands, run
from tests.factories import picture
from tests.house import Cast, Door, audit_of

PASSWORD = "correct horse battery staple 42"


async def test_users_and_their_keys(cast: Cast, door: Door, commands: Commands) -> None:
    made = await run(
        commands, "users", "create", "--email", "Accept@example.org", "--name", "Accept", "--role", "admin", "--password-stdin",
        "--json", stdin=PASSWORD + "\n",
    )  # fmt: skip
    assert (made.json()["email"], made.json()["role"]) == ("Accept@example.org", "admin")
    listed = (await run(commands, "users", "list", "--json")).json()
    assert {row["name"] for row in listed["items"]} >= {"Accept", "Alice"}
    async with await door.client() as http:
        signed = await http.post(f"{V1}/session", json={"email": "accept@example.org", "password": PASSWORD})
        assert signed.status_code == 201
    key = (await run(commands, "keys", "create", "--user", "accept@EXAMPLE.org", "--name", "script", "--json")).json()
    narrow = (
        await run(commands, "keys", "create", "--user", "accept@example.org", "--name", "n", "--scopes", "read", "--json")
    ).json()
    plain = await run(commands, "keys", "create", "--user", "accept@example.org", "--name", "plain")
    assert plain.out.startswith("pbk_")
    async with await door.client() as http:
        assert (await http.get(f"{V1}/users", headers={"Authorization": f"Bearer {key['key']}"})).status_code == 200
        problem(await http.get(f"{V1}/users", headers={"Authorization": f"Bearer {narrow['key']}"}), 403, "refused")
    assert {row.actor_kind for row in await audit_of(cast.container, "api-key:create")} >= {"system"}


async def test_what_is_wrong_is_one_sentence(cast: Cast, commands: Commands) -> None:
    for arguments, said in (
        (("users", "create", "--email", "alice@lelie.example", "--name", "A", "--role", "viewer"), "there is a user"),
        (("users", "create", "--email", "x@y.example", "--name", "A", "--role", "king"), "photobank:"),
        (("keys", "create", "--user", "alice@lelie.example", "--name", "x", "--scopes", "world"), "unknown scope"),
        (("keys", "asset", "01a20000-0000-7000-8000-000000000000"), "no such photo"),
    ):
        ended = await run(commands, *arguments)
        assert (ended.code, ended.out) == (1, ""), arguments
        assert said in ended.err
        assert len(ended.err.strip().splitlines()) == 1, ended.err


async def test_an_import_twice_is_an_import_once(cast: Cast, door: Door, commands: Commands, tmp_path: Path) -> None:
    source = tmp_path / "album"
    (source / "deep" / "er").mkdir(parents=True)
    for number, place in enumerate((source, source / "deep", source / "deep" / "er")):
        (place / f"IMG_{number}.jpg").write_bytes(picture(number))
    (source / "readme.txt").write_text("no photo")
    (source / "link.jpg").symlink_to(source / "IMG_0.jpg")
    first = (await run(commands, "import", str(source), "--folder", "Album", "--json")).json()
    assert (first["imported"], first["skipped"], first["refused"]) == (3, 0, 1)
    assert first["reasons"][0]["file"].endswith("readme.txt")
    again = (await run(commands, "import", str(source), "--folder", "Album", "--json")).json()
    assert (again["imported"], again["skipped"], again["refused"]) == (0, 3, 1)
    async with await door.client(cast.alice) as alice:
        items = (await alice.get(f"{V1}/assets")).json()["items"]
        assert sorted(item["filename"] for item in items) == ["IMG_0.jpg", "IMG_1.jpg", "IMG_2.jpg"]
        made = {folder["name"]: folder for folder in (await alice.get(f"{V1}/folders")).json()["items"]}
        assert [made[name]["photos"] for name in ("Album", "deep", "er")] == [1, 1, 1]
        assert made["er"]["parent_id"] == made["deep"]["id"]
        assert made["deep"]["parent_id"] == made["Album"]["id"]


async def test_an_asset_key_opens_its_blobs_without_photobank(cast: Cast, door: Door, commands: Commands) -> None:
    """Also after a rotation of the master key, which the open house takes up without a restart."""
    original = picture(5)
    async with await door.client(cast.bob) as bob:
        asset = (await bob.post(f"{V1}/assets", content=original, headers={"Upload-Filename": "A.jpg"})).json()["id"]
    await processing.decode(cast.container, UUID(asset))
    found = (await run(commands, "keys", "asset", asset, "--json")).json()
    assert {ORIGINAL, "thumb"} <= found["contexts"].keys()
    assert len(await audit_of(cast.container, "keys:export")) == 1
    _opens(cast, found, original)
    master = cast.container.settings.data_dir / "keys" / "master.json"
    before = json.loads(master.read_text())
    rotated = (await run(commands, "keys", "rotate", "--json")).json()
    assert rotated["rewrapped"] >= 3  # the system key and two folders
    assert json.loads(master.read_text()) != before
    # The house that was open all the while: reads, writes, makes folders, moves between old and new ones.
    async with await door.client(cast.alice) as alice:
        thumb = await alice.get(f"{V1}/assets/{asset}/renditions/thumb")
        assert (thumb.status_code, thumb.headers["content-type"]) == (200, "image/webp")
        fresh = (await alice.post(f"{V1}/folders", json={"name": "Na de wissel"})).json()["id"]
        assert (await alice.patch(f"{V1}/assets/{asset}", json={"folder_id": fresh})).status_code == 200
        assert (await alice.get(f"{V1}/assets/{asset}/renditions/thumb")).content == thumb.content
        sent = await alice.post(f"{V1}/assets?folder_id={fresh}", content=picture(6), headers={"Upload-Filename": "B.jpg"})
        assert sent.status_code == 201
    assert (await run(commands, "keys", "rewrap", "--json")).json() == {"master_key": rotated["master_key"], "rewrapped": 0}
    again = (await run(commands, "keys", "asset", asset, "--json")).json()
    assert again["key"] == found["key"], "photos keep their key: a rotation wraps anew and writes no blob"
    _opens(cast, again, original)
    async with cast.scope(cast.alice) as scope:
        await folders.create(scope, "Nog een")


def _opens(cast: Cast, found: dict[str, Any], original: bytes) -> None:
    """With the printed key and contexts, and nothing of Photobank: whichever blob commits to them is theirs."""
    key = base64.b64decode(found["key"])
    blobs = [path.read_bytes() for path in (cast.container.settings.data_dir / "blobs").rglob("*") if path.is_file()]
    opened = {}
    for name, text in found["contexts"].items():
        context = base64.b64decode(text)
        (mine,) = [blob for blob in blobs if stranger.derive(key, context, blob[:24])[2] == blob[24:56]]
        opened[name] = stranger.read(key, context, mine)
    assert opened[ORIGINAL] == original
    assert Image.open(io.BytesIO(opened["thumb"])).format == "WEBP"


async def test_doctor_says_what_is_wrong_and_what_to_do(cast: Cast, commands: Commands) -> None:
    ended = await run(commands, "doctor", "--json")
    told = json.loads(ended.out)
    assert told["ok"] == (ended.code == 0) == all(one["ok"] for one in told["checks"])
    named = {one["name"]: one for one in told["checks"]}
    assert len(named) >= 4
    assert all(one["ok"] or one["advice"] for one in told["checks"]), "whatever is wrong comes with advice"
    plain = await run(commands, "doctor")
    assert all(name in plain.out for name in named)

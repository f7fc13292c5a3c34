"""`photobank faces …`: looking again, and packs from the file to being filled."""

from __future__ import annotations

import hashlib
import io
import zipfile

from photobank.models.recognition import FaceModel
from photobank.settings import Settings
from tests.cli.commands import Commands, run
from tests.factories import add_photo
from tests.house import Cast, audit_of


async def test_photos_are_marked_to_be_looked_at_again(cast: Cast, commands: Commands) -> None:
    one, _ = [await add_photo(cast.container, cast.shared, seed=n, with_bytes=False) for n in range(2)]
    assert (await run(commands, "faces", "look-again", "--asset", str(one), "--json")).json() == {"waiting": 1, "photos": 2}
    assert "2 of 2 photos" in (await run(commands, "faces", "look-again")).out
    gone = await run(commands, "faces", "look-again", "--asset", str(cast.shared))
    assert (gone.code, gone.err.count("\n")) == (1, 1)


async def test_a_pack_from_its_file_to_being_filled(cast: Cast, commands: Commands, house_settings: Settings) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("w600k_mbf.onnx", b"weights")
    file = house_settings.data_dir.parent / "pack.zip"
    file.write_bytes(out.getvalue())
    digest = hashlib.sha256(out.getvalue()).hexdigest()
    wrong = await run(commands, "faces", "install", str(file), "--name", "small", "--sha256", "0" * 64)
    assert wrong.code == 1
    for nowhere in (f"{file}.gone", "https://127.0.0.1/pack.zip", "http://packs.example/pack.zip"):
        refused = await run(commands, "faces", "install", nowhere, "--name", "small", "--sha256", digest)
        assert (refused.code, refused.err.count("\n")) == (1, 1), "an address is asked only out in the world, by https"
    made = await run(commands, "faces", "install", str(file), "--name", "small", "--sha256", digest, "--json")
    assert (made.json()["research_only"], made.json()["acknowledgement"]) == (True, True)
    assert "asks for an acknowledgement" in (await run(commands, "faces", "packs")).out
    assert (await run(commands, "faces", "fill", "small")).code == 1, "its licence was not acknowledged"
    filling = (await run(commands, "faces", "fill", "small", "--acknowledge", "--json")).json()
    assert (filling["state"], filling["wanted"], filling["filled"]) == ("indexing", 0, 0)
    assert (await run(commands, "faces", "switch", "small")).code == 1, "no worker has loaded it yet"
    assert (await run(commands, "faces", "retire", "small")).code == 0
    async with cast.container.sessions() as db:
        model = await db.get_one(FaceModel, filling["id"])
        assert (model.state, model.acknowledged_at is not None) == ("retired", True)
    (event,) = await audit_of(cast.container, "face-model:acknowledge")
    assert event.payload["pack"] == "small"
    assert "InsightFace" in event.payload["licence"]

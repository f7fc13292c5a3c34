"""No picture in the clear ever touches a disk: every file written while photos are sent and processed is looked into.

An inotify watch keeps open whatever is made or changed in the data folder (database and queue included), in the folder for temporary
files and directly in the system's; afterwards all of it is searched for pieces of the originals, of what was made of them, and of
their pixels. The watch is tried on plaintext first.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
import pyvips
from PIL import Image

from tests.system.inotify import Watch
from tests.system.needles import Needles, looks_like_a_picture
from tests.system.serving import Served

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="left out: inotify is Linux's")]

SYSTEM_FOLDERS = [Path(name) for name in ("/tmp", "/var/tmp", "/dev/shm") if Path(name).is_dir()]
LARGE = (6500, 5200)  # 101 million bytes of pixels: above what libvips keeps in memory when it is not told otherwise


def noise(width: int, height: int, seed: int) -> np.ndarray:
    """Pixels that compress badly, so that each piece of them is like no other."""
    coarse = np.random.default_rng(seed).integers(0, 256, (height // 4, width // 4, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


@pytest.fixture(scope="module")
def pictures() -> dict[str, bytes]:
    made: dict[str, bytes] = {}
    for seed, (name, kind) in enumerate([("one.jpg", "JPEG"), ("two.tif", "TIFF"), ("three.png", "PNG"), ("four.webp", "WEBP")]):
        out = io.BytesIO()
        Image.fromarray(noise(1600, 1200, seed)).save(out, kind)
        made[name] = out.getvalue()
    avif = noise(800, 600, 9)
    made["five.avif"] = bytes(
        pyvips.Image.new_from_memory(avif.tobytes(), 800, 600, 3, "uchar").heifsave_buffer(compression="av1", Q=60)
    )
    out = io.BytesIO()
    Image.fromarray(noise(*LARGE, 10)).save(out, "JPEG", quality=60)
    made["large.jpg"] = out.getvalue()
    return made


@pytest.fixture(scope="module")
def heic(request: pytest.FixtureRequest) -> dict[str, bytes]:
    """HEIC cannot be made here; real ones come from the samples, where those are."""
    try:
        folder: Path = request.getfixturevalue("shared_dir")
    except pytest.skip.Exception:
        return {}
    return {file.name: file.read_bytes() for file in sorted((folder / "data" / "formats").rglob("*.heic"))[:2]}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("plain")
    (folder / "tmp").mkdir()
    served = Served(folder, extra={"TMPDIR": str(folder / "tmp")})
    served.start()
    served.sign_up()
    yield served
    served.stop()


def send_in_pieces(client: httpx.Client, name: str, content: bytes) -> str:
    """By tus, in three pieces; gives the asset's id."""
    metadata = f"filename {base64.b64encode(name.encode()).decode()},on_duplicate {base64.b64encode(b'keep').decode()}"
    told = {"Tus-Resumable": "1.0.0"}
    made = client.post("/api/v1/uploads", headers={**told, "Upload-Length": str(len(content)), "Upload-Metadata": metadata})
    assert made.status_code == 201, made.text
    third = len(content) // 3 + 1
    for at in range(0, len(content), third):
        headers = {**told, "Upload-Offset": str(at), "Content-Type": "application/offset+octet-stream"}
        moved = client.patch(made.headers["Location"], content=content[at : at + third], headers=headers)
        assert moved.status_code == 204, moved.text
    return moved.headers["Photobank-Asset"]


def found_in(watch: Watch, needles: Needles, private: Path) -> list[str]:
    """What is wrong with what was written. In the folder for temporary files a file that vanished unread is wrong as well."""
    assert not watch.overflowed, "more happened than could be followed"
    wrong = [f"{path} came and went" for path in watch.vanished if path.is_relative_to(private)]
    for path, data in watch.contents():
        if (piece := needles.within(data)) is not None:
            wrong.append(f"{path} holds a piece of a picture: {piece!r}")
        elif path.is_relative_to(private.parent) and looks_like_a_picture(data):
            wrong.append(f"{path} begins like a picture")
    return wrong


WRITERS = {
    "a file deleted at once": "import os,sys; f=open(sys.argv[1]+'/x','wb'); f.write(D); f.flush(); os.unlink(f.name)",
    "a folder made for it and removed": "import tempfile,sys; d=tempfile.mkdtemp(dir=sys.argv[1]); f=open(d+'/x','wb'); f.write(D); f.close();"
    "import shutil; shutil.rmtree(d)",
    "a piece in the middle of a file": "import sys; open(sys.argv[1]+'/y','wb').write(b'#'*777+D[5001:5065]+b'#'*99)",
    "a file without a name": "import os,sys,time; f=os.open(sys.argv[1],os.O_TMPFILE|os.O_RDWR); os.write(f,D)",
    "a file in a folder that was there": "import sys; open(sys.argv[1]+'/../data/z','wb').write(D)",
}


@pytest.mark.parametrize("how", WRITERS)
def test_the_watch_would_notice(tmp_path: Path, pictures: dict[str, bytes], how: str) -> None:
    content = pictures["one.jpg"]
    (tmp_path / "picture").write_bytes(content)
    private, data = tmp_path / "tmp", tmp_path / "data"
    private.mkdir()
    data.mkdir()
    with Watch([private, data], []) as watch:
        code = f"D=open({str(tmp_path / 'picture')!r},'rb').read();{WRITERS[how]}"
        subprocess.run([sys.executable, "-c", code, str(private)], check=True)
        time.sleep(0.3)
        watch.stop()
        assert found_in(watch, Needles([content]), private)


def test_nothing_is_found_where_nothing_is(tmp_path: Path, pictures: dict[str, bytes]) -> None:
    (tmp_path / "tmp").mkdir()
    with Watch([tmp_path], []) as watch:
        (tmp_path / "tmp" / "x").write_bytes(os.urandom(3_000_000))
        time.sleep(0.3)
        watch.stop()
        assert len(watch.contents()) == 1
        assert found_in(watch, Needles(pictures.values()), tmp_path / "tmp") == []


def test_no_picture_lies_in_the_clear_while_photos_are_sent_and_processed(
    house: Served, pictures: dict[str, bytes], heic: dict[str, bytes]
) -> None:
    everything = pictures | heic
    private = house.folder / "tmp"
    with Watch([house.data, private], SYSTEM_FOLDERS) as watch, house.client() as client:
        ids = []
        for name, content in everything.items():
            sent = house.send(client, name, content, "keep")
            assert sent.status_code == 201, sent.text
            ids += [sent.json()["id"], send_in_pieces(client, name, content)]
        # One that breaks off, and one that is no picture after its first bytes.
        with pytest.raises(httpx.HTTPError):
            client.post("/api/v1/assets", content=_breaking_off(everything["one.jpg"]), headers={"Upload-Filename": "b.jpg"})
        broken = everything["one.jpg"][:3000] + hashlib.sha512(b"x").digest() * 3000
        ids.append(house.send(client, "c.jpg", broken, "keep").json()["id"])

        def settled() -> bool:
            return all(client.get(f"/api/v1/assets/{id_}").json()["state"] in ("ready", "rejected") for id_ in ids)

        house.until(settled, 150)
        shown = [
            client.get(f"/api/v1/assets/{id_}/renditions/{name}").content
            for id_ in ids[: 2 * len(everything)]
            for name in ("thumb", "preview", "large")
        ]
        assert all(looks_like_a_picture(picture) for picture in shown)
        time.sleep(1)
        watch.stop()
        rows = [row.tobytes() for row in noise(*LARGE, 10)[::97]]
        needles = Needles([*everything.values(), broken, *shown, *rows])
        assert len(needles) > 50_000
        blobs = [path for path, _ in watch.contents() if path.is_relative_to(house.data / "blobs")]
        assert len(blobs) >= 4 * 2 * len(everything), "the watch saw the encrypted ones"
        assert any(path.is_relative_to(house.data / "postgres") for path, _ in watch.contents())
        wrong = found_in(watch, needles, private)
        assert not wrong, "\n".join(wrong)


def _breaking_off(content: bytes) -> Iterator[bytes]:
    yield content[:200_000]
    raise httpx.ReadError("the connection breaks")

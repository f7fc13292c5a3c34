"""A face pack out of a ZIP: whole or not at all, and nowhere but in its folder."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from photobank.kernel.errors import Conflict, Invalid
from photobank.vision import packs, unpacking


def zipped(place: Path, **files: bytes) -> tuple[Path, str]:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    file = place / "pack.zip"
    file.write_bytes(out.getvalue())
    return file, hashlib.sha256(out.getvalue()).hexdigest()


def left_over(models: Path) -> list[str]:
    return sorted(path.name for path in models.iterdir()) if models.exists() else []


def test_models_come_out_flat_and_other_files_are_left_out(tmp_path: Path) -> None:
    files = {
        "deep/er/recognise.onnx": b"model",
        "pack.json": b'{"title": "Ours", "licence": "Apache-2.0"}',
        "../../evil.onnx": b"evil",
        "run.sh": b"rm -rf /",
        "/etc/.hidden.onnx": b"no",
    }
    file, digest = zipped(tmp_path, **files)
    folder = unpacking.unpack(file, digest.upper(), "ours", tmp_path / "models")
    assert sorted(path.name for path in folder.iterdir()) == ["evil.onnx", "pack.json", "recognise.onnx"]
    assert left_over(tmp_path / "models") == ["ours"]
    assert not list(tmp_path.glob("evil*"))
    (ours,) = [pack for pack in packs.installed(tmp_path / "models") if pack.name == "ours"]
    assert (ours.title, ours.licence, ours.acknowledgement) == ("Ours", "Apache-2.0", False)
    with pytest.raises(Conflict):
        unpacking.unpack(file, digest, "ours", tmp_path / "models")


def test_nothing_is_left_of_what_is_no_pack(tmp_path: Path) -> None:
    models = tmp_path / "models"
    file, digest = zipped(tmp_path, **{"readme.md": b"nothing"})
    with pytest.raises(Invalid, match=r"no \.onnx"):
        unpacking.unpack(file, digest, "ours", models)
    with pytest.raises(Invalid, match="sha256"):
        unpacking.unpack(file, "0" * 64, "ours", models)
    file.write_bytes(b"no zip at all")
    with pytest.raises(Invalid):
        unpacking.unpack(file, hashlib.sha256(b"no zip at all").hexdigest(), "ours", models)
    for name in ("", "open", "fake", "../ours", "Ours", "a/b", "-x", "x" * 61):
        with pytest.raises(Invalid, match="name"):
            unpacking.unpack(file, digest, name, models)
    assert left_over(models) == []


def test_an_archive_that_swells_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "LARGEST", 2**20)
    file, digest = zipped(tmp_path, **{"big.onnx": bytes(3 * 2**20)})
    with pytest.raises(Invalid, match="too large"):
        unpacking.unpack(file, digest, "ours", tmp_path / "models")
    assert left_over(tmp_path / "models") == []


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/pack.zip",
        "https://127.0.0.1/pack.zip",
        "https://localhost/pack.zip",
        "https://[::1]/pack.zip",
        "https://10.0.0.8/pack.zip",
        "https://169.254.169.254/latest",
        "https://user:word@192.0.2.1/pack.zip",
        "file:///etc/passwd",
        "https:///pack.zip",
    ],
)
async def test_no_address_of_this_network_is_asked(address: str) -> None:
    from photobank.people.installing import _require_public

    with pytest.raises(Invalid):
        await _require_public(address)

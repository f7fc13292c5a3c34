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


def test_what_is_odd_in_an_archive_is_no_pack(tmp_path: Path) -> None:
    odd = [{"a/x.onnx": b"one", "b/x.onnx": b"two"}, {f"{'x' * 250}.onnx": b"long"}, {f"{n}.onnx": b"" for n in range(101)}]
    made = [zipped(tmp_path, **files)[0].read_bytes() for files in odd]
    broken = bytearray(zipped(tmp_path, **{"x.onnx": b"x" * 1000})[0].read_bytes())
    broken[40:60] = b"?" * 20
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("x.onnx", b"x")
    sealed = bytearray(zipped(tmp_path, **{"x.onnx": b"x"})[0].read_bytes())
    for mark, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        sealed[sealed.index(mark) + flag] |= 1  # says that it is encrypted
    for content in (*made, bytes(broken), out.getvalue(), bytes(sealed)):
        file = tmp_path / "odd.zip"
        file.write_bytes(content)
        with pytest.raises(Invalid):
            unpacking.unpack(file, hashlib.sha256(content).hexdigest(), "ours", tmp_path / "models")
    assert left_over(tmp_path / "models") == []

"""Packs: what a setting names, what a licence asks, and that a missing or broken pack is one clear sentence and no download."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from photobank.kernel.errors import ConfigurationError
from photobank.vision import open_pack, packs
from photobank.vision.insightface import InsightFacePack


def test_the_open_pack_asks_for_nothing(tmp_path: Path) -> None:
    pack = packs.describe("open", tmp_path)
    assert (pack.engine, pack.research_only, pack.acknowledgement) == ("open", False, False)


@pytest.mark.parametrize("name", ["buffalo_l", "elsewhere/pack", "/nowhere/at/all"])
def test_a_missing_pack_is_one_clear_sentence_and_no_download(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    with pytest.raises(ConfigurationError, match=r"There is no face pack .*downloads none.*PHOTOBANK_FACE_PACK=open\.$"):
        packs.load(name, tmp_path)


def test_an_empty_folder_is_no_pack(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigurationError, match=r"holds no \.onnx model"):
        packs.load("empty", tmp_path)


def test_a_broken_model_is_a_configuration_error(tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/detector.onnx").write_bytes(b"this is no model")
    with pytest.raises(ConfigurationError, match="cannot be loaded"):
        packs.load("broken", tmp_path)


def test_an_unknown_licence_asks_for_an_acknowledgement(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    pack = packs.describe("own", tmp_path)
    assert (pack.licence_key, pack.acknowledgement) == ("packs.licence.unknown", True)


def test_a_pack_may_state_its_licence(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own/pack.json").write_text(json.dumps({"title": "Ours", "licence": "Apache-2.0"}))
    pack = packs.describe("own", tmp_path)
    assert (pack.title, pack.licence, pack.licence_key, pack.acknowledgement) == (
        "Ours",
        "Apache-2.0",
        "packs.licence.stated",
        False,
    )


def test_known_research_weights_are_recognised_whatever_the_folder_is_called_or_claims(shared: Path, tmp_path: Path) -> None:
    folder = tmp_path / "totally_free"
    folder.mkdir()
    for model in (shared / "models/insightface-small").glob("*.onnx"):
        (folder / model.name).symlink_to(model)
    (folder / "pack.json").write_text(json.dumps({"licence": "MIT"}))
    pack = packs.describe("totally_free", tmp_path)
    assert (pack.research_only, pack.acknowledgement, pack.licence_key) == (True, True, "packs.licence.research")
    assert [each.name for each in packs.installed(tmp_path)] == ["open", "totally_free"]


def test_packs_of_different_models_have_different_tags_and_sizes(small_packs: dict[str, InsightFacePack]) -> None:
    large, small = small_packs["insightface-small"], small_packs["insightface-small-128"]
    assert (large.dim, small.dim) == (512, 128)
    assert large.tag != small.tag


def test_a_tag_follows_the_weights_not_the_folder(shared: Path, tmp_path: Path, small_packs: dict[str, InsightFacePack]) -> None:
    folder = tmp_path / "renamed"
    folder.mkdir()
    for model in (shared / "models/insightface-small-128").glob("*.onnx"):
        (folder / model.name).symlink_to(model)
    assert packs.load("renamed", tmp_path).tag == small_packs["insightface-small-128"].tag


def test_the_model_that_is_not_free_is_not_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (open_pack.RESNET, open_pack.FIVE_POINTS):
        (tmp_path / name).symlink_to(open_pack._models_folder() / name)
    monkeypatch.setattr(open_pack, "_models_folder", lambda: tmp_path)
    assert packs.load("open", tmp_path).dim == 128


def test_the_package_of_weights_is_found_but_not_run() -> None:
    script = (
        "import sys; from photobank.vision.open_pack import OpenPack; OpenPack(); print('face_recognition_models' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", script], check=True, timeout=60, capture_output=True, text=True)
    assert done.stdout.strip() == "False"

"""The prebuilt front end and the process that serves it lean on names internal to the UI framework: these tests say when they change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from reflex_base.environment import EnvironmentVariables

from photobank.kernel.errors import ConfigurationError
from photobank.runtime import frontend, launcher
from photobank.settings import load
from tests.conftest import ROOT


def test_the_framework_still_knows_the_names_we_set() -> None:
    known = {name for base in EnvironmentVariables.__mro__ for name in vars(base).get("__annotations__", {})}
    for name in launcher.framework_environment(load(redis_url="redis://x/0")):
        assert name.removeprefix("__") in known | {"REFLEX_USE_GRANIAN", "REFLEX_REDIS_URL", "REFLEX_TELEMETRY_ENABLED"}, name
    assert EnvironmentVariables.REFLEX_SKIP_COMPILE.name == "__REFLEX_SKIP_COMPILE"
    assert EnvironmentVariables.REFLEX_MOUNT_FRONTEND_COMPILED_APP.name == "__REFLEX_MOUNT_FRONTEND_COMPILED_APP"


def chunk(folder: Path, text: str) -> Path:
    file = folder / "assets" / "reflex-env-Ab12Cd34.js"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    for suffix in (".gz", ".br"):
        (folder / "assets" / (file.name + suffix)).write_bytes(b"packed before")
    return file


def test_pages_speak_to_the_address_they_came_from(tmp_path: Path) -> None:
    file = chunk(tmp_path, 'var e={PING:`http://photobank.invalid/ping`,EVENT:"ws://photobank.invalid/_event"};export{e as t};')
    frontend.rewrite_address(tmp_path)
    assert file.read_text() == (
        "var e={PING:`http${location.protocol.slice(4)}//${location.host}/ping`,"
        "EVENT:`ws${location.protocol.slice(4)}//${location.host}/_event`};export{e as t};"
    )
    assert (tmp_path / "assets" / (file.name + ".gz")).read_bytes()[:2] == b"\x1f\x8b"
    assert not (tmp_path / "assets" / (file.name + ".br")).exists(), "it would be served with the old address"


def test_a_build_without_the_address_is_refused(tmp_path: Path) -> None:
    chunk(tmp_path, "nothing here")
    with pytest.raises(ConfigurationError, match="rewrite_address"):
        frontend.rewrite_address(tmp_path)


def test_a_changed_source_makes_the_build_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REFLEX_WEB_WORKDIR", raising=False)
    (tmp_path / "components").mkdir()
    page = tmp_path / "components" / "page.py"
    page.write_text("1")
    client = frontend.client_dir(tmp_path)
    client.mkdir(parents=True)
    (client / "index.html").write_text("")
    assert not frontend.is_built(tmp_path)
    (client / frontend.STAMP).write_text(frontend.digest(tmp_path))
    assert frontend.is_current(tmp_path)
    (tmp_path / "components" / "__pycache__").mkdir()
    (tmp_path / "components" / "__pycache__" / "page.pyc").write_text("x")
    assert frontend.is_current(tmp_path)
    page.write_text("2")
    assert frontend.is_built(tmp_path)
    assert not frontend.is_current(tmp_path)


def test_without_a_build_the_web_process_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFLEX_WEB_WORKDIR", str(tmp_path))
    with pytest.raises(ConfigurationError, match="make run"):
        launcher.serve(load(data_dir=tmp_path))


def test_the_lock_is_sorted_and_without_addresses() -> None:
    lock = {"requires": True, "packages": {"b": {"funding": {"url": "https://x"}, "version": "1"}, "a": {"version": "2"}}}
    assert (
        json.dumps(frontend._sorted_lock(lock)) == '{"packages": {"a": {"version": "2"}, "b": {"version": "1"}}, "requires": true}'
    )


@pytest.mark.skipif(not frontend.is_built(), reason="left out: the front end is not built (make test builds it)")
def test_the_build_at_hand_holds_no_fixed_address() -> None:
    texts = [file.read_text(encoding="utf-8") for file in frontend.client_dir().rglob("*.js")]
    assert not any("photobank.invalid" in text or "localhost:8000" in text for text in texts)
    assert any("location.host" in text for text in texts)
    assert (ROOT / "reflex.lock").is_dir()

"""`doctor` finds what is wrong and says what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from photobank.cli.checks import CHECKS
from photobank.runtime.doctor import Checked, Surroundings, examine
from photobank.settings import Settings, load
from tests.servers import TestServers


def settings_for(folder: Path, database_url: str, redis_url: str, **more: object) -> Settings:
    return load(data_dir=folder, database_url=SecretStr(database_url), redis_url=SecretStr(redis_url), face_pack="fake", **more)


def named(found: list[Checked], name: str) -> Checked:
    return next(item for item in found if item.name == name)


async def test_a_sound_house(fresh_database_url: str, redis_url: str, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, fresh_database_url, redis_url)
    for _ in range(2):  # the second time there are keys to look at
        found = await examine(settings, CHECKS)
        assert [item for item in found if not item.ok and item.name != "front end"] == []
    assert {item.name for item in found} >= {"python", "data folder", "database", "migrations", "redis", "clock", "master key"}
    assert {item.name for item in found} >= {"folder keys", "blob store", "face pack"}


async def test_whose_the_log_is(servers: TestServers, fresh_database_url: str, redis_url: str, tmp_path: Path) -> None:
    found = named(await examine(settings_for(tmp_path, fresh_database_url, redis_url)), "audit log")
    apart = servers.owner_url is not None  # on external servers one role does all
    assert (found.ok, found.detail == "can only be added to") == (True, apart)


async def test_a_master_key_that_others_may_read(fresh_database_url: str, redis_url: str, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, fresh_database_url, redis_url)
    await _make_keys(settings)
    (tmp_path / "keys" / "master.json").chmod(0o644)
    finding = named(await examine(settings, CHECKS), "master key")
    assert not finding.ok
    assert "chmod 600" in finding.advice


async def test_the_key_of_another_house(fresh_database_url: str, redis_url: str, tmp_path: Path) -> None:
    await _make_keys(settings_for(tmp_path / "one", fresh_database_url, redis_url))
    other = settings_for(
        tmp_path / "other", fresh_database_url, redis_url, master_key="AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    )
    finding = named(await examine(other, CHECKS), "folder keys")
    assert not finding.ok
    assert "same backup" in finding.advice


async def test_servers_that_do_not_answer(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, "postgresql://x@127.0.0.1:9/x", "redis://127.0.0.1:9/0")
    found = await examine(settings)
    assert not named(found, "database").ok
    assert not named(found, "redis").ok
    assert all(item.advice for item in found if not item.ok)


async def test_a_pack_that_is_not_there(fresh_database_url: str, redis_url: str, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, fresh_database_url, redis_url).model_copy(update={"face_pack": "nowhere"})
    finding = named(await examine(settings, CHECKS), "face pack")
    assert not finding.ok
    assert "PHOTOBANK_FACE_PACK" in finding.advice


async def test_a_check_that_breaks_is_a_finding(fresh_database_url: str, redis_url: str, tmp_path: Path) -> None:
    async def broken(around: Surroundings) -> Checked:
        raise RuntimeError("oops")

    finding = named(await examine(settings_for(tmp_path, fresh_database_url, redis_url), (broken,)), "broken")
    assert not finding.ok
    assert "oops" in finding.detail


async def _make_keys(settings: Settings) -> None:
    from photobank.bootstrap import open_container

    async with open_container(settings):
        pass
    assert json.loads((settings.data_dir / "keys" / "master.json").read_text())


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_private_file_is_fine(tmp_path: Path, mode: int) -> None:
    from photobank.runtime.doctor import private_file

    file = tmp_path / "key"
    file.write_text("x")
    file.chmod(mode)
    assert private_file(file) == ""

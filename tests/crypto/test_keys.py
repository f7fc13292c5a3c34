"""Master keys are made once, kept to ourselves, rotated without a restart; wrapped keys open for their own thing only."""

import base64
import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest

from photobank.crypto.envelope import WRAPPED_BYTES, kek_id, new_key, rewrap, subkey, unwrap, wrap, wrapping_of
from photobank.crypto.providers import FileMasterKeys, FixedMasterKeys, StaticKeys, key_id
from photobank.kernel.errors import ConfigurationError, Conflict, Damaged
from tests.blobs import stranger

ASSET = UUID("01920000-0000-7000-8000-000000000001")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "master.json"


def test_the_file_is_made_once_and_for_us_alone(path: Path) -> None:
    first = FileMasterKeys(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert FileMasterKeys(path).current() == first.current()
    assert os.listdir(path.parent) == ["master.json"]


def test_processes_that_start_together_agree(path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _: FileMasterKeys(path), range(8)))
    assert len({ring.current() for ring in rings}) == 1


def test_rotation_needs_no_restart(path: Path) -> None:
    running, tool = FileMasterKeys(path), FileMasterKeys(path)
    old = running.current()[0]
    new = tool.add_key()
    assert tool.current()[0] == old
    tool.set_current(new)
    assert running.get(new) == tool.get(new)
    assert running.current()[0] == new
    assert running.ids() == [old, new]
    tool.remove_key(old)
    with pytest.raises(Damaged):
        FileMasterKeys(path).get(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_mistakes_in_rotation_are_refused(path: Path) -> None:
    ring = FileMasterKeys(path)
    name, key = ring.current()
    for mistake in (lambda: ring.add_key(key), lambda: ring.set_current("00000000"), lambda: ring.remove_key(name)):
        with pytest.raises(Conflict):
            mistake()
    assert ring.current() == (name, key)


def test_keys_added_at_the_same_time_are_all_kept(path: Path) -> None:
    ring = FileMasterKeys(path)
    with ThreadPoolExecutor(4) as pool:
        names = set(pool.map(lambda _: FileMasterKeys(path).add_key(), range(8)))
    assert names < set(ring.ids())
    assert len(ring.ids()) == 9


def test_a_file_that_others_can_read_stops_the_start(path: Path) -> None:
    FileMasterKeys(path)
    path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        FileMasterKeys(path)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"version": 2}', '{"version": 1}', '{"version": 1, "current": "00000000", "keys": []}',
     '{"version": 1, "current": "00000000", "keys": [{"id": "00000000", "key": "AAAA"}]}'],
)  # fmt: skip
def test_a_damaged_file_stops_the_start_and_is_never_replaced(path: Path, text: str) -> None:
    FileMasterKeys(path)
    path.write_text(text)
    with pytest.raises(ConfigurationError):
        FileMasterKeys(path)
    assert path.read_text() == text


def test_a_key_under_the_id_of_another_stops_the_start(path: Path) -> None:
    FileMasterKeys(path)
    document = json.loads(path.read_text())
    document["keys"][0]["key"] = base64.b64encode(bytes(32)).decode()
    path.write_text(json.dumps(document))
    with pytest.raises(ConfigurationError, match="damaged"):
        FileMasterKeys(path)


def test_keys_from_the_settings() -> None:
    old, new = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
    ring = FixedMasterKeys(f"{new}, {old}")
    assert ring.current() == (key_id(b"\x02" * 32), b"\x02" * 32)
    assert ring.get(key_id(b"\x01" * 32)) == b"\x01" * 32
    assert ring.ids() == [key_id(b"\x01" * 32), key_id(b"\x02" * 32)]
    for text in ("", "x", "AAAA", f"{new},", "é"):
        with pytest.raises(ConfigurationError) as caught:
            FixedMasterKeys(text)
        assert not text or text not in str(caught.value)


# Wrapped keys


@pytest.mark.parametrize("at", [0, 1, 4, 5, 40, -1])
def test_an_altered_wrapped_key_is_refused(at: int) -> None:
    ring = StaticKeys(bytes(32))
    wrapped = bytearray(wrap(*ring.current(), new_key(), wrapping_of("asset", ASSET)))
    wrapped[at] ^= 1
    with pytest.raises(Damaged):
        unwrap(ring, bytes(wrapped), wrapping_of("asset", ASSET))


def test_a_wrapped_key_opens_for_its_own_thing_only() -> None:
    ring, key = StaticKeys(bytes(32)), new_key()
    wrapped = wrap(*ring.current(), key, wrapping_of("asset", ASSET))
    assert len(wrapped) == WRAPPED_BYTES
    assert unwrap(ring, wrapped, wrapping_of("asset", ASSET)) == key
    assert unwrap(bytes(32), wrapped, wrapping_of("asset", ASSET)) == key
    for aad in (wrapping_of("folder", ASSET), wrapping_of("asset", UUID(int=1)), b""):
        with pytest.raises(Damaged):
            unwrap(ring, wrapped, aad)
    for other in (b"", wrapped[:-1], wrapped + b"x"):
        with pytest.raises(Damaged):
            unwrap(ring, other, wrapping_of("asset", ASSET))


def test_rewrapping_keeps_the_key_and_changes_what_opens_it() -> None:
    old, new, key, aad = bytes(32), b"\x01" * 32, new_key(), wrapping_of("folder", ASSET)
    wrapped = wrap(key_id(old), old, key, aad)
    fresh = rewrap(StaticKeys(new, old), wrapped, aad)
    assert unwrap(new, fresh, aad) == key
    assert kek_id(fresh) == key_id(new)
    assert rewrap(StaticKeys(new, old), fresh, aad) == fresh
    with pytest.raises(Damaged):
        unwrap(StaticKeys(new), wrapped, aad)


def test_a_stranger_unwraps_by_docs_formats() -> None:
    ring, key = StaticKeys(bytes(32)), new_key()
    assert stranger.unwrap(bytes(32), "asset", str(ASSET), wrap(*ring.current(), key, wrapping_of("asset", ASSET))) == key
    info = stranger.listed(b"photobank/subkey/v1", b"metadata")
    assert subkey(bytes(32), "metadata") == stranger.expand(bytes(32), info, 32) != subkey(bytes(32), "upload-tail")

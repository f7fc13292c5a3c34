"""Memory that a worker and its decoding process share: sealed, bounded, without a name on any disk; and pictures that do not fit go by pipe."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from pathlib import Path

import pytest

from photobank.imaging import shared
from photobank.imaging.recipe import Recipe
from photobank.imaging.sandbox import Decoder
from photobank.imaging.shared import ROOM, Room
from tests.imaging.conftest import MEMORY

pytestmark = pytest.mark.skipif(platform.system() != "Linux", reason="left out: memory without a name is Linux's")
RECIPE = Recipe(400, 400)
MARK = bytes(range(128))


@pytest.fixture
def room() -> Iterator[Room]:
    made = Room.make()
    assert made is not None
    yield made
    made.close()


def test_what_one_side_lays_down_the_other_takes(room: Room) -> None:
    other = Room(os.dup(room.handle))
    assert other.put([b"pixels", b"", b"weights"])
    assert room.take([6, 0, 7], bytes) == [b"pixels", b"", b"weights"]
    other.close()


def test_it_takes_no_more_than_there_is_room_for(room: Room) -> None:
    assert not room.put([bytes(ROOM), b"x"])
    with pytest.raises(ValueError, match="room"):
        room.take([ROOM, 1], bytes)


def test_what_was_taken_is_a_copy(room: Room) -> None:
    room.put([b"first"])
    (taken,) = room.take([5], bytes)
    room.put([b"later"])
    assert taken == b"first"


@pytest.mark.parametrize("size", [0, ROOM // 2, ROOM * 2])
def test_neither_side_can_pull_it_away_under_the_other(room: Room, size: int) -> None:
    with pytest.raises(PermissionError):
        os.ftruncate(room.handle, size)


def test_it_has_no_name_on_a_disk(room: Room) -> None:
    assert Path(f"/proc/self/fd/{room.handle}").readlink().as_posix() == "/memfd:photobank-pixels (deleted)"


async def test_pictures_come_and_go_by_it_and_without_it_by_pipe(astronaut_png: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    made = {}
    for way in ("shared", "pipe"):
        if way == "pipe":
            monkeypatch.setattr(shared.Room, "make", classmethod(lambda _: None))
        async with Decoder(max_pixels=10**8, seconds=60, memory_bytes=MEMORY) as decoder:
            first = await decoder.make(astronaut_png, RECIPE, mark=MARK, keep=True)
            assert first.base is not None
            assert len(first.base.pixels) == 400 * 400 * 3
            again = await decoder.finish(first.base, RECIPE, mark=MARK)
            maps = Path(f"/proc/{decoder.pids[0]}/maps").read_text()
            assert ("/memfd:photobank-pixels" in maps) == (way == "shared")
            made[way] = first.data, again.data
    assert made["shared"][0] == made["shared"][1]
    assert made["shared"] == made["pipe"]


async def test_a_picture_larger_than_the_room_goes_by_pipe(decoder: Decoder, astronaut_png: bytes) -> None:
    padded = astronaut_png + bytes(ROOM)
    assert (await decoder.process(padded)).width == 512


async def test_ended_processes_give_it_back(astronaut_png: bytes) -> None:
    def rooms() -> int:
        links = (
            os.readlink(f"/proc/self/fd/{one}") for one in os.listdir("/proc/self/fd") if os.path.islink(f"/proc/self/fd/{one}")
        )
        return sum("memfd:photobank-pixels" in link for link in links)

    before = rooms()
    async with Decoder(max_pixels=10**8, seconds=60, memory_bytes=MEMORY, pictures_per_process=1) as decoder:
        for _ in range(3):
            await decoder.derive(astronaut_png, 100)
        assert rooms() == before

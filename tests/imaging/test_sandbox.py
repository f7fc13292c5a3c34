"""Whatever happens to a decoding process, one picture is rejected and the worker goes on."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyvips
import uvloop

from photobank.imaging import wire
from photobank.imaging.confined import Confined
from photobank.imaging.crop import Box
from photobank.imaging.renditions import Size
from photobank.imaging.results import Plan
from photobank.imaging.sandbox import Decoder
from photobank.kernel.errors import ImageRejected
from tests.imaging.conftest import MEMORY, picture, pixels


@pytest.fixture(scope="session")
def slow_png() -> bytes:
    """Noise that takes a good while to decode and shrink."""
    noise = pyvips.Image.gaussnoise(6000, 6000, mean=128, sigma=60).cast("uchar")
    return bytes(noise.bandjoin([noise, noise]).copy(interpretation="srgb").pngsave_buffer(compression=1, filter="none"))


@pytest.fixture(scope="session")
def heavy_png() -> bytes:
    """Small as a file, yet interlaced, so that all 768 MB of pixels must be in memory at once."""
    flat = pyvips.Image.black(16_000, 16_000, bands=3).copy(interpretation="srgb")
    return bytes(flat.pngsave_buffer(interlace=True))


async def test_a_killed_process_rejects_one_picture_only(slow_png: bytes, astronaut_png: bytes) -> None:
    async with Decoder(max_pixels=10**8, seconds=60, memory_bytes=MEMORY) as decoder:
        await decoder.process(astronaut_png)
        (pid,) = decoder.pids
        under_way = asyncio.create_task(decoder.process(slow_png))
        await asyncio.sleep(0.3)
        os.kill(pid, signal.SIGSEGV)
        with pytest.raises(ImageRejected) as caught:
            await under_way
        assert caught.value.reason == "crashed"
        assert (await decoder.process(astronaut_png)).width == 512
        assert decoder.pids != (pid,)


async def test_a_warm_one_is_there_before_the_first_picture(astronaut_png: bytes) -> None:
    async with Decoder(max_pixels=10**8, seconds=60, memory_bytes=MEMORY, processes=2) as decoder:
        await decoder.warm()
        (pid,) = decoder.pids
        await decoder.process(astronaut_png)
        assert decoder.pids == (pid,)


def test_it_works_on_the_loop_of_web_servers(astronaut_png: bytes) -> None:
    async def once() -> int:
        async with Decoder(max_pixels=10**8, seconds=60, memory_bytes=MEMORY) as decoder:
            return (await decoder.derive(astronaut_png, 256)).width

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(once()) == 256


async def test_a_process_killed_by_somebody_else_costs_no_picture(slow_png: bytes) -> None:
    async with Decoder(max_pixels=10**8, seconds=60, memory_bytes=MEMORY) as decoder:
        under_way = asyncio.create_task(decoder.process(slow_png))
        while not decoder.pids:
            await asyncio.sleep(0.05)
        (pid,) = decoder.pids
        await asyncio.sleep(0.3)
        os.kill(pid, signal.SIGKILL)
        assert (await under_way).width == 6000
        assert decoder.pids != (pid,)


async def test_a_picture_that_gets_its_process_killed_twice_is_rejected(slow_png: bytes) -> None:
    async with Decoder(max_pixels=10**8, seconds=60, memory_bytes=MEMORY) as decoder:
        under_way = asyncio.create_task(decoder.process(slow_png))
        killed: set[int] = set()
        while not under_way.done():
            await asyncio.sleep(0.2)
            for pid in set(decoder.pids) - killed:
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)
        with pytest.raises(ImageRejected) as caught:
            await under_way
        assert (caught.value.reason, len(killed)) == ("crashed", 2)


async def test_a_process_that_died_in_between_is_replaced(astronaut_png: bytes) -> None:
    async with Decoder(max_pixels=10**8, seconds=60, memory_bytes=MEMORY) as decoder:
        await decoder.process(astronaut_png)
        os.kill(decoder.pids[0], signal.SIGKILL)
        await asyncio.sleep(0.2)
        assert (await decoder.process(astronaut_png)).width == 512


async def test_slow_is_rejected_and_the_process_ended(slow_png: bytes, astronaut_png: bytes) -> None:
    async with Decoder(max_pixels=10**8, seconds=60, memory_bytes=MEMORY) as decoder:
        await decoder.process(astronaut_png)
        (pid,) = decoder.pids
        decoder.seconds = 0.2
        with pytest.raises(ImageRejected) as caught:
            await decoder.process(slow_png)
        assert caught.value.reason == "too_slow"
        assert not Path(f"/proc/{pid}").exists()
        decoder.seconds = 60
        assert (await decoder.process(astronaut_png)).width == 512


async def test_too_much_memory_is_rejected(heavy_png: bytes, astronaut_png: bytes) -> None:
    async with Decoder(max_pixels=300_000_000, seconds=60, memory_bytes=600 * 2**20) as decoder:
        with pytest.raises(ImageRejected) as caught:
            await decoder.process(heavy_png)
        assert caught.value.reason == "too_much_memory"
        assert (await decoder.process(astronaut_png)).width == 512


async def test_memory_that_earlier_pictures_left_no_room_in_is_no_fault_of_the_picture(
    monkeypatch: pytest.MonkeyPatch, astronaut_png: bytes
) -> None:
    told: list[int] = []
    exchange = Confined.exchange

    async def cramped(one: Confined, header: dict[str, Any], pictures: Any, seconds: float) -> tuple[dict[str, Any], list[bytes]]:
        told.append(one.pictures)
        if one.pictures > 1:
            return {"rejected": "too_much_memory", "params": {}}, []
        return await exchange(one, header, pictures, seconds)

    monkeypatch.setattr(Confined, "exchange", cramped)
    async with Decoder(max_pixels=10**7, seconds=60, memory_bytes=MEMORY) as decoder:
        await decoder.process(astronaut_png)
        (pid,) = decoder.pids
        assert (await decoder.process(astronaut_png)).width == 512
        assert told == [1, 2, 1]
        assert decoder.pids != (pid,)


async def test_a_cancelled_request_leaves_the_decoder_usable(slow_png: bytes, astronaut_png: bytes) -> None:
    async with Decoder(max_pixels=10**8, seconds=60, memory_bytes=MEMORY) as decoder:
        await decoder.process(astronaut_png)
        under_way = asyncio.create_task(decoder.process(slow_png))
        await asyncio.sleep(0.2)
        under_way.cancel()
        with pytest.raises(asyncio.CancelledError):
            await under_way
        assert (await decoder.process(astronaut_png)).width == 512


async def test_processes_are_replaced_after_their_share(astronaut_png: bytes) -> None:
    async with Decoder(max_pixels=10**8, seconds=60, memory_bytes=MEMORY, pictures_per_process=2) as decoder:
        seen = []
        for _ in range(3):
            await decoder.process(astronaut_png)
            seen.append(decoder.pids)
        assert seen[0]
        assert seen[1] == ()
        assert seen[2] != seen[0]


async def test_two_pictures_at_once_use_two_processes(slow_png: bytes) -> None:
    async with Decoder(max_pixels=10**8, seconds=60, memory_bytes=MEMORY, processes=2) as decoder:
        photos = await asyncio.gather(decoder.process(slow_png), decoder.process(slow_png))
        assert photos[0].phash == photos[1].phash
        assert len(set(decoder.pids)) == 2


async def test_the_process_has_no_secrets_and_can_write_nothing(monkeypatch: pytest.MonkeyPatch, astronaut_png: bytes) -> None:
    monkeypatch.setenv("PHOTOBANK_MASTER_KEY", "not for strangers")
    async with Decoder(max_pixels=10**8, seconds=60, memory_bytes=MEMORY) as decoder:
        await decoder.process(astronaut_png)
        place = Path(f"/proc/{decoder.pids[0]}")
        limits = {line[:26].strip(): line[26:].split()[:2] for line in _read(place / "limits").splitlines()}
        assert limits["Max file size"] == ["0", "0"]
        assert limits["Max core file size"] == ["0", "0"]
        assert limits["Max address space"] == [str(MEMORY)] * 2
        assert "NoNewPrivs:\t1" in _read(place / "status")
        # The environment that the process was started with cannot be read once it is no longer dumpable, except as root.
        assert "not for strangers" not in _read(place / "environ")


async def test_empty_is_refused_without_a_process() -> None:
    decoder = Decoder(max_pixels=10**8, seconds=60, memory_bytes=MEMORY)
    with pytest.raises(ImageRejected) as caught:
        await decoder.process(b"")
    assert (caught.value.reason, caught.value.message_key, decoder.pids) == ("empty", "rejections.empty", ())


@pytest.mark.parametrize(("fmt", "mime"), [("jpeg", "image/jpeg"), ("webp", "image/webp"), ("png", "image/png")])
async def test_a_download_is_smaller_tagged_and_bare(decoder: Decoder, fmt: Any, mime: str) -> None:
    source = picture(np.full((900, 1200, 3), 90, np.uint8)).copy()
    source.set_type(pyvips.GValue.gstr_type, "exif-ifd0-Artist", "Somebody")
    source.set_type(pyvips.GValue.blob_type, "xmp-data", b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>private</x:xmpmeta>")
    made = await decoder.derive(source.jpegsave_buffer(Q=95), 600, fmt, 85)
    shown = pyvips.Image.new_from_buffer(made.data, "")
    assert (made.width, made.height, made.mime) == (600, 450, mime)
    assert shown.get_typeof("icc-profile-data")
    assert not shown.get_typeof("xmp-data")
    assert b"Somebody" not in made.data
    assert b"private" not in made.data


async def test_pixels_are_upright_rgb(decoder: Decoder, portrait: Any) -> None:
    turned = portrait.rot270().copy()
    turned.set_type(pyvips.GValue.gint_type, "orientation", 6)
    raw = await decoder.pixels(turned.pngsave_buffer())
    assert (raw.width, raw.height) == (300, 400)
    assert np.abs(np.frombuffer(raw.data, np.uint8).reshape(400, 300, 3).astype(int) - portrait.numpy()).max() <= 1


async def test_a_face_is_cut_out_square(decoder: Decoder, astronaut_png: bytes) -> None:
    photo = await decoder.process(astronaut_png)
    made = await decoder.face(photo.renditions["large"].data, Box(0.35, 0.13, 0.18, 0.24), side=96)
    assert (made.width, made.height) == (96, 96)
    assert pixels(made.data).shape == (96, 96, 3)


async def test_own_sizes_can_be_asked_for(decoder: Decoder, astronaut_png: bytes) -> None:
    photo = await decoder.process(astronaut_png, Plan(sizes=(Size("tiny", 64, 60), Size("still", 200, 60, "avif"))))
    made = {name: (rendition.width, rendition.mime) for name, rendition in photo.renditions.items()}
    assert made == {"tiny": (64, "image/webp"), "still": (200, "image/avif")}


NONSENSE = [b"[]", b"{", b"{}", b'{"buffers": 3}', b'{"buffers": [-1]}', b'{"buffers": [true]}', b"[" * 100_000]


@pytest.mark.parametrize("text", NONSENSE, ids=range(len(NONSENSE)))
def test_an_answer_that_is_no_message_is_refused(text: bytes) -> None:
    with pytest.raises(wire.BrokenWire):
        wire.parse(text)


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode(errors="replace")
    except PermissionError:
        return ""

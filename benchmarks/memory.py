"""Memory of a whole Photobank while hostile files, every format and very large pictures come in: the most that each part, with its
children, had resident at once, against the 1.5 GB that a worker may take. Also how long a warm start takes.

Hostile files and formats are read from the shared data where it is there (PHOTOBANK_TEST_DATA); the large ones are made here.
"""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import psutil
from PIL import Image

from tests.system.serving import Served

SHARED = Path(os.environ.get("PHOTOBANK_TEST_DATA", Path(__file__).parents[1] / ".." / "shared")).resolve()
LIMIT = 1_536
START_SECONDS = 10
WATCHED = ("web", "io", "vision")


def main() -> None:
    """Start twice, send everything, print."""
    with tempfile.TemporaryDirectory() as folder:
        house = Served(Path(folder), extra={"PHOTOBANK_FACE_PACK": "open"})
        house.start()
        house.sign_up()
        house.stop()
        warm = house.start()
        _say("warm_start_seconds", warm, START_SECONDS, "the aim", "s")
        peaks: dict[str, float] = dict.fromkeys(WATCHED, 0.0)
        done = threading.Event()
        watching = threading.Thread(target=_watch, args=(house, peaks, done))
        watching.start()
        try:
            _send_all(house)
        finally:
            done.set()
            watching.join()
            house.stop()
    for part, peak in peaks.items():
        _say(f"memory_{part}_mib", peak, LIMIT, "the limit", "MiB")


def _send_all(house: Served) -> None:
    outcomes: dict[str, int] = {}
    with house.client() as client:
        ids = []
        for name, content in _files():
            answer = house.send(client, name, content, "keep")
            assert answer.status_code < 500, (name, answer.text)
            if answer.status_code == 201:
                ids.append(answer.json()["id"])
            else:
                outcomes["refused"] = outcomes.get("refused", 0) + 1
        for id_ in ids:
            state = _settled(client, id_)
            outcomes[state] = outcomes.get(state, 0) + 1
    sys.stderr.write(f"{len(ids)} files taken: {outcomes}\n")


def _files() -> Iterator[tuple[str, bytes]]:
    for kind in ("hostile", "formats"):
        for path in sorted((SHARED / "data" / kind).rglob("*")):
            if path.is_file() and path.suffix != ".csv":
                yield path.name.encode("ascii", "replace").decode(), path.read_bytes()
    for name, kind, width, height in (
        ("large.jpg", "JPEG", 16_000, 12_000),
        ("large.png", "PNG", 9_000, 7_000),
        ("large.tif", "TIFF", 9_000, 7_000),
    ):
        yield name, _large(kind, width, height)


def _large(kind: str, width: int, height: int) -> bytes:
    """A picture of so many pixels that does not compress away."""
    rng = np.random.default_rng(width)
    coarse = Image.fromarray(rng.integers(0, 256, (height // 50, width // 50, 3), dtype=np.uint8))
    out = io.BytesIO()
    coarse.resize((width, height), Image.Resampling.BICUBIC).save(out, kind)
    return out.getvalue()


def _settled(client: httpx.Client, id_: str) -> str:
    end = time.monotonic() + 600
    while time.monotonic() < end:
        answer = client.get(f"/api/v1/assets/{id_}")
        state = "discarded" if answer.status_code == 404 else str(answer.json()["state"])
        if state not in ("uploading", "processing"):
            return state
        time.sleep(0.2)
    raise TimeoutError(f"{id_} never settled")


def _watch(house: Served, peaks: dict[str, float], done: threading.Event) -> None:
    """Every tenth of a second what a part and its children have resident; pages that they share count for each."""
    while not done.wait(0.1):
        for part in WATCHED:
            try:
                first = psutil.Process(house.pid(part))
                resident = sum(_resident(one) for one in (first, *first.children(recursive=True)))
            except psutil.Error:
                continue
            peaks[part] = max(peaks[part], resident / 2**20)


def _resident(one: psutil.Process) -> int:
    try:
        return int(one.memory_info().rss)
    except psutil.Error:
        return 0


def _say(name: str, ours: float, peer: float, peer_name: str, unit: str) -> None:
    line = {
        "name": name,
        "ours": round(ours, 1),
        "peer": peer,
        "peer_name": peer_name,
        "ratio": round(ours / peer, 3),
        "unit": unit,
    }
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()

"""The invisible mark under attack, beside blind-watermark on the same pictures in the same run.

Per attack one JSON line: the share of downloads found by us and by the peer, and how many of the 768 signs each read right. Then PSNR and
SSIM of the marked pictures, and processor time per megapixel. The peer is asked to recover the same 768 signs, counts as having found when
they agree as well as we ask of ourselves, and gets the leak's true size and place for free, which we have to find.

Processor time is that of one process each; two work side by side, or as many as there are processors.

PHOTOBANK_BENCH_PHOTOS: how many of the shared photos (64). PHOTOBANK_BENCH_PEER: with how many of all pictures the peer is tried, the largest
first (6): it needs many times as long, and the pictures that it gets are compared with ours of the same pictures.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from uuid import UUID

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.metrics import structural_similarity

from benchmarks._leaks import ATTACKS, Attack, Photo, jpeg, photos
from photobank.imaging import tracefind, tracemark
from photobank.imaging.tracecode import WORD, TraceCode

MOST = int(os.environ.get("PHOTOBANK_BENCH_PHOTOS", "64"))
FOR_PEER = int(os.environ.get("PHOTOBANK_BENCH_PEER", "6"))
SIDE = 1600
CODE = TraceCode(b"b" * 32)
OTHERS = 1000
CERTAIN = 7.3  # 1,000,000 downloads and four readings at a chance of 10⁻⁷ … 10⁻⁶

Bits = NDArray[np.bool_]


@dataclass
class Side:
    """What one of the two made of all pictures."""

    found: dict[str, list[bool]] = field(default_factory=lambda: {name: [] for name in ATTACKS})
    right: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in ATTACKS})
    psnr: list[float] = field(default_factory=list)
    ssim: list[float] = field(default_factory=list)
    marking: float = 0.0
    reading: float = 0.0

    def note(self, attack: str, z: float, right: float) -> None:
        """One leak was read."""
        self.found[attack].append(z > CERTAIN)
        self.right[attack].append(right)

    def look(self, photo: Photo, marked: Photo) -> None:
        """How like the picture without it one with the mark is."""
        self.psnr.append(float(10 * np.log10(255**2 / ((photo.astype(float) - marked) ** 2).mean())))
        self.ssim.append(float(structural_similarity(photo, marked, channel_axis=2)))


def ours(photo: Photo, download: UUID, side: Side, words: NDArray[np.float32]) -> None:
    """Mark, attack, read."""
    start = time.process_time()
    marked = tracemark.mark(photo, CODE.square(download))
    side.marking += time.process_time() - start
    side.look(photo, marked)
    word = CODE.word(download).astype(np.float32)
    for name, attack in ATTACKS.items():
        leaked = attack.on(jpeg(marked, 85))
        start = time.process_time()
        readings = tracefind.read(leaked, CODE, [max(leaked.shape) / max(photo.shape)])
        side.reading += time.process_time() - start
        if max((float((words @ one.word).max()) for one in readings), default=0.0) > CERTAIN:
            raise SystemExit("a wrong download was named")
        best = max(readings, key=lambda one: float(one.word @ word), default=None)
        z = float(best.word @ word) if best else 0.0
        side.note(name, z, float(((best.word > 0) == (word > 0)).mean()) if best else 0.5)


def theirs(photo: Photo, bits: Bits, side: Side) -> None:
    """The same by blind-watermark."""
    from blind_watermark import WaterMark

    start = time.process_time()
    peer = WaterMark(password_img=1, password_wm=1)
    peer.read_img(img=photo[:, :, ::-1].copy())
    peer.read_wm(bits, mode="bit")
    marked = np.clip(np.rint(peer.embed()), 0, 255).astype(np.uint8)[:, :, ::-1]
    side.marking += time.process_time() - start
    side.look(photo, marked)
    for name, attack in ATTACKS.items():
        whole = _told(attack, jpeg(marked, 85))
        start = time.process_time()
        read = np.asarray(peer.extract(embed_img=whole[:, :, ::-1].copy(), wm_shape=WORD, mode="bit")) > 0.5
        side.reading += time.process_time() - start
        right = float((read == bits).mean())
        side.note(name, (2 * right - 1) * np.sqrt(WORD), right)


def _told(attack: Attack, marked: Photo) -> Photo:
    return attack.undone(attack.on(marked), marked)


def line(name: str, mine: float, peer: float | None, unit: str, **more: float) -> None:
    """One line of `make bench`."""
    ratio = round(mine / peer, 3) if peer else None
    row = {"name": f"trace {name}", "ours": round(mine, 4), "peer": None if peer is None else round(peer, 4)}
    rest = {key: round(value, 4) for key, value in more.items()}
    print(json.dumps({**row, "peer_name": "blind-watermark", "ratio": ratio, "unit": unit, **rest}), flush=True)


def both(number: int, photo: Photo, *, with_peer: bool) -> tuple[Side, Side]:
    """One picture; in a process of its own."""
    download = UUID(int=number)
    words = np.stack([CODE.word(UUID(int=10_000 + other)) for other in range(OTHERS)]).astype(np.float32)
    mine, peer = Side(), Side()
    cv2.setNumThreads(1)
    ours(photo, download, mine, words)
    if with_peer:
        from blind_watermark import bw_notes

        bw_notes.close()
        theirs(photo, CODE.word(download) > 0, peer)
    return mine, peer


def together(sides: Sequence[Side]) -> Side:
    """All pictures of one of the two."""
    whole = Side()
    for side in sides:
        for name in ATTACKS:
            whole.found[name] += side.found[name]
            whole.right[name] += side.right[name]
        whole.psnr += side.psnr
        whole.ssim += side.ssim
        whole.marking += side.marking
        whole.reading += side.reading
    return whole


def main() -> None:
    """Both on every picture; then the table."""
    os.environ.update(
        dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VIPS_CONCURRENCY"), "1")
    )  # for the processes begun below
    pictures = sorted(photos(MOST, SIDE), key=lambda photo: -photo.shape[0] * photo.shape[1])
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(both, number, photo, with_peer=number < FOR_PEER) for number, photo in enumerate(pictures)]
        done = []
        for number, job in enumerate(jobs):
            done.append(job.result())
            sys.stderr.write(f"# {number + 1} of {len(pictures)}\n")
    every, mine, peer = (together(sides) for sides in ([a for a, _ in done], [a for a, _ in done[:FOR_PEER]], [b for _, b in done]))
    tried = len(peer.psnr)
    for attack in ATTACKS:
        rates = [float(np.mean(side.found[attack])) for side in (every, mine, peer)]
        right = {"signs_right": float(np.mean(every.right[attack])), "peer_signs_right": float(np.mean(peer.right[attack]))}
        unit = f"share of {len(pictures)} downloads found; the peer of {tried}"
        line(attack, rates[0], rates[2], unit, same_pictures=rates[1], **right)
    hits = [[hit for found in side.found.values() for hit in found] for side in (every, mine, peer)]
    rates = [float(np.mean(one)) for one in hits]
    line(
        "all attacks",
        rates[0],
        rates[2],
        f"share of {len(hits[0])} leaks found; the peer of {len(hits[2])}",
        same_pictures=rates[1],
    )
    for name, unit in (("psnr", "dB, least"), ("ssim", "least")):
        seen, same, other = (getattr(side, name) for side in (every, mine, peer))
        means = {"mean": float(np.mean(seen)), "peer_mean": float(np.mean(other))}
        line(name, min(seen), min(other), unit, same_pictures=min(same), **means)
    pixels = [sum(photo.shape[0] * photo.shape[1] for photo in some) / 1e6 for some in (pictures, pictures[:tried])]
    times = [(every.marking, peer.marking), (every.reading / len(ATTACKS), peer.reading / len(ATTACKS))]
    for name, (own, other) in zip(("marking", "reading"), times, strict=True):
        line(name, own * 1000 / pixels[0], other * 1000 / pixels[1], "ms of processor per megapixel of the picture")


if __name__ == "__main__":
    main()

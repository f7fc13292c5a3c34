"""Near-copies: how many are found and how many of those found are right, beside plain pHash; and how long a look-up takes among a million.

Quality: every copy of every kind (near_copies.py) is looked for among all originals, by our words and by pHash within 10 of its 64 bits (with
its 8 turned and mirrored forms, which plain pHash does not have, so that it is not held against it). What is found is laid over the copy as in
the house. Hard negatives are bursts, made from each photo, and other photos of the same person, which are there anyway.
Speed: the query of `repository.candidates` against 1,000,000 rows; the words of a part of them are drawn from those of real photos.
`DUPLICATES_ROWS` and `DUPLICATES_PHOTOS` make it smaller. `--table` prints the table of docs/duplicates.md.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import random
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from PIL import Image

from benchmarks import near_copies
from benchmarks.near_copies import BURSTS, COPIES, Original, burst, encoded, originals
from photobank.duplicates import policy
from photobank.duplicates.policy import Picture
from photobank.duplicates.repository import FEWEST_SHARED
from photobank.imaging import fingerprint, keypoints, likeness
from photobank.imaging.likeness import Look
from photobank.kernel.ids import new_id
from photobank.models.duplicates import PairKind

PHOTOS = int(os.environ.get("DUPLICATES_PHOTOS", "200"))
PER_KIND = int(os.environ.get("DUPLICATES_PER_KIND", "40"))
ROWS = int(os.environ.get("DUPLICATES_ROWS", "1000000"))
MOST_LAID = 14
PHASH_WITHIN = 10
PEER = f"pHash within {PHASH_WITHIN} bits, turned and mirrored"
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@dataclass
class Tally:
    """Of one kind: copies looked for and found, and wrong photos found, by us and by pHash."""

    asked: int = 0
    found: int = 0
    wrong: int = 0
    phash_found: int = 0
    phash_wrong: int = 0
    lacking: list[str] = field(default_factory=list)


def pixels(image: Image.Image) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """What the house would look at: its small rendition, shrunk."""
    small = Image.open(io.BytesIO(near_copies.webp(image))).convert("RGB")
    small.thumbnail((keypoints.SIDE, keypoints.SIDE), Image.Resampling.LANCZOS)
    return np.asarray(small)


class Library:
    """All originals, as the house keeps them."""

    def __init__(self, photos: list[Original]) -> None:
        self.photos = photos
        self.looks = [Look.at(pixels(one.image)) for one in photos]
        self.hashes = [fingerprint.perceptual_hash(pixels(one.image)) for one in photos]
        self.index: dict[int, list[int]] = defaultdict(list)
        for at, look in enumerate(self.looks):
            for word in keypoints.words(look.points):
                self.index[word].append(at)

    def ours(self, image: Image.Image, seconds: int | None = None) -> set[int]:
        """What the house calls copies of this picture. `seconds`: the camera says that it was taken so much later."""
        new = Look.at(pixels(image))
        mirrored = new.mirrored()
        shared: dict[int, int] = defaultdict(int)
        for word in {*keypoints.asked(new.points), *keypoints.asked(mirrored.points)}:
            for at in self.index.get(word, ()):
                shared[at] += 1
        near = sorted((at for at, n in shared.items() if n >= FEWEST_SHARED), key=lambda at: -shared[at])[:MOST_LAID]
        found = set()
        for at in near:
            laid = likeness.compare(new, mirrored, self.looks[at])
            if laid is None:
                continue
            sides = [
                Picture(new_id(), one.width, one.height, 1, "image/jpeg", NOON, taken)
                for one, taken in (
                    (image, NOON + timedelta(seconds=seconds) if seconds is not None else None),
                    (self.photos[at].image, NOON if seconds is not None else None),
                )
            ]
            if policy.kind_of(laid, *sides) is PairKind.copy:
                found.add(at)
        return found

    def phash(self, image: Image.Image) -> set[int]:
        """What pHash calls copies."""
        small = Image.fromarray(pixels(image))
        forms = [small.transpose(way) for way in Image.Transpose]
        hashes = [fingerprint.perceptual_hash(np.asarray(form)) for form in (small, *forms)]
        return {
            at for at, known in enumerate(self.hashes) if min(fingerprint.distance(known, one) for one in hashes) <= PHASH_WITHIN
        }


def same_pictures(library: Library) -> dict[int, set[int]]:
    """Originals that really are one picture: data sets hold some twice. Judged by eye from what is found among them; see docs."""
    twins: dict[int, set[int]] = defaultdict(set)
    for at, photo in enumerate(library.photos):
        for other in library.ours(photo.image) - {at}:
            twins[at].add(other)
            twins[other].add(at)
    return twins


def quality() -> tuple[dict[str, Tally], Tally]:
    """A tally per kind, and one of the bursts, of which none may be found."""
    library = Library(originals(PHOTOS))
    twins = same_pictures(library)
    for at, others in sorted(twins.items()):
        for other in others:
            if at < other:
                sys.stderr.write(f"# twice in the data, or a mistake: {library.photos[at].who} and {library.photos[other].who}\n")
    tallies: dict[str, Tally] = {}
    chosen = list(range(len(library.photos)))[-4:] + list(range(PER_KIND))
    for name, make in COPIES.items():
        tally = tallies[name] = Tally()
        for at in chosen[:PER_KIND]:
            copy = encoded(make(library.photos[at].image, random.Random(f"{name} {at}")))
            truth = {at} | twins[at]
            mine, other = library.ours(copy), library.phash(copy)
            tally.asked += 1
            tally.found += at in mine
            tally.wrong += len(mine - truth)
            tally.phash_found += at in other
            tally.phash_wrong += len(other - truth)
    bursts = Tally()
    for name, amount in BURSTS.items():
        for at in chosen[:PER_KIND]:
            frame = burst(library.photos[at], random.Random(f"{name} {at}"), amount)
            bursts.asked += 1
            bursts.wrong += len(library.ours(frame) - twins[at])
            bursts.phash_wrong += len(library.phash(frame) - twins[at])
    return tallies, bursts


def total(tallies: Iterable[Tally], bursts: Tally) -> tuple[float, float, float, float]:
    """Recall and precision, ours and pHash's; bursts that were taken for copies count against precision."""
    every = list(tallies)
    asked = sum(one.asked for one in every)
    found, other = sum(one.found for one in every), sum(one.phash_found for one in every)
    wrong = sum(one.wrong for one in every) + bursts.wrong
    phash_wrong = sum(one.phash_wrong for one in every) + bursts.phash_wrong
    return found / asked, found / max(1, found + wrong), other / asked, other / max(1, other + phash_wrong)


def table(tallies: dict[str, Tally], bursts: Tally) -> str:
    """As Markdown."""
    lines = ["| what became of it | copies | found | wrong | pHash found | pHash wrong |", "|---|---|---|---|---|---|"]
    for name, one in tallies.items():
        lines.append(f"| {name} | {one.asked} | {one.found} | {one.wrong} | {one.phash_found} | {one.phash_wrong} |")
    lines.append(f"| bursts (none may be found) | {bursts.asked} | | {bursts.wrong} | | {bursts.phash_wrong} |")
    recall, precision, other_recall, other_precision = total(tallies.values(), bursts)
    lines.append(
        f"| **recall, precision** | | **{recall:.1%}** | **{precision:.1%}** | {other_recall:.1%} | {other_precision:.1%} |"
    )
    return "\n".join(lines)


def report(name: str, ours: float, peer: float, unit: str, peer_name: str) -> None:
    """Print one comparison."""
    line = {"name": name, "ours": round(ours, 4), "peer": round(peer, 4), "peer_name": peer_name}
    print(json.dumps({**line, "ratio": round(ours / peer, 3) if peer else None, "unit": unit}), flush=True)


async def lookups(library: Library) -> tuple[list[float], list[float], str]:
    """Milliseconds per look-up among ROWS photos, ours and a scan over pHashes; and the plan of ours."""
    from benchmarks.duplicates_rows import opened_with_rows

    async with opened_with_rows(ROWS, [keypoints.words(look.points) for look in library.looks]) as rows:
        mine: list[float] = []
        scans: list[float] = []
        for at in range(60):
            image = cropped(library.photos[at % len(library.photos)].image, at)
            look = Look.at(pixels(image))
            asked = sorted({*keypoints.asked(look.points), *keypoints.asked(look.mirrored().points)})
            mine.append(await rows.candidates(asked))
        scans += [await rows.scan(phash) for phash in library.hashes[:5]]
        return mine, scans, await rows.plan(asked)


def cropped(image: Image.Image, at: int) -> Image.Image:
    """A copy to ask for."""
    return encoded(near_copies.cropped(image, 0.1, random.Random(at)))


def main() -> None:
    """Run all."""
    keypoints.prepare()
    tallies, bursts = quality()
    recall, precision, other_recall, other_precision = total(tallies.values(), bursts)
    if "--table" in sys.argv:
        print(table(tallies, bursts))
        return
    report("duplicates_recall", recall, other_recall, "share of copies found", PEER)
    report("duplicates_precision", precision, other_precision, "share of found that are copies", PEER)
    for kind, one in tallies.items():
        report(f"duplicates_recall, {kind}", one.found / one.asked, one.phash_found / one.asked, "share of copies found", PEER)
    library = Library(originals(min(PHOTOS, 120)))
    mine, scans, plan = asyncio.run(lookups(library))
    sys.stderr.write(plan + "\n")
    report(
        f"duplicates_lookup_p95_{ROWS}",
        float(np.percentile(mine, 95)),
        float(np.median(scans)),
        "ms",
        "sequential scan over pHashes",
    )


if __name__ == "__main__":
    main()

"""Near-copies and hard negatives made from photos: what people and programs do to pictures, and the next frame of a burst.

Photos are read from PHOTOBANK_TEST_DATA (by default `../shared/data` beside the checkout); where that is absent, scikit-image's public domain
pictures and pieces of them serve.
"""

from __future__ import annotations

import csv
import io
import math
import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps
from skimage import data

Make = Callable[[Image.Image, random.Random], Image.Image]
NAMES = ("astronaut", "chelsea", "coffee", "rocket", "camera", "coins", "immunohistochemistry", "hubble_deep_field")


@dataclass(frozen=True)
class Original:
    """A photo to make copies of. `who` groups photos of one person; `face` is where the subject is."""

    image: Image.Image
    who: str
    face: tuple[float, float, float, float] | None = None


def place() -> Path:
    """Where real photos would lie."""
    return Path(os.environ.get("PHOTOBANK_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


def originals(most: int, seed: int = 20261126) -> list[Original]:
    """Photos of people, a few of other things; the same ones for the same seed."""
    folder = place() / "faces"
    if not (folder / "labels.csv").exists():
        return _public()[:most]
    with (folder / "labels.csv").open() as table:
        rows = [row for row in csv.DictReader(table) if row["kind"] != "aligned112"]
    random.Random(seed).shuffle(rows)
    found = []
    for row in rows[:most]:
        box = tuple(float(part) for part in row["bbox"].split()) if row["bbox"] else None
        face = (box[0], box[1], box[2], box[3]) if box and len(box) == 4 else None
        found.append(Original(Image.open(folder / row["file"]).convert("RGB"), row["identity"] or row["file"], face))
    photos = sorted((place() / "formats" / "photos").glob("*.jpg"))
    return found + [Original(Image.open(photo).convert("RGB"), photo.stem) for photo in photos]


def _public() -> list[Original]:
    found = []
    for name in NAMES:
        whole = Image.fromarray(np.asarray(getattr(data, name)())).convert("RGB")
        found.append(Original(whole, name))
    return found


def encoded(image: Image.Image, quality: int = 88) -> Image.Image:
    """The picture after a trip through JPEG."""
    out = io.BytesIO()
    image.convert("RGB").save(out, "JPEG", quality=quality)
    return Image.open(io.BytesIO(out.getvalue())).convert("RGB")


def webp(image: Image.Image, side: int = 480) -> bytes:
    """The small rendition that the house would make of it."""
    small = image.convert("RGB")
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "WEBP", quality=74)
    return out.getvalue()


def resized(image: Image.Image, by: float) -> Image.Image:
    """Smaller or larger."""
    return image.resize((max(1, round(image.width * by)), max(1, round(image.height * by))), Image.Resampling.LANCZOS)


def cropped(image: Image.Image, share: float, chance: random.Random) -> Image.Image:
    """A share of the width and of the height cut off, somewhere."""
    width, height = round(image.width * (1 - share)), round(image.height * (1 - share))
    left, top = chance.randint(0, image.width - width), chance.randint(0, image.height - height)
    return image.crop((left, top, left + width, top + height))


def shifted(image: Image.Image, chance: random.Random) -> Image.Image:
    """Other colours: each channel graded by itself."""
    gains = np.array([chance.uniform(0.75, 1.25) for _ in range(3)])
    graded = np.asarray(image).astype(np.float32) * gains + chance.uniform(-15, 15)
    return Image.fromarray(np.clip(graded, 0, 255).astype(np.uint8))


def tilted(image: Image.Image, chance: random.Random) -> Image.Image:
    """Turned by a few degrees, the corners white."""
    angle = chance.choice((-1, 1)) * chance.uniform(1.5, 6)
    return image.rotate(angle, Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))


def straightened(image: Image.Image, chance: random.Random) -> Image.Image:
    """Turned by a few degrees and cropped to what is left."""
    angle = chance.choice((-1, 1)) * chance.uniform(1.5, 5)
    lost = math.tan(math.radians(abs(angle))) / 2
    across, down = int(image.height * lost) + 1, int(image.width * lost) + 1
    turned = image.rotate(angle, Image.Resampling.BICUBIC)
    return turned.crop((across, down, image.width - across, image.height - down))


def watermarked(image: Image.Image, chance: random.Random) -> Image.Image:
    """A mark all over it, in a corner, or across the middle."""
    base = image.convert("RGBA")
    layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
    pen, width, height = ImageDraw.Draw(layer), image.width, image.height
    look = chance.choice(("all over", "corner", "middle"))
    if look == "all over":
        font = ImageFont.load_default(size=max(10, width // 9))
        for row in range(-1, 5):
            pen.text(
                (int(width * (row * 0.22 - 0.1)), int(height * (0.05 + 0.2 * row))),
                "© PHOTO 2026",
                font=font,
                fill=(255, 255, 255, 100),
            )
    elif look == "corner":
        pen.text(
            (int(width * 0.4), int(height * 0.86)),
            "© Photo",
            font=ImageFont.load_default(size=max(10, width // 9)),
            fill=(255, 255, 255, 210),
        )
    else:
        font = ImageFont.load_default(size=max(12, width // 7))
        pen.text((int(width * 0.1), int(height * 0.42)), "PHOTOBANK", font=font, fill=(255, 255, 255, 130))
    return Image.alpha_composite(base, layer).convert("RGB")


def burst(original: Original, chance: random.Random, amount: float = 1.0) -> Image.Image:
    """The next frame: the subject turned and moved a little, so did the camera; other noise, other exposure."""
    pixels = np.asarray(original.image).astype(np.float32)
    height, width = pixels.shape[:2]
    side = min(width, height)
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    face = original.face or (width * 0.3, height * 0.3, width * 0.7, height * 0.7)
    x, y = (face[0] + face[2]) / 2, (face[1] + face[3]) / 2
    reach = max(face[2] - face[0], face[3] - face[1]) * 0.6
    near = np.exp(-((((across - x) / reach) ** 2 + ((down - y) / (reach * 1.25)) ** 2) ** 2))
    turn = chance.choice((-1, 1)) * chance.uniform(0.06, 0.14) * amount
    step = chance.choice((-1, 1)) * chance.uniform(0.03, 0.07) * side * amount, chance.uniform(-0.03, 0.03) * side * amount
    cos, sin = math.cos(turn), math.sin(turn)
    to_x = across + ((across - x) * cos - (down - y) * sin + x + step[0] - across) * near + chance.uniform(-0.012, 0.012) * side
    to_y = down + ((across - x) * sin + (down - y) * cos + y + step[1] - down) * near + chance.uniform(-0.012, 0.012) * side
    frame = cv2.remap(pixels, to_x.astype(np.float32), to_y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    noise = np.random.default_rng(chance.randint(0, 1 << 30)).normal(0, 3, frame.shape)
    return encoded(Image.fromarray(np.clip(frame * chance.uniform(0.93, 1.07) + noise, 0, 255).astype(np.uint8)))


COPIES: dict[str, Make] = {
    "resized to 50 %": lambda image, _: resized(image, 0.5),
    "resized to 40 %": lambda image, _: resized(image, 0.4),
    "enlarged to 160 %": lambda image, _: resized(image, 1.6),
    "JPEG quality 40": lambda image, _: encoded(image, 40),
    "JPEG quality 20": lambda image, _: encoded(image, 20),
    "cropped by 5 %": lambda image, chance: cropped(image, 0.05, chance),
    "cropped by 10 %": lambda image, chance: cropped(image, 0.10, chance),
    "cropped by 15 %": lambda image, chance: cropped(image, 0.15, chance),
    "cropped by 30 %": lambda image, chance: cropped(image, 0.30, chance),
    "grey": lambda image, _: image.convert("L").convert("RGB"),
    "colours shifted": shifted,
    "mirrored": lambda image, _: ImageOps.mirror(image),
    "rotated by 90°": lambda image, _: image.transpose(Image.Transpose.ROTATE_90),
    "rotated by 180°": lambda image, _: image.transpose(Image.Transpose.ROTATE_180),
    "rotated by 270°": lambda image, _: image.transpose(Image.Transpose.ROTATE_270),
    "tilted by 1.5–6°": tilted,
    "straightened": straightened,
    "watermarked": watermarked,
    "cropped, 60 %, quality 60": lambda image, chance: encoded(resized(cropped(image, 0.1, chance), 0.6), 60),
    "mirrored, cropped, grey": lambda image, chance: ImageOps.mirror(cropped(image, 0.08, chance)).convert("L").convert("RGB"),
}
"""What a copy may have gone through, by its name in the table of docs/duplicates.md. Each is saved as JPEG of quality 88 after it."""

BURSTS = {"burst, little movement": 0.35, "burst, movement": 0.6, "burst, much movement": 1.0}

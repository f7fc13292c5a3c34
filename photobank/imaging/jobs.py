"""What the decoding process does on request: bytes and a header in, a header and buffers out."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

import pyvips
from PIL import ImageOps, TiffImagePlugin

from photobank.imaging import (
    alone,
    decode,
    fingerprint,
    handover,
    keypoints,
    likeness,
    metadata,
    renditions,
    tracecode,
    tracemark,
    watermark,
)
from photobank.imaging.crop import Box, cut
from photobank.imaging.recipe import Mark
from photobank.imaging.rejections import Rejected, Rejection
from photobank.imaging.sniff import Buffer, Kind

T = TypeVar("T")
WORDS = ("ascii", "latin-1", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32")
LATE = (ImageOps, TiffImagePlugin)
"""What Pillow imports only when a picture asks for it: by then no file can be opened any more (syscalls.py)."""
Answer = tuple[dict[str, Any], Sequence[Buffer]]


def prepare() -> None:
    """Load what decoding needs before anybody else's bytes come in, so that nothing has to be loaded afterwards."""
    decode.lock_down()
    for name in WORDS:
        codecs.lookup(name)
    sample = pyvips.Image.black(64, 48, bands=3).copy(interpretation="srgb")
    for fmt in renditions.MIMES:
        data = renditions.encode(sample, fmt, 80, tag=True)
        decode.pixels(decode.inspect(data, 10_000), 32)
    fingerprint.perceptual_hash(sample.numpy())
    keypoints.prepare()
    tracemark.mark(sample.numpy(), tracecode.unpacked(bytes(tracecode.CHIPS // 8)))
    stamp = bytes(sample.bandjoin(128).pngsave_buffer())
    watermark.put_on(sample, Mark(layout="tiled"), watermark.check(stamp))
    handover.inks(sample, bytes(pyvips.Operation.call("profile_load", "cmyk")))
    metadata.read(decode.Source(b"", Kind.jpeg, 1, 1))


def process(data: Buffer, header: dict[str, Any]) -> Answer:
    """Everything an arriving photo needs: sizes, metadata, fingerprints."""
    source = decode.inspect(data, header["max_pixels"])
    sizes = tuple(renditions.Size(**size) for size in header["sizes"])
    image, complete = decode.pixels(source, max(size.side for size in sizes))
    made = _encoding(lambda: renditions.make(image, sizes))
    working = _encoding(lambda: renditions.working(image, source.upright_size)) if header["working"] else {}
    small = min((picture for _, picture in made.values()), key=lambda picture: picture.width)
    rgb = small.numpy()
    tiny = renditions.shrink(small, fingerprint.THUMBHASH_SIDE).numpy()
    width, height = source.upright_size
    answer = {
        "kind": source.kind,
        "width": width,
        "height": height,
        "orientation": source.orientation,
        "frames": source.frames,
        "alpha": source.alpha,
        "complete": complete,
        "notes": source.notes,
        "phash": fingerprint.perceptual_hash(rgb),
        "thumbhash": fingerprint.thumbhash(tiny).hex(),
        "colour": fingerprint.mean_colour(tiny),
        "renditions": [{"name": size.name, "format": size.format, **_size(made[size.name][1])} for size in sizes],
        "working": list(working),
        **metadata.read(source),
    }
    return answer, [*(made[size.name][0] for size in sizes), *working.values()]


def derive(pictures: Sequence[Buffer], header: dict[str, Any]) -> Answer:
    """One picture for a hand-over, after a recipe; with `mark`, 128 bytes in hex, invisibly marked."""
    image, made = _encoding(lambda: handover.make(pictures, header))
    return _size(image), made


def finish(pictures: Sequence[Buffer], header: dict[str, Any]) -> Answer:
    """The same from pixels that were made a moment ago."""
    image, made = _encoding(lambda: handover.finish(pictures, header))
    return _size(image), made


def logo(data: Buffer, header: dict[str, Any]) -> Answer:
    """A logo for watermarks, as it will be kept."""
    return {}, [_encoding(lambda: watermark.check(data))]


def face(data: Buffer, header: dict[str, Any]) -> Answer:
    """A square around a face, from a rendition."""
    image, _ = decode.pixels(decode.inspect(data, header["max_pixels"]), header["source_side"])
    picture = cut(image, Box(*header["box"]), header["side"], header["margin"])
    encoded = _encoding(lambda: renditions.encode(picture, "webp", header["quality"]))
    return _size(picture), [encoded]


def only_one(data: Buffer, header: dict[str, Any]) -> Answer:
    """A rendition with everything but one part of it beyond recognition."""
    image, _ = decode.pixels(decode.inspect(data, header["max_pixels"]), header["side"])
    sharp, others = Box(*header["box"]) if header["box"] else None, [Box(*other) for other in header["others"]]
    picture = _encoding(lambda: alone.hide(image, sharp, others, header["side"]))
    encoded = _encoding(lambda: renditions.encode(picture, "webp", header["quality"]))
    return _size(picture), [encoded]


def raw(data: Buffer, header: dict[str, Any]) -> Answer:
    """Upright sRGB pixels, three bytes each, for the face engines."""
    image, _ = decode.pixels(decode.inspect(data, header["max_pixels"]), header["side"])
    return _size(image), [image.write_to_memory()]


def words(data: Buffer, header: dict[str, Any]) -> Answer:
    """What near-copies of this picture share with it: words to keep, and words to look for, also as seen in a mirror."""
    look = _look(data, header)
    asked = {*keypoints.asked(look.points), *keypoints.asked(look.mirrored().points)}
    return {"words": keypoints.words(look.points), "asked": sorted(asked)}, []


def compare(pictures: Sequence[Buffer], header: dict[str, Any]) -> Answer:
    """The first picture against each of the others."""
    new = _look(pictures[0], header)
    mirrored = new.mirrored()
    found = [likeness.compare(new, mirrored, _look(data, header)) for data in pictures[1:]]
    return {"likenesses": [asdict(one) if one else None for one in found]}, []


def run(name: str, pictures: Sequence[Buffer], header: dict[str, Any]) -> Answer:
    """The job of that name."""
    return OF_MANY[name](pictures, header) if name in OF_MANY else JOBS[name](pictures[0], header)


def _look(data: Buffer, header: dict[str, Any]) -> likeness.Look:
    image, _ = decode.pixels(decode.inspect(data, header["max_pixels"]), keypoints.SIDE)
    return likeness.Look.at(renditions.shrink(image, keypoints.SIDE).numpy())


def _size(image: Any) -> dict[str, int]:
    return {"width": image.width, "height": image.height}


def _encoding(work: Callable[[], T]) -> T:
    try:
        return work()
    except pyvips.Error as error:
        raise Rejected(Rejection.too_much_memory if "memory" in str(error).lower() else Rejection.damaged) from error


JOBS: dict[str, Callable[[Buffer, dict[str, Any]], Answer]] = {
    "process": process,
    "logo": logo,
    "face": face,
    "only_one": only_one,
    "raw": raw,
    "words": words,
}
OF_MANY: dict[str, Callable[[Sequence[Buffer], dict[str, Any]], Answer]] = {"compare": compare, "derive": derive, "finish": finish}

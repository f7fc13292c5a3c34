"""What may be asked of the decoding processes; the worker only ever sees checked answers.

Strangers' bytes are decoded in processes that may not harm anything (confined.py), which take turns (pool.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from photobank.imaging import wire
from photobank.imaging.crop import MARGIN, Box
from photobank.imaging.pool import Pool, sense
from photobank.imaging.recipe import UNLABELLED, Label, Mark, Recipe
from photobank.imaging.renditions import MIMES, Format
from photobank.imaging.results import (
    Base,
    CompareAnswer,
    Likeness,
    Pixels,
    Plan,
    ProcessAnswer,
    Processed,
    Rendition,
    SizeAnswer,
    Words,
    WordsAnswer,
    check_encoded,
    processed,
)

COMPARED = wire.MAX_BUFFERS - 1


class Decoder(Pool):
    """The jobs that there are."""

    async def process(self, data: bytes, plan: Plan | None = None) -> Processed:
        """Renditions, metadata and fingerprints of an arriving photo; ImageRejected says why there are none."""
        plan = plan or Plan()
        sizes = [{"name": size.name, "side": size.side, "quality": size.quality, "format": size.format} for size in plan.sizes]
        header, buffers = await self.ask(data, {"job": "process", "sizes": sizes, "working": plan.working})
        with sense():
            return processed(ProcessAnswer.model_validate(header), buffers, plan)

    async def derive(self, data: bytes, max_side: int = 1920, fmt: Format = "jpeg", quality: int = 85) -> Rendition:
        """The whole photo within a size: upright, sRGB with its profile, never enlarged, without any metadata of the original."""
        return await self.make(data, Recipe(max_side, max_side, format=fmt, quality=quality))

    async def make(
        self,
        data: bytes,
        recipe: Recipe,
        *,
        mark: bytes = b"",
        label: Label = UNLABELLED,
        watermark: tuple[Mark, bytes] | None = None,
        inks: bytes = b"",
        keep: bool = False,
        photo: tuple[int, int] | None = None,
    ) -> Rendition:
        """One picture for a hand-over. Nothing that the original says of itself stays in it; `label` is what we say.

        `mark` is a square of chips (imaging/tracecode.py) to be put in invisibly, `inks` the press profile that a CMYK recipe needs.
        `photo`: the upright size of the photo that `data` is a working copy of; what comes out has the size that the photo itself gives.
        With `keep` the picture comes with the base that `finish` makes another one of.
        """
        order = {"job": "derive", **recipe.to_header(), "mark": mark.hex(), "xmp": label.xmp, "iim": label.iim.hex()}
        order |= {"keep": keep, "photo": photo}
        more = []
        if watermark is not None:
            order["watermark"] = watermark[0].to_header()
            more.append(watermark[1])
        if recipe.cmyk:
            more.append(inks)
        header, buffers = await self.ask(data, order, *more)
        base = buffers[1:] if keep and len(buffers) == 3 else []
        made = _one(header, buffers[:1] if base else buffers, recipe.format)
        with sense():
            if base and len(base[0]) != made.width * made.height * 3:
                raise ValueError("pixels of another size")
        return replace(made, base=Base(made.width, made.height, *base)) if base else made

    async def finish(
        self, base: Base, recipe: Recipe, *, mark: bytes = b"", label: Label = UNLABELLED, inks: bytes = b""
    ) -> Rendition:
        """The picture that `make` gave with its base, once more, for another hand-over."""
        order = {"job": "finish", **recipe.to_header(), "mark": mark.hex(), "xmp": label.xmp, "iim": label.iim.hex()}
        more = [inks] if recipe.cmyk else []
        header, buffers = await self.ask(base.pixels, order | {"size": [base.width, base.height]}, base.weights, *more)
        return _one(header, buffers, recipe.format)

    async def logo(self, data: bytes) -> bytes:
        """A logo for watermarks as PNG: sRGB with alpha, nothing else of the file."""
        _, buffers = await self.ask(data, {"job": "logo"})
        with sense():
            if len(buffers) != 1:
                raise ValueError("not one picture")
            check_encoded(buffers[0], "png")
        return buffers[0]

    async def face(self, rendition: bytes, box: Box, side: int = 256, *, margin: float = MARGIN, quality: int = 80) -> Rendition:
        """A square WebP around a face; `box` is 0–1 of the upright picture."""
        header, buffers = await self.ask(
            rendition, {"job": "face", "box": list(box), "side": side, "margin": margin, "quality": quality, "source_side": 10_000}
        )
        return _one(header, buffers, "webp")

    async def only_one(
        self, rendition: bytes, sharp: Box | None, others: Sequence[Box], side: int = 480, *, quality: int = 74
    ) -> Rendition:
        """A WebP in which everything but `sharp` (0–1 of the upright picture) is beyond recognition, the faces of `others` above all."""
        places = {"box": list(sharp) if sharp else None, "others": [list(other) for other in others]}
        order = {"job": "only_one", "side": side, "quality": quality, **places}
        header, buffers = await self.ask(rendition, order)
        return _one(header, buffers, "webp")

    async def pixels(self, data: bytes, max_side: int = 2560) -> Pixels:
        """Upright sRGB pixels, for the face engines."""
        header, buffers = await self.ask(data, {"job": "raw", "side": max_side})
        with sense():
            size = SizeAnswer.model_validate(header)
            if len(buffers) != 1 or len(buffers[0]) != size.width * size.height * 3 or max(size.width, size.height) > max_side:
                raise ValueError("pixels of another size")
        return Pixels(buffers[0], size.width, size.height)

    async def words(self, rendition: bytes) -> Words:
        """What near-copies of this picture share with it."""
        header, _ = await self.ask(rendition, {"job": "words"})
        with sense():
            answer = WordsAnswer.model_validate(header)
        return Words(tuple(answer.words), tuple(answer.asked))

    async def compare(self, rendition: bytes, others: Sequence[bytes]) -> list[Likeness | None]:
        """How alike this picture is to each of at most COMPARED others; None for one that nothing of it lies on."""
        header, _ = await self.ask(rendition, {"job": "compare"}, *others)
        with sense():
            answer = CompareAnswer.model_validate(header)
            if len(answer.likenesses) != len(others):
                raise ValueError("other comparisons than were asked for")
        return [Likeness(**one.model_dump() | {"matrix": tuple(one.matrix)}) if one else None for one in answer.likenesses]


def _one(header: dict[str, Any], buffers: list[bytes], fmt: Format) -> Rendition:
    with sense():
        size = SizeAnswer.model_validate(header)
        if len(buffers) != 1:
            raise ValueError("not one picture")
        check_encoded(buffers[0], fmt)
    return Rendition(buffers[0], size.width, size.height, MIMES[fmt])

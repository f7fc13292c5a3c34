"""What comes back from decoding. The decoding process is not trusted, so its answers are checked against these types and limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from photobank.imaging.rejections import Rejection
from photobank.imaging.renditions import MIMES, STANDARD, WORKING, Format, Size
from photobank.imaging.sniff import Kind

MAGIC: dict[Format, tuple[int, bytes]] = {
    "webp": (8, b"WEBP"),
    "jpeg": (0, b"\xff\xd8\xff"),
    "avif": (4, b"ftyp"),
    "png": (0, b"\x89PNG"),
    "tiff": (0, b"II*\x00"),
}


@dataclass(frozen=True)
class Plan:
    """What to make of an arriving photo."""

    sizes: tuple[Size, ...] = STANDARD
    working: bool = True
    """With working copies of a photo that is large enough."""
    timezone: str = "Europe/Amsterdam"
    """Where the camera's clock is taken to be when the file does not say."""


@dataclass(frozen=True)
class Base:
    """What a hand-over of a picture leaves for the next: its pixels before the invisible mark was put in, how strong that may be where."""

    width: int
    height: int
    pixels: bytes
    weights: bytes

    def __len__(self) -> int:
        return len(self.pixels) + len(self.weights)


@dataclass(frozen=True)
class Rendition:
    """One encoded picture, without metadata. `base`: what another hand-over of it can begin at, if that was asked for."""

    data: bytes
    width: int
    height: int
    mime: str
    base: Base | None = None


@dataclass(frozen=True)
class Processed:
    """Everything learnt from one photo. Sizes and boxes are those of the upright picture."""

    kind: Kind
    width: int
    height: int
    orientation: int
    """EXIF's number as stored, 1 where absent or invalid; renditions are upright already."""
    frames: int
    """Frames or pages in the file; the first is shown."""
    alpha: bool
    """The original has transparency; renditions are flattened onto white."""
    complete: bool
    """False when the file was cut short and only part of the picture is there."""
    renditions: Mapping[str, Rendition]
    metadata: dict[str, Any]
    taken_at: datetime | None
    """Aware. Where the file names no offset, the plan's time zone is assumed and `taken_offset_known` is False."""
    taken_offset_known: bool
    taken_source: str | None
    gps: tuple[float, float] | None
    """Latitude and longitude, or None."""
    phash: int
    """64 bits as a signed number (bigint); compare with fingerprint.distance."""
    thumbhash: bytes
    colour: str
    """Mean colour, #rrggbb."""
    working: Mapping[str, bytes]
    """The copies that hand-overs begin at, by name; none for a photo that is hardly larger."""
    notes: dict[str, Any]
    """How the file was stored: interpretation, bands, sample type, whether its colour profile was broken."""

    @property
    def mime(self) -> str:
        """Media type of the original, by its content."""
        return self.kind.mime


@dataclass(frozen=True)
class Pixels:
    """Upright sRGB, three bytes a pixel, rows without padding: `np.frombuffer(data, np.uint8).reshape(height, width, 3)`."""

    data: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Words:
    """What an index of near-copies keeps of a picture, and what it is asked when the picture arrives. Numbers of 52 bits."""

    kept: tuple[int, ...]
    asked: tuple[int, ...]


@dataclass(frozen=True)
class Likeness:
    """How one picture lies on another: see imaging/likeness.py, which measures it."""

    points: int
    fit: float
    moved: float
    apart: float
    covers_new: float
    covers_other: float
    matrix: tuple[float, ...]
    chroma_new: float
    chroma_other: float


class _Checked(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


Side = Annotated[int, Field(ge=1, le=1_000_000)]


class RejectedAnswer(_Checked):
    """The picture was refused."""

    rejected: Annotated[Rejection, Field(strict=False)]
    params: dict[str, str | int]


class MadeRendition(_Checked):
    """One entry of the list of renditions."""

    name: str
    width: Side
    height: Side
    format: Format


class SizeAnswer(_Checked):
    """One picture was made."""

    width: Side
    height: Side


class ProcessAnswer(SizeAnswer):
    """A photo was processed."""

    kind: Annotated[Kind, Field(strict=False)]
    orientation: Annotated[int, Field(ge=1, le=8)]
    frames: Annotated[int, Field(ge=1)]
    alpha: bool
    complete: bool
    notes: dict[str, str | int]
    phash: Annotated[int, Field(ge=-(2**63), lt=2**63)]
    thumbhash: Annotated[str, Field(pattern=r"^([0-9a-f]{2}){5,30}$")]
    colour: Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
    renditions: list[MadeRendition]
    working: list[str]
    metadata: dict[str, JsonValue]
    gps: Annotated[list[float], Field(min_length=2, max_length=2)] | None
    taken: Annotated[list[str], Field(min_length=2, max_length=2)] | None


Word = Annotated[int, Field(ge=0, lt=2**52)]
Share = Annotated[float, Field(ge=0, le=1)]


class WordsAnswer(_Checked):
    """A picture was read into words."""

    words: Annotated[list[Word], Field(max_length=96)]
    asked: Annotated[list[Word], Field(max_length=1536)]


class LikenessAnswer(_Checked):
    """Two pictures were laid over one another."""

    points: Annotated[int, Field(ge=0, le=500)]
    fit: Annotated[float, Field(ge=-1.01, le=1.01)]
    moved: Share
    apart: Share
    covers_new: Share
    covers_other: Share
    matrix: Annotated[list[Annotated[float, Field(ge=-100, le=100)]], Field(min_length=6, max_length=6)]
    chroma_new: Annotated[float, Field(ge=0, le=255)]
    chroma_other: Annotated[float, Field(ge=0, le=255)]


class CompareAnswer(_Checked):
    """A picture was compared with others."""

    likenesses: Annotated[list[LikenessAnswer | None], Field(max_length=7)]


def processed(answer: ProcessAnswer, buffers: list[bytes], plan: Plan) -> Processed:
    """The result for callers; ValueError when the buffers are not what the answer says."""
    if answer.working and (not plan.working or answer.working != [copy.name for copy in WORKING]):
        raise ValueError("other working copies than there are")
    buffers, copies = buffers[: len(plan.sizes)], buffers[len(plan.sizes) :]
    for data in copies:
        check_encoded(data, "jpeg")
    if [made.name for made in answer.renditions] != [size.name for size in plan.sizes] or len(buffers) != len(plan.sizes):
        raise ValueError("other renditions than were asked for")
    for size, made, data in zip(plan.sizes, answer.renditions, buffers, strict=True):
        check_encoded(data, size.format)
        if max(made.width, made.height) > size.side:
            raise ValueError("a rendition larger than was asked for")
    moment = datetime.fromisoformat(answer.taken[0]) if answer.taken else None
    known = moment is not None and moment.tzinfo is not None
    if moment is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(plan.timezone))
    pairs = zip(answer.renditions, buffers, strict=True)
    return Processed(
        kind=answer.kind,
        width=answer.width,
        height=answer.height,
        orientation=answer.orientation,
        frames=answer.frames,
        alpha=answer.alpha,
        complete=answer.complete,
        renditions={made.name: Rendition(data, made.width, made.height, MIMES[made.format]) for made, data in pairs},
        metadata=dict(answer.metadata),
        taken_at=moment,
        taken_offset_known=known,
        taken_source=answer.taken[1] if answer.taken else None,
        gps=(answer.gps[0], answer.gps[1]) if answer.gps else None,
        phash=answer.phash,
        thumbhash=bytes.fromhex(answer.thumbhash),
        colour=answer.colour,
        working=dict(zip(answer.working, copies, strict=True)),
        notes=dict(answer.notes),
    )


def check_encoded(data: bytes, fmt: Format) -> None:
    """ValueError unless `data` starts like the format that was asked for."""
    at, magic = MAGIC[fmt]
    if data[at : at + len(magic)] != magic:
        raise ValueError(f"not {fmt}")

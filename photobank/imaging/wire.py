"""How a worker and its decoding process talk: a JSON header, then raw buffers, all length-prefixed. Never pickle.

message = u32 size of header ‖ header (JSON) ‖ buffers, whose sizes the header lists under "buffers".
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any, BinaryIO

PREFIX = struct.Struct(">I")
MAX_HEADER = 1 << 20
MAX_BUFFERS = 8


class BrokenWire(Exception):
    """What came over the pipe is no message."""


def head(header: dict[str, Any], buffers: Sequence[int]) -> bytes:
    """The start of a message whose buffers have these sizes."""
    text = json.dumps({**header, "buffers": list(buffers)}, ensure_ascii=True, allow_nan=False).encode()
    if len(text) > MAX_HEADER:
        raise BrokenWire(f"header of {len(text)} bytes")
    return PREFIX.pack(len(text)) + text


def parse(text: bytes) -> tuple[dict[str, Any], list[int]]:
    """Header and buffer sizes; the sender is not trusted to send sense."""
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BrokenWire("header is not JSON") from error
    sizes = header.pop("buffers", None) if isinstance(header, dict) else None
    if not isinstance(sizes, list) or len(sizes) > MAX_BUFFERS or not all(type(n) is int and n >= 0 for n in sizes):
        raise BrokenWire("header without buffer sizes")
    return header, sizes


def send(pipe: BinaryIO, header: dict[str, Any], buffers: Sequence[bytes]) -> None:
    """Write one message, blocking."""
    pipe.write(head(header, [len(buffer) for buffer in buffers]))
    for buffer in buffers:
        pipe.write(buffer)
    pipe.flush()


def receive(pipe: BinaryIO) -> tuple[dict[str, Any], list[bytearray]] | None:
    """Read one message, blocking; None at the end of the stream. Buffers are filled in place, so a file is in memory once."""
    prefix = pipe.read(PREFIX.size)
    if not prefix:
        return None
    header, sizes = parse(bytes(_exactly(pipe, PREFIX.unpack(prefix)[0])))
    return header, [_exactly(pipe, size) for size in sizes]


def _exactly(pipe: BinaryIO, size: int) -> bytearray:
    buffer = bytearray(size)
    view, at = memoryview(buffer), 0
    while at < size:
        count = pipe.readinto(view[at:])  # type: ignore[attr-defined]
        if not count:
            raise BrokenWire("stream ended inside a message")
        at += count
    return buffer

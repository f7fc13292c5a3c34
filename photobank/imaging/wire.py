"""How a worker and its decoding process talk: a JSON header, then raw buffers, all length-prefixed. Never pickle.

message = u32 size of header ‖ header (JSON) ‖ buffers, whose sizes the header lists under "buffers". With "shared" they are not in the
pipe but in the memory that both sides share (shared.py).
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any, BinaryIO

from photobank.imaging.shared import Room
from photobank.imaging.sniff import Buffer

PREFIX = struct.Struct(">I")
MAX_HEADER = 1 << 20
MAX_BUFFERS = 8


class BrokenWire(Exception):
    """What came over the pipe is no message."""


def head(header: dict[str, Any], buffers: Sequence[int], *, shared: bool = False) -> bytes:
    """The start of a message whose buffers have these sizes."""
    text = json.dumps({**header, "buffers": list(buffers), "shared": shared}, ensure_ascii=True, allow_nan=False).encode()
    if len(text) > MAX_HEADER:
        raise BrokenWire(f"header of {len(text)} bytes")
    return PREFIX.pack(len(text)) + text


def parse(text: bytes) -> tuple[dict[str, Any], list[int], bool]:
    """Header, buffer sizes, and whether they lie in shared memory; the sender is not trusted to send sense."""
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BrokenWire("header is not JSON") from error
    sizes = header.pop("buffers", None) if isinstance(header, dict) else None
    if not isinstance(sizes, list) or len(sizes) > MAX_BUFFERS or not all(type(n) is int and n >= 0 for n in sizes):
        raise BrokenWire("header without buffer sizes")
    return header, sizes, header.pop("shared", False) is True


def send(pipe: BinaryIO, header: dict[str, Any], buffers: Sequence[Buffer], room: Room | None = None) -> None:
    """Write one message, blocking."""
    shared = bool(buffers) and room is not None and room.put(buffers)
    pipe.write(head(header, [len(buffer) for buffer in buffers], shared=shared))
    for buffer in () if shared else buffers:
        pipe.write(buffer)
    pipe.flush()


def receive(pipe: BinaryIO, room: Room | None = None) -> tuple[dict[str, Any], list[bytearray]] | None:
    """Read one message, blocking; None at the end of the stream. Buffers are filled in place, so a file is in memory once."""
    prefix = pipe.read(PREFIX.size)
    if not prefix:
        return None
    header, sizes, shared = parse(bytes(_exactly(pipe, PREFIX.unpack(prefix)[0])))
    if shared and room is not None:
        return header, room.take(sizes, bytearray)
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

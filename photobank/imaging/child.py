"""The decoding process, `python -m photobank.imaging.child MEMORY_BYTES [HANDLE]`: a picture comes in by pipe, or by the memory that
HANDLE is open on; what was made of it goes out in the same way.

It trusts nothing it reads and is trusted with nothing: no secrets in its environment, no files, no network, no other processes,
one picture at a time.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, BinaryIO

from photobank.imaging import wire
from photobank.imaging.limits import allow_cpu, confine, limit
from photobank.imaging.rejections import Rejected, Rejection
from photobank.imaging.shared import Room
from photobank.imaging.sniff import Buffer
from photobank.imaging.syscalls import allow_only_decoding

HEAVY_BYTES = 500 * 2**20
"""A process that ever took this much leaves after its answer; a fresh one gives the memory back for certain."""


def main() -> None:
    """Serve pictures until the pipe closes."""
    source, sink = os.fdopen(os.dup(0), "rb", buffering=0), os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever a C library prints must not land between the answers
    memory = int(sys.argv[1])
    room = Room(int(sys.argv[2])) if len(sys.argv) > 2 else None
    limit(memory)
    landlock = confine()
    from photobank.imaging import jobs

    jobs.prepare()
    status = _status()
    filtered = allow_only_decoding()
    wire.send(sink, {"ready": True, "landlock": landlock, "filtered": filtered}, [])
    while serve(source, sink, status, room):
        pass


def serve(source: BinaryIO, sink: BinaryIO, status: int | None = None, room: Room | None = None) -> bool:
    """One picture; False when there are no more, or when this process should be replaced."""
    from photobank.imaging import jobs

    try:
        message = wire.receive(source, room)
    except MemoryError:
        wire.send(sink, {"rejected": Rejection.too_much_memory, "params": {}, "bye": True}, [])
        return False
    if message is None:
        return False
    header, buffers = message
    allow_cpu(int(header["seconds"]))
    answer: dict[str, Any]
    results: Sequence[Buffer] = ()
    try:
        answer, results = jobs.run(header["job"], buffers, header)
    except Rejected as rejected:
        answer = {"rejected": rejected.reason, "params": rejected.params}
    except MemoryError:
        answer = {"rejected": Rejection.too_much_memory, "params": {}}
    del buffers, message
    heavy = _peak(status) > HEAVY_BYTES
    wire.send(sink, {**answer, "bye": heavy}, results, room)
    return not heavy


def _status() -> int | None:
    """What the kernel says about this process, opened while files still can be; a container may hide it."""
    try:
        return os.open("/proc/self/status", os.O_RDONLY)
    except OSError:
        return None


def _peak(status: int | None) -> int:
    """The most memory this process had resident. Not from getrusage: that counts the parent's from before exec, too."""
    lines = os.pread(status, 8192, 0).splitlines() if status is not None else []
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(b"VmHWM:")), 0)


if __name__ == "__main__":
    main()

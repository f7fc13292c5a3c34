"""Blob encryption against `openssl speed`, `age` and pyca's Cobblestone, all in this run. Prints one JSON line per comparison.

Single-threaded. The stream goes through a reused buffer of 256 KiB, as it does when a blob is written; the peers do likewise.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor

from photobank.crypto.stream import CHUNK, HEADER, SEALED, Decryptor, Encryptor, encrypt

SIZE = 64 * 2**20
BLOCK = 16 * CHUNK
ROUNDS = 5
KEY = bytes(range(32))
CONTEXT = b"photobank/blob/v1/01920000-0000-7000-8000-000000000001/original"


def speed(work: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """MB/s (10^6 bytes) of processor time, the fastest of a few rounds: what others on the machine took is not ours to report."""
    times = []
    for _ in range(ROUNDS):
        start = clock()
        work()
        times.append(clock() - start)
    return SIZE / min(times) / 1e6


def children() -> float:
    """Processor time of the programs that were called and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def sealing(data: memoryview) -> None:
    """Ours, into a reused buffer."""
    out = memoryview(bytearray(17 * SEALED))
    encryptor = Encryptor(KEY, CONTEXT)
    for at in range(0, SIZE, BLOCK):
        encryptor.update_into(data[at : at + BLOCK], out)
    encryptor.finish()


def opening(blob: memoryview) -> None:
    """Ours, into a reused buffer."""
    out = memoryview(bytearray(BLOCK))
    opened = Decryptor(KEY, CONTEXT, blob[:HEADER], len(blob))
    for first in range(0, opened.chunks, 16):
        offset, length = opened.place(first, min(first + 16, opened.chunks))
        opened.open_into(first, blob[offset : offset + length], out)


def pyca_sealing(data: memoryview) -> None:
    """The same format by the library."""
    out = memoryview(bytearray(18 * SEALED))
    encryptor = Cobblestone256Encryptor(KEY, CONTEXT)
    for at in range(0, SIZE, BLOCK):
        encryptor.update_into(data[at : at + BLOCK], out)
    encryptor.finalize()


def pyca_opening(blob: memoryview) -> None:
    """The same format by the library."""
    out = memoryview(bytearray(18 * SEALED))
    decryptor = Cobblestone256Decryptor(KEY, CONTEXT)
    for at in range(0, len(blob), BLOCK):
        decryptor.update_into(blob[at : at + BLOCK], out)
    decryptor.finalize()


def openssl(*extra: str) -> float | None:
    """AES-256-GCM on 16 KiB by OpenSSL's own measure, which is processor time too; without keys, commitments or chunking."""
    command = shutil.which("openssl")
    if not command:
        return None
    call = [command, "speed", "-seconds", "1", *extra, "-evp", "aes-256-gcm", "-bytes", str(CHUNK)]
    run = subprocess.run(call, capture_output=True, text=True, check=True)
    found = re.search(r"aes-256-gcm\s+([\d.]+)k", run.stdout, re.IGNORECASE)
    return float(found[1]) / 1e3 if found else None


def age(data: memoryview) -> float | None:
    """`age` from a file to nowhere, start of the process included."""
    command, keygen = shutil.which("age"), shutil.which("age-keygen")
    if not command or not keygen:
        return None
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "data")
        source.write_bytes(data)
        made = subprocess.run([keygen], capture_output=True, text=True, check=True)
        recipient = re.search(r"age1[0-9a-z]+", made.stdout + made.stderr)
        assert recipient
        call = [command, "-r", recipient[0], "-o", os.devnull, str(source)]
        return speed(lambda: subprocess.run(call, check=True, capture_output=True), children)


def report(name: str, ours: float | None, peer: float | None, peer_name: str) -> None:
    """One line of JSON; a peer that is not installed is said to be missing."""
    assert ours
    line = {
        "name": name,
        "ours": round(ours),
        "peer": round(peer) if peer else None,
        "peer_name": peer_name,
        "ratio": round(ours / peer, 2) if peer else None,
        "unit": "MB/s",
    }
    sys.stdout.write(json.dumps(line) + "\n")


def best(*measures: Callable[[], float | None]) -> list[float | None]:
    """The best of three for each measure, taken in turn so that a busy moment strikes all of them."""
    rounds = [[measure() for measure in measures] for _ in range(3)]
    return [max((value for value in column if value is not None), default=None) for column in zip(*rounds, strict=True)]


def main() -> None:
    """Measure ours and each peer in turn."""
    data = memoryview(os.urandom(SIZE))
    blob = memoryview(encrypt(KEY, CONTEXT, data))
    ours, ssl, pyca, aged = best(
        lambda: speed(lambda: sealing(data)), openssl, lambda: speed(lambda: pyca_sealing(data)), lambda: age(data)
    )
    report("blob encryption", ours, ssl, "openssl speed aes-256-gcm, 16 KiB")
    report("blob encryption", ours, pyca, "cryptography.cobblestone")
    report("blob encryption", ours, aged, "age, from a file to /dev/null")
    ours, ssl, pyca = best(
        lambda: speed(lambda: opening(blob)), lambda: openssl("-decrypt"), lambda: speed(lambda: pyca_opening(blob))
    )
    report("blob decryption", ours, ssl, "openssl speed aes-256-gcm -decrypt, 16 KiB")
    report("blob decryption", ours, pyca, "cryptography.cobblestone")


if __name__ == "__main__":
    main()

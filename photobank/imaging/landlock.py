"""Landlock: from here on this process reads code and nothing else. It comes before the libraries are loaded; the seccomp filter of
syscalls.py, which forbids files altogether, comes after. On a kernel without the one or the other, one of them still holds.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

CREATE, ADD, RESTRICT = 444, 445, 446
VERSION = 1
PATH_BENEATH = 1
EXECUTE, READ_FILE, READ_DIR = 1 << 0, 1 << 2, 1 << 3
# Everything the kernel of each version knows to forbid on files; on the network: TCP; of scopes: abstract sockets, signals.
FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
NETWORK_FROM, NETWORK = 4, 0b11
SCOPES_FROM, SCOPES = 6, 0b11


def read_only(places: Iterable[Path]) -> int:
    """Allow this thread, and those it starts, to read beneath these places and nothing more. The version; 0 where there is none."""
    libc = ctypes.CDLL(None, use_errno=True)
    version = int(libc.syscall(CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(VERSION)))
    if version < 1:
        return 0
    files = FILES[min(version, max(FILES))]
    rules = struct.pack("=Q", files)
    if version >= NETWORK_FROM:
        rules += struct.pack("=Q", NETWORK)
    if version >= SCOPES_FROM:
        rules += struct.pack("=Q", SCOPES)
    ruleset = libc.syscall(CREATE, rules, ctypes.c_size_t(len(rules)), ctypes.c_uint32(0))
    if ruleset < 0:
        return 0
    try:
        for place in {place.resolve() for place in places}:
            _allow(libc, ruleset, place)
        done = libc.syscall(RESTRICT, ruleset, ctypes.c_uint32(0))
    finally:
        os.close(ruleset)
    return version if done == 0 else 0


def _allow(libc: ctypes.CDLL, ruleset: int, place: Path) -> None:
    try:
        opened = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no permission
    try:
        rights = READ_FILE | READ_DIR | EXECUTE if place.is_dir() else READ_FILE
        rule = struct.pack("=Qi", rights, opened)
        libc.syscall(ADD, ruleset, PATH_BENEATH, rule, ctypes.c_uint32(0))
    finally:
        os.close(opened)

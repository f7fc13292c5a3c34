"""Whoever takes the decoding process over gets one picture and two pipes: no files, no network, no other process."""

from __future__ import annotations

import json
import os
import platform
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from photobank.imaging.sandbox import Decoder
from photobank.imaging.syscalls import MACHINES, program
from tests.conftest import ROOT
from tests.imaging.conftest import MEMORY

pytestmark = pytest.mark.skipif(platform.system() != "Linux", reason="left out: seccomp and Landlock are Linux's")

# What an intruder would try, first with Landlock alone, then with the filter as well, as child.py puts them on.
INTRUDER = """
import ctypes, json, os, socket, subprocess, sys, threading
from photobank.imaging.limits import allow_cpu, confine, limit
secret, port, parent = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
os.set_blocking(1, True)
limit(1200 * 2**20)

def tried(what):
    try:
        what()
    except OSError as error:
        return error.errno
    return 0

TRIES = {
    "read a key": lambda: open(secret).read(),
    "list its folder": lambda: os.listdir(os.path.dirname(secret)),
    "write a file": lambda: open(secret + ".new", "w"),
    "connect": lambda: socket.create_connection(("127.0.0.1", port), 5).close(),
    "open a socket": lambda: socket.socket().close(),
    "start a program": lambda: os.execv("/bin/true", ["true"]) if os.fork() == 0 else os.wait(),
    "fork": lambda: os._exit(0) if os.fork() == 0 else os.wait(),
    "signal the worker": lambda: os.kill(parent, 0),
    "look into the worker": lambda: open(f"/proc/{parent}/mem", "rb").close(),
    "read own code": lambda: open(os.__file__).close(),
}
NEEDED = {
    "a thread": lambda: (lambda one: (one.start(), one.join()))(threading.Thread(target=int)),
    "randomness": lambda: os.urandom(8),
    "processor time": lambda: allow_cpu(5),
}
before = {name: tried(what) for name, what in TRIES.items()}
landlock = confine()
first = {name: tried(what) for name, what in TRIES.items() if name not in ("start a program",)}
from photobank.imaging import jobs
jobs.prepare()
from photobank.imaging.syscalls import allow_only_decoding
filtered = allow_only_decoding()
then = {name: tried(what) for name, what in TRIES.items()}
needed = {name: tried(what) for name, what in NEEDED.items()}
print(json.dumps([landlock, filtered, before, first, then, needed]), flush=True)
"""


@pytest.fixture(scope="module")
def intruder(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    folder = tmp_path_factory.mktemp("keys")
    (folder / "master.json").write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        words = [sys.executable, "-c", INTRUDER, str(folder / "master.json"), str(port), str(os.getpid())]
        done = subprocess.run(words, env={"PYTHONPATH": str(ROOT), "PATH": os.defpath}, cwd="/", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found


def test_without_confinement_the_tries_would_succeed(intruder: list[Any]) -> None:
    before = intruder[2]
    assert {name for name, code in before.items() if code == 0} >= {
        "read a key",
        "list its folder",
        "connect",
        "fork",
        "read own code",
    }


def test_landlock_leaves_code_to_read_and_no_way_out(intruder: list[Any]) -> None:
    version, first = intruder[0], intruder[3]
    if not version:
        pytest.skip("left out: this kernel has no Landlock")
    assert all(first[name] for name in ("read a key", "list its folder", "write a file"))
    assert first["read own code"] == 0
    assert first["connect"] or version < 4


def test_with_the_filter_nothing_is_left_but_decoding(intruder: list[Any]) -> None:
    _, filtered, _, _, then, needed = intruder
    if not filtered:
        pytest.skip("left out: this kernel has no seccomp filters")
    assert all(then.values()), then
    assert not any(needed.values()), needed


async def test_the_decoding_process_puts_them_on(astronaut_png: bytes) -> None:
    async with Decoder(max_pixels=10**8, seconds=60, memory_bytes=MEMORY) as decoder:
        await decoder.process(astronaut_png)
        threads = list(Path(f"/proc/{decoder.pids[0]}/task").iterdir())
        assert threads
        assert all("Seccomp:\t2" in (thread / "status").read_text() for thread in threads)


@pytest.mark.parametrize("name", sorted(MACHINES))
def test_the_filter_fits_every_processor_it_is_written_for(name: str) -> None:
    code = program(name, 4242)
    assert len(code) % 8 == 0
    for at in range(0, len(code) - 8, 8):
        assert at // 8 + 1 + max(code[at + 2], code[at + 3]) < len(code) // 8, "a jump past the end"
    assert code[-8:] == bytes([6, 0, 0, 0, 1, 0, 5, 0]), "whatever is not named fails with EPERM"
    assert len(set(MACHINES[name].calls.values())) == len(MACHINES[name].calls)

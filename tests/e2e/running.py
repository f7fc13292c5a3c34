"""A whole Photobank for browser tests: servers, workers and web as `photobank serve` starts them, on a free port and a folder of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from photobank.runtime import frontend

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 180
STOP_SECONDS = 60
_LINK = re.compile(r"http\S+/setup/\?token=\S+")


@dataclass(slots=True)
class Running:
    """A Photobank that answers. `set_up_link` is the one-time link it printed."""

    origin: str
    data_dir: Path
    env: dict[str, str]
    set_up_link: str = ""
    _process: subprocess.Popen[str] | None = None
    _lines: list[str] = field(default_factory=list)
    _reading: threading.Thread | None = None

    def start(self) -> None:
        """Start it and wait until it is ready."""
        self._lines.clear()
        process = self._process = subprocess.Popen(
            [sys.executable, "-m", "photobank.cli.main", "serve"],
            cwd=ROOT,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reading = threading.Thread(target=lambda: self._lines.extend(process.stdout or ()), daemon=True)
        self._reading.start()
        self.set_up_link = _link_when_ready(process, self._lines, self.set_up_link) or self.set_up_link

    def stop(self) -> None:
        """Stop it as a system does, and harder when that takes too long."""
        process, self._process = self._process, None
        if process is None or process.stdout is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if self._reading is not None:
            self._reading.join(5)
        process.stdout.close()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(data_dir: Path, **settings: str) -> Iterator[Running]:
    """Start it, wait until it is ready, stop it at the end. `settings` are PHOTOBANK_… names in lower case without that prefix."""
    with frontend.one_at_a_time():
        if not frontend.is_current():
            frontend.build()
    port = free_port()
    env = os.environ | {"PHOTOBANK_DATA_DIR": str(data_dir), "PHOTOBANK_PORT": str(port), "PHOTOBANK_LOG_LEVEL": "warning"}
    env |= {f"PHOTOBANK_{name.upper()}": value for name, value in settings.items()}
    one = Running(f"http://127.0.0.1:{port}", data_dir, env)
    try:
        one.start()
        yield one
    finally:
        one.stop()


def _link_when_ready(process: subprocess.Popen[str], lines: list[str], known: str) -> str:
    """The link of a first start; a house that is set up prints none, and is ready when it says how to stop it."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        said = "".join(lines)
        found = _LINK.search(said)
        if (found or known) and "Ctrl-C" in said:
            return found.group() if found else known
        if process.poll() is not None:
            raise AssertionError(f"it stopped while starting:\n{said[-3000:]}")
        time.sleep(0.1)
    raise AssertionError(f"it was not ready in time:\n{''.join(lines)[-3000:]}")

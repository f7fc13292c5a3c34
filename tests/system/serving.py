"""A whole `photobank serve` in a folder of its own, driven over the command line and REST, as people's scripts drive it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import psutil
import psycopg

from photobank.runtime import frontend
from tests.conftest import ROOT

COMMAND = [sys.executable, "-m", "photobank.cli.main"]
SERVICES = {"postgres", "redis", "web", "io", "vision"}
PASSWORD = "correct horse battery staple 42\n"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Served:
    """A house that runs, and all processes that it ever had."""

    folder: Path
    extra: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    key: str = ""
    seen: dict[int, psutil.Process] = field(default_factory=dict)
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def env(self) -> dict[str, str]:
        return {
            **os.environ,
            "PHOTOBANK_DATA_DIR": str(self.data),
            "PHOTOBANK_PORT": str(self.port),
            "PHOTOBANK_FACE_PACK": "fake",
            "PHOTOBANK_LOG_FORMAT": "json",
            "PYTHONPATH": str(ROOT),
            **self._front_end(),
            **self.extra,
        }

    def _front_end(self) -> dict[str, str]:
        """The built pages where they are; a page in their place where not: these tests open none."""
        if frontend.is_built():
            return {}
        client = self.folder / "web" / "build" / "client"
        client.mkdir(parents=True, exist_ok=True)
        (client / "index.html").write_text("<p>a page</p>")
        (client / frontend.STAMP).write_text("x")
        return {"REFLEX_WEB_WORKDIR": str(self.folder / "web")}

    def start(self) -> float:
        """Start it; gives the seconds until it was ready."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log.write_bytes(b"")
        started = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*COMMAND, "serve"], env=self.env, cwd=self.folder, stdout=log, stderr=subprocess.STDOUT
            )
        self.until(lambda: self.is_up() or self.process.poll() is not None)
        assert self.process.poll() is None, self.said()
        self.family()
        return time.monotonic() - started

    def stop(self) -> None:
        """End it, however it is."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)

    def said(self, length: int = 4000) -> str:
        return self.log.read_text(errors="replace")[-length:]

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text(errors="replace").splitlines() if line.startswith("{")]

    def is_up(self) -> bool:
        services = {event["service"] for event in self.events() if event["event"] == "service.started"}
        try:
            return services >= SERVICES and httpx.get(f"{self.origin}/healthz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def until(self, what: Callable[[], bool], seconds: float = 150) -> None:
        end = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < end, self.said()
            time.sleep(0.2)

    def cli(self, *words: str, given: str | None = None, seconds: float = 150) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *words], env=self.env, cwd=self.folder, input=given, capture_output=True, text=True, timeout=seconds
        )

    def sign_up(self) -> None:
        """An admin with an API key."""
        made = self.cli(
            "users", "create", "--email", "a@b.example", "--name", "A", "--role", "admin", "--password-stdin", given=PASSWORD
        )
        assert made.returncode == 0, made.stderr
        out = self.cli("keys", "create", "--user", "a@b.example", "--name", "test", "--json")
        assert out.returncode == 0, out.stderr
        self.key = json.loads(out.stdout)["key"]

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.origin, headers={"Authorization": f"Bearer {self.key}"}, timeout=60, trust_env=False)

    def send(self, client: httpx.Client, name: str, content: bytes, on_duplicate: str = "skip") -> httpx.Response:
        """One photo in one request."""
        headers = {"Upload-Filename": quote(name), "Content-Type": "application/octet-stream"}
        return client.post(f"/api/v1/assets?on_duplicate={on_duplicate}", content=content, headers=headers)

    def pid(self, service: str) -> int:
        """The newest process of a service."""
        found = [event for event in self.events() if event["event"] in ("service.started", "service.restarted")]
        return int([event["pid"] for event in found if event["service"] == service][-1])

    def family(self) -> list[psutil.Process]:
        """All descendants, remembered for the end."""
        try:
            found = psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []
        self.seen.update({one.pid: one for one in found})
        return found

    def survivors(self) -> list[psutil.Process]:
        """Processes of this house that live on although it ended."""
        _, alive = psutil.wait_procs(list(self.seen.values()), timeout=8)
        return [one for one in alive if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]

    def decoders(self) -> list[psutil.Process]:
        return [one for one in self.family() if _is_decoder(one)]

    def addresses(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.data / "run" / "servers.json").read_text())
        return found

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """A query to its database."""
        with psycopg.connect(self.addresses()["database_url"], connect_timeout=10) as connection:
            return connection.execute(query.encode()).fetchall()


def _is_decoder(one: psutil.Process) -> bool:
    try:
        return "photobank.imaging.child" in one.cmdline()
    except psutil.Error:
        return False

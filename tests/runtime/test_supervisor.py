"""`photobank serve`: in order, kept running, stopped in order, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest

from photobank.runtime import frontend
from tests.conftest import ROOT

START = "import asyncio;from photobank.settings import load;from photobank.runtime import logs;" \
        "from photobank.runtime.supervisor import Supervisor;s=load();logs.configure(s,'supervisor');" \
        "asyncio.run(Supervisor(s,cli=('-m','tests.runtime.small_app')).run())"  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class House:
    """A running supervisor with a small app and workers that only wait."""

    folder: Path
    port: int
    env: dict[str, str]
    process: subprocess.Popen[bytes]
    family: list[psutil.Process] = field(default_factory=list)

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=10)

    def events(self) -> list[dict[str, Any]]:
        lines = (self.folder / "log").read_text(errors="replace").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def pid(self, service: str) -> int:
        """The newest process of a service."""
        found = [event for event in self.events() if event["event"] in ("service.started", "service.restarted")]
        return int([event["pid"] for event in found if event["service"] == service][-1])

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def until(self, what: Callable[[], bool], seconds: float = 150) -> None:
        end = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < end, (self.folder / "log").read_text(errors="replace")[-3000:]
            time.sleep(0.1)

    def is_up(self) -> bool:
        try:
            services = {event["service"] for event in self.events() if event["event"] == "service.started"}
            return self.get("/healthz").status_code == 200 and services >= {"postgres", "redis", "web", "io", "vision"}
        except httpx.HTTPError:
            return False


def start(folder: Path) -> House:
    client = folder / "web" / "build" / "client"
    client.mkdir(parents=True, exist_ok=True)
    (client / "index.html").write_text("<p>a page</p>")
    (client / frontend.STAMP).write_text("x")
    port = free_port()
    env = {
        **os.environ,
        "PHOTOBANK_DATA_DIR": str(folder / "data"),
        "PHOTOBANK_PORT": str(port),
        "PHOTOBANK_LOG_FORMAT": "json",
        "PHOTOBANK_WEB_APP": "tests.runtime.small_app:app",
        "REFLEX_WEB_WORKDIR": str(folder / "web"),
        "PYTHONPATH": str(ROOT),
    }
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen([sys.executable, "-c", START], env=env, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
    house = House(folder, port, env, process)
    house.until(lambda: house.is_up() or process.poll() is not None)
    assert process.poll() is None, (folder / "log").read_text()
    return house


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("house")


@pytest.fixture(scope="module")
def house(folder: Path) -> Iterator[House]:
    running = start(folder)
    yield running
    if running.process.poll() is None:
        running.process.terminate()
        running.process.wait(30)


def addresses(house: House) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((house.folder / "data" / "run" / "servers.json").read_text())
    return found


@pytest.mark.parametrize("service", ["web", "io", "vision", "redis", "postgres"])
def test_whatever_is_killed_comes_back(house: House, service: str) -> None:
    before = house.pid(service)
    psutil.Process(before).kill()
    house.until(lambda: house.pid(service) != before and psutil.pid_exists(house.pid(service)))
    house.until(lambda: house.get("/healthz").status_code == 200 if service != "web" else house.is_up())
    with psycopg.connect(addresses(house)["database_url"], connect_timeout=10) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_web_worker_of_a_killed_server_process_does_not_keep_the_port(house: House) -> None:
    """It would answer with old code while the new one cannot listen."""
    answering = house.get("/who").json()["pid"]
    psutil.Process(house.pid("web")).kill()
    house.until(lambda: not psutil.pid_exists(answering) or psutil.Process(answering).status() == psutil.STATUS_ZOMBIE)
    house.until(house.is_up)
    assert house.get("/who").json()["pid"] != answering


def test_a_killed_web_worker_is_replaced(house: House) -> None:
    answering = house.get("/who").json()["pid"]
    psutil.Process(answering).kill()

    def replaced() -> bool:
        try:
            return bool(house.get("/who").json()["pid"] != answering)
        except httpx.HTTPError:
            return False

    house.until(replaced)


def test_only_one_runs_on_a_data_folder(house: House) -> None:
    env = {**house.env, "PHOTOBANK_PORT": str(free_port())}
    second = subprocess.run([sys.executable, "-c", START], env=env, cwd=house.folder, capture_output=True, text=True, timeout=150)
    assert second.returncode != 0
    assert "already running" in second.stderr


def test_a_port_in_use_is_said_plainly(house: House, tmp_path: Path) -> None:
    env = {**house.env, "PHOTOBANK_DATA_DIR": str(tmp_path / "other")}
    second = subprocess.run([sys.executable, "-c", START], env=env, cwd=house.folder, capture_output=True, text=True, timeout=150)
    assert "cannot be listened on" in second.stderr
    assert "PHOTOBANK_PORT" in second.stderr


def test_a_command_beside_it_uses_its_servers(house: House) -> None:
    command = [sys.executable, "-m", "photobank.cli.main", "migrate"]
    done = subprocess.run(command, env=house.env, cwd=house.folder, capture_output=True, text=True, timeout=150)
    assert done.returncode == 0, done.stderr
    assert house.process.poll() is None


def test_counters_of_all_processes_are_read_in_one_place(house: House) -> None:
    house.get("/who")
    assert 'photobank_http_requests_total{area="pages",method="GET",status="200"}' in house.get("/counters").text


def test_a_stop_lets_requests_finish_and_leaves_nothing(house: House) -> None:
    family = house.children()
    with httpx.Client(timeout=20) as client:
        answers: list[str] = []
        asking = threading.Thread(target=lambda: answers.append(client.get(f"http://127.0.0.1:{house.port}/slow").text))
        asking.start()
        time.sleep(0.5)
        started = time.monotonic()
        house.process.terminate()
        assert house.process.wait(20) == 0, (house.folder / "log").read_text()[-2000:]
        took = time.monotonic() - started
        asking.join()
    assert answers == ["done"]
    assert took < 20
    _, alive = psutil.wait_procs(family, timeout=5)
    assert not alive
    log = (house.folder / "log").read_text()
    assert "worker io gave back its work" in log
    assert "worker vision gave back its work" in log
    assert not (house.folder / "data" / "postgres" / "postmaster.pid").exists(), "PostgreSQL was stopped cleanly"


def test_after_kill_9_of_everything_it_starts_again_with_the_same_data(house: House, folder: Path) -> None:
    again = start(folder)
    try:
        with psycopg.connect(addresses(again)["owner_url"]) as connection:
            connection.execute("CREATE TABLE kept (word text); INSERT INTO kept VALUES ('ja')")
        family = again.children()
        again.process.send_signal(signal.SIGKILL)
        again.process.wait(5)
        _, alive = psutil.wait_procs(family, timeout=10)
        assert not alive, "children outlived a killed supervisor"
        (folder / "log").write_text("")
        third = start(folder)
        try:
            with psycopg.connect(addresses(third)["owner_url"]) as connection:
                assert connection.execute("SELECT word FROM kept").fetchone() == ("ja",)
        finally:
            third.process.terminate()
            third.process.wait(30)
    finally:
        if again.process.poll() is None:
            again.process.kill()

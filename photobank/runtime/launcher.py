"""The web process: granian serving the prebuilt front end and the app behind it.

Everything that leans on names internal to the UI framework stands in this file and in frontend.py, each with a test.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from starlette.types import ASGIApp

from photobank.kernel.errors import ConfigurationError
from photobank.runtime import frontend, logs
from photobank.runtime.places import Places
from photobank.runtime.process import die_with_parent, keep_memory_private, loading
from photobank.settings import PREFIX, Settings, load

APP = "photobank.photobank:app"
APP_VARIABLE = "PHOTOBANK_WEB_APP"  # tests serve a small app of their own through the same launcher
DRAIN_SECONDS = 10


def framework_environment(settings: Settings, root: Path = frontend.ROOT) -> dict[str, str]:
    """What makes Reflex 0.10.1 serve a finished build: compile nothing, need no Node, send nothing home."""
    values = {
        "REFLEX_ENV_MODE": "prod",
        "__REFLEX_SKIP_COMPILE": "1",
        "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "1",
        "REFLEX_WEB_WORKDIR": str(frontend.web_dir(root)),
        "REFLEX_STATES_WORKDIR": str(settings.data_dir / "run" / "states"),
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_USE_GRANIAN": "1",
        "REFLEX_IGNORE_REDIS_CONFIG_ERROR": "1",
        "REFLEX_REDIS_MAX_CONNECTIONS": "100",
    }
    if settings.redis_url is not None:
        values["REFLEX_REDIS_URL"] = settings.redis_url.get_secret_value()
    return values


def serve(settings: Settings, root: Path = frontend.ROOT) -> None:
    """Serve until told to stop. Needs the URLs of database and Redis; `photobank serve` provides them."""
    if not frontend.is_built(root):
        raise ConfigurationError("The front end is not built. Run `make run`, or `python -m photobank.runtime.frontend`.")
    _share_counters(settings)
    os.environ.update(framework_environment(settings, root))
    os.environ.update(_own_environment(settings))
    os.chdir(root)  # the framework looks for rxconfig.py here
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    from granian.constants import Interfaces, Loops
    from granian.log import LogLevels
    from granian.server import Server

    server = Server(
        target="photobank.runtime.launcher:create_app",
        factory=True,
        interface=Interfaces.ASGI,
        address=settings.host,
        port=settings.port,
        workers=settings.web_workers,
        loop=Loops.uvloop,
        websockets=True,
        log_level=LogLevels.warning,
        log_dictconfig=cast(Any, logs.granian_config()),
        respawn_failed_workers=True,
        respawn_interval=0.2,
        workers_kill_timeout=DRAIN_SECONDS,
        backlog=1024,
    )
    server.on_startup(lambda: logs.configure(settings, "web"))
    server.serve()


def create_app() -> ASGIApp:
    """The app of one worker process; granian calls this in it."""
    keep_memory_private()
    die_with_parent()  # a worker whose granian was killed must not keep the port
    settings = load()
    logs.configure(settings, "web")
    module, _, name = os.environ.get(APP_VARIABLE, APP).partition(":")
    with loading():
        factory: Callable[[], ASGIApp] = getattr(importlib.import_module(module), name)
        app = factory()
    logs.configure(settings, "web")  # again: the framework and its libraries set up logging of their own while loading
    from photobank.runtime import health
    from photobank.runtime.ops import Counted

    health.wait_for_tables(settings)
    return Counted(app)


def _own_environment(settings: Settings) -> dict[str, str]:
    """Settings given as options, for the worker processes, which read them anew."""
    values = {f"{PREFIX}DATA_DIR": str(settings.data_dir), f"{PREFIX}HOST": settings.host, f"{PREFIX}PORT": str(settings.port)}
    values[f"{PREFIX}WEB_WORKERS"] = str(settings.web_workers)
    return values


def _share_counters(settings: Settings) -> None:
    """On its own (without a supervisor) the web process makes the folder that its workers share their counters in."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        folder = Places(settings.data_dir).run / "metrics-web"
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)

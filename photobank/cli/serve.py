"""`serve`, `web`, `worker`, `migrate`: the processes, together and on their own.

Each imports what it needs when it runs, so that none waits for what only another needs.
"""

from __future__ import annotations

import asyncio
import importlib
from typing import Annotated, Any

import typer

from photobank.cli.output import show
from photobank.kernel.errors import ConfigurationError
from photobank.runtime import logs
from photobank.runtime.process import keep_memory_private, loading
from photobank.settings import Settings, load

Host = Annotated[str | None, typer.Option(help="Address to listen on [PHOTOBANK_HOST]")]
Port = Annotated[int | None, typer.Option(help="Port to listen on [PHOTOBANK_PORT]")]
Workers = Annotated[int | None, typer.Option(help="Web processes [PHOTOBANK_WEB_WORKERS]")]


def _settings(host: str | None, port: int | None, workers: int | None) -> Settings:
    keep_memory_private()
    chosen: dict[str, Any] = {"host": host, "port": port, "web_workers": workers}
    return load(**{name: value for name, value in chosen.items() if value is not None})


def serve(host: Host = None, port: Port = None, workers: Workers = None) -> None:
    """Everything on one machine: PostgreSQL and Redis (unless URLs are set), web, workers."""
    from photobank.runtime.supervisor import run_supervisor

    settings = _settings(host, port, workers)
    logs.configure(settings, "supervisor")

    async def ready(database_url: str, redis_url: str) -> None:
        show(f"\n  Photobank is ready: {settings.origin}")
        link = await _set_up_link(settings, database_url, redis_url)
        if link:
            show(f"  Set it up with this one-time link: {link}")
        show("  Stop it with Ctrl-C.\n")

    run_supervisor(settings, ready)


def web(host: Host = None, port: Port = None, workers: Workers = None) -> None:
    """The web processes on their own; needs PHOTOBANK_DATABASE_URL and PHOTOBANK_REDIS_URL."""
    from photobank.runtime import launcher

    settings = _settings(host, port, workers)
    logs.configure(settings, "web")
    _need_urls(settings)
    launcher.serve(settings)


def worker(
    queue: Annotated[str, typer.Option(help="Which jobs to do: io (decode, resize, encrypt) or vision (faces)")] = "io",
) -> None:
    """A worker on its own; needs PHOTOBANK_DATABASE_URL and PHOTOBANK_REDIS_URL."""
    keep_memory_private()
    settings = load()
    logs.configure(settings, f"worker-{queue}")
    _need_urls(settings)
    if queue not in ("io", "vision"):
        raise ConfigurationError(f"There is no queue named {queue}: choose io or vision.")
    with loading():
        main = importlib.import_module("workers.main")  # by name: neither may import the other
    main.run(queue, settings)


def migrate() -> None:
    """Bring the database up to date."""
    from photobank.runtime.servers import bring_up_to_date, ensure_servers

    settings = load()
    logs.configure(settings, "migrate")

    async def run() -> None:
        async with ensure_servers(settings) as (database_url, _):
            await bring_up_to_date(settings, database_url)

    asyncio.run(run())


async def _set_up_link(settings: Settings, database_url: str, redis_url: str) -> str | None:
    """The one-time link, while nobody has an account."""
    from pydantic import SecretStr

    from photobank.access.actor import system
    from photobank.accounts import users
    from photobank.bootstrap import open_container
    from photobank.library import setup

    urls = {"database_url": SecretStr(database_url), "redis_url": SecretStr(redis_url)}
    async with open_container(settings.model_copy(update=urls)) as container, container.scope(system()) as scope:
        if await users.any_user_exists(scope):
            return None
        return f"{settings.origin}/setup/?token={setup.token_of(container.vault)}"


def _need_urls(settings: Settings) -> None:
    if settings.database_url is None or settings.redis_url is None:
        raise ConfigurationError(
            "Set PHOTOBANK_DATABASE_URL and PHOTOBANK_REDIS_URL, or use `photobank serve`, which brings its own."
        )

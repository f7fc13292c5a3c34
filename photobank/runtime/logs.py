"""Logs: one line per event, JSON for machines or text for people, nothing personal in either.

Every library's records take the same road as ours (structlog's processors, then redaction), because any browser can make the
UI framework log a request with its cookie.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from photobank.runtime.redaction import hides, redact, redact_text
from photobank.settings import Settings

# Libraries that tell more than anybody reads at our level.
_QUIET = {
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "asyncio": logging.WARNING,
    "alembic": logging.WARNING,
    "arq": logging.WARNING,
    "PIL": logging.WARNING,
    "pyvips": logging.WARNING,
    "socketio": logging.WARNING,
    "engineio": logging.WARNING,
    "_granian": logging.WARNING,
}

# Keys that structlog itself writes; the event's own name is vocabulary of ours.
_STRUCTURAL = frozenset({"level", "logger", "timestamp", "service", "pid"})


def _redact(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    clean: EventDict = {}
    for key, value in event.items():
        if key.startswith("_") or key in _STRUCTURAL:
            clean[key] = value
        elif hides(key):
            clean[key] = "[hidden]"
        else:
            clean[key] = redact(value)
    return clean


def _shared(service: str) -> list[Processor]:
    def name_service(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        event.setdefault("service", service)
        return event

    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        name_service,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.UnicodeDecoder(),
    ]


class RedactingFormatter(structlog.stdlib.ProcessorFormatter):
    """The last word on every line: what is written is redacted once more as text, traceback included."""

    def format(self, record: logging.LogRecord) -> str:
        """The finished line."""
        return redact_text(super().format(record))


def configure(settings: Settings, service: str) -> None:
    """Set up logging of this process; `service` names it in every line. May be called again after a library meddled."""
    text = settings.log_format == "text" or (settings.log_format == "auto" and sys.stderr.isatty())
    shared = _shared(service)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    final: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if text:
        render: Processor = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback, pad_event_to=24
        )
        final += [_redact, render]
    else:
        final += [structlog.processors.format_exc_info, _redact, structlog.processors.JSONRenderer()]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter(foreign_pre_chain=shared, processors=final))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    take_over()
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(max(level, root.level))
    logging.captureWarnings(True)


def take_over() -> None:
    """Send every logger that exists to the root's handler: a library's own handler would go round the redaction."""
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.disabled = False


def granian_config() -> dict[str, Any]:
    """For the web server, which configures logging itself in each worker: no handlers of its own."""
    return {
        "version": 1,
        "incremental": False,
        "disable_existing_loggers": False,
        "root": {"level": "WARNING", "handlers": []},
        "formatters": {},
        "handlers": {},
        "loggers": {
            "_granian": {"level": "WARNING", "handlers": [], "propagate": True},
            "granian.access": {"level": "WARNING", "handlers": [], "propagate": True},
        },
    }

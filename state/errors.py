"""What becomes of an exception in an event handler: a line in the log and a sentence on the screen, never the exception itself."""

from __future__ import annotations

import logging

from reflex.event import EventSpec

from photobank.kernel.errors import PhotobankError
from state.base import problem_event

log = logging.getLogger(__name__)


def backend_problem(exception: Exception) -> EventSpec:
    """For rx.App(backend_exception_handler=…)."""
    if isinstance(exception, PhotobankError) and exception.status < 500:
        log.info("ui event ended with %s", exception.code)
    else:
        log.error("ui event failed: %s", type(exception).__name__, exc_info=exception)
    return problem_event(exception)


def frontend_problem(exception: Exception) -> None:
    """For rx.App(frontend_exception_handler=…). The text comes from a browser: one short line of it is kept, printable only."""
    text = "".join(char if char.isprintable() else " " for char in str(exception))[:500]
    log.warning("problem in a browser: %s", text)

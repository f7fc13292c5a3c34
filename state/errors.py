"""What becomes of an exception in an event handler: a line in the log and a sentence on the screen, never the exception itself."""

from __future__ import annotations

import logging
import re

from reflex.event import EventSpec

from photobank.kernel.errors import PhotobankError
from photobank.web.faults import trace
from state.base import problem_event

log = logging.getLogger(__name__)

# Loggers of the framework that quote events and their arguments.
TALKATIVE = (
    "reflex.app",
    "reflex_base.event.processor.base_state_processor",
    "reflex_base.event.processor.event_processor",
    "reflex_base.vars.base",
)
_QUOTE_STARTS = re.compile(r":|, but got|\n")


def backend_problem(exception: Exception) -> EventSpec:
    """For rx.App(backend_exception_handler=…)."""
    if isinstance(exception, PhotobankError) and exception.status < 500:
        log.info("ui event ended with %s", exception.code)
    else:
        log.error("ui event failed: %s\n%s", type(exception).__name__, trace(exception))
    return problem_event(exception)


def frontend_problem(exception: Exception) -> None:
    """For rx.App(frontend_exception_handler=…). The text comes from a browser: one short line of it is kept, printable only."""
    text = "".join(char if char.isprintable() else " " for char in str(exception))[:500]
    log.warning("problem in a browser: %s", text)


class _NoQuotes(logging.Filter):
    """Keeps the beginning of a line, up to where the quoting starts, and the frames of an error, without its message."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always lets the line through, shortened."""
        record.msg, record.args = _QUOTE_STARTS.split(record.getMessage(), maxsplit=1)[0][:160], ()
        if record.exc_info and isinstance(record.exc_info, tuple) and record.exc_info[1] is not None:
            record.msg += "\n" + trace(record.exc_info[1])
            record.exc_info = record.exc_text = None
        return True


def quieten() -> None:
    """Have the framework's loggers stop quoting what browsers sent."""
    for name in TALKATIVE:
        logging.getLogger(name).addFilter(_NoQuotes())

"""On the path of a house under test: in each of its processes the clock is ahead by as many seconds as a file says, at once when it changes."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from photobank.kernel.clock import SystemClock

AHEAD = Path(os.environ["TURNED_CLOCK"])


def _now(_: SystemClock) -> datetime:
    try:
        ahead = float(AHEAD.read_text())
    except (OSError, ValueError):
        ahead = 0.0
    return datetime.now(UTC) + timedelta(seconds=ahead)


SystemClock.now = _now  # type: ignore[method-assign]

"""What the tests of people share: a studio whose photos go through the real queue and workers."""

from __future__ import annotations

import pytest

from photobank.kernel.clock import TurnableClock
from photobank.messaging.queue import ArqQueue
from tests.house import Cast
from tests.people.studio import Studio


@pytest.fixture
async def studio(cast: Cast, clock: TurnableClock) -> Studio:
    cast.container.queue = ArqQueue(cast.container.redis)
    return Studio(cast, clock)

"""The table of jobs, and the way the command line starts a worker."""

from __future__ import annotations

import inspect

import pytest

from photobank.kernel.errors import ConfigurationError
from photobank.messaging.jobs import Job
from workers import main


def test_every_job_has_a_function():
    assert set(main.FUNCTIONS) == set(Job)


def test_the_command_line_finds_a_plain_function_of_queue_and_settings():
    assert not inspect.iscoroutinefunction(main.run)
    assert list(inspect.signature(main.run).parameters) == ["queue", "settings"]


async def test_light_jobs_have_no_worker_of_their_own(house_settings):
    with pytest.raises(ConfigurationError):
        await main.work(main.Queue.light, house_settings)

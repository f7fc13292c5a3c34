"""Logs hold nothing personal, whoever wrote them."""

from __future__ import annotations

import io
import json
import logging
import time
from collections.abc import Iterator

import pytest
import structlog

from photobank.runtime import logs
from photobank.runtime.redaction import redact, redact_text
from photobank.settings import load

SECRETS = ("s3cr3t-value", "anna@voorbeeld.nl", "pbk_abcdef123456")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What reaches the log, in JSON, at the lowest level."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure(load(log_format="json", log_level="debug"), "test")
    stream = io.StringIO()
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    yield stream
    root.handlers[:], _ = before, root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    "text",
    [
        "Cookie: pb_session=s3cr3t-value; theme=dark",
        "{'cookie': 'pb_session=s3cr3t-value', 'host': 'x'}",
        '{"headers": {"Cookie": "pb_session=s3cr3t-value; a=b"}}',
        "[(b'cookie', b'pb_session=s3cr3t-value'), (b'accept', b'*/*')]",
        "Authorization: Bearer s3cr3t-value",
        "authorization=Basic s3cr3t-value",
        "GET /_event/?token=s3cr3t-value&EIO=4",
        "password='s3cr3t-value'",
        '"new_password": "s3cr3t-value"',
        "x-csrf-token: s3cr3t-value",
        "postgresql://photobank:s3cr3t-value@/photobank?host=/run",
        "redis://:s3cr3t-value@cache:6379/0",
        "mail to anna@voorbeeld.nl failed",
        "email=anna@voorbeeld.nl",
        "key pbk_abcdef123456 is unknown",
        "GET /setup/s3cr3t-value-long-enough",
        "GET /s/s3cr3t-value-long-enough HTTP/1.1",
        "PUT /bring/s3cr3t-value-long-enough/files HTTP/1.1",
        "GET /embed/s3cr3t-value-long-enough/960.webp HTTP/1.1",
    ],
)
def test_text_that_carries_a_secret(text: str, log: io.StringIO) -> None:
    assert not any(secret in redact_text(text) for secret in SECRETS), redact_text(text)
    logging.getLogger("reflex.app").warning("unknown event %s", text)
    structlog.get_logger("photobank.test").warning("tried", detail=text, nested={"a": [text]})
    assert not any(secret in log.getvalue() for secret in SECRETS), log.getvalue()


def test_keys_that_name_a_secret() -> None:
    event = {"cookie": "a", "Authorization": "b", "new_password": "c", "email": "d", "X-Api-Key": "e", "asset_id": "f", "count": 2}
    assert redact(event) == {
        **dict.fromkeys(["cookie", "Authorization", "new_password", "email", "X-Api-Key"], "[hidden]"),
        "asset_id": "f",
        "count": 2,
    }


def test_the_framework_s_dump_of_an_unknown_event(log: io.StringIO) -> None:
    """Any browser can make it log a whole event with the cookie header."""
    event = {
        "name": "nope",
        "router_data": {"headers": {"cookie": "pb_session=s3cr3t-value"}},
        "payload": {"email": "anna@voorbeeld.nl"},
    }
    logging.getLogger("reflex").error(f"Unknown event: {event!r}")
    logging.getLogger("socketio.server").error("emitting event %s", json.dumps(event))
    assert not any(secret in log.getvalue() for secret in SECRETS), log.getvalue()


def test_a_traceback_is_redacted_too(log: io.StringIO) -> None:
    try:
        raise ValueError("no such person: anna@voorbeeld.nl, password=s3cr3t-value")
    except ValueError:
        logging.getLogger("starlette").exception("failed")
        structlog.get_logger("photobank.test").exception("failed")
    assert "Traceback" in log.getvalue()
    assert not any(secret in log.getvalue() for secret in SECRETS), log.getvalue()


def test_a_library_with_a_handler_of_its_own_does_not_go_round(log: io.StringIO) -> None:
    own = io.StringIO()
    library = logging.getLogger("library.with.handler")
    library.addHandler(logging.StreamHandler(own))
    library.propagate = False
    logs.take_over()
    library.error("mail to anna@voorbeeld.nl")
    assert own.getvalue() == ""
    assert "[e-mail]" in log.getvalue()


def test_lines_are_json_with_time_level_and_service(log: io.StringIO) -> None:
    structlog.get_logger("photobank.test").info("asset.ready", asset_id="0198", seconds=1.5)
    line = json.loads(log.getvalue())
    assert line["event"] == "asset.ready"
    assert (line["level"], line["service"], line["seconds"], line["asset_id"]) == ("info", "test", 1.5, "0198")
    assert line["timestamp"].endswith("Z")


def test_ordinary_lines_stay_readable() -> None:
    for text in ("service.ended", "asset 0198 ready in 1.5 s", "GET /api/v1/assets 200", "https://photos.example.org/library/"):
        assert redact_text(text) == text


@pytest.mark.parametrize("part", ["a", "a-", "ab.", "token", "a:/", "a@", "http://", "cookie ", "/s/"])
def test_no_text_from_outside_makes_redaction_slow(part):
    started = time.perf_counter()
    redact_text(part * (20_000 // len(part)))
    assert time.perf_counter() - started < 1

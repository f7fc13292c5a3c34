"""Letters over a real SMTP server: what arrives, what bounces, what may pass; and a job that does not give up."""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP
from pydantic import SecretStr

from photobank.kernel.errors import Unavailable
from photobank.mail.sender import Attachment, Bounced, Letter, SmtpSender, message
from photobank.mail.writing import Words, write
from photobank.settings import Settings

NOW = datetime(2026, 11, 26, tzinfo=UTC)
WORDS = Words(
    language="nl",
    organisation="Ziekenhuis De Lelie",
    subject="Mogen wij uw foto’s gebruiken?",
    greeting="Beste <b>Anna</b>,",
    before=("Één zin.",),
    facts=(("Nummer", "7"),),
    code="012345",
    button=("Lezen", "https://photos.example/c/x/"),
    after=("Nog een.",),
    foot=("Voet.",),
    attachments=(Attachment("bewijs.pdf", "application/pdf", b"%PDF-1.7 x"),),
)


class Box:
    """Takes mail for everybody but `nobody@`; `busy@` must wait."""

    def __init__(self) -> None:
        self.taken: list[Any] = []

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address.startswith("nobody@"):
            return "550 5.1.1 no such user"
        if address.startswith("busy@"):
            return "450 4.2.1 try later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.taken.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"


@pytest.fixture
async def office() -> AsyncIterator[tuple[Box, SmtpSender]]:

    box = Box()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(box, hostname="test"), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield box, SmtpSender(_settings(port))
    server.close()


def _settings(port: int, **more: Any) -> Settings:
    return Settings(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none", public_url="https://photos.example", **more)


async def test_a_letter_arrives_whole(office: tuple[Box, SmtpSender]) -> None:
    box, sender = office
    await sender.send(write("anna@post.example", WORDS))
    (mail,) = box.taken
    assert mail["To"] == "anna@post.example"
    assert mail["From"] == "Ziekenhuis De Lelie <photobank@photos.example>"
    assert mail["Subject"] == WORDS.subject
    assert mail["Auto-Submitted"] == "auto-generated"
    plain, html = (mail.get_body((kind,)).get_content().replace("\r", "") for kind in ("plain", "html"))
    assert "Beste <b>Anna</b>," in plain
    assert "\n    012345\n" in plain
    assert "https://photos.example/c/x/" in plain
    assert "Beste &lt;b&gt;Anna&lt;/b&gt;," in html
    assert "src=" not in html, "a letter loads nothing from anywhere"
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("bewijs.pdf", b"%PDF-1.7 x")


async def test_no_such_address_bounces_and_a_busy_server_is_tried_again(office: tuple[Box, SmtpSender]) -> None:
    _, sender = office
    with pytest.raises(Bounced):
        await sender.send(write("nobody@post.example", WORDS))
    with pytest.raises(Unavailable):
        await sender.send(write("busy@post.example", WORDS))


async def test_a_server_that_is_away_or_does_not_know_us_is_tried_again(office: tuple[Box, SmtpSender]) -> None:
    with pytest.raises(Unavailable):
        await SmtpSender(_settings(9)).send(write("anna@post.example", WORDS))
    box, sender = office
    port = sender._settings.smtp_port
    with pytest.raises(Unavailable):
        await SmtpSender(_settings(port, smtp_user="us", smtp_password=SecretStr("wrong"))).send(write("anna@post.example", WORDS))
    assert not box.taken


def test_a_name_cannot_write_headers() -> None:
    letter = Letter("anna@post.example\nBcc: all@evil.example", "De Lelie", "Subject", "text", "<p>text</p>")
    with pytest.raises(ValueError, match=r"linefeed|newline|header"):
        message(letter, "photos@lelie.example", NOW)


def test_without_a_host_there_is_no_mail() -> None:
    assert not SmtpSender(Settings()).ready

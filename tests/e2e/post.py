"""A real mail server for browser tests: keeps every mail that the house sends."""

from __future__ import annotations

import email
import email.policy
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.controller import Controller

from tests.e2e.running import free_port

SECONDS = 90


class Postman:
    """Takes every mail, and keeps it."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self._news = threading.Condition()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """The SMTP server got a mail."""
        with self._news:
            self.mails.append(cast(EmailMessage, email.message_from_bytes(envelope.content, policy=email.policy.default)))
            self._news.notify_all()
        return "250 OK"

    def wait(self, subject: str, to: str, number: int = 1) -> EmailMessage:
        """The mail to somebody with this in its subject; the so many-th of them."""

        def found() -> list[EmailMessage]:
            return [one for one in self.mails if subject in str(one["Subject"]) and to in str(one["To"])]

        with self._news:
            arrived = self._news.wait_for(lambda: len(found()) >= number, SECONDS)
        assert arrived, [str(one["Subject"]) for one in self.mails]
        return found()[number - 1]


@contextmanager
def post_office() -> Iterator[tuple[Postman, dict[str, str]]]:
    """An SMTP server on a free port, and the settings of a house that mails through it."""
    postman, port = Postman(), free_port()
    controller = Controller(postman, hostname="127.0.0.1", port=port)
    controller.start()
    settings = {"smtp_host": "127.0.0.1", "smtp_port": str(port), "smtp_security": "none"}
    try:
        yield postman, settings | {"mail_from": "photos@lindewaard.example"}
    finally:
        controller.stop()


def text_of(mail: EmailMessage) -> str:
    """What it says, in plain text."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r", "")


def link_in(mail: EmailMessage) -> str:
    """The link to sign, or to one's own page."""
    found = re.search(r"http\S+/c/\S+", text_of(mail))
    assert found, text_of(mail)
    return found.group()


def code_in(mail: EmailMessage) -> str:
    """The six digits."""
    found = re.search(r"^ {4}(\d{6})$", text_of(mail), re.MULTILINE)
    assert found, text_of(mail)
    return found[1]

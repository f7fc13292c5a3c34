"""Sending a letter: the protocol, SMTP, and one that keeps letters in a list for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, make_msgid
from typing import Protocol
from urllib.parse import urlsplit

import aiosmtplib

from photobank.kernel.errors import Unavailable
from photobank.settings import Settings

SECONDS = 30
REFERENCE = ".photobank@"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes along."""

    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to one person, as text and as HTML."""

    to: str
    sender_name: str
    subject: str
    text: str
    html: str
    attachments: Sequence[Attachment] = ()
    reference: str = ""
    """Of ours, and of no meaning to others: it stands in the Message-ID, so that a letter that comes back can be told by it."""


class Bounced(Exception):
    """The mail server will never take this letter, as a rule since there is no such address. Trying again is of no use."""


class Sender(Protocol):
    """Takes letters to a mail server."""

    @property
    def ready(self) -> bool:
        """Is there a mail server at all."""
        ...

    async def send(self, letter: Letter) -> None:
        """Hand a letter over. Raises Bounced for an address that does not exist, Unavailable for whatever may pass."""
        ...


class SmtpSender:
    """The mail server of the settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._from = settings.mail_from or f"photobank@{urlsplit(settings.origin).hostname or 'localhost'}"

    @property
    def ready(self) -> bool:
        """See Sender.ready."""
        return bool(self._settings.smtp_host)

    async def send(self, letter: Letter) -> None:
        """See Sender.send."""
        settings = self._settings
        if not settings.smtp_host:
            raise Unavailable("no mail server")
        password = settings.smtp_password
        try:
            await aiosmtplib.send(
                message(letter, self._from, datetime.now(UTC)),
                sender=self._from,
                recipients=[letter.to],
                hostname=settings.smtp_host,
                port=settings.smtp_port,
                username=settings.smtp_user or None,
                password=password.get_secret_value() if password is not None else None,
                use_tls=settings.smtp_security == "tls",
                start_tls=settings.smtp_security == "starttls",
                timeout=SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            code = max(one.code for one in refused.recipients)
            if code >= 500:
                raise Bounced(str(code)) from refused
            raise Unavailable(f"the mail server answered {code}") from refused
        except aiosmtplib.SMTPDataError as refused:
            if refused.code >= 500:
                raise Bounced(str(refused.code)) from refused
            raise Unavailable(f"the mail server answered {refused.code}") from refused
        except aiosmtplib.SMTPResponseException as refused:
            raise Unavailable(f"the mail server answered {refused.code}") from refused
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Unavailable(f"the mail server does not answer: {type(error).__name__}") from error


def message(letter: Letter, sender: str, now: datetime) -> EmailMessage:
    """The letter as it goes over the line. A line break in a header raises ValueError."""
    made = EmailMessage()
    made["From"] = formataddr((letter.sender_name, sender))
    made["To"] = letter.to
    made["Subject"] = letter.subject
    made["Date"] = format_datetime(now)
    domain = sender.partition("@")[2]
    made["Message-ID"] = f"<{letter.reference}{REFERENCE}{domain}>" if letter.reference else make_msgid(domain=domain)
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(letter.text)
    made.add_alternative(letter.html, subtype="html")
    for file in letter.attachments:
        main, _, sub = file.media_type.partition("/")
        made.add_attachment(file.content, maintype=main, subtype=sub, filename=file.filename)
    return made


class MemorySender:
    """Letters in a list, for tests. Addresses in `unknown` bounce."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.unknown: set[str] = set()
        self.away = False

    @property
    def ready(self) -> bool:
        """See Sender.ready."""
        return True

    async def send(self, letter: Letter) -> None:
        """See Sender.send."""
        if self.away:
            raise Unavailable("away")
        if letter.to in self.unknown:
            raise Bounced("550")
        self.letters.append(letter)

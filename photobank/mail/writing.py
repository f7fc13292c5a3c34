"""From words to a letter: one frame, as plain text and as HTML that needs nothing from any server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from photobank.mail.sender import Attachment, Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a letter says. `facts` stand in a small table; `code` is set large; `button` is (words, address)."""

    language: str
    organisation: str
    subject: str
    greeting: str
    before: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()
    code: str = ""
    button: tuple[str, str] | None = None
    after: Sequence[str] = ()
    foot: Sequence[str] = ()
    attachments: Sequence[Attachment] = field(default=())


@cache
def _frames() -> Environment:
    loader = FileSystemLoader(Path(__file__).parent / "templates")
    return Environment(
        loader=loader,
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def write(to: str, words: Words) -> Letter:
    """The letter."""
    frames = _frames()
    return Letter(
        to=to,
        sender_name=words.organisation,
        subject=words.subject,
        text=frames.get_template("letter.txt").render(w=words),
        html=frames.get_template("letter.html").render(w=words),
        attachments=words.attachments,
    )

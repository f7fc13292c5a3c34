"""How far a request is: derived from what happened to it, never stored. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from photobank.models.requests import ConsentRequest, ConsentSigner


class Progress(StrEnum):
    """Where a request stands."""

    queued = "queued"
    sent = "sent"
    shown = "shown"
    """A link or code was shown, nothing was mailed."""
    opened = "opened"
    answered = "answered"
    """Filled in; the code from the mail is still to be typed."""
    partly = "partly"
    """One guardian has signed, another has not."""
    bounced = "bounced"
    lapsed = "lapsed"
    signed = "signed"
    declined = "declined"
    cancelled = "cancelled"

    @property
    def waiting(self) -> bool:
        """Is it the signer's turn, or the mail's."""
        return self in (
            Progress.queued,
            Progress.sent,
            Progress.shown,
            Progress.opened,
            Progress.answered,
            Progress.partly,
            Progress.bounced,
        )


class Way(StrEnum):
    """How the link reaches the signer. It is the same link."""

    email = "email"
    link = "link"
    kiosk = "kiosk"


def progress_of(request: ConsentRequest, signers: Sequence[ConsentSigner], now: datetime) -> Progress:
    """The furthest that can be said. What keeps it from going on goes before how far it went."""
    if request.outcome is not None:
        return Progress(request.outcome)
    if request.expires_at <= now:
        return Progress.lapsed
    open_ones = [one for one in signers if one.signed_at is None]
    if any(one.bounced_at is not None for one in open_ones):
        return Progress.bounced
    if len(open_ones) < len(signers):
        return Progress.partly
    if any(one.answered_at is not None for one in open_ones):
        return Progress.answered
    if any(one.opened_at is not None for one in open_ones):
        return Progress.opened
    if request.way != Way.email:
        return Progress.shown
    return Progress.sent if all(one.sent_at is not None for one in open_ones) else Progress.queued

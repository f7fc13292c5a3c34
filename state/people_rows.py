"""Small things that several pages show of people and moments."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(at: datetime | None) -> str:
    """A moment as browsers read it; empty for none."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else ""


def initials(name: str) -> str:
    """First letters of the first and last word."""
    words = [word for word in name.split() if word[:1].isalpha()]
    return "".join(word[0].upper() for word in (words[:1] + words[-1:] if len(words) > 1 else words))


def masked(email: str) -> str:
    """An address that is recognised but not read: e•••••s@example.org."""
    name, at, domain = email.partition("@")
    return f"{name[:1]}•••••{name[-1:] if len(name) > 2 else ''}{at}{domain}" if email else ""

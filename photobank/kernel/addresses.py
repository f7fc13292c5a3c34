"""Mail addresses, as far as they can be judged without sending anything."""

from __future__ import annotations

LONGEST = 254


def is_address(text: str) -> bool:
    """Whether it looks like one mail address, and nothing that would reach another header or recipient."""
    name, at, host = text.rpartition("@")
    plain = text.isascii() and text.isprintable() and not set(text) & set(' ,;:<>()[]\\"')
    return bool(plain and at and name and "@" not in name and "." in host.strip(".") and len(text) <= LONGEST)

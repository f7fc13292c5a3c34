"""Why a picture is not decoded. Each code has a sentence for people under `rejections.<code>` in the catalogues."""

from __future__ import annotations

from enum import StrEnum


class Rejection(StrEnum):
    """The reasons; stored with the asset, so a code never changes its meaning."""

    empty = "empty"
    """Nothing was sent."""
    unsupported = "unsupported"
    """Not a picture of a kind that we take; param `kind` names what it is, where known."""
    raw = "raw"
    """A camera's raw file: export it as JPEG, TIFF or HEIC first."""
    damaged = "damaged"
    """The kind is known, yet the content cannot be decoded, or hardly any of it is there."""
    too_many_pixels = "too_many_pixels"
    """More pixels than the house takes; params `width`, `height`, `limit`. Decided from the header alone."""
    too_slow = "too_slow"
    """Decoding took longer than allowed."""
    too_much_memory = "too_much_memory"
    """Decoding took more memory than allowed."""
    crashed = "crashed"
    """The decoder fell over on this picture; nothing else was harmed."""


class Rejected(Exception):
    """Raised inside the decoding process; travels to the worker as a code and a few plain values."""

    def __init__(self, reason: Rejection, **params: str | int) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.params = params

"""A name that somebody gave a file, made safe to keep, to show and to send back: no paths, no controls, no tricks."""

from __future__ import annotations

import unicodedata

MAX_BYTES = 240
"""File systems take 255 bytes; the rest is room for a number such as " (2)"."""
FALLBACK = "photo"
MAX_SUFFIX = 12
WINDOWS_PORTS = {f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"}
WINDOWS_DEVICES = {"con", "prn", "aux", "nul", "conin$", "conout$"} | WINDOWS_PORTS
WINDOWS_FORBIDDEN = str.maketrans(dict.fromkeys('<>:"|?*', "_"))
JOINERS = {"\u200c", "\u200d"}
"""Invisible, yet needed to write Persian, Indic scripts and many emoji."""


def safe_filename(name: str) -> str:
    """`name` without folders, NUL and control characters, direction overrides, characters Windows refuses, or too much length.

    Letters of every script, emoji and combining accents stay as they are, composed or not. Always returns something to call it.
    """
    name = name.split("\0", 1)[0].replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    name = "".join(c for c in name if c in JOINERS or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
    name = name.translate(WINDOWS_FORBIDDEN)
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix) > MAX_SUFFIX or not suffix.strip():
        stem, suffix = name, ""
    # A leading dot hides a file or configures a web server; trailing dots and blanks vanish on Windows.
    stem = stem.strip(" .\t\u00a0").strip()
    suffix = suffix.strip()
    if not stem.strip("\u200c\u200d "):
        stem = FALLBACK
    if stem.split(".", 1)[0].strip().lower() in WINDOWS_DEVICES:
        stem = f"_{stem}"
    ending = f".{suffix}" if suffix else ""
    return _cut(stem, MAX_BYTES - len(ending.encode())) + ending


def _cut(text: str, size: int) -> str:
    """The longest start of `text` that fits in `size` bytes of UTF-8, not ending in a lone accent or joiner."""
    if len(text.encode()) <= size:
        return text
    text = text.encode()[:size].decode("utf-8", "ignore")
    while text and (unicodedata.combining(text[-1]) or text[-1] in JOINERS):
        text = text[:-1]
    return text.rstrip(" .") or FALLBACK

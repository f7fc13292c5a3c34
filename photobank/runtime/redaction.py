"""What never reaches a log: cookies, credentials, tokens, e-mail addresses, and the strings that carry them.

Applied to every line, ours and every library's, after formatting: a traceback or a library that dumps a whole request (the UI
framework does so for an event it does not know) is caught like anything else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "[hidden]"

# Keys whose value is hidden whatever it is: exact words, or parts of a longer key.
_PARTS = ["password", "passwd", "secret", "token", "cookie", "authorization", "api_key", "apikey", "credential", "csrf", "private"]
_KEYS = frozenset(
    ["key", "auth", "email", "e_mail", "mail", "name", "full_name", "username", "phone", "address", "sid", "session", "body"]
)
_OPEN_KEYS = frozenset({"key_id", "token_count", "job_name"})

_QUOTED = r"""(?:"[^"]*"|'[^']*')"""
_HEADERS = r"(?:(?:set-)?cookie|(?:proxy-)?authorization|x-csrf-token|x-api-key)"
# Patterns that begin with a run of letters may only begin where the run does: else a long word in a log line, which any browser can
# cause, is tried from each of its letters, and takes seconds.
_NAMES = r"(?<![\w-])[\w-]{0,64}?(?:password|passwd|secret|token|csrf|api_?key|session_id|e_?mail)[\w-]{0,64}"

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        # a cookie or authorization header inside a longer text, as header, dict or JSON, up to the end of its value
        (rf"""({_HEADERS}["']?\s*[:=]\s*)(?:{_QUOTED}|[^\n"'}}\]]+)""", rf"\1{HIDDEN}"),
        # the same as a pair of bytes, the way ASGI keeps headers
        (rf"""(b["']{_HEADERS}["']\s*,\s*)b{_QUOTED}""", rf"\1{HIDDEN}"),
        # names that say what they hold, in JSON, a dict's repr, a query or a keyword
        (rf"""({_NAMES}["']?\s*[:=]\s*)(?:{_QUOTED}|[^\s,;&}}\])'"]+)""", rf"\1{HIDDEN}"),
        # our own keys and one-time links, wherever they stand
        (r"\bpbk_[\w-]+", HIDDEN),
        (r"\bbearer\s+[\w.~+/=-]+", f"Bearer {HIDDEN}"),
        (r"(/(?:s|setup|set-up|portal|invite|reset|share|embed|bring)/)[\w.~-]{12,}", rf"\1{HIDDEN}"),
        # user and password in a URL
        (r"(?<![a-z0-9+.-])([a-z][a-z0-9+.-]{0,30}://)[^\s/@:]*:[^\s/@]*@", rf"\1{HIDDEN}@"),
        # addresses of people
        (r"(?<![\w.+'-])[\w.+'-]+@[\w-]+(?:\.[\w-]+)+", "[e-mail]"),
    )
)


def redact_text(text: str) -> str:
    """`text` without what must not be logged."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def hides(key: str) -> bool:
    """Whether values under this key are always hidden."""
    word = key.lower().replace("-", "_")
    return word not in _OPEN_KEYS and (word in _KEYS or any(part in word for part in _PARTS))


def redact(value: Any, depth: int = 0) -> Any:
    """The same shape with hidden values; anything unknown becomes redacted text."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return f"[{len(value)} bytes]"
    if depth > 6:
        return HIDDEN
    if isinstance(value, Mapping):
        return {str(key): HIDDEN if hides(str(key)) else redact(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(item, depth + 1) for item in value]
    return redact_text(str(value))

"""Content-Security-Policy per page. The inline scripts of an exported page are named by hash, so that no other script can run."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
DOCS_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


class _InlineScripts(HTMLParser):
    """Collects the text of every script that has no src."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note whether an inline script begins."""
        if tag == "script" and "src" not in dict(attrs):
            self._inside = True
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        """Note its end."""
        if tag == "script":
            self._inside = False

    def handle_data(self, data: str) -> None:
        """Keep its text."""
        if self._inside:
            self.found[-1] += data


def script_hashes(html: str) -> list[str]:
    """The CSP sources of the inline scripts of one page, sorted."""
    parser = _InlineScripts()
    parser.feed(html)
    parser.close()
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in parser.found)
    return sorted({f"'sha256-{digest}'" for digest in digests})


def page_policy(hashes: Sequence[str], sockets: Sequence[str], *, https: bool) -> str:
    """The policy of one page. Scripts and sheets come from here alone; widths and the like stand in attributes, which may."""
    parts = [
        "default-src 'none'",
        " ".join(["script-src 'self'", *hashes]),
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",
        "img-src 'self' blob: data:",
        "font-src 'self'",
        " ".join(["connect-src 'self'", *sockets]),
        "worker-src 'self' blob:",
        "manifest-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "object-src 'none'",
    ]
    return "; ".join([*parts, "upgrade-insecure-requests"] if https else parts)


class Pages:
    """The policies of all exported pages, worked out once from their html."""

    def __init__(self, client_dir: Path, sockets: Sequence[str], *, https: bool) -> None:
        self._policies: dict[str, str] = {}
        union: set[str] = set()
        for file in sorted(client_dir.rglob("*.html")) if client_dir.is_dir() else ():
            hashes = script_hashes(file.read_text(encoding="utf-8"))
            union.update(hashes)
            self._policies[self._path(file.relative_to(client_dir))] = page_policy(hashes, sockets, https=https)
        # Dynamic addresses (/photo/ID/) and unknown ones are served from a fallback page; which one is the framework's affair.
        self._fallback = page_policy(sorted(union), sockets, https=https)

    @staticmethod
    def _path(relative: Path) -> str:
        parts = relative.parts[:-1] if relative.name == "index.html" else (*relative.parts[:-1], relative.stem)
        return "/" + "/".join(parts)

    def policy(self, path: str) -> str:
        """The policy for the page at `path`."""
        return self._policies.get(path.rstrip("/") or "/", self._fallback)

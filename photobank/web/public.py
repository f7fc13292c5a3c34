"""Pages for people without an account: written on the server, one answer each, light enough for a phone on a train.

A page is a template in `templates/` that extends `base.html`. Its styles (tokens and `public.css`) and its script, if it has one, stand in
the page itself and are named by hash in its Content-Security-Policy, so that nothing else can run. Nothing is kept by any cache, and no
address is told to another site. What goes wrong becomes the same calm page for everybody: see `PublicRoute`.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import logging
import re
from collections.abc import Callable, Coroutine
from functools import cache, partial
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from photobank.i18n import format as written
from photobank.i18n.translate import LANGUAGES, Language, choose_language, is_language, translate
from photobank.kernel.errors import PhotobankError, RateLimited, Refused
from photobank.runtime.frontend import ROOT
from photobank.web.faults import trace
from photobank.web.house import house
from photobank.web.origin import allowed_origins

log = logging.getLogger(__name__)

TEMPLATES: Final = Path(__file__).with_name("templates")
LANGUAGE: Final = "lang"
FORMS: Final = "/c/"
"""Where links to sign lead; who comes there is told other words than who was sent photos."""
"""Name of the parameter that chooses one."""
UNSEEN: Final = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
"""On every answer to somebody without an account."""
WORTH_PACKING: Final = 1400
"""Bytes; what fits into one packet gains nothing."""


def page(
    request: Request, template: str, status: int = 200, *, script: str = "", sheet: str = "", style: str = "", **values: Any
) -> HTMLResponse:
    """One page, in the reader's language. `script` and `sheet` (styles beside those of all pages) are names of files in `templates/`;
    `values` fill the template.

    `style` is more CSS, for what differs per page: an attribute of an element would not be let through. Numbers only, never text.
    """
    language = language_of(request)
    css, js = _css(sheet) + style, _text(script) if script else ""
    html = (
        _templates()
        .get_template(template)
        .render(
            t=partial(translate_in, language),
            language=language,
            languages=[(code, f"?{LANGUAGE}={code}") for code in LANGUAGES],
            day=partial(written.day, language=language),
            moment=partial(written.moment, language=language),
            size=partial(written.size, language=language),
            css=Markup(css),  # noqa: S704  our own file
            js=Markup(js),  # noqa: S704  our own file
            icon=icon,
            **values,
        )
    )
    policy = {
        "Content-Security-Policy": policy_of(css, js),
        "Content-Language": language,
        "Vary": "Accept-Language, Accept-Encoding",
    }
    return _packed(request, HTMLResponse(html, status, UNSEEN | policy))


def _packed(request: Request, answer: HTMLResponse) -> HTMLResponse:
    """Compressed for who takes it: a page that was merely asked for, in a language at most.

    A page that repeats what its asker chose is never compressed: beside a secret, its length would tell how much of that was guessed
    (BREACH). So forms that come back with what was filled in are not, nor is anything asked for with a parameter that we do not know.
    """
    plain = request.method == "GET" and answer.status_code == 200 and set(request.query_params) <= {LANGUAGE}
    takes = {part.strip() for part in request.headers.get("accept-encoding", "").split(",")}
    if plain and "gzip" in takes and len(answer.body) > WORTH_PACKING:
        answer.body = gzip.compress(bytes(answer.body), 6, mtime=0)
        answer.headers["Content-Encoding"] = "gzip"
        answer.headers["Content-Length"] = str(len(answer.body))
    return answer


def language_of(request: Request) -> Language:
    """What the address asks for, else what the browser likes best."""
    asked = request.query_params.get(LANGUAGE)
    return asked if is_language(asked) else choose_language(request.headers.get("accept-language"))


def translate_in(language: Language, key: str, **params: Any) -> str:
    """A sentence of the catalogue."""
    return translate(key, language, **params)


def closed(request: Request, error: PhotobankError) -> Response:
    """What anybody gets who may not have what they asked for: it tells neither what it was nor why, but for how to go on.

    A picture or file that may not go is an empty answer; only pages are for reading.
    """
    if "text/html" not in request.headers.get("accept", ""):
        return Response(status_code=error.status, headers=UNSEEN)
    shut = "form_closed" if request.url.path.startswith(FORMS) else "closed"
    kind = error.code if error.code in ("rate_limited", "wrong_network", "spent") else shut if error.status < 500 else "fault"
    minutes = -(-error.retry_after // 60) if isinstance(error, RateLimited) else 0
    answer = page(request, "closed.html", error.status, kind=kind, minutes=minutes)
    if isinstance(error, RateLimited):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def from_this_page(request: Request) -> None:
    """Refuse a form that a page of another site sent. These pages tell no referrer, so browsers leave the origin out of their forms."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin", "null")
    if site not in ("same-origin", None) or (site is None and origin not in ("null", *allowed_origins(house().settings))):
        raise Refused("the form comes from another site", action="origin:check")


class PublicRoute(APIRoute):
    """A route for people without an account: an error becomes `closed`, never a problem document with names and reasons."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of the framework, with errors turned into pages."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await inner(request)
            except PhotobankError as error:
                if error.status >= 500:
                    log.error("request failed: %s\n%s", error.code, trace(error))
                return closed(request, error)
            except (RequestValidationError, HTTPException):
                return closed(request, _Unreadable())
            except Exception as error:
                log.error("request failed: %s\n%s", type(error).__name__, trace(error))
                return closed(request, PhotobankError())

        return handle


class _Unreadable(PhotobankError):
    code = "invalid"
    status = 404


def policy_of(css: str, js: str) -> str:
    """Only these styles and this script; pictures, forms and requests of our own."""
    return "; ".join(
        [
            "default-src 'none'",
            f"style-src '{_hash(css)}'",
            f"script-src '{_hash(js)}'" if js else "script-src 'none'",
            "img-src 'self'",
            "font-src 'self'",
            "connect-src 'self'" if js else "connect-src 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ]
    )


def icon(name: str) -> Markup:
    """A symbol of the sprite, drawn in place: `i-download`, `sh-approved`, `mark`."""
    looks = "mark" if name == "mark" else "i"
    return Markup(f'<svg class="{looks}" viewBox="0 0 24 24" aria-hidden="true">{_symbols()[name]}</svg>')  # noqa: S704


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _templates() -> Environment:
    loader = PackageLoader("photobank.web", "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@cache
def _text(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


@cache
def _css(sheet: str = "") -> str:
    """Tokens and styles. Here the device chooses between light and dark: there is no account to keep a choice in."""
    tokens = (ROOT / "assets" / "tokens.css").read_text(encoding="utf-8")
    tokens = re.sub(r"\.dark\s*(\{[^}]*\})", r"@media (prefers-color-scheme: dark) { :root \1 }", tokens)
    whole = re.sub(r"/\*.*?\*/", "", tokens + _text("public.css") + (_text(sheet) if sheet else ""), flags=re.DOTALL)
    return re.sub(r"\s+", " ", whole).strip()


@cache
def _symbols() -> dict[str, str]:
    space = "{http://www.w3.org/2000/svg}"
    sprite = ElementTree.parse(ROOT / "assets" / "icons.svg")  # noqa: S314  our own file
    found = {}
    for symbol in sprite.iter(f"{space}symbol"):
        parts = (ElementTree.tostring(part, encoding="unicode") for part in symbol)
        found[symbol.attrib["id"]] = re.sub(r'(</?)ns\d+:|\s+xmlns:ns\d+="[^"]*"', r"\1", "".join(parts)).replace("<</", "</")
    return found

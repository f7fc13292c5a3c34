"""How a page of the signer is drawn and answered: templates, headers, the form's token, the cookie of who has entered."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs
from uuid import UUID

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse, RedirectResponse, Response

from photobank.consents import links
from photobank.i18n import format as written
from photobank.i18n.translate import Language, choose_language, is_language, translate
from photobank.kernel.errors import Invalid, Refused
from photobank.vault import Vault
from photobank.web.house import House
from photobank.web.origin import allowed_origins, require_same_origin

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
COOKIE: Final = "pb_signer"
ENTERED: Final = timedelta(minutes=30)
MOST_FIELDS, LONGEST_FORM = 200, 120_000


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@dataclass(frozen=True, slots=True)
class Page:
    """One request to one of these pages: whose house, which link, which language."""

    request: Request
    house: House
    token: str
    language: Language

    @property
    def vault(self) -> Vault:
        """Keys of the house."""
        return self.house.container.vault

    def draw(self, name: str, status: int = 200, **values: Any) -> HTMLResponse:
        """An answer with this template."""
        language = self.language

        def say(key: str, **params: Any) -> str:
            return translate(key, language, **params)

        html = (
            _templates()
            .get_template(f"{name}.html")
            .render(
                t=say,
                day=lambda at: written.day(at, language),
                last_day=lambda at: written.day(at - timedelta(microseconds=1), language),
                moment=lambda at: written.moment(at, language),
                month=lambda at: written.day_short(at, language).split(" ", 1)[1],
                language=language,
                here=f"{links.PAGE}{self.token}/",
                csrf=self.form_token(),
                **({"organisation": "", "step": 0, "wide": False} | values),
            )
        )
        return HTMLResponse(html, status, headers={"content-security-policy": POLICY, "cache-control": "private, no-store"})

    def back(self, *rest: str) -> RedirectResponse:
        """To another of the link's own pages, so that a reload sends nothing twice."""
        return RedirectResponse(f"{links.PAGE}{self.token}/{''.join(rest)}?lang={self.language}", 303)

    def form_token(self) -> str:
        """What our own forms send along: nobody else's page knows it."""
        return hmac.new(self.vault.secret("consent pages"), self.token.encode(), hashlib.sha256).hexdigest()

    async def form(self) -> dict[str, list[str]]:
        """The fields that were sent; Refused unless they come from a page of ours."""
        require_same_origin(self.request.headers, allowed_origins(self.house.settings), missing_is_fine=True)
        body = await self.request.body()
        if len(body) > LONGEST_FORM:
            raise Invalid("too long")
        try:
            fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
        except ValueError:
            raise Invalid("not a form") from None
        if not hmac.compare_digest(one(fields, "csrf").encode(), self.form_token().encode()):
            raise Refused("the form's token is missing or wrong", action="csrf:check")
        return fields

    def enter(self, answer: Response, signer_id: UUID, now: datetime) -> Response:
        """Let the signer in for a while, in this browser."""
        until = int((now + ENTERED).timestamp())
        value = f"{signer_id}.{until}.{self._pass(signer_id, until)}"
        answer.set_cookie(
            COOKIE,
            value,
            max_age=int(ENTERED.total_seconds()),
            path=links.PAGE,
            httponly=True,
            samesite="strict",
            secure=self.house.settings.secure_cookies,
        )
        return answer

    def leave(self, answer: Response) -> Response:
        """Shut the door behind them."""
        answer.delete_cookie(COOKIE, path=links.PAGE, httponly=True, samesite="strict", secure=self.house.settings.secure_cookies)
        return answer

    def entered(self, now: datetime) -> UUID | None:
        """The signer who has entered in this browser; whether the link is theirs is for the service to say."""
        parts = self.request.cookies.get(COOKIE, "").split(".")
        try:
            signer_id, until = UUID(parts[0]), int(parts[1])
        except (ValueError, IndexError):
            return None
        right = len(parts) == 3 and hmac.compare_digest(parts[2].encode(), self._pass(signer_id, until).encode())
        return signer_id if right and now.timestamp() < until else None

    def _pass(self, signer_id: UUID, until: int) -> str:
        return hmac.new(self.vault.secret("consent doors"), f"{signer_id}|{until}".encode(), hashlib.sha256).hexdigest()


def one(fields: dict[str, list[str]], name: str) -> str:
    """The first value of a field; empty for none."""
    return fields.get(name, [""])[0]


def language_of(request: Request, asked: str) -> Language:
    """The language chosen on the page, else the browser's."""
    return asked if is_language(asked) else choose_language(request.headers.get("accept-language"))

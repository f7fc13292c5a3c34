"""What the signer's pages share: the form's token, the cookie of who has entered, where an answer leads."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from urllib.parse import parse_qs
from uuid import UUID

from fastapi import Depends, Path, Request
from starlette.responses import RedirectResponse, Response

from photobank.access.actor import Actor
from photobank.api.deps import TheHouse
from photobank.consents import links, signing
from photobank.i18n import format as written
from photobank.i18n.translate import Language
from photobank.kernel.errors import Invalid, Refused
from photobank.vault import Vault
from photobank.web import public
from photobank.web.client import client_ip
from photobank.web.house import House

COOKIE: Final = "pb_signer"
ENTERED: Final = timedelta(minutes=30)
MOST_FIELDS, LONGEST_FORM = 200, 120_000


@dataclass(frozen=True, slots=True)
class Page:
    """One request to one of these pages: whose house, which link."""

    request: Request
    house: House
    token: str

    @property
    def language(self) -> Language:
        """The language chosen on the page, else the browser's."""
        return public.language_of(self.request)

    @property
    def actor(self) -> Actor:
        """Who comes: nobody with an account."""
        ip = client_ip(self.request.scope, self.house.settings.trusted_proxies)
        return signing.signer_actor(ip, self.request.headers.get("user-agent", "")[:300], self.language)

    def scope(self) -> Any:
        """A Scope of the signer."""
        return self.house.scope(self.actor)

    def draw(self, name: str, status: int = 200, **values: Any) -> Response:
        """An answer with this template."""
        given: dict[str, Any] = {"organisation": "", "step": 0} | values
        return public.page(
            self.request,
            f"signer_{name}.html",
            status,
            script="signer.js",
            sheet="signer.css",
            here=f"{links.PAGE}{self.token}/",
            csrf=self.form_token(),
            last_day=lambda at: written.day(at - timedelta(microseconds=1), self.language),
            **given,
        )

    def back(self, rest: str = "", **more: str) -> RedirectResponse:
        """To another of the link's own pages, so that a reload sends nothing twice."""
        asked = "&".join(f"{name}={value}" for name, value in {public.LANGUAGE: self.language, **more}.items() if value)
        return RedirectResponse(f"{links.PAGE}{self.token}/{rest}?{asked}", 303, headers=public.UNSEEN)

    def form_token(self) -> str:
        """What our own forms send along: nobody else's page knows it."""
        return hmac.new(self._vault.secret("consent pages"), self.token.encode(), hashlib.sha256).hexdigest()

    async def form(self) -> dict[str, list[str]]:
        """The fields that were sent; Refused unless they come from a page of ours.

        These pages tell nobody their address, so browsers send no usable Origin with their forms: Sec-Fetch-Site and the token decide.
        """
        body = await self.request.body()
        if len(body) > LONGEST_FORM:
            raise Invalid("too long")
        try:
            fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
        except ValueError:
            raise Invalid("not a form") from None
        await self.require_own(one(fields, "csrf"))
        return fields

    async def require_own(self, form_token: str) -> None:
        """Refused unless a page of ours sent this."""
        near = self.request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
        if not near or not hmac.compare_digest(form_token.encode(), self.form_token().encode()):
            refused = Refused("the form comes from elsewhere", action="csrf:check")
            await self.house.on_refusal(self.actor, refused)  # no Scope is open yet that would keep it
            raise refused

    def enter(self, answer: Response, signer_id: UUID, now: datetime) -> Response:
        """Let the signer in for a while, in this browser."""
        until = int((now + ENTERED).timestamp())
        answer.set_cookie(
            COOKIE,
            f"{signer_id}.{until}.{self._pass(signer_id, until)}",
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

    @property
    def _vault(self) -> Vault:
        return self.house.container.vault

    def _pass(self, signer_id: UUID, until: int) -> str:
        return hmac.new(self._vault.secret("consent doors"), f"{signer_id}|{until}".encode(), hashlib.sha256).hexdigest()


def one(fields: dict[str, list[str]], name: str) -> str:
    """The first value of a field; empty for none."""
    return fields.get(name, [""])[0]


Token = Annotated[str, Path(min_length=16, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]


async def the_page(request: Request, house: TheHouse, token: Token) -> Page:
    """The page that is asked for."""
    return Page(request, house, token)


ThePage = Annotated[Page, Depends(the_page)]

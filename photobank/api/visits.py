"""What the public pages of links and requests share: the door, the cookie of a view, small forms."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from photobank.i18n.translate import is_language
from photobank.kernel.errors import Invalid, NotFound, Refused
from photobank.models.shares import ShareKind, ShareVisit
from photobank.sharing import guests
from photobank.sharing.guests import Guest
from photobank.sharing.tokens import PLACES
from photobank.web import public
from photobank.web.client import client_ip
from photobank.web.house import House

COOKIE = "pb_visit"
LONGEST_FORM = 4096
LOOKING = ["GET", "HEAD"]
EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def send_on(router: APIRouter, kind: ShareKind) -> None:
    """Addresses that lead to the page: without its slash, and the one of its button, which is no page to come back to."""

    @router.api_route("/{token}", methods=LOOKING)
    async def without_slash(token: str, request: Request) -> Response:
        return RedirectResponse(f"/{PLACES[kind]}/{token}/{language(request)}", 308, public.UNSEEN)

    @router.api_route("/{token}/open", methods=LOOKING)
    async def reopened(token: str, request: Request) -> Response:
        return RedirectResponse(f"/{PLACES[kind]}/{token}/{language(request)}", 303, public.UNSEEN)


def keep_the_rest(router: APIRouter) -> None:
    """Other addresses below stay ours: the front end would answer them with a page of its own. Goes last."""

    @router.api_route("/{rest:path}", methods=EVERY_METHOD)
    async def nowhere(rest: str) -> Response:
        raise NotFound(f"nothing at an address of {len(rest)} characters")


async def arrive(token: str, kind: ShareKind, request: Request, house: House) -> Guest:
    """The share that the address names."""
    ip = client_ip(request.scope, house.settings.trusted_proxies)
    return await guests.arrive(house.container, token, kind, ip, request.headers.get("user-agent", "")[:300])


async def visit(house: House, guest: Guest, request: Request) -> ShareVisit | None:
    """The view that this browser has, while it lasts."""
    return await guests.visit_of(house.container, guest, request.cookies.get(COOKIE))


def door(guest: Guest, request: Request, *, wrong: bool = False) -> Response:
    """The page before a view that is counted or takes a password."""
    values: dict[str, Any] = {"organisation": guest.organisation, "needs_password": guest.share.password_hash is not None}
    is_request = guest.share.kind == ShareKind.request
    values |= {"wrong": wrong, "is_request": is_request}
    return public.page(request, "door.html", 403 if wrong else 200, query=language(request), **values)


async def opened(token: str, guest: Guest, request: Request, house: House) -> Response:
    """The door's button: counts a view, after the password where there is one."""
    password = await field(request, "password")
    try:
        token_of_visit = await guests.open_link(house.container, guest, password)
    except Invalid:
        return door(guest, request, wrong=True)
    answer = RedirectResponse(page_of(token, guest) + language(request), 303, public.UNSEEN)
    keep(answer, house, token, guest, token_of_visit)
    return answer


def keep(answer: Response, house: House, token: str, guest: Guest, visit: str) -> None:
    """The view stays in this browser, for this link alone. Lax: whoever comes back from a mail is still the same visitor."""
    age = int(guests.VISIT.total_seconds())
    secure = house.settings.secure_cookies
    answer.set_cookie(COOKIE, visit, max_age=age, path=page_of(token, guest), httponly=True, samesite="lax", secure=secure)


def page_of(token: str, guest: Guest) -> str:
    """The path of the page."""
    return f"/{PLACES[ShareKind(guest.share.kind)]}/{token}/"


async def field(request: Request, name: str) -> str:
    """One field of a small form; the framework's own reader would write a large one to a file."""
    body = await request.body()
    if len(body) > LONGEST_FORM:
        raise Refused("too much")
    return parse_qs(body.decode("utf-8", "replace")).get(name, [""])[0]


def language(request: Request) -> str:
    """The language that the address asks for, to go on with."""
    asked = request.query_params.get(public.LANGUAGE)
    return f"?{public.LANGUAGE}={asked}" if is_language(asked) else ""

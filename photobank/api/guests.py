"""The public page of a share link: for people without an account, decided anew at every request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from photobank.api import media
from photobank.api.deps import TheHouse
from photobank.clearance import uses
from photobank.i18n.translate import is_language
from photobank.kernel.errors import Gone, Invalid, NotFound, Refused, Spent
from photobank.models.shares import ShareKind, ShareVisit
from photobank.sharing import guests, policy
from photobank.sharing.guests import Guest, Shown
from photobank.web import public
from photobank.web.client import client_ip
from photobank.web.house import House

router = APIRouter(prefix="/s", route_class=public.PublicRoute, include_in_schema=False)

COOKIE = "pb_visit"
LONGEST_FORM = 4096
EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


async def arrive(token: str, request: Request, house: TheHouse) -> Guest:
    """The share that the address names."""
    ip = client_ip(request.scope, house.settings.trusted_proxies)
    agent = request.headers.get("user-agent", "")[:300]
    return await guests.arrive(house.container, token, ShareKind.link, ip, agent)


Arrived = Annotated[Guest, Depends(arrive)]


@router.api_route("/{token}", methods=["GET", "HEAD"])
async def without_slash(token: str) -> Response:
    """The page's address ends with a slash: pictures are named from there."""
    return RedirectResponse(f"/s/{token}/", 308, public.UNSEEN)


@router.api_route("/{token}/", methods=["GET", "HEAD"])
async def look(token: str, guest: Arrived, request: Request, house: TheHouse) -> Response:
    """The photos; or first a button, where a view is counted or takes a password. A HEAD opens and counts nothing."""
    if await _visit(house, guest, request) is not None:
        return await _photos(house, guest, request)
    shown = await guests.photos(house.container, guest)
    if not shown:
        raise Gone("nothing to show")
    if policy.standing(guest.share, house.container.clock.now()) is policy.Standing.spent:
        raise Spent("no views left")
    if guests.needs_opening(guest):
        return _door(guest, request)
    if request.method == "HEAD":
        return Response(headers=public.UNSEEN)
    visit = await guests.open_link(house.container, guest)
    answer = await _photos(house, guest, request)
    _keep(answer, house, token, visit)
    return answer


@router.api_route("/{token}/open", methods=["GET", "HEAD"])
async def reopened(token: str, request: Request) -> Response:
    """Where the button leads to is no page to come back to."""
    return RedirectResponse(f"/s/{token}/{_language(request)}", 303, public.UNSEEN)


@router.post("/{token}/open", dependencies=[Depends(public.from_this_page)])
async def open_link(token: str, guest: Arrived, request: Request, house: TheHouse) -> Response:
    """The button: counts a view, after the password where there is one."""
    password = await _field(request, "password")
    try:
        visit = await guests.open_link(house.container, guest, password)
    except Invalid:
        return _door(guest, request, wrong=True)
    answer = RedirectResponse(f"/s/{token}/{_language(request)}", 303, public.UNSEEN)
    _keep(answer, house, token, visit)
    return answer


@router.api_route("/{token}/photos/{name}/{size}", methods=["GET", "HEAD"])
async def photo(name: str, size: str, guest: Arrived, request: Request, house: TheHouse) -> Response:
    """One photo for the page."""
    if await _visit(house, guest, request) is None:
        raise NotFound("nobody looks")
    answer = media.shown(await guests.show(house.container, guest, name, size))
    answer.headers.update(public.UNSEEN)
    return Response(headers=dict(answer.headers)) if request.method == "HEAD" else answer


@router.post("/{token}/photos/{name}/download", dependencies=[Depends(public.from_this_page)])
async def take(name: str, guest: Arrived, request: Request, house: TheHouse) -> Response:
    """One photo to keep."""
    visit = await _visit(house, guest, request)
    if visit is None:
        raise NotFound("nobody looks")
    released = await guests.download(house.container, guest, visit, name, await _field(request, "preset"))
    answer = media.handed_over(released)
    answer.headers.update(public.UNSEEN)
    return answer


@router.api_route("/{rest:path}", methods=EVERY_METHOD)
async def nowhere(rest: str) -> Response:
    """Other addresses below stay ours: the front end would answer them with a page of its own."""
    raise NotFound(f"nothing at an address of {len(rest)} characters")


async def _photos(house: House, guest: Guest, request: Request) -> Response:
    shown = await guests.photos(house.container, guest)
    if not shown:
        raise Gone("nothing to show")
    async with house.container.scope(guest.actor) as scope:
        use = next((one for one in await uses.list_all(scope) if one.id == guest.share.use_id), None)
    if use is None:
        raise Gone("this use is no more")
    share, language = guest.share, public.language_of(request)
    sizes = policy.screens(share)
    now = house.container.clock.now()
    return public.page(
        request,
        "share.html",
        script="share.js",
        style="".join(f".p{place}{{--ar:{one.width / one.height:.3f}}}" for place, one in enumerate(shown)),
        title=share.title,
        sender=guest.sender,
        organisation=guest.organisation,
        use=use.label_nl if language == "nl" else use.label_en,
        ends_at=share.ends_at,
        days=(share.ends_at - now).days if share.ends_at else 0,
        photos=[_tile(one, sizes) for one in shown],
        smallest=next(iter(sizes)),
        biggest=next(reversed(sizes)),
        presets=[{"name": one.name, "label": public.translate_in(language, f"preset.{one.name}")} for one in policy.offered(share)],
        largest=share.largest_side,
        downloads=share.downloads,
        download_limit=share.download_limit,
        credits=sorted({one.credit for one in shown if one.credit}),
    )


def _tile(photo: Shown, sizes: Mapping[str, int]) -> dict[str, Any]:
    """A photo as the page draws it. Sizes are named by their longest side, browsers choose by width."""
    longest = max(photo.width, photo.height)
    widths = {size: max(1, round(photo.width * min(1.0, side / longest))) for size, side in sizes.items()}
    srcset = ", ".join(f"photos/{photo.name}/{size} {width}w" for size, width in widths.items())
    return {"name": photo.name, "title": photo.title, "width": photo.width, "height": photo.height, "srcset": srcset}


def _door(guest: Guest, request: Request, *, wrong: bool = False) -> Response:
    needs_password = guest.share.password_hash is not None
    values: dict[str, Any] = {"organisation": guest.organisation, "needs_password": needs_password, "wrong": wrong}
    return public.page(request, "door.html", 403 if wrong else 200, query=_language(request), **values)


async def _visit(house: House, guest: Guest, request: Request) -> ShareVisit | None:
    return await guests.visit_of(house.container, guest, request.cookies.get(COOKIE))


async def _field(request: Request, name: str) -> str:
    """One field of a small form; the framework's own reader would write a large one to a file."""
    body = await request.body()
    if len(body) > LONGEST_FORM:
        raise Refused("too much")
    return parse_qs(body.decode("utf-8", "replace")).get(name, [""])[0]


def _language(request: Request) -> str:
    asked = request.query_params.get(public.LANGUAGE)
    return f"?{public.LANGUAGE}={asked}" if is_language(asked) else ""


def _keep(answer: Response, house: House, token: str, visit: str) -> None:
    """The visit stays in this browser, for this link alone. Lax: whoever comes back from a mail is still the same visitor."""
    age = int(guests.VISIT.total_seconds())
    secure = house.settings.secure_cookies
    answer.set_cookie(COOKIE, visit, max_age=age, path=f"/s/{token}/", httponly=True, samesite="lax", secure=secure)

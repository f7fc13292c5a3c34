"""The public page of a request: people without an account bring photos in, and see nothing of what is there."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from photobank.api import visits
from photobank.api.deps import TheHouse
from photobank.kernel.errors import NotFound, Spent
from photobank.models.shares import ShareKind
from photobank.sharing import guests, policy, requests
from photobank.sharing.guests import Guest
from photobank.web import public
from photobank.web.house import House

router = APIRouter(prefix="/bring", route_class=public.PublicRoute, include_in_schema=False)


async def arrive(token: str, request: Request, house: TheHouse) -> Guest:
    """The request that the address names."""
    return await visits.arrive(token, ShareKind.request, request, house)


Arrived = Annotated[Guest, Depends(arrive)]

visits.send_on(router, ShareKind.request)


@router.api_route("/{token}/", methods=visits.LOOKING)
async def look(token: str, guest: Arrived, request: Request, house: TheHouse) -> Response:
    """Where one drops photos; or first a button, where a view is counted or takes a password."""
    if not await requests.is_open(house.container, guest):
        raise Spent("no files left")
    if await visits.visit(house, guest, request) is not None:
        return _page(guest, request, house)
    if policy.standing(guest.share, house.container.clock.now()) is policy.Standing.spent:
        raise Spent("no views left")
    if guests.needs_opening(guest):
        return visits.door(guest, request)
    if request.method == "HEAD":
        return Response(headers=public.UNSEEN)
    visit = await guests.open_link(house.container, guest)
    answer = _page(guest, request, house)
    visits.keep(answer, house, token, guest, visit)
    return answer


@router.post("/{token}/open", dependencies=[Depends(public.from_this_page)])
async def open_request(token: str, guest: Arrived, request: Request, house: TheHouse) -> Response:
    """The button."""
    await requests.is_open(house.container, guest)
    return await visits.opened(token, guest, request, house)


@router.put("/{token}/files", dependencies=[Depends(public.from_this_page)])
async def bring(guest: Arrived, request: Request, house: TheHouse, name: str = "") -> Response:
    """One photo as the raw body: 204 when it is safely here, else 410, 413 or 415."""
    visit = await visits.visit(house, guest, request)
    if visit is None:
        raise NotFound("nobody brings")
    length = request.headers.get("content-length", "")
    size = int(length) if length.isdecimal() and len(length) < 15 else None
    await requests.bring(house.container, guest, visit, request.stream(), filename=name[:300] or "photo.jpg", size=size)
    return Response(status_code=204, headers=public.UNSEEN)


def _page(guest: Guest, request: Request, house: House) -> Response:
    share = guest.share
    return public.page(
        request,
        "bring.html",
        script="bring.js",
        title=share.title,
        sender=guest.sender,
        organisation=guest.organisation,
        ends_at=share.ends_at,
        left=(share.file_limit or 0) - share.files,
        largest=house.settings.max_upload_bytes,
    )


visits.keep_the_rest(router)

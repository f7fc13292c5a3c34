"""The public page of a share link: for people without an account, decided anew at every request."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response, StreamingResponse

from photobank.access import limits
from photobank.api import media, visits
from photobank.api.crowd import Crowd
from photobank.api.deps import TheHouse
from photobank.audit.tags import Tag
from photobank.kernel.errors import Gone, NotFound, PhotobankError, RateLimited, Spent
from photobank.models.shares import ShareKind
from photobank.sharing import guests, policy, taking
from photobank.sharing.guests import Guest, Shown
from photobank.web import news, public
from photobank.web.house import House
from photobank.web.news import News

router = APIRouter(prefix="/s", route_class=public.PublicRoute, include_in_schema=False)

HEARTBEAT = 20.0
LOOKS = 500
"""After so many looks a page asks anew."""
_waiting = Crowd(500, per_network=30)
_fetching = Crowd(50, per_network=3)
"""Each of these takes a picture after the other: nobody needs many at once."""
SOON = 30


async def arrive(token: str, request: Request, house: TheHouse) -> Guest:
    """The link that the address names."""
    return await visits.arrive(token, ShareKind.link, request, house)


Arrived = Annotated[Guest, Depends(arrive)]

visits.send_on(router, ShareKind.link)


@router.api_route("/{token}/", methods=visits.LOOKING)
async def look(token: str, guest: Arrived, request: Request, house: TheHouse) -> Response:
    """The photos; or first a button, where a view is counted or takes a password. A HEAD opens and counts nothing."""
    if await visits.visit(house, guest, request) is not None:
        return await _photos(house, guest, request)
    shown = await guests.photos(house.container, guest)
    if not shown:
        raise Gone("nothing to show")
    if policy.standing(guest.share, house.container.clock.now()) is policy.Standing.spent:
        raise Spent("no views left")
    if guests.needs_opening(guest):
        return visits.door(guest, request)
    if request.method == "HEAD":
        return Response(headers=public.UNSEEN)
    visit = await guests.open_link(house.container, guest)
    answer = await _photos(house, guest, request)
    visits.keep(answer, house, token, guest, visit)
    return answer


@router.post("/{token}/open", dependencies=[Depends(public.from_this_page)])
async def open_link(token: str, guest: Arrived, request: Request, house: TheHouse) -> Response:
    """The button: counts a view, after the password where there is one."""
    if not await guests.photos(house.container, guest):
        raise Gone("nothing to show")
    return await visits.opened(token, guest, request, house)


@router.api_route("/{token}/photos/{name}/{size}", methods=visits.LOOKING)
async def photo(name: str, size: str, guest: Arrived, request: Request, house: TheHouse) -> Response:
    """One photo for the page."""
    if await visits.visit(house, guest, request) is None:
        raise NotFound("nobody looks")
    answer = media.shown(await guests.show(house.container, guest, name, size))
    answer.headers.update(public.UNSEEN)
    return Response(headers=dict(answer.headers)) if request.method == "HEAD" else answer


@router.post("/{token}/photos/{name}/download", dependencies=[Depends(public.from_this_page)])
async def take(name: str, guest: Arrived, request: Request, house: TheHouse) -> Response:
    """One photo to keep."""
    visit = await visits.visit(house, guest, request)
    if visit is None:
        raise NotFound("nobody looks")
    preset = await visits.field(request, "preset")
    released = await taking.download(house.container, guest, visit, name, preset, public.language_of(request))
    answer = media.handed_over(released)
    answer.headers.update(public.UNSEEN)
    return answer


@router.post("/{token}/download", dependencies=[Depends(public.from_this_page)])
async def take_all(guest: Arrived, request: Request, house: TheHouse) -> Response:
    """All that the page shows, as one ZIP that is made while it is sent."""
    visit = await visits.visit(house, guest, request)
    if visit is None:
        raise NotFound("nobody looks")
    network, preset = limits.network_of(guest.actor.address), await visits.field(request, "preset")
    if not _fetching.may_join(network):
        raise RateLimited("as many as may run at once", retry_after=SOON, action=Tag.share_opened)
    stream, name = await taking.everything(house.container, guest, visit, preset, public.language_of(request))
    headers = public.UNSEEN | {"Content-Disposition": media.attachment(name)}
    return StreamingResponse(_fetching.joined(network, stream), media_type="application/zip", headers=headers)


@router.get("/{token}/news")
async def wait(token: str, guest: Arrived, request: Request, house: TheHouse) -> Response:
    """Tells an open page which photos it may show still, as soon as that changes. Without a view, or with too many open: nothing, for good."""
    network = limits.network_of(guest.actor.address)
    if await visits.visit(house, guest, request) is None or not _waiting.may_join(network):
        return Response(status_code=204, headers=public.UNSEEN)

    async def look() -> list[str]:
        again = await arrive(token, request, house)
        if await visits.visit(house, again, request) is None:
            raise Gone("the view is over")
        return [one.look for one in await guests.photos(house.container, again)]

    stream = _waiting.joined(network, told(news.news(), look))
    return StreamingResponse(stream, media_type="text/event-stream", headers=public.UNSEEN | {"X-Accel-Buffering": "no"})


async def told(listener: News, look: Callable[[], Awaitable[list[str]]]) -> AsyncIterator[str]:
    """Events for a page: how the photos that it may show look now, whenever that changed, and the end."""
    count, known = listener.count, None
    for _ in range(LOOKS):
        try:
            shown = await look()
        except PhotobankError:
            shown = []
        if not shown:
            yield "event: over\ndata: over\n\n"
            return
        yield f"data: {json.dumps(shown)}\n\n" if shown != known else ":\n\n"
        known = shown
        try:
            async with asyncio.timeout(HEARTBEAT):
                count = await listener.after(count)
        except TimeoutError:
            pass  # time alone changes things too: look again
        if listener.closed:
            return


async def _photos(house: House, guest: Guest, request: Request) -> Response:
    shown = await guests.photos(house.container, guest)
    if not shown:
        raise Gone("nothing to show")
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
        use=await guests.use_in_words(house.container, guest, language),
        ends_at=share.ends_at,
        days=(share.ends_at - now).days if share.ends_at else 0,
        photos=[_tile(one, sizes) for one in shown],
        smallest=next(iter(sizes)),
        biggest=next(reversed(sizes)),
        presets=[{"name": one.name, "label": public.translate_in(language, f"preset.{one.name}")} for one in policy.offered(share)],
        largest=share.largest_side,
        watermark=share.watermark,
        downloads=share.downloads,
        download_limit=share.download_limit,
        credits=sorted({one.credit for one in shown if one.credit}),
    )


def _tile(photo: Shown, sizes: Mapping[str, int]) -> dict[str, Any]:
    """A photo as the page draws it. Sizes are named by their longest side, browsers choose by width."""
    longest = max(photo.width, photo.height)
    widths = {size: max(1, round(photo.width * min(1.0, side / longest))) for size, side in sizes.items()}
    srcset = ", ".join(f"photos/{photo.name}/{size} {width}w" for size, width in widths.items())
    return {
        "name": photo.name,
        "look": photo.look,
        "title": photo.title,
        "width": photo.width,
        "height": photo.height,
        "srcset": srcset,
    }


visits.keep_the_rest(router)

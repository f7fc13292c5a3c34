"""The calendar of coming ends, for programs that sign in nowhere. Whatever is wrong with an address, nothing is told."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from photobank.api.deps import TheHouse
from photobank.consents import calendar
from photobank.web import public
from photobank.web.client import client_ip
from photobank.web.public import PublicRoute

router = APIRouter(prefix="/calendar", include_in_schema=False, route_class=PublicRoute)

ENDING: Final = ".ics"


@router.api_route("/{name}", methods=["GET", "HEAD"])
async def read(name: str, request: Request, house: TheHouse) -> Response:
    """The calendar at `/calendar/TOKEN.ics`."""
    token = name.removesuffix(ENDING) if name.endswith(ENDING) else ""
    ip = client_ip(request.scope, house.settings.trusted_proxies)
    written = await calendar.read(house.container, token, ip, request.headers.get("user-agent", "")[:300])
    return Response(written, media_type="text/calendar; charset=utf-8", headers=public.UNSEEN)

"""Pictures for other sites. Whatever may not be shown is a calm grey picture with the status of an end: never a reason, never a cached one."""

from __future__ import annotations

import logging

from fastapi import APIRouter, Request
from starlette.responses import Response

from photobank.api.deps import TheHouse
from photobank.kernel.errors import PhotobankError
from photobank.models.shares import ShareKind
from photobank.sharing import embeds, guests
from photobank.web.client import client_ip
from photobank.web.faults import trace

log = logging.getLogger(__name__)

router = APIRouter(prefix="/embed", include_in_schema=False)

EVERYWHERE = {"Cross-Origin-Resource-Policy": "cross-origin", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}
ASK_EACH_TIME = EVERYWHERE | {"Cache-Control": "no-cache, private, max-age=0, must-revalidate", "Vary": "Accept"}
NOT_KEPT = EVERYWHERE | {"Cache-Control": "no-store"}
GONE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 320" width="480" height="320" role="img" aria-label="–">'
    '<rect width="480" height="320" fill="#e6e9ef"/><g fill="none" stroke="#7d879a" stroke-width="6" stroke-linecap="round" '
    'stroke-linejoin="round"><rect x="196" y="112" width="88" height="72" rx="8"/><path d="M204 176l24-24 18 16 14-12 20 20"/>'
    '<path d="M180 208L300 96"/></g></svg>'
).encode()


@router.api_route("/{token}/{name}", methods=["GET", "HEAD"])
async def picture(token: str, name: str, request: Request, house: TheHouse) -> Response:
    """The photo at a width and in a format, such as `960.webp`; 304 for who has it already and may still show it."""
    width, _, fmt = name.partition(".")
    known = request.headers.get("if-none-match", "").strip().removeprefix("W/").strip('"')
    ip = client_ip(request.scope, house.settings.trusted_proxies)
    agent = request.headers.get("user-agent", "")[:300]
    try:
        guest = await guests.arrive(house.container, token, ShareKind.embed, ip, agent)
        found = await embeds.picture(house.container, guest, int(width) if width.isdecimal() and len(width) < 6 else 0, fmt, known)
    except PhotobankError as error:
        if error.status >= 500:
            log.error("request failed: %s\n%s", error.code, trace(error))
        return _gone(request, error.status)
    headers = ASK_EACH_TIME | {"ETag": f'"{found.tag}"'}
    if known == found.tag:
        return Response(status_code=304, headers=headers)
    headers |= {"Content-Length": str(len(found.data)), "Content-Disposition": "inline"}
    return Response(b"" if request.method == "HEAD" else found.data, headers=headers, media_type=found.media_type)


@router.api_route("/{rest:path}", methods=["GET", "HEAD"])
async def nowhere(rest: str, request: Request) -> Response:
    """Other addresses below stay ours."""
    return _gone(request, 404)


def _gone(request: Request, status: int) -> Response:
    return Response(b"" if request.method == "HEAD" else GONE, status, NOT_KEPT, media_type="image/svg+xml")

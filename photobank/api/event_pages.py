"""The public page of a code at an event: a name and an address, and on to a form of one's own (consents/event_codes.py)."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import RedirectResponse, Response

from photobank.access.actor import Actor
from photobank.api.deps import TheHouse
from photobank.consents import event_codes, links, showing
from photobank.consents.signing import signer_actor
from photobank.kernel.errors import Invalid
from photobank.scope import Scope
from photobank.web import public
from photobank.web.client import client_ip
from photobank.web.house import House

router = APIRouter(prefix="/e", include_in_schema=False, route_class=public.PublicRoute)

LONGEST_FORM = 4000
Token = Annotated[str, Path(min_length=16, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]


@router.get("/{token}/")
async def look(token: Token, request: Request, house: TheHouse) -> Response:
    """Who is asked for what, and where one says who one is."""
    async with house.scope(_guest(request, house)) as scope:
        return await _page(scope, token, request)


@router.post("/{token}/", dependencies=[Depends(public.from_this_page)])
async def join(token: Token, request: Request, house: TheHouse) -> Response:
    """On to one's own form."""
    body = await request.body()
    if len(body) > LONGEST_FORM:
        raise Invalid("too long")
    try:
        fields = {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True, max_num_fields=10).items()}
    except ValueError:
        raise Invalid("not a form") from None
    language = public.language_of(request)
    try:
        async with house.scope(_guest(request, house)) as scope:
            of_age = fields.get("of_age") == "yes"
            given = await event_codes.join(scope, token, fields.get("name", ""), fields.get("email", ""), language, of_age=of_age)
    except Invalid as problem:
        async with house.scope(_guest(request, house)) as scope:
            return await _page(scope, token, request, fields, dict(problem.fields))
    return RedirectResponse(f"{links.PAGE}{given}/?{public.LANGUAGE}={language}", 303, headers=public.UNSEEN)


def _guest(request: Request, house: House) -> Actor:
    ip = client_ip(request.scope, house.settings.trusted_proxies)
    return signer_actor(ip, request.headers.get("user-agent", "")[:300], public.language_of(request))


async def _page(
    scope: Scope, token: str, request: Request, fields: dict[str, str] | None = None, remarks: dict[str, str] | None = None
) -> Response:
    code = await event_codes.look(scope, token)
    return public.page(
        request,
        "event_code.html",
        422 if remarks else 200,
        sheet="signer.css",
        title=code.title,
        organisation=await showing.organisation_name(scope),
        fields=fields or {},
        remarks=remarks or {},
    )

"""What routes ask for: who is calling, and a Scope for that caller.

A caller shows an API key (`Authorization: Bearer pbk_…`) or the session cookie. With the cookie, an unsafe method also needs the
CSRF token in `X-CSRF-Token` and must come from our own origin; with a key neither applies: browsers do not add keys by themselves.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from photobank.access.actor import Actor, anonymous
from photobank.kernel.errors import NotAuthenticated, Refused
from photobank.scope import Scope
from photobank.web.client import client_ip
from photobank.web.cookies import CSRF_HEADER, session_token
from photobank.web.house import House, house
from photobank.web.origin import SAFE_METHODS, allowed_origins, require_same_origin

MAX_KEY = 200


async def the_house() -> House:
    """The open house; 503 while there is none."""
    return house()


async def someone_or_none(request: Request, house: Annotated[House, Depends(the_house)]) -> Actor | None:
    """Who is calling, or None. What is shown but not valid counts as an error, not as nobody."""
    ip = client_ip(request.scope, house.settings.trusted_proxies)
    agent = request.headers.get("user-agent", "")[:300]
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme:
        someone = None
        if scheme.lower() == "bearer" and 0 < len(key.strip()) <= MAX_KEY:
            someone = await house.identity.of_api_key(key.strip(), ip=ip, user_agent=agent)
        if someone is None:
            raise NotAuthenticated("this API key is not valid")
        return someone
    token = session_token(request.headers.get("cookie"))
    if token is None:
        return None
    someone = await house.identity.of_session(token, ip=ip, user_agent=agent)
    if someone is not None and request.method not in SAFE_METHODS:
        try:
            require_same_origin(request.headers, allowed_origins(house.settings), missing_is_fine=True)
            house.secrets.require_csrf(token, request.headers.get(CSRF_HEADER))
        except Refused as refused:
            await house.on_refusal(someone, refused)  # no Scope is open yet that would keep it
            raise
    return someone


async def someone(found: Annotated[Actor | None, Depends(someone_or_none)]) -> Actor:
    """Who is calling; 401 when nobody."""
    if found is None:
        raise NotAuthenticated("sign in, or send an API key")
    return found


async def open_scope(
    actor: Annotated[Actor, Depends(someone)], house: Annotated[House, Depends(the_house)]
) -> AsyncIterator[Scope]:
    """A Scope of the caller. Committed before the answer goes out: FastAPI would otherwise leave it open until after."""
    async with house.scope(actor) as scope:
        yield scope


async def anybody(
    request: Request, found: Annotated[Actor | None, Depends(someone_or_none)], house: Annotated[House, Depends(the_house)]
) -> Actor:
    """Who is calling, be it nobody: for set-up and whatever else comes before signing in. Services still authorise."""
    ip = client_ip(request.scope, house.settings.trusted_proxies)
    return found or anonymous(ip, request.headers.get("user-agent", "")[:300])


Caller = Annotated[Actor, Depends(someone)]
Anybody = Annotated[Actor, Depends(anybody)]
TheHouse = Annotated[House, Depends(the_house)]
# scope="function" ends the block when the route returns, so that a failing commit still becomes an error answer.
InScope = Annotated[Scope, Depends(open_scope, scope="function")]

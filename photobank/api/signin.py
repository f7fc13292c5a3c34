"""Signing in and out, over HTTP: only an HTTP answer can set a cookie that scripts cannot read."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from photobank.access.actor import Actor
from photobank.api.deps import Caller, TheHouse, the_house
from photobank.api.problems import RESPONSES
from photobank.kernel.errors import Refused
from photobank.web.client import client_ip
from photobank.web.cookies import clear_session, session_token, set_session
from photobank.web.house import House
from photobank.web.origin import allowed_origins, require_same_origin

router = APIRouter(prefix="/session", tags=["session"], responses=RESPONSES)


class Credentials(BaseModel):
    """Who one says one is, and the proof."""

    email: str = Field(min_length=3, max_length=320)
    password: str = Field(min_length=1, max_length=1024)


class Me(BaseModel):
    """The signed-in person, and the token that unsafe requests with the cookie carry in X-CSRF-Token."""

    id: str
    name: str
    role: str
    language: str
    csrf_token: str | None = None


def _me(someone: Actor, csrf: str | None) -> Me:
    return Me(
        id=str(someone.user_id or ""), name=someone.name, role=str(someone.role or ""), language=someone.language, csrf_token=csrf
    )


def from_our_pages(request: Request, house: Annotated[House, Depends(the_house)]) -> None:
    """Refuse a sign-in that another site's page started: it would sign people in to an account of its choosing."""
    require_same_origin(request.headers, allowed_origins(house.settings), missing_is_fine=True)


@router.post("", status_code=201, dependencies=[Depends(from_our_pages)])
async def sign_in(credentials: Credentials, request: Request, response: Response, house: TheHouse) -> Me:
    """Sign in. Sets the session cookie and a CSRF cookie."""
    ip = client_ip(request.scope, house.settings.trusted_proxies)
    agent = request.headers.get("user-agent", "")[:300]
    signed_in = await house.identity.sign_in(credentials.email, credentials.password, ip=ip, user_agent=agent)
    csrf = house.secrets.csrf_token(signed_in.session_token)
    set_session(response, house.settings, signed_in.session_token, csrf)
    return _me(signed_in.actor, csrf)


@router.get("")
async def who_am_i(caller: Caller, request: Request, house: TheHouse) -> Me:
    """Who is signed in."""
    token = session_token(request.headers.get("cookie")) if caller.session_id else None
    return _me(caller, house.secrets.csrf_token(token) if token else None)


@router.delete("", status_code=204)
async def sign_out(caller: Caller, response: Response, house: TheHouse) -> None:
    """Sign out. The session ends everywhere at once: its open pages are cut within a second."""
    if caller.session_id is None:
        raise Refused("an API key has no session to end", action="session:end")
    await house.identity.sign_out(caller)
    clear_session(response, house.settings)

"""The first start, through the one-time link."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field

from photobank.access.actor import anonymous
from photobank.api.deps import TheHouse
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body, Out, Password
from photobank.library import setup
from photobank.web.client import client_ip

router = APIRouter(prefix="/setup", tags=["set-up"], responses=RESPONSES)


class SetupIn(Body):
    """The organisation and its first admin; `token` is the one in the printed link."""

    token: str = Field(max_length=100)
    organisation: str = Field(min_length=1, max_length=200)
    sector: Literal["general", "healthcare", "government", "tourism", "education"] = "general"
    language: Literal["nl", "en"] = "nl"
    name: str = Field(min_length=1, max_length=200)
    email: str = Field(max_length=320)
    password: Password


class SetupOut(Out):
    """The first admin."""

    admin_id: UUID


@router.post("", status_code=201)
async def set_up(body: SetupIn, request: Request, house: TheHouse) -> SetupOut:
    """Set the house up; possible once."""
    address = client_ip(request.scope, house.settings.trusted_proxies)
    async with house.scope(anonymous(address)) as scope:
        admin = await setup.set_up(
            scope,
            body.token,
            organisation=body.organisation,
            sector=body.sector,
            language=body.language,
            name=body.name,
            email=body.email,
            password=body.password,
        )
    return SetupOut(admin_id=admin)

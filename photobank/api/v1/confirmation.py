"""A fresh confirmation of who one is, which opens locked folders to this session for some minutes."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter

from photobank.accounts import stepup
from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import Body, Out, Password

router = APIRouter(prefix="/me/confirmation", tags=["users"], responses=RESPONSES)


class ConfirmationOut(Out):
    """Until when this session is confirmed (null: it is not), the ways to confirm it, and how many locked folders wait for that."""

    until: datetime | None
    ways: list[str]
    waiting: int


class ProofIn(Body):
    """A way, and its proof: the password, as it was typed."""

    way: str = "password"
    proof: Password


class Until(Out):
    """Until when it counts."""

    until: datetime


@router.get("")
async def get_confirmation(scope: InScope) -> ConfirmationOut:
    """Where this session stands."""
    return ConfirmationOut.model_validate(await stepup.state(scope))


@router.post("")
async def confirm(body: ProofIn, scope: InScope) -> Until:
    """Confirm who one is. Only for sessions: an API key opens locked folders by its scope `locked`, or not at all."""
    return Until(until=await stepup.confirm(scope, body.way, body.proof))


@router.delete("", status_code=204)
async def end(scope: InScope) -> None:
    """Close locked folders again."""
    await stepup.end(scope)

"""What is open for a person now: requests for consent that wait, and what they ask about their own data, for who deals with each."""

from __future__ import annotations

from uuid import UUID

from photobank.access.authorise import may
from photobank.access.permissions import Action
from photobank.consents import bounces, requests
from photobank.privacy import desk
from photobank.scope import Scope
from state.consent_rows import Card, request_card
from state.privacy import AskedRow, asked_row

MOST = 10


async def asked(scope: Scope, person_id: UUID) -> list[Card]:
    """Requests for consent that wait for an answer, newest first."""
    found = (await requests.page(scope, person_id=person_id, waiting=True, limit=MOST)).items
    whys = await bounces.reasons(scope, [row.id for row in found])
    return [request_card(row, None, None, [], whys.get(row.id, "")) for row in found]


async def asks(scope: Scope, person_id: UUID) -> list[AskedRow]:
    """Requests about their own data that wait, the most urgent first, for the privacy desk."""
    if not may(scope.actor, Action.privacy_manage):
        return []
    return [asked_row(scope, row) for row in (await desk.page(scope, person_id=person_id, limit=MOST)).items]

"""Scans of papers that were signed by hand: added to a record, listed, fetched."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.api.deps import InScope
from photobank.api.media import NOT_KEPT, answers, attachment
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import RAW_BODY, Listed, Out, read_raw
from photobank.consents import paper

router = APIRouter(prefix="/consents/{consent_id}/papers", tags=["consents"], responses=RESPONSES)


class PaperOut(Out):
    """A scan."""

    id: UUID
    consent_id: UUID
    media_type: str
    size: int
    sha256: str
    added_at: datetime


@router.get("")
async def list_papers(consent_id: UUID, scope: InScope) -> Listed[PaperOut]:
    """The scans with a record."""
    return Listed(items=[PaperOut.model_validate(row) for row in await paper.list_all(scope, consent_id)])


@router.post("", status_code=201, openapi_extra=RAW_BODY)
async def add_paper(consent_id: UUID, request: Request, scope: InScope) -> PaperOut:
    """Send a scan (PDF, JPEG or PNG, at most 10 MB) as the raw body. It is kept as it is, sealed, and never changed."""
    require(scope, Action.consent_record, consent_id=consent_id)
    return PaperOut.model_validate(await paper.add(scope, consent_id, await read_raw(request, paper.LARGEST)))


@router.get("/{paper_id}", response_class=Response, responses=answers(*paper.ENDINGS))
async def get_paper(consent_id: UUID, paper_id: UUID, scope: InScope) -> Response:
    """One scan, to keep: browsers are not to open what somebody else made."""
    found = await paper.fetch(scope, consent_id, paper_id)
    headers = NOT_KEPT | {"Content-Disposition": attachment(found.filename)}
    return Response(found.content, media_type=found.media_type, headers=headers)

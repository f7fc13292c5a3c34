"""Which download a leaked file came from. The file is looked at and kept nowhere."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import RAW_BODY, Out, read_raw
from photobank.delivery import tracing

router = APIRouter(prefix="/traces", tags=["audit"], responses=RESPONSES)


class TraceOut(Out):
    """The download, or nothing. `confidence` is one less the chance that this is chance; `taken_by` is empty for who left the house."""

    download_id: UUID | None
    confidence: float
    asset_id: UUID | None = None
    asset_title: str = ""
    user_id: UUID | None = None
    taken_by: str = ""
    preset: str = ""
    use: str = ""
    created_at: datetime | None = None


@router.post("", openapi_extra=RAW_BODY)
async def trace(request: Request, scope: InScope) -> TraceOut:
    """Send a leaked picture as the raw body; for those who watch the audit log."""
    require(scope, Action.audit_view)
    leaked = await read_raw(request, scope.settings.max_upload_bytes)
    found = await tracing.trace(scope, leaked)
    if found is None:
        return TraceOut(download_id=None, confidence=0.0)
    told = await tracing.told(scope, found)
    return TraceOut(
        download_id=found.download_id,
        confidence=found.confidence,
        asset_id=found.asset_id,
        asset_title=told.photo,
        user_id=found.user_id,
        taken_by=told.taker,
        preset=found.preset,
        use=found.use_id,
        created_at=found.created_at,
    )

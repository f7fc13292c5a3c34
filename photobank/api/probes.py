"""Is it running, is it ready, how is it doing: for supervisors, load balancers and Prometheus. No personal data in any of them."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from photobank.kernel.errors import NotFound, PhotobankError
from photobank.runtime import metrics as counters
from photobank.runtime.ops import may_look_inside
from photobank.web.house import house

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def healthz() -> PlainTextResponse:
    """This process is up and its house is open."""
    house()
    return PlainTextResponse("ok")


@router.get("/readyz")
async def readyz(request: Request) -> JSONResponse:
    """What this process needs answers too. Strangers learn which part does not, not why."""
    try:
        parts = await house().readiness()
    except PhotobankError as error:
        return JSONResponse({"ready": False, "problem": error.code}, 503)
    well = {name: part == "ok" for name, part in parts.items()}
    ready = all(well.values())
    shown = (
        parts if may_look_inside(request.scope, house().settings) else {name: "ok" if ok else "failed" for name, ok in well.items()}
    )
    return JSONResponse({"ready": ready, "parts": shown}, 200 if ready else 503)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Counters of all processes of this machine, for this machine or who brings the metrics token."""
    if not may_look_inside(request.scope, house().settings):
        raise NotFound()
    return Response(counters.render(), media_type=counters.CONTENT_TYPE)

"""Is it running, is it ready, how is it doing: for supervisors, load balancers and Prometheus. No personal data in any of them."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from photobank.kernel.errors import PhotobankError
from photobank.web.house import house

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def healthz() -> PlainTextResponse:
    """This process is up and its house is open."""
    house()
    return PlainTextResponse("ok")


@router.get("/readyz")
async def readyz() -> JSONResponse:
    """What this process needs answers too."""
    try:
        parts = await house().readiness()
    except PhotobankError as error:
        return JSONResponse({"ready": False, "problem": error.code}, 503)
    ready = all(part is True or part == "ok" for part in parts.values())
    return JSONResponse({"ready": ready, "parts": parts}, 200 if ready else 503)


@router.get("/metrics")
async def metrics() -> Response:
    """Counters and gauges of this process."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

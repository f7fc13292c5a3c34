"""Every error becomes one answer: application/problem+json (RFC 9457) with a stable `code`. Never a traceback or an argument."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from photobank.kernel.errors import (
    ClearanceRefused,
    Damaged,
    DuplicateAsset,
    Invalid,
    NotAuthenticated,
    PhotobankError,
    RateLimited,
)
from photobank.web.faults import trace

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "Bad request",
    401: "Sign in first",
    403: "Refused",
    404: "Not found",
    405: "Method not allowed",
    408: "Too slow",
    409: "Conflict",
    412: "Another version",
    413: "Too large",
    415: "Unsupported media type",
    422: "Invalid",
    429: "Too many tries",
    460: "Checksum does not match",
    500: "Something went wrong here",
    503: "Not available right now",
}
CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    413: "too_large",
    415: "unsupported_media",
}

# For OpenAPI: the shape that every error answer of every route has.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string", "example": "urn:photobank:problem:not_found"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable; the only part to build on."},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "fields": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "Refused, not found or not understood", "content": {MEDIA_TYPE: {"schema": SCHEMA}}},
    "5XX": {"description": "A fault on our side", "content": {MEDIA_TYPE: {"schema": SCHEMA}}},
}


def problem(
    request: Request, status: int, code: str, detail: str = "", headers: Mapping[str, str] | None = None, **more: Any
) -> JSONResponse:
    """One problem answer."""
    body: dict[str, Any] = {
        "type": f"urn:photobank:problem:{code}",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "code": code,
        **({"detail": detail} if detail else {}),
        "request_id": getattr(request.state, "request_id", ""),
        **more,
    }
    return JSONResponse(body, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def _extras(error: PhotobankError) -> dict[str, Any]:
    if isinstance(error, ClearanceRefused):
        return {"use": error.use, "state": error.state, "reasons": error.reasons}
    if isinstance(error, DuplicateAsset):
        return {"existing": error.existing}
    if isinstance(error, Invalid) and error.fields:
        return {"fields": dict(error.fields)}
    return {}


def _headers(error: PhotobankError) -> Mapping[str, str]:
    if isinstance(error, RateLimited):
        return {"Retry-After": str(error.retry_after)}
    if isinstance(error, NotAuthenticated):
        return {"WWW-Authenticate": 'Bearer realm="photobank"'}
    return getattr(error, "headers", {})


async def from_photobank_error(request: Request, error: Exception) -> JSONResponse:
    """Our own errors. Those on our side keep their detail to the log."""
    if not isinstance(error, PhotobankError):
        return await from_anything(request, error)
    if error.status >= 500 or isinstance(error, Damaged):
        log.error("request failed: %s\n%s", error.code, trace(error))
        return problem(request, error.status, error.code, headers=_headers(error))
    return problem(request, error.status, error.code, error.detail, _headers(error), **_extras(error))


async def from_validation(request: Request, error: Exception) -> JSONResponse:
    """Arguments that do not fit the schema. Says where and what, but does not repeat the value."""
    if not isinstance(error, RequestValidationError):
        return await from_anything(request, error)
    fields = {".".join(str(part) for part in one["loc"]): str(one["msg"]) for one in error.errors()}
    return problem(request, 422, "invalid", "some arguments do not fit", fields=fields)


async def from_http(request: Request, error: Exception) -> JSONResponse:
    """Errors of the web framework itself."""
    if not isinstance(error, HTTPException):
        return await from_anything(request, error)
    return problem(request, error.status_code, CODES.get(error.status_code, "http_error"), headers=error.headers)


async def from_anything(request: Request, error: Exception) -> JSONResponse:
    """Whatever nobody foresaw."""
    log.error("request failed: %s\n%s", type(error).__name__, trace(error))
    return problem(request, 500, "internal")


def install(app: FastAPI) -> None:
    """Have `app` answer with problems."""
    app.add_exception_handler(PhotobankError, from_photobank_error)
    app.add_exception_handler(RequestValidationError, from_validation)
    app.add_exception_handler(HTTPException, from_http)
    app.add_exception_handler(Exception, from_anything)

"""The REST API put together. Every route authorises through the same services as the screens."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.responses import Response
from starlette.routing import compile_path

from photobank import __version__
from photobank.api import bringing, calendars, docs, embeds, event_pages, guests, probes, problems, signin
from photobank.api.requests import RequestId
from photobank.api.signing import own as own_pages
from photobank.api.signing import routes as signer_pages
from photobank.api.v1 import (
    assets,
    audit,
    batches,
    biometrics,
    clearance,
    clusters,
    collections,
    confirmation,
    consent_life,
    consent_papers,
    consent_requests,
    consent_templates,
    consents,
    describing,
    downloads,
    duplicates,
    event_codes,
    face_models,
    faces,
    fields,
    folders,
    holding,
    neighbours,
    people,
    presets,
    privacy_requests,
    redactions,
    renditions,
    review,
    setup,
    shares,
    stacks,
    traces,
    trash,
    uploads,
    users,
    versions,
    watermarks,
    zips,
)

OPENAPI = "/api/v1/openapi.json"
DESCRIPTION = (
    "A photo carries its permissions with it, and the software refuses the rest. Send an API key as Authorization: Bearer pbk_… "
    "or the session cookie with X-CSRF-Token. Errors are application/problem+json with a stable code."
)
EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def v1() -> APIRouter:
    """All resources of version 1."""
    router = APIRouter(prefix="/api/v1")
    pictures = (describing, assets, holding, neighbours, versions, uploads, batches, renditions, redactions, downloads)
    out = (presets, watermarks, zips, traces)
    library = (*pictures, folders, fields, collections, trash, duplicates, stacks)
    people_and_papers = (
        people,
        faces,
        clusters,
        review,
        consents,
        consent_papers,
        consent_requests,
        consent_life,
        consent_templates,
        event_codes,
        clearance,
        biometrics,
        face_models,
        privacy_requests,
    )
    for resource in (signin, setup, *library, *out, *people_and_papers, shares, confirmation, users, audit):
        router.include_router(resource.router)
    router.include_router(describing.operations)
    return router


def create_api() -> FastAPI:
    """The API as an ASGI app. Needs no settings and opens nothing: routes reach for the open house when they run."""
    app = FastAPI(
        title="Photobank API", version=__version__, description=DESCRIPTION, docs_url=None, redoc_url=None, openapi_url=None
    )
    problems.install(app)
    app.add_middleware(uploads.TusVersion)
    app.add_middleware(RequestId)
    app.include_router(probes.router)
    app.include_router(v1())
    app.include_router(signer_pages.router)
    app.include_router(own_pages.router)
    app.include_router(event_pages.router)
    app.include_router(guests.router)
    app.include_router(embeds.router)
    app.include_router(bringing.router)
    app.include_router(calendars.router)

    async def openapi(_: Request) -> JSONResponse:
        return JSONResponse(app.openapi())

    async def human(_: Request) -> HTMLResponse:
        return HTMLResponse(docs.page(app.openapi()))

    async def nowhere(request: Request) -> Response:
        """Unknown addresses under /api stay ours: the front end below would answer them with a page."""
        if allowed := _methods_at(app.openapi(), request.url.path):
            return problems.problem(request, 405, "method_not_allowed", headers={"Allow": ", ".join(allowed)})
        return problems.problem(request, 404, "not_found")

    app.add_route(OPENAPI, openapi, methods=["GET"], include_in_schema=False)
    app.add_route("/api/docs", human, methods=["GET"], include_in_schema=False)
    app.add_route("/api/docs/", human, methods=["GET"], include_in_schema=False)
    app.add_route("/api/{rest:path}", nowhere, methods=EVERY_METHOD, include_in_schema=False)
    return app


def _methods_at(spec: dict[str, Any], path: str) -> list[str]:
    """Methods that the documented routes offer at this address."""
    matching = (item for template, item in spec.get("paths", {}).items() if compile_path(template)[0].match(path))
    return sorted({method.upper() for item in matching for method in item if method.upper() in EVERY_METHOD})

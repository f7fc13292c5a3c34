"""What the tests of the REST API share: browsers with a session, things in folders, and the shape of a refusal."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from sqlmodel import col, select

from photobank.access.actor import Actor, system
from photobank.accounts import sessions
from photobank.models.accounts import User
from photobank.models.people import Cluster, Face, FaceState
from photobank.scope import Container
from photobank.web import house
from photobank.web.cookies import CSRF_HEADER, SESSION
from photobank.web.csp import Pages
from photobank.web.headers import SecurityHeaders
from tests.factories import face_on
from tests.house import Cast, Door

V1 = "/api/v1"
ORIGIN = "http://127.0.0.1:8000"


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The body of a problem answer, checked for its shape."""
    assert answer.status_code == status, (answer.request.method, answer.request.url, answer.status_code, answer.text)
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["code"] == code, body
    assert body["status"] == status
    assert body["type"] == f"urn:photobank:problem:{code}"
    assert body["title"] not in ("", "Error")
    assert body["request_id"] == answer.headers["x-request-id"]
    assert "Traceback" not in answer.text
    return body


def behind_headers(door: Door) -> httpx.AsyncClient:
    """A client of nobody at the API as it is served, with the wrapper that completes headers."""
    settings = house.house().settings
    app = SecurityHeaders(door._api, settings, Pages(Path("/nowhere"), (), https=False))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url=ORIGIN)


async def browser(door: Door, cast: Cast, actor: Actor, *, csrf: bool = True) -> httpx.AsyncClient:
    """A client with the session cookie of somebody, and the CSRF token that our pages would send."""
    async with cast.scope(actor) as scope:
        user = (await scope.db.execute(select(User).where(col(User.id) == actor.user_id))).scalar_one()
        token = await sessions.create(scope, user)
    client = await door.client()
    client.cookies.set(SESSION, token)
    if csrf:
        client.headers[CSRF_HEADER] = house.house().secrets.csrf_token(token)
    return client


async def faces_in_cluster(container: Container, asset_ids: list[UUID]) -> tuple[UUID, list[UUID]]:
    """An open face on each photo, all in one cluster."""
    async with container.scope(system()) as scope:
        cluster = Cluster(model="fake/hue/1", created_at=scope.now())
        scope.db.add(cluster)
        await scope.db.flush()
        faces: list[Face] = []
        for asset_id in asset_ids:
            face = face_on(asset_id, None, FaceState.unknown, now=scope.now())
            face.cluster_id = cluster.id
            faces.append(face)
        scope.db.add_all(faces)
        await scope.db.flush()
        return cluster.id, [face.id for face in faces]

"""Resumable uploads: tus 1.0 with creation, creation-with-upload, expiration, checksum and termination (tus.io/protocols).

The request body goes piece by piece into the encrypting writer; no parser sees it and nothing is spooled.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from email.utils import format_datetime
from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from photobank.api.deps import Caller, TheHouse
from photobank.api.problems import RESPONSES
from photobank.kernel.errors import Invalid, PhotobankError, UnsupportedMedia
from photobank.library import resumable
from photobank.library.incoming import OnDuplicate, parse_on_duplicate
from photobank.library.resumable import Progress

router = APIRouter(prefix="/uploads", tags=["uploads"], responses=RESPONSES)

VERSION = "1.0.0"
OFFSET_BODY = "application/offset+octet-stream"
ALGORITHMS = ("sha1", "sha256")
MAX_METADATA = 8192
_BELOW = re.compile(r"^/api/v1/uploads(/|$)")
BODY = {"requestBody": {"content": {OFFSET_BODY: {"schema": {"type": "string", "format": "binary"}}}}}


class TusVersion:
    """ASGI wrapper: every answer below /uploads names the version, refusals included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""

        async def mark(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Tus-Resumable"] = VERSION
            await send(message)

        ours = scope["type"] == "http" and _BELOW.match(scope["path"])
        await self._app(scope, receive, mark if ours else send)


class WrongVersion(PhotobankError):
    """The client speaks another version of tus."""

    code = "tus_version"
    status = 412
    headers: ClassVar = {"Tus-Version": VERSION}


@router.options("", status_code=204)
async def options(house: TheHouse) -> Response:
    """What this server can do."""
    headers = {
        "Tus-Version": VERSION,
        "Tus-Extension": "creation,creation-with-upload,expiration,checksum,termination",
        "Tus-Max-Size": str(house.settings.max_upload_bytes),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }
    return Response(status_code=204, headers=headers)


@router.post("", status_code=201, openapi_extra=BODY)
async def create(request: Request, caller: Caller, house: TheHouse) -> Response:
    """Begin an upload. Metadata: filename, folder_id, on_duplicate, sha256 (hex), batch_id, version_of, once."""
    _require_version(request)
    told = _metadata(request.headers.get("upload-metadata", ""))
    async with house.scope(caller) as scope:
        progress = await resumable.create(
            scope,
            size=_number(request, "upload-length"),
            filename=told.get("filename", ""),
            folder_id=_uuid(told.get("folder_id"), "folder_id"),
            on_duplicate=parse_on_duplicate(told.get("on_duplicate") or OnDuplicate.ask),
            digest=digest_of(told.get("sha256")),
            batch_id=_uuid(told.get("batch_id"), "batch_id"),
            version_of=_uuid(told.get("version_of"), "version_of"),
            once=told.get("once", ""),
        )
    if request.headers.get("content-type") == OFFSET_BODY:
        progress = await resumable.append(house.container, caller, progress.upload_id, 0, request.stream())
    return _answer(201, progress, {"Location": f"/api/v1/uploads/{progress.upload_id}"})


@router.head("/{upload_id}")
async def head(upload_id: UUID, request: Request, caller: Caller, house: TheHouse) -> Response:
    """How far an upload is."""
    _require_version(request)
    progress = await resumable.progress(house.container, caller, upload_id)
    return _answer(200, progress, {"Upload-Length": str(progress.size)})


@router.patch("/{upload_id}", status_code=204, openapi_extra=BODY)
async def append(upload_id: UUID, request: Request, caller: Caller, house: TheHouse) -> Response:
    """Go on from `Upload-Offset`. What arrived is kept however the request ends."""
    _require_version(request)
    if request.headers.get("content-type") != OFFSET_BODY:
        raise UnsupportedMedia(f"send {OFFSET_BODY}")
    offset = _number(request, "upload-offset")
    digest = _checksum(request.headers.get("upload-checksum"))
    progress = await resumable.append(house.container, caller, upload_id, offset, request.stream(), digest)
    return _answer(204, progress)


@router.delete("/{upload_id}", status_code=204)
async def end(upload_id: UUID, request: Request, caller: Caller, house: TheHouse) -> Response:
    """Give an upload up."""
    _require_version(request)
    await resumable.end(house.container, caller, upload_id)
    return Response(status_code=204)


def digest_of(text: str | None) -> bytes | None:
    """A SHA-256 from hexadecimal text; raises Invalid."""
    if not text:
        return None
    try:
        digest = bytes.fromhex(text)
    except ValueError:
        digest = b""
    if len(digest) != 32:
        raise Invalid("sha256", fields={"sha256": "errors.digest"})
    return digest


def _answer(status: int, progress: Progress, headers: Mapping[str, str] | None = None) -> Response:
    return Response(
        status_code=status,
        headers={
            "Upload-Offset": str(progress.offset),
            "Upload-Expires": format_datetime(progress.ends_at, usegmt=True),
            "Photobank-Asset": str(progress.asset_id),
            "Cache-Control": "no-store",
            **(headers or {}),
        },
    )


def _require_version(request: Request) -> None:
    if request.headers.get("tus-resumable") != VERSION:
        raise WrongVersion(f"Tus-Resumable: {VERSION}")


def _number(request: Request, header: str) -> int:
    text = request.headers.get(header, "")
    if not text.isascii() or not text.isdecimal() or len(text) > 15:
        raise Invalid(header, fields={header: "errors.number"})
    return int(text)


def _uuid(text: str | None, name: str) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(name, fields={name: "errors.id"}) from None


def _metadata(header: str) -> dict[str, str]:
    """`key base64, key base64 …`; a key alone has an empty value."""
    if len(header) > MAX_METADATA:
        raise Invalid("upload-metadata", fields={"upload-metadata": "errors.too_long"})
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        name, _, value = pair.partition(" ")
        try:
            found[name] = base64.b64decode(value, validate=True).decode()
        except ValueError:
            raise Invalid("upload-metadata", fields={"upload-metadata": "errors.metadata"}) from None
    return found


def _checksum(header: str | None) -> tuple[str, bytes] | None:
    if header is None:
        return None
    algorithm, _, value = header.partition(" ")
    try:
        digest = base64.b64decode(value, validate=True)
    except ValueError:
        digest = b""
    if algorithm not in ALGORITHMS or not digest:
        raise Invalid("upload-checksum", fields={"upload-checksum": "errors.digest"})
    return algorithm, digest

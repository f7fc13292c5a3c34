"""Streams what photobank/delivery allows. Private, never kept by a cache, and never taken by a browser for anything but a picture or a file."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from starlette.responses import StreamingResponse

from photobank.delivery.deciding import Released

NOT_KEPT = {"Cache-Control": "private, no-store"}
DOWNLOAD_HEADER, HIDDEN_HEADER = "Photobank-Download", "Photobank-Hidden"


def shown(released: Released) -> StreamingResponse:
    """A picture for a screen."""
    return _response(released, {"Content-Disposition": "inline"})


def handed_over(released: Released) -> StreamingResponse:
    """A file to keep, under its own name."""
    headers = {"Content-Disposition": attachment(released.filename)}
    if released.download_id is not None:
        headers[DOWNLOAD_HEADER] = str(released.download_id)
    return _response(released, headers)


def answers(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """For OpenAPI: a file of one of these kinds."""
    schema = {"type": "string", "format": "binary"}
    return {200: {"description": "The bytes", "content": {kind: {"schema": schema} for kind in kinds}}}


def _response(released: Released, headers: dict[str, str]) -> StreamingResponse:
    about = {"Content-Length": str(released.size)}
    if released.hidden is not None:
        about[HIDDEN_HEADER] = str(released.hidden)
    return StreamingResponse(released.stream, media_type=released.media_type, headers=NOT_KEPT | about | headers)


def attachment(name: str) -> str:
    """RFC 6266: the plain name for old clients, the whole one in UTF-8."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"

"""A face pack installed, from a file on the server or an address. The administrator names the checksum; nothing is used by installing it."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import Invalid, Unavailable
from photobank.people import face_models
from photobank.people.face_models import PackRow
from photobank.scope import Scope
from photobank.vision import unpacking

PATIENCE = httpx.Timeout(30.0, read=120.0)


async def from_file(scope: Scope, name: str, file: Path, sha256: str) -> PackRow:
    """From a ZIP that lies on the server."""
    require(scope, Action.recognition_manage)
    unpacking.check_name(name)
    await asyncio.to_thread(unpacking.unpack, file, sha256, name, scope.settings.data_dir / "models")
    record(scope, Tag.model_installed, payload={"pack": name, "sha256": sha256.lower()})
    return next(row for row in await face_models.installed(scope) if row.name == name)


async def from_address(scope: Scope, name: str, address: str, sha256: str) -> PackRow:
    """From an https address out in the world. No redirects, nothing on this network, no more than a pack can measure."""
    require(scope, Action.recognition_manage)
    unpacking.check_name(name)
    await _require_public(address)
    with tempfile.TemporaryDirectory(prefix="photobank-pack-") as folder:
        file = Path(folder) / "pack.zip"
        await _fetch(address, file)
        return await from_file(scope, name, file, sha256)


async def _fetch(address: str, file: Path) -> None:
    left = unpacking.LARGEST
    try:
        async with httpx.AsyncClient(timeout=PATIENCE, follow_redirects=False) as http, http.stream("GET", address) as answer:
            if answer.status_code != 200:
                raise Unavailable(f"the address answered {answer.status_code}")
            with file.open("wb") as out:
                async for piece in answer.aiter_bytes(2**20):
                    left -= len(piece)
                    if left < 0:
                        raise Invalid("too large", fields={"address": "errors.pack"})
                    await asyncio.to_thread(out.write, piece)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unavailable(f"the address cannot be read: {type(error).__name__}") from error


async def _require_public(address: str) -> None:
    """Raise Invalid unless this is an https address of a machine outside this network."""
    try:
        parts = urlsplit(address)
        if parts.scheme != "https" or not parts.hostname or parts.username:
            raise Invalid("address", fields={"address": "errors.address"})
        found = await asyncio.get_running_loop().getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:  # ValueError: a port beyond all ports, a name that no DNS can hold
        raise Invalid("address", fields={"address": "errors.address"}) from error
    if not found or any(not ipaddress.ip_address(one[4][0]).is_global for one in found):
        raise Invalid("address", fields={"address": "errors.address"})

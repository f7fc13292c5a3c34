"""A face pack installed, from a file or an address. The administrator names the checksum; nothing is used by installing it."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from photobank.access import limits
from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.db.locks import try_lock
from photobank.kernel.errors import Conflict, Invalid, Unavailable
from photobank.people import face_models
from photobank.people.face_models import PackRow
from photobank.scope import Scope
from photobank.vision import unpacking

PATIENCE = httpx.Timeout(30.0, read=120.0)
LONGEST = 3600.0  # seconds, for the whole of it


async def from_file(scope: Scope, name: str, file: Path, sha256: str) -> PackRow:
    """From a ZIP that lies on the server."""
    require(scope, Action.recognition_manage)
    unpacking.check_name(name)
    async with _alone(scope):
        return await _put(scope, name, file, sha256)


async def from_stream(scope: Scope, name: str, pieces: AsyncIterator[bytes], sha256: str) -> PackRow:
    """From a ZIP that somebody sends."""
    require(scope, Action.recognition_manage)
    unpacking.check_name(name)
    await _may_now(scope)
    async with _alone(scope):
        with tempfile.TemporaryDirectory(prefix="photobank-pack-") as folder:
            file = Path(folder) / "pack.zip"
            await _write(pieces, file)
            return await _put(scope, name, file, sha256)


async def _put(scope: Scope, name: str, file: Path, sha256: str) -> PackRow:
    await asyncio.to_thread(unpacking.unpack, file, sha256, name, scope.settings.data_dir / "models")
    record(scope, Tag.model_installed, payload={"pack": name, "sha256": sha256.lower()})
    return next(row for row in await face_models.installed(scope) if row.name == name)


async def from_address(scope: Scope, name: str, address: str, sha256: str) -> PackRow:
    """From an https address out in the world. No redirects, nothing on this network, no more than a pack can measure."""
    require(scope, Action.recognition_manage)
    unpacking.check_name(name)
    url = _url(address)
    await _may_now(scope)
    async with _alone(scope):
        machine = await _public_machine(url)
        with tempfile.TemporaryDirectory(prefix="photobank-pack-") as folder:
            file = Path(folder) / "pack.zip"
            await _fetch(url, machine, file)
            return await _put(scope, name, file, sha256)


async def _may_now(scope: Scope) -> None:
    await scope.container.rates.hit(limits.PACKS, str(scope.actor.user_id or scope.actor.kind))


@asynccontextmanager
async def _alone(scope: Scope) -> AsyncIterator[None]:
    """One at a time in the whole house: a pack may measure two gigabytes."""
    async with try_lock(scope.container.engine, "face pack") as mine:
        if not mine:
            raise Conflict("another pack is being installed")
        yield


async def _write(pieces: AsyncIterator[bytes], file: Path) -> None:
    left = unpacking.LARGEST
    with file.open("wb") as out:
        async for piece in pieces:
            left -= len(piece)
            if left < 0:
                raise Invalid("too large", fields={"address": "errors.pack"})
            await asyncio.to_thread(out.write, piece)


async def _fetch(url: httpx.URL, machine: str, file: Path) -> None:
    """From that very machine: a name that is asked again may lead elsewhere by then. Its certificate is still the name's."""
    headers = {"Host": url.netloc.decode("ascii"), "Accept-Encoding": "identity"}
    extensions = {"sni_hostname": url.raw_host.decode("ascii").strip("[]")}
    try:
        async with (
            asyncio.timeout(LONGEST),
            httpx.AsyncClient(timeout=PATIENCE, follow_redirects=False) as http,
            http.stream("GET", url.copy_with(host=machine), headers=headers, extensions=extensions) as answer,
        ):
            if answer.status_code != 200:
                raise Unavailable(f"the address answered {answer.status_code}")
            # As it came: what is packed once more could swell before anybody counts.
            await _write(answer.aiter_raw(2**20), file)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        raise Unavailable(f"the address cannot be read: {type(error).__name__}") from error


def _url(address: str) -> httpx.URL:
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        raise Invalid("address", fields={"address": "errors.address"}) from error
    if url.scheme != "https" or not url.host or url.userinfo:
        raise Invalid("address", fields={"address": "errors.address"})
    return url


async def _public_machine(url: httpx.URL) -> str:
    """The machine to ask; raises Invalid when the name leads to any that is not out in the world."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            url.raw_host.decode("ascii").strip("[]"), url.port or 443, type=socket.SOCK_STREAM
        )
    except (OSError, ValueError) as error:  # ValueError: a port beyond all ports, a name that no DNS can hold
        raise Invalid("address", fields={"address": "errors.address"}) from error
    machines = [str(one[4][0]) for one in found]
    if not machines or not all(map(_is_public, machines)):
        raise Invalid("address", fields={"address": "errors.address"})
    return machines[0]


def _is_public(machine: str) -> bool:
    """Out in the world, and no way of writing an address of the old kind, which could be one of this network."""
    found = ipaddress.ip_address(machine)
    if isinstance(found, ipaddress.IPv6Address) and (found.is_site_local or found.ipv4_mapped or found.sixtofour or found.teredo):
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved

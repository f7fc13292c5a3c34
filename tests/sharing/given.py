"""Words for tests of shares: a link, and an outsider with a browser of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from photobank.access.actor import Actor
from photobank.sharing import links
from photobank.sharing.links import Made, NewShare
from tests.house import Cast, the_api

HTML = {"Accept": "text/html"}
FORM = {"Sec-Fetch-Site": "same-origin"}
ELSEWHERE = "198.51.100.7"


async def share(cast: Cast, actor: Actor, *photos: UUID, use: str = "website", **more: Any) -> Made:
    """A link of one of the cast."""
    async with cast.scope(actor) as scope:
        return await links.create(scope, NewShare(use=use, asset_ids=photos, **more))


@dataclass
class Outsider:
    """Somebody without an account, with a browser that knows nothing yet."""

    http: httpx.AsyncClient
    path: str

    async def look(self, **headers: str) -> httpx.Response:
        """Open the address."""
        return await self.http.get(self.path, headers=HTML | headers)

    async def open(self, password: str = "") -> httpx.Response:
        """Press the button of the door, and follow it to the photos."""
        answer = await self.press(password)
        return await self.look() if answer.status_code == 303 else answer

    async def press(self, password: str = "") -> httpx.Response:
        """Press the button of the door."""
        return await self.http.post(f"{self.path}open", data={"password": password}, headers=HTML | FORM)

    async def picture(self, name: str, size: str = "thumb", method: str = "GET", **headers: str) -> httpx.Response:
        """One picture of the page."""
        return await self.http.request(method, f"{self.path}photos/{name}/{size}", headers={"Accept": "image/*"} | headers)

    async def take(self, name: str, preset: str = "web") -> httpx.Response:
        """Download one."""
        return await self.http.post(f"{self.path}photos/{name}/download", data={"preset": preset}, headers=HTML | FORM)

    async def take_all(self, preset: str = "web") -> httpx.Response:
        """Download all of it."""
        return await self.http.post(f"{self.path}download", data={"preset": preset}, headers=HTML | FORM)


def outsider(made: Made | str, address: str = ELSEWHERE) -> Outsider:
    """A clean browser, somewhere."""
    url = made if isinstance(made, str) else made.url
    transport = httpx.ASGITransport(the_api(), raise_app_exceptions=False, client=(address, 4711))
    base = "http://127.0.0.1:8000"
    assert url.startswith(base)
    return Outsider(httpx.AsyncClient(transport=transport, base_url=base), url.removeprefix(base))


def names(page: httpx.Response) -> list[str]:
    """The photos on a page, by the names that they have outside."""
    return re.findall(r'href="photos/([\w-]+)/', page.text)

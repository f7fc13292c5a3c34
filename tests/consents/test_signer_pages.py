"""Every page under /c/: to a stranger, with a link of nobody, with one that is done, and without the form's own token."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.consents.asking import Phone, ask, catch_mail, code_in, link_in, run_jobs, somebody
from tests.house import Cast, Door, the_api

NOBODYS = "/c/" + "t" * 32 + "/"
SECRETS = ("Anna", "de Vries", "post.example", "Lelie", "Website")


def pages() -> list[tuple[str, str]]:
    """Method and path after the token, of every route."""
    found = [(method, path) for method, path in _walk(the_api().routes) if path.startswith("/c/")]
    return sorted((method, path.removeprefix("/c/{token}/")) for method, path in found if method != "HEAD")


def _walk(routes: Any) -> Iterator[tuple[str, str]]:
    for route in routes:
        if hasattr(route, "effective_candidates"):
            yield from _walk(route.effective_candidates())
        else:
            yield from ((method, str(route.path)) for method in route.methods or ())


def filled(rest: str, id_: str) -> str:
    """A path with an id in it."""
    return rest.replace("{consent_id}", id_).replace("{asset_id}", id_)


def test_there_are_pages() -> None:
    assert ("GET", "") in pages()
    assert ("POST", "withdraw") in pages()


@pytest.mark.parametrize(("method", "rest"), pages())
async def test_a_link_of_nobody_opens_nothing(cast: Cast, door: Door, method: str, rest: str) -> None:
    async with await door.client() as stranger:
        stranger.headers["accept"] = "text/html"
        answer = await stranger.request(method, NOBODYS + filled(rest, str(uuid4())), data={"csrf": "guess"})
    behind = rest in ("me/", "photos/", "used/") or rest.startswith("proof")
    assert answer.status_code == (403 if method == "POST" else 303 if behind else 404)
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert not any(word in answer.text for word in SECRETS)


async def signed(cast: Cast, door: Door) -> tuple[str, str]:
    """The path of a link that Anna signed with, and the id of her consent."""
    mail = catch_mail(cast.container)
    await ask(cast, await somebody(cast))
    await run_jobs(cast.container)
    browser = Phone(await door.client(), link_in(mail.letters[0]))
    await browser.open()
    await browser.send(uses=["website"], months="12", typed="Anna")
    await run_jobs(cast.container)
    await browser.send("code", code=code_in(mail.letters))
    async with cast.container.sessions() as db:
        return browser.link, str(await db.scalar(text("SELECT id FROM consents")))


async def state(cast: Cast) -> str:
    """Everything that a stranger might want to change."""
    async with cast.container.sessions() as db:
        tables = ("consents", "consent_uses", "consent_requests", "consent_evidence", "people", "privacy_requests")
        rows = [await db.scalar(text(f"SELECT string_agg(t::text, '|' ORDER BY t::text) FROM {table} t")) for table in tables]
    return "\n".join(str(row) for row in rows)


async def test_a_stranger_with_a_used_link_learns_and_changes_nothing(cast: Cast, door: Door) -> None:
    link, consent_id = await signed(cast, door)
    before = await state(cast)
    async with await door.client() as stranger:
        phone = Phone(stranger, link)
        await phone.open()
        mine: dict[str, Any] = {"csrf": _csrf(phone.page), "uses": ["website"], "code": "123456", "months": "12", "kind": "access"}
        mine |= {"typed": "Anna", "digest": "0" * 64}
        for method, rest in pages():
            path = link + filled(rest, consent_id)
            for fields in ({}, {"csrf": "0" * 64}, mine) if method == "POST" else ({},):
                answer = await stranger.request(method, path, data=fields, follow_redirects=True)
                assert answer.status_code < 500, (method, rest)
                assert not any(word in answer.text for word in SECRETS), (method, rest, answer.text)
    assert await state(cast) == before


def _csrf(page: str) -> str:
    return page.split('name="csrf" value="')[1].split('"')[0]


async def test_a_cookie_of_somebody_else_opens_nothing(cast: Cast, door: Door) -> None:
    """Bea has entered on her own page; with her cookie Anna's link is as shut as without."""
    link, consent_id = await signed(cast, door)
    mail = catch_mail(cast.container)
    await ask(cast, await somebody(cast, "Bea", "bea@post.example"))
    await run_jobs(cast.container)
    bea = Phone(await door.client(), link_in(mail.letters[0]))
    await bea.open()
    await bea.send(uses=["website"], months="12", typed="Bea")
    await run_jobs(cast.container)
    await bea.send("code", code=code_in(mail.letters))
    assert "Getekend, bedankt" in bea.page
    for rest in ("me/", f"proof/{consent_id}"):
        shown = await bea.client.get(link + rest, follow_redirects=True)
        assert not any(word in shown.text for word in ("Anna", "de Vries", "%PDF")), rest
    answer = await bea.client.get(f"{bea.link}proof/{consent_id}")
    assert answer.status_code == 404

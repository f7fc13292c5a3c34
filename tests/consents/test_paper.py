"""Scans of signed papers: who may add and fetch one, what is taken, that it stays as it is and lies sealed."""

from __future__ import annotations

import hashlib
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from photobank.audit.tags import Tag
from photobank.consents import paper
from photobank.kernel.errors import Invalid, NotFound, Refused
from tests.consents.asking import on_own_page, somebody
from tests.factories import add_consent
from tests.house import Cast, Door, audit_of

SCAN = b"%PDF-1.7 getekend door Anna de Vries"


async def test_a_scan_is_kept_as_it_came_sealed_and_for_good(cast: Cast) -> None:
    consent = (await add_consent(cast.container, cast.rita, await somebody(cast), "website")).id
    for _ in range(2):
        async with cast.scope(cast.rita) as scope:
            row = await paper.add(scope, consent, SCAN)
    assert (row.media_type, row.size, row.sha256) == ("application/pdf", len(SCAN), hashlib.sha256(SCAN).hexdigest())
    async with cast.scope(cast.petra) as scope:
        assert [one.id for one in await paper.list_all(scope, consent)] == [row.id]
        found = await paper.fetch(scope, consent, row.id)
    assert (found.content, found.filename) == (SCAN, "consent-1-scan.pdf")
    (added,) = await audit_of(cast.container, Tag.paper_added)
    assert added.payload["sha256"] == row.sha256
    assert len(await audit_of(cast.container, Tag.evidence_fetched)) == 1
    async with cast.container.sessions() as db:
        assert SCAN not in (await db.scalar(text("SELECT content_ct FROM consent_papers")) or b"")
        with pytest.raises(DatabaseError, match="never changed"):
            await db.execute(text("UPDATE consent_papers SET content_hash = 'x'"))


async def test_what_is_no_scan_of_this_record(cast: Cast, door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = await somebody(cast)
    consent = (await add_consent(cast.container, cast.rita, anna, "website")).id
    other = (await add_consent(cast.container, cast.rita, anna, "social")).id
    press = (await add_consent(cast.container, cast.petra, anna, "press", regime="press", reason="Verslag")).id
    monkeypatch.setattr(paper, "LARGEST", 100)
    monkeypatch.setattr(paper, "MOST", 2)
    wrong = [(consent, b""), (consent, b"<html>"), (consent, b"MZ" + SCAN), (consent, SCAN + b"x" * 100), (press, SCAN)]
    await on_own_page(cast, await door.client(), anna, "website")
    async with cast.container.sessions() as db:
        wrong.append((await db.scalar(text("SELECT id FROM consents WHERE way_in = 'email'")), SCAN))
    for where, data in wrong:
        with pytest.raises(Invalid):
            async with cast.scope(cast.petra) as scope:
                await paper.add(scope, where, data)
    async with cast.scope(cast.rita) as scope:
        await paper.add(scope, consent, b"\xff\xd8\xff one")
        row = await paper.add(scope, consent, b"\x89PNG\r\n\x1a\n two")
        with pytest.raises(Invalid):
            await paper.add(scope, consent, SCAN)
        for where, which in ((other, row.id), (consent, uuid4()), (uuid4(), row.id)):
            with pytest.raises(NotFound):
                await paper.fetch(scope, where, which)


async def test_who_may(cast: Cast) -> None:
    consent = (await add_consent(cast.container, cast.rita, await somebody(cast), "website")).id
    async with cast.scope(cast.rita) as scope:
        row = await paper.add(scope, consent, SCAN)
    for actor in (cast.bob, cast.charlie):
        with pytest.raises(Refused):
            async with cast.scope(actor) as scope:
                await paper.add(scope, consent, SCAN)
        with pytest.raises(Refused):
            async with cast.scope(actor) as scope:
                await paper.fetch(scope, consent, row.id)
    async with cast.scope(cast.bob) as scope:
        assert not await paper.of(scope, [consent])

"""What an outsider with a link gets, over HTTP: the photos, for as long as the link, the consent and the sender's rights last."""

from __future__ import annotations

import asyncio
import logging
import re
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, text
from sqlmodel import col

from photobank.access.actor import system
from photobank.accounts import users
from photobank.audit.tags import Tag
from photobank.consents import withdrawal
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import Refused
from photobank.library import folders, trash
from photobank.models.accounts import Role
from photobank.models.consents import Consent
from photobank.models.shares import Share, ShareVisit
from photobank.sharing import links, listing
from tests.delivery.given import downloads
from tests.factories import add_consent, add_person, add_photo, change_asset, picture
from tests.house import TODAY, Cast, Door, audit_of
from tests.sharing.given import ELSEWHERE, FORM, HTML, names, outsider, share

SECRETS = ("IMG_", "Anna", "Open dag", "photos/1", "missing", "needs_review")
PASSWORD = "zonnebloem-in-mei"


@pytest.fixture
async def anna(cast: Cast) -> UUID:
    return await add_person(cast.container, "Anna de Vries")


@pytest.fixture
async def photo(cast: Cast, anna: UUID, door: Door) -> UUID:
    made = await add_photo(cast.container, cast.shared, [anna], seed=7)
    await add_consent(cast.container, cast.rita, anna, "website")
    return made


async def row(cast: Cast, share_id: UUID) -> Share:
    async with cast.container.sessions() as db:
        return await db.get_one(Share, share_id)


async def withdraw_all(cast: Cast, person: UUID) -> None:
    async with cast.scope(cast.rita) as scope:
        for id_ in (await scope.db.scalars(select(col(Consent.id)).where(col(Consent.person_id) == person))).all():
            await withdrawal.withdraw(scope, id_)


HEADINGS = {
    403: ("Niet vanaf dit netwerk",),
    404: ("Deze link werkt niet meer",),
    410: ("Deze link werkt niet meer", "Deze link is opgebruikt"),
    429: ("Te veel pogingen",),
}


def tells_nothing(answer: httpx.Response, status: int = 410) -> None:
    """A page says in words that it is over, what to do, and nothing else; where a picture was asked for, nothing at all comes."""
    assert answer.status_code == status, answer.text[:500]
    if answer.request.headers["accept"].startswith("image"):
        assert answer.content == b""
    else:
        assert any(f"<h1>{words}</h1>" in answer.text for words in HEADINGS[status]), answer.text[-600:]
    text = re.sub(r"<style>.*?</style>", "", answer.text)
    assert not [word for word in SECRETS if word in text]
    assert answer.headers["cache-control"] == "private, no-store"


async def test_an_outsider_sees_what_it_is_for_and_takes_what_is_allowed(cast: Cast, photo: UUID) -> None:
    made = await share(cast, cast.bob, photo, title="Open dag verpleging")
    guest = outsider(made)
    page = await guest.look()
    assert page.status_code == 200
    assert all(
        words in page.text for words in ("Open dag verpleging", "Bob van Ziekenhuis De Lelie", "Website", "1.920 px", "7 dagen")
    )
    (name,) = names(page)
    assert str(photo) not in page.text
    thumb = await guest.picture(name, "preview")
    assert (thumb.status_code, thumb.headers["content-type"]) == (200, "image/webp")
    taken = await guest.take(name)
    assert taken.status_code == 200
    (logged,) = await downloads(cast.container)
    assert taken.headers["photobank-download"] == str(logged.id)
    assert (logged.share_id, logged.user_id, logged.preset, logged.use_id) == (made.row.id, cast.bob.user_id, "web", "website")
    kept = await row(cast, made.row.id)
    assert (kept.views, kept.downloads) == (1, 1)


async def test_only_a_hash_of_the_token_lies_in_the_database(cast: Cast, photo: UUID) -> None:
    made = await share(cast, cast.bob, photo, password=PASSWORD)
    token = made.url.rstrip("/").rsplit("/", 1)[1]
    kept = await row(cast, made.row.id)
    assert len(token) == 43
    assert token not in repr(kept)
    assert PASSWORD not in repr(kept)
    async with cast.scope(cast.bob) as scope:
        assert await links.url(scope, made.row.id) == made.url


async def test_every_answer_forbids_keeping_and_referrers(cast: Cast, photo: UUID) -> None:
    guest = outsider(await share(cast, cast.bob, photo))
    page = await guest.look()
    (name,) = names(page)
    for answer in (page, await guest.picture(name), await guest.take(name), await outsider("http://127.0.0.1:8000/s/none/").look()):
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    cookie = page.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert f"Path={guest.path}" in cookie


async def test_looking_again_is_no_new_view_and_another_browser_is(cast: Cast, photo: UUID, clock: TurnableClock) -> None:
    made = await share(cast, cast.bob, photo)
    guest = outsider(made)
    for _ in range(3):
        assert (await guest.look()).status_code == 200
    assert (await row(cast, made.row.id)).views == 1
    assert (await outsider(made).look()).status_code == 200
    clock.turn(timedelta(hours=1, seconds=1))
    assert (await guest.look()).status_code == 200
    assert (await row(cast, made.row.id)).views == 3


async def test_the_sender_sees_views_coarsely(cast: Cast, photo: UUID) -> None:
    made = await share(cast, cast.bob, photo)
    guest = outsider(made)
    (name,) = names(await guest.look(**{"User-Agent": "Mozilla/5.0 (iPhone) Mobile"}))
    await guest.take(name)
    async with cast.scope(cast.bob) as scope:
        (visit,) = (await listing.visits(scope, made.row.id)).items
    assert (visit.network, visit.device, visit.downloads, visit.at) == ("198.51.100.0/24", "phone", 1, TODAY)
    async with cast.container.sessions() as db:
        stored = (await db.execute(select(ShareVisit))).scalar_one()
    assert b"198.51" not in stored.network_ct
    events = await audit_of(cast.container, Tag.share_opened)
    assert [(event.actor_kind, event.actor_id, event.via) for event in events] == [("visitor", made.row.id, f"share:{made.row.id}")]


async def test_who_looked_is_forgotten_after_a_year(cast: Cast, photo: UUID, clock: TurnableClock) -> None:
    made = await share(cast, cast.bob, photo)
    await outsider(made).look()
    with pytest.raises(Refused):
        async with cast.scope(cast.alice) as scope:
            await listing.forget_old_visits(scope)
    for days, left in ((364, 1), (2, 0)):
        clock.turn(timedelta(days=days))
        async with cast.scope(system()) as scope:
            await listing.forget_old_visits(scope)
        async with cast.scope(cast.bob) as scope:
            assert len((await listing.visits(scope, made.row.id)).items) == left
    assert (await row(cast, made.row.id)).views == 1


async def test_what_is_not_cleared_is_not_there_and_not_counted(cast: Cast, photo: UUID) -> None:
    bea = await add_person(cast.container, "Bea")
    other = await add_photo(cast.container, cast.shared, [bea], seed=8)
    consent = await add_consent(cast.container, cast.rita, bea, "website")
    guest = outsider(await share(cast, cast.bob, photo, other))
    first, second = names(await guest.look())
    async with cast.scope(cast.rita) as scope:
        await withdrawal.withdraw(scope, consent.id)
    page = await guest.look()
    assert names(page) == [first]
    assert "1 foto voor u" in page.text
    tells_nothing(await guest.picture(second))
    tells_nothing(await guest.take(second))


async def test_when_all_consent_is_gone_the_page_is_clear(cast: Cast, anna: UUID, photo: UUID) -> None:
    guest = outsider(await share(cast, cast.bob, photo))
    (name,) = names(await guest.look())
    await withdraw_all(cast, anna)
    tells_nothing(await guest.look())
    tells_nothing(await guest.picture(name))
    tells_nothing(await guest.take(name))
    tells_nothing(await guest.take_all())
    tells_nothing(await outsider(str(guest.http.base_url.join(guest.path))).look())
    assert [event.outcome for event in await audit_of(cast.container, Tag.asset_downloaded)] == ["refused"]


async def test_it_expires_by_the_clock(cast: Cast, photo: UUID, clock: TurnableClock) -> None:
    guest = outsider(await share(cast, cast.bob, photo, ends_at=TODAY + timedelta(minutes=30)))
    (name,) = names(await guest.look())
    clock.turn(timedelta(minutes=30))
    tells_nothing(await guest.look())
    tells_nothing(await guest.picture(name))
    tells_nothing(await guest.take(name))
    tells_nothing(await guest.take_all())


async def test_it_ends_at_once_when_told_to(cast: Cast, photo: UUID) -> None:
    made = await share(cast, cast.bob, photo)
    guest = outsider(made)
    (name,) = names(await guest.look())
    async with cast.scope(cast.bob) as scope:
        assert (await links.end(scope, made.row.id)).standing == "ended"
    tells_nothing(await guest.look())
    tells_nothing(await guest.picture(name))
    tells_nothing(await guest.take(name))
    tells_nothing(await guest.take_all())


@pytest.mark.parametrize("how", ["grant", "role", "account", "trash", "locked"])
async def test_it_ends_with_the_senders_rights(cast: Cast, photo: UUID, how: str) -> None:
    guest = outsider(await share(cast, cast.bob, photo))
    (name,) = names(await guest.look())
    assert cast.bob.user_id
    async with cast.scope(cast.alice) as scope:
        if how == "grant":
            rows = await folders.grants(scope, cast.shared)
            (grant,) = [one for one in rows if one.principal == str(cast.bob.user_id)]
            await folders.take(scope, cast.shared, grant.id)
        elif how == "role":
            await users.change(scope, cast.bob.user_id, role=Role.viewer)
        elif how == "account":
            await users.change(scope, cast.bob.user_id, disabled=True)
        elif how == "trash":
            await trash.trash(scope, photo)
    if how == "locked":
        await change_asset(cast.container, photo, locked_at=TODAY)
    tells_nothing(await guest.look(), 410)
    tells_nothing(await guest.picture(name))
    tells_nothing(await guest.take(name))
    tells_nothing(await guest.take_all())


async def test_a_password_is_asked_for_and_throttled(cast: Cast, photo: UUID) -> None:
    made = await share(cast, cast.bob, photo, password=PASSWORD)
    guest = outsider(made)
    page = await guest.look()
    assert page.status_code == 200
    assert names(page) == []
    assert "Bob" not in page.text
    assert (await guest.open(PASSWORD)).status_code == 200
    for _ in range(6):
        assert (await outsider(made).open("wrong")).status_code == 403
    throttled = await outsider(made).open(PASSWORD)
    tells_nothing(throttled, 429)
    assert int(throttled.headers["retry-after"]) > 0
    assert (await outsider(made, "203.0.113.80").open(PASSWORD)).status_code == 200
    refused = await audit_of(cast.container, Tag.share_opened, "refused")
    assert [event.payload["code"] for event in refused] == ["wrong_password"] * 6
    assert (await row(cast, made.row.id)).views == 2


async def test_it_opens_from_the_networks_named_and_from_no_other(cast: Cast, photo: UUID) -> None:
    made = await share(cast, cast.bob, photo, addresses=("198.51.100.0/24", "2001:db8::/32"))
    for address in (ELSEWHERE, "::ffff:198.51.100.9", "2001:db8::5"):
        assert (await outsider(made, address).look()).status_code == 200
    for address in ("203.0.113.5", "2001:db9::1", "unix"):
        answer = await outsider(made, address).look()
        tells_nothing(answer, 403)
        assert "netwerk" in answer.text


async def test_a_picture_needs_a_view(cast: Cast, photo: UUID) -> None:
    made = await share(cast, cast.bob, photo)
    (name,) = names(await outsider(made).look())
    stranger = outsider(made)
    assert (await stranger.picture(name)).status_code == 404
    assert (await stranger.take(name)).status_code == 404
    other = outsider(await share(cast, cast.bob, photo))
    await other.look()
    stranger.http.cookies.set("pb_visit", next(iter(other.http.cookies.values())))
    assert (await stranger.picture(name)).status_code == 404


async def test_no_size_beyond_the_cap_leaves(cast: Cast, photo: UUID) -> None:
    guest = outsider(await share(cast, cast.bob, photo, largest_side=1000))
    (name,) = names(await guest.look())
    assert [(await guest.picture(name, size)).status_code for size in ("thumb", "preview", "large", "full")] == [200, 404, 404, 404]
    assert [(await guest.take(name, preset)).status_code for preset in ("web", "original")] == [404, 404]
    whole = outsider(await share(cast, cast.bob, photo, largest_side=None))
    (name,) = names(await whole.look())
    assert (await whole.take(name, "original")).content == picture(7)
    looking = outsider(await share(cast, cast.bob, photo, may_download=False))
    (name,) = names(await looking.look())
    assert (await looking.take(name)).status_code == 404


async def test_views_are_exact_under_two_hundred_at_once(cast: Cast, photo: UUID) -> None:
    made = await share(cast, cast.bob, photo, view_limit=5)
    assert (await outsider(made).look()).status_code == 200, "looking at the door counts nothing"
    answers = await asyncio.gather(*[outsider(made).press() for _ in range(200)])
    assert sum(answer.status_code == 303 for answer in answers) == 5
    assert {answer.status_code for answer in answers} == {303, 410}
    assert (await row(cast, made.row.id)).views == 5
    tells_nothing(await outsider(made).look())


async def test_downloads_are_exact_under_two_hundred_at_once(cast: Cast, photo: UUID) -> None:
    made = await share(cast, cast.bob, photo, download_limit=5, largest_side=None)
    guest = outsider(made)
    (name,) = names(await guest.look())
    answers = await asyncio.gather(*[guest.take(name, "original") for _ in range(200)])
    assert sum(answer.status_code == 200 for answer in answers) == 5
    assert {answer.status_code for answer in answers} == {200, 410}
    assert len(await downloads(cast.container)) == 5
    assert (await row(cast, made.row.id)).downloads == 5


async def test_a_refused_download_is_not_counted(cast: Cast, anna: UUID, photo: UUID) -> None:
    made = await share(cast, cast.bob, photo, download_limit=5)
    guest = outsider(made)
    (name,) = names(await guest.look())
    await withdraw_all(cast, anna)
    tells_nothing(await guest.take(name))
    assert (await row(cast, made.row.id)).downloads == 0


async def test_a_head_opens_and_counts_nothing(cast: Cast, photo: UUID) -> None:
    made = await share(cast, cast.bob, photo)
    guest = outsider(made)
    answer = await guest.http.head(guest.path, headers=HTML)
    assert (answer.status_code, answer.content) == (200, b"")
    assert (await row(cast, made.row.id)).views == 0
    (name,) = names(await guest.look())
    head = await guest.picture(name, method="HEAD")
    assert (head.status_code, head.content) == (200, b"")


async def test_forms_of_other_sites_are_refused(cast: Cast, photo: UUID) -> None:
    made = await share(cast, cast.bob, photo, view_limit=5)
    guest = outsider(made)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = await guest.http.post(f"{guest.path}open", data={"password": ""}, headers=HTML | headers)
        assert answer.status_code == 403
    assert (await guest.http.post(f"{guest.path}open", data={}, headers=HTML | FORM)).status_code == 303


async def test_unknown_addresses_all_look_alike(cast: Cast, photo: UUID) -> None:
    stranger = outsider("http://127.0.0.1:8000/s/never-there/")
    one = await stranger.look()
    tells_nothing(one, 404)
    for path in ("/s/", "/s/x/y/z", f"/s/{'a' * 300}/", "/s/x/photos/y/thumb"):
        answer = await stranger.http.get(path, headers=HTML)
        assert (answer.status_code, answer.text) == (404, one.text)
    for _ in range(60):
        await stranger.look()
    assert (await stranger.look()).status_code == 429


async def test_pages_are_compressed_but_never_what_repeats_its_asker(cast: Cast, photo: UUID) -> None:
    guest = outsider(await share(cast, cast.bob, photo, title="Open dag"))
    page = await guest.look(**{"Accept-Encoding": "gzip"})
    assert (page.headers["content-encoding"], page.headers["vary"]) == ("gzip", "Accept-Language, Accept-Encoding")
    assert "Open dag" in page.text
    assert int(page.headers["content-length"]) < 0.4 * len(page.content)
    assert "content-encoding" not in (await guest.look(**{"Accept-Encoding": "identity"})).headers
    odd = await guest.http.get(f"{guest.path}?lang=en&x=guess", headers=HTML | {"Accept-Encoding": "gzip"})
    assert "content-encoding" not in odd.headers
    assert "guess" not in odd.text
    closed = outsider(await share(cast, cast.bob, photo, password=PASSWORD))
    assert "content-encoding" not in (await closed.press("a guess of ten")).headers
    (name,) = names(page)
    assert "content-encoding" not in (await guest.picture(name)).headers


def test_the_page_is_light(cast: Cast) -> None:
    from photobank.web import public

    whole = len(public._css()) + len(public._text("share.js"))
    assert whole < 20_000
    assert not re.search(r"https?://", public._css())


async def test_the_token_reaches_no_log(cast: Cast, photo: UUID, caplog: pytest.LogCaptureFixture) -> None:
    """Neither what programs write, at their most talkative, nor what the house keeps of who did what."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("somebody").debug("something listens")
    made = await share(cast, cast.bob, photo)
    token = made.url.rstrip("/").rsplit("/", 1)[1]
    guest = outsider(made)
    (name,) = names(await guest.look())
    for size in ("thumb", "no such size"):
        await guest.picture(name, size)
    await guest.take(name)
    await guest.take_all()
    async with cast.scope(cast.bob) as scope:
        await links.end(scope, made.row.id)
    assert (await guest.take(name)).status_code == 410
    async with cast.container.sessions() as db:
        kept = (await db.scalars(text("SELECT row_to_json(audit_events)::text FROM audit_events"))).all()
    # The test's own browser logs what it asks for.
    said = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert len(kept) > 4
    assert "something listens" in said
    assert not [line for line in (*kept, *said) if token in line]

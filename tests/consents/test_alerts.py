"""Coming ends: told once, to those who watch and those who use the photos; mailed once a day or a week, in the reader's language."""

from __future__ import annotations

import asyncio
import email
import email.policy
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.smtp import SMTP

from photobank.access.actor import Actor
from photobank.accounts import users
from photobank.consents import alerts, rules, withdrawal
from photobank.consents.rules import Rule
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import Invalid, Refused
from photobank.kernel.ids import new_id
from photobank.library import folders
from photobank.mail.sender import SmtpSender
from photobank.messaging.jobs import Job
from photobank.messaging.queue import MemoryQueue
from photobank.models.consents import ConsentUse, Download
from photobank.models.shares import Share, ShareAsset, ShareKind
from photobank.settings import Settings
from tests.consents.asking import catch_mail
from tests.factories import add_consent, add_person, add_photo
from tests.house import TODAY, Cast, audit_of
from workers import alerts as jobs

END = TODAY + timedelta(days=365)


async def by_the_clock(cast: Cast) -> None:
    """What the worker does, and then its jobs."""
    ctx = {"container": cast.container}
    await jobs.tell(ctx)
    await jobs.catch_up(ctx)
    queue = cast.container.queue
    assert isinstance(queue, MemoryQueue)
    ours = [args for job, args in queue.jobs if job is Job.send_digest]
    queue.jobs = [one for one in queue.jobs if one[0] is not Job.send_digest]
    for args in ours:
        await jobs.send_digest(ctx, *args)


async def took(cast: Cast, actor: Actor, photo: UUID) -> None:
    async with cast.scope(cast.alice) as scope:
        row = Download(id=new_id(), asset_id=photo, user_id=actor.user_id, preset="web", use_id="website", created_at=scope.now())
        row.media_type, row.size = "image/jpeg", 1
        scope.db.add(row)


async def shared(cast: Cast, actor: Actor, photo: UUID) -> None:
    async with cast.scope(cast.alice) as scope:
        id_ = new_id()
        scope.db.add(
            Share(
                id=id_, user_id=actor.user_id, kind=ShareKind.link, use_id="website", token_hash=id_.bytes, created_at=scope.now()
            )
        )
        await scope.db.flush()
        scope.db.add(ShareAsset(share_id=id_, asset_id=photo, name="a", position=0))


async def anna_ends(cast: Cast, **more: Any) -> tuple[UUID, UUID, UUID]:
    """Anna, her photo, and her consent that ends in a year."""
    anna = await add_person(cast.container, "Anna de Vries")
    photo = await add_photo(cast.container, cast.shared, [anna], with_bytes=False)
    row = await add_consent(cast.container, cast.rita, anna, "website", "social", valid_until=END, **more)
    return anna, photo, row.id


async def told(cast: Cast, actor: Actor) -> list[tuple[str, str, tuple[str, ...]]]:
    async with cast.scope(actor) as scope:
        return [(row.person_name, row.why, row.uses) for row in (await alerts.mine(scope)).items]


async def test_those_who_watch_and_those_who_used_the_photos_are_told_once(cast: Cast, clock: TurnableClock) -> None:
    _, photo, consent_id = await anna_ends(cast)
    clock.turn_to(END - timedelta(days=31))
    await took(cast, cast.bob, photo)
    await by_the_clock(cast)
    assert await told(cast, cast.petra) == []
    clock.turn(timedelta(days=2))
    for _ in range(3):
        await by_the_clock(cast)
    uses = ("social", "website")
    assert await told(cast, cast.petra) == await told(cast, cast.alice) == [("Anna de Vries", "oversight", uses)]
    assert await told(cast, cast.bob) == [("Anna de Vries", "used", uses)]
    assert await told(cast, cast.rita) == [], "she used none"
    (event,) = await audit_of(cast.container, "consent:tell-end")
    assert (event.consent_id, event.payload) == (consent_id, {"ends_at": END.isoformat(), "people": 3})


async def test_an_open_share_counts_as_using_and_a_download_of_long_ago_does_not(cast: Cast, clock: TurnableClock) -> None:
    anna, photo, _ = await anna_ends(cast)
    await took(cast, cast.rita, photo)
    await shared(cast, cast.bob, photo)
    clock.turn_to(END + timedelta(days=100))
    row = await add_consent(cast.container, cast.rita, anna, "website", valid_until=clock.now() + timedelta(days=20))
    await by_the_clock(cast)
    assert [why for _, why, _ in await told(cast, cast.bob)] == ["used"]
    assert await told(cast, cast.rita) == []
    async with cast.scope(cast.petra) as scope:
        assert [one.consent_id for one in (await alerts.mine(scope)).items] == [row.id]


async def test_two_workers_at_once_tell_once(cast: Cast, clock: TurnableClock) -> None:
    await anna_ends(cast)
    clock.turn_to(END - timedelta(days=3))
    await asyncio.gather(*(jobs.tell({"container": cast.container}) for _ in range(3)))
    assert len(await audit_of(cast.container, "consent:tell-end")) == 1


async def test_what_was_withdrawn_or_is_out_of_sight_is_told_no_more(cast: Cast, clock: TurnableClock) -> None:
    _, photo, consent_id = await anna_ends(cast)
    clock.turn_to(END - timedelta(days=10))
    await took(cast, cast.bob, photo)
    await by_the_clock(cast)
    async with cast.scope(cast.alice) as scope:
        (grant,) = [one for one in await folders.grants(scope, cast.shared) if one.principal == str(cast.bob.user_id)]
        await folders.take(scope, cast.shared, grant.id)
    assert await told(cast, cast.bob) == []
    async with cast.scope(cast.bob) as scope:
        assert await alerts.unseen(scope) == 0
    async with cast.scope(cast.rita) as scope:
        await withdrawal.withdraw(scope, consent_id, ["social"])
    assert await told(cast, cast.petra) == [("Anna de Vries", "oversight", ("website",))]
    async with cast.scope(cast.rita) as scope:
        await withdrawal.withdraw(scope, consent_id)
    assert await told(cast, cast.petra) == []


async def test_uses_of_one_record_that_end_on_two_days_are_two_ends(cast: Cast, clock: TurnableClock) -> None:
    _, _, consent_id = await anna_ends(cast)
    async with cast.scope(cast.alice) as scope:
        use = await scope.db.get_one(ConsentUse, (consent_id, "social"))
        use.valid_until = END - timedelta(days=100)
    clock.turn_to(END - timedelta(days=120))
    await by_the_clock(cast)
    assert await told(cast, cast.petra) == [("Anna de Vries", "oversight", ("social",))]
    clock.turn_to(END - timedelta(days=20))
    await by_the_clock(cast)
    assert await told(cast, cast.petra) == [("Anna de Vries", "oversight", ("website",))]


async def test_looking_takes_the_count_away_and_not_the_alert(cast: Cast, clock: TurnableClock) -> None:
    await anna_ends(cast)
    clock.turn_to(END - timedelta(days=5))
    await by_the_clock(cast)
    async with cast.scope(cast.petra) as scope:
        assert await alerts.unseen(scope) == 1
        await alerts.look(scope)
    async with cast.scope(cast.petra) as scope:
        assert await alerts.unseen(scope) == 0
        assert [row.seen_at for row in (await alerts.mine(scope)).items] == [clock.now()]
    async with cast.scope(cast.alice) as scope:
        assert await alerts.unseen(scope) == 1


async def test_alerts_come_in_pages(cast: Cast, clock: TurnableClock) -> None:
    for name in ("Anna", "Bert", "Cees"):
        person = await add_person(cast.container, name)
        await add_photo(cast.container, cast.shared, [person], with_bytes=False)
        await add_consent(cast.container, cast.rita, person, "website", valid_until=END)
    clock.turn_to(END - timedelta(days=5))
    await by_the_clock(cast)
    seen, cursor = [], None
    async with cast.scope(cast.petra) as scope:
        for _ in range(3):
            page = await alerts.mine(scope, cursor=cursor, limit=1)
            seen += [row.person_name for row in page.items]
            cursor = page.next_cursor
    assert (sorted(seen), cursor) == (["Anna", "Bert", "Cees"], None)


async def test_the_period_is_the_organisations(cast: Cast, clock: TurnableClock) -> None:
    await anna_ends(cast)
    clock.turn_to(END - timedelta(days=50))
    await by_the_clock(cast)
    assert await told(cast, cast.petra) == []
    async with cast.scope(cast.petra) as scope:
        await rules.decide(scope, Rule(60))
    await by_the_clock(cast)
    assert len(await told(cast, cast.petra)) == 1
    (event,) = await audit_of(cast.container, "consent:set-rule")
    assert event.payload == {"alert_days": 60, "archive_days": 30, "delete_days": None}


@pytest.mark.parametrize("rule", [Rule(0), Rule(366), Rule(30, -1), Rule(30, 30, 0), Rule(30, None, 10)])
async def test_a_rule_makes_sense(cast: Cast, rule: Rule) -> None:
    async with cast.scope(cast.petra) as scope:
        with pytest.raises(Invalid):
            await rules.decide(scope, rule)


async def test_the_rule_is_for_those_who_answer_for_it(cast: Cast) -> None:
    for actor in (cast.bob, cast.rita, cast.charlie):
        with pytest.raises(Refused):
            async with cast.scope(actor) as scope:
                await rules.decide(scope, Rule(60))


async def test_one_digest_a_day_in_the_readers_language(cast: Cast, clock: TurnableClock) -> None:
    mail = catch_mail(cast.container)
    _, photo, _ = await anna_ends(cast)
    await took(cast, cast.bob, photo)
    async with cast.scope(cast.bob) as scope:
        await users.set_preferences(scope, language="en")
    clock.turn_to((END - timedelta(days=29)).replace(hour=1))
    await by_the_clock(cast)
    assert mail.letters == [], "not in the night"
    clock.turn(timedelta(hours=8))
    for _ in range(3):
        await by_the_clock(cast)
    subjects = {letter.to: letter.subject for letter in mail.letters}
    dutch = "1 toestemming loopt binnenkort af"
    assert subjects == {"alice@lelie.example": dutch, "petra@lelie.example": dutch, "bob@lelie.example": "1 consent ends soon"}
    assert len(mail.letters) == 3
    (bobs,) = [letter for letter in mail.letters if letter.to == "bob@lelie.example"]
    for words in ("Anna de Vries: ", " – until 23 November 2027", "/people/", "/account/"):
        assert words in bobs.text
    lacking = {letter.to for letter in mail.letters if "Geen e-mailadres" in letter.text}
    assert lacking == {"alice@lelie.example", "petra@lelie.example"}, "for who may do something about it"
    clock.turn(timedelta(days=1))
    await by_the_clock(cast)
    assert len(mail.letters) == 3, "nothing new, no mail"
    assert {event.user_id for event in await audit_of(cast.container, "digest:send")} == {
        cast.alice.user_id, cast.bob.user_id, cast.petra.user_id
    }  # fmt: skip


async def test_weekly_is_once_a_week_and_off_is_never(cast: Cast, clock: TurnableClock) -> None:
    mail = catch_mail(cast.container)
    for actor, digest in ((cast.petra, "weekly"), (cast.alice, "off")):
        async with cast.scope(actor) as scope:
            await users.set_preferences(scope, digest=digest)
    for count in range(1, 4):
        person = await add_person(cast.container, f"Persoon {count}")
        await add_photo(cast.container, cast.shared, [person], with_bytes=False)
        await add_consent(cast.container, cast.rita, person, "website", valid_until=TODAY + timedelta(days=30 + count))
    for _ in range(8):  # TODAY is a Monday; the ends come near on Tuesday, Wednesday and Thursday
        clock.turn(timedelta(days=1))
        await by_the_clock(cast)
    assert [(letter.to, letter.subject) for letter in mail.letters] == [
        ("petra@lelie.example", "1 toestemming loopt binnenkort af"),
        ("petra@lelie.example", "2 toestemmingen lopen binnenkort af"),
    ]
    async with cast.scope(cast.alice) as scope:
        assert await alerts.unseen(scope) == 3, "without mail they are told all the same"
        with pytest.raises(Invalid):
            await users.set_preferences(scope, digest="hourly")


async def test_a_viewer_hears_of_photos_and_not_of_people(cast: Cast, clock: TurnableClock) -> None:
    mail = catch_mail(cast.container)
    _, photo, _ = await anna_ends(cast)
    await cast.grant(cast.charlie, cast.shared, "download")
    clock.turn_to(END - timedelta(days=29))
    await took(cast, cast.charlie, photo)
    await by_the_clock(cast)
    (letter,) = [one for one in mail.letters if one.to == "charlie@lelie.example"]
    assert "1 foto: t/m 23 november 2027" in letter.text
    assert "Anna" not in letter.text + letter.html + letter.subject
    assert "/library/" in letter.text


async def test_a_server_that_is_away_gets_it_later_and_no_address_is_no_loop(cast: Cast, clock: TurnableClock) -> None:
    mail = catch_mail(cast.container)
    mail.away = True
    mail.unknown = {"alice@lelie.example"}
    await anna_ends(cast)
    clock.turn_to(END - timedelta(days=29))
    await by_the_clock(cast)
    mail.away = False
    await by_the_clock(cast)
    assert mail.letters == []
    clock.turn(timedelta(minutes=1))
    for _ in range(2):
        await by_the_clock(cast)
    assert [letter.to for letter in mail.letters] == ["petra@lelie.example"]


async def test_over_a_real_line_it_is_text_and_html(cast: Cast, clock: TurnableClock) -> None:
    taken: list[Any] = []

    class Box:
        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
            taken.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
            return "250 OK"

    server = await asyncio.get_running_loop().create_server(lambda: SMTP(Box(), hostname="test"), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    cast.container.mailer = SmtpSender(Settings(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none"))
    await anna_ends(cast)
    clock.turn_to(END - timedelta(days=29))
    await by_the_clock(cast)
    server.close()
    assert sorted(one["To"] for one in taken) == ["alice@lelie.example", "petra@lelie.example"]
    plain, html = (taken[0].get_body((kind,)).get_content() for kind in ("plain", "html"))
    for words in ("Anna de Vries", "23 november 2027", "/consents/"):
        assert words in plain
        assert words in html

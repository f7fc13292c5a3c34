"""Letters that do not arrive, over a real SMTP server: the board says so and why, and the right address brings them there."""

from __future__ import annotations

import asyncio
import email
import email.policy
import re
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from photobank.consents import asking, bounces, requests, returned
from photobank.consents.asking import Guardian
from photobank.consents.progress import Progress
from photobank.consents.requests import RequestRow
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import Conflict, Invalid, NotFound, Refused
from photobank.mail.sender import SmtpSender
from photobank.people import persons
from photobank.settings import Settings
from tests.consents.asking import ask, catch_mail, form_named, run_jobs, somebody
from tests.house import Cast, Door, audit_of
from workers import consents as jobs


class Box:
    """`nobody@` does not exist, `full@` is refused once the letter is there, everybody else takes it."""

    def __init__(self) -> None:
        self.taken: list[Any] = []

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address.startswith("nobody@"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if envelope.rcpt_tos[0].startswith("full@"):
            return "552 5.2.2 mailbox full"
        self.taken.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"


@pytest.fixture
async def box(cast: Cast) -> AsyncIterator[Box]:
    taker = Box()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(taker, hostname="test"), "127.0.0.1", 0)
    settings = Settings(smtp_host="127.0.0.1", smtp_port=server.sockets[0].getsockname()[1], smtp_security="none")
    cast.container.mailer = SmtpSender(settings)
    yield taker
    server.close()


async def look(cast: Cast, row: RequestRow) -> tuple[RequestRow, str]:
    async with cast.scope(cast.rita) as scope:
        return await requests.get(scope, row.id), (await bounces.reasons(scope, [row.id])).get(row.id, "")


@pytest.mark.parametrize(("address", "reason"), [("nobody@post.example", "unknown"), ("full@post.example", "refused")])
async def test_refused_is_bounced_and_the_right_address_brings_it(cast: Cast, box: Box, address: str, reason: str) -> None:
    anna = await somebody(cast, email=address)
    row = await ask(cast, anna)
    await run_jobs(cast.container)
    bounced, why = await look(cast, row)
    assert (bounced.progress, why) == (Progress.bounced, reason)
    assert len(await audit_of(cast.container, "mail:bounce")) == 1
    async with cast.scope(cast.rita) as scope:
        again, own = await bounces.correct(scope, row.signers[0].id, " anna@post.example ")
    assert (again.progress, own, again.signers[0].email) == (Progress.queued, anna, "anna@post.example")
    await run_jobs(cast.container)
    (mail,) = box.taken
    assert mail["To"] == "anna@post.example"
    assert re.search(r"/c/[\w-]+/", mail.get_body(("plain",)).get_content())
    assert ((await look(cast, row))[0]).progress is Progress.sent
    (event,) = await audit_of(cast.container, "consent:correct-address")
    assert event.payload == {"request": str(row.id), "role": "subject"}, "and no address"


async def test_the_first_link_leads_nowhere_any_more(cast: Cast, door: Door) -> None:
    """It may have reached whoever has that address by chance."""
    mail = catch_mail(cast.container)
    row = await ask(cast, await somebody(cast, email="typo@post.example"))
    await run_jobs(cast.container)
    old = re.search(r"/c/[\w-]+/", mail.letters[0].text)
    assert old
    async with cast.scope(cast.rita) as scope:
        await bounces.correct(scope, row.signers[0].id, "anna@post.example")
    async with await door.client() as phone:
        assert (await phone.get(old[0])).status_code in (404, 410)


async def test_through_the_api_the_person_is_corrected_too(cast: Cast, door: Door) -> None:
    mail = catch_mail(cast.container)
    mail.unknown = {"nobody@post.example"}
    anna = await somebody(cast, email="nobody@post.example")
    row = await ask(cast, anna)
    await run_jobs(cast.container)
    path = f"/api/v1/consent-requests/signers/{row.signers[0].id}/address"
    async with await door.client(cast.rita) as rita:
        assert (await rita.post(path, json={"email": "anna@post.example"})).json()["progress"] == "queued"
        assert (await rita.post(path, json={"email": "not one"})).status_code == 422
    async with cast.scope(cast.rita) as scope:
        assert (await persons.detail(scope, anna)).email == "anna@post.example"


async def test_a_guardians_address_is_not_the_childs(cast: Cast) -> None:
    catch_mail(cast.container)
    child = await somebody(cast, "Sem", "", born=date(2015, 5, 5))
    row = await ask(cast, child, guardians=(Guardian("Mieke", "typo@post.example"),))
    async with cast.scope(cast.rita) as scope:
        _, own = await bounces.correct(scope, row.signers[0].id, "mieke@post.example")
    assert own is None


async def test_a_server_that_never_answers_ends_as_bounced_and_not_as_under_way(cast: Cast, clock: TurnableClock) -> None:
    mail = catch_mail(cast.container)
    mail.away = True
    row = await ask(cast, await somebody(cast))
    for _ in range(12):
        await jobs.catch_up({"container": cast.container})
        await run_jobs(cast.container)
        clock.turn(timedelta(days=1))
    bounced, why = await look(cast, row)
    assert (bounced.progress, why) == (Progress.bounced, "away")


async def test_what_may_not_be_corrected(cast: Cast) -> None:
    catch_mail(cast.container)
    anna = await somebody(cast)
    await form_named(cast)
    row = await ask(cast, anna)
    signer = row.signers[0].id
    async with cast.scope(cast.rita) as scope:
        for wrong in ("", "a@b", "a@b.example\nBcc: x@y.example", "x" * 300 + "@post.example"):
            with pytest.raises(Invalid):
                await bounces.correct(scope, signer, wrong)
        with pytest.raises(NotFound):
            await bounces.correct(scope, row.id, "anna@post.example")
    with pytest.raises(Refused):
        async with cast.scope(cast.bob) as scope:
            await bounces.correct(scope, signer, "bob@lelie.example")
    async with cast.scope(cast.rita) as scope:
        await asking.cancel(scope, row.id)
        with pytest.raises(Conflict):
            await bounces.correct(scope, signer, "anna@post.example")


def report(mail_id: object, *, action: str = "failed", status: str = "5.1.1", whole: bool = False) -> bytes:
    """What a mail server writes back, hours later; with the letter's headers, or the letter."""
    headers = (
        f"From: photos@lindewaard.example\r\nTo: nobody@post.example\r\nMessage-ID: <{mail_id}.photobank@lindewaard.example>\r\n"
    )
    about = (
        f"Content-Type: message/rfc822\r\n\r\n{headers}\r\nDag Anna"
        if whole
        else f"Content-Type: text/rfc822-headers\r\n\r\n{headers}"
    )
    return (
        "From: MAILER-DAEMON@relay.example\r\nSubject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\r\n\r\n'
        "--B\r\nContent-Type: text/plain\r\n\r\nI am sorry to have to inform you.\r\n"
        "--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; relay.example\r\n\r\n"
        f"Final-Recipient: rfc822; nobody@post.example\r\nAction: {action}\r\nStatus: {status}\r\n\r\n"
        f"--B\r\n{about}\r\n--B--\r\n"
    ).encode()


@pytest.mark.parametrize(
    ("status", "whole", "reason"), [("5.1.1", False, "unknown"), ("5.2.2", True, "refused"), ("nonsense", True, "unknown")]
)
async def test_what_comes_back_later_is_bounced_too(cast: Cast, box: Box, status: str, whole: bool, reason: str) -> None:
    row = await ask(cast, await somebody(cast))
    await run_jobs(cast.container)
    (mail,) = box.taken
    reference = re.match(r"<([0-9a-f-]{36})\.photobank@", mail["Message-ID"])
    assert reference, "the letter can be told by its own name"
    async with cast.scope(cast.rita) as scope:
        assert not await returned.take(scope, report(reference[1], action="delayed", status="4.4.1"))
    assert (await look(cast, row))[0].progress is Progress.sent
    for _ in range(2):
        async with cast.scope(cast.rita) as scope:
            assert await returned.take(scope, report(reference[1], status=status, whole=whole))
    bounced, why = await look(cast, row)
    assert (bounced.progress, why) == (Progress.bounced, reason)
    assert len(await audit_of(cast.container, "mail:bounce")) == 1
    async with cast.scope(cast.rita) as scope:
        await bounces.correct(scope, row.signers[0].id, "anna@post.example")
    await run_jobs(cast.container)
    async with cast.scope(cast.rita) as scope:
        await returned.take(scope, report(reference[1]))
    assert (await look(cast, row))[0].progress is Progress.sent, "the first letter's news is old"


async def test_nothing_else_is_taken_for_a_report(cast: Cast) -> None:
    catch_mail(cast.container)
    await ask(cast, await somebody(cast))
    for message, wrong in (
        (b"Subject: out of office\r\n\r\nback on Monday", Invalid),
        (report("01a21a00-0000-7000-8000-000000000000"), NotFound),
        (report("x"), NotFound),
        (b"x" * (returned.LARGEST + 1), Invalid),
    ):
        with pytest.raises(wrong):
            async with cast.scope(cast.rita) as scope:
                await returned.take(scope, message)
    with pytest.raises(Refused):
        async with cast.scope(cast.bob) as scope:
            await returned.take(scope, report("01a21a00-0000-7000-8000-000000000000"))

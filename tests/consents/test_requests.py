"""Asking: who may, whom, what is refused, what becomes of it when the mail does not arrive; and asking many."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from photobank.audit.tags import Tag
from photobank.clearance import judgement, lacking
from photobank.clearance.verdicts import NextStep, ReasonCode
from photobank.consents import asking, renewing, requests, unasked, withdrawal
from photobank.consents.asking import Guardian
from photobank.consents.progress import Progress
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import Conflict, Invalid, NotFound, Refused
from photobank.mail.sender import SmtpSender
from photobank.models.requests import Mail
from photobank.notices import mails
from photobank.scope import Container
from tests.consents.asking import ask, catch_mail, form_named, run_jobs, somebody
from tests.factories import add_consent, add_person, add_photo
from tests.house import Cast, Door, audit_of
from workers import consents as jobs


async def test_who_may_ask(cast: Cast) -> None:
    catch_mail(cast.container)
    anna = await somebody(cast)
    for actor in (cast.bob, cast.charlie):
        with pytest.raises(Refused):
            await ask(cast, anna, actor=actor)
    hidden = await add_person(cast.container, "Directeur")
    await add_photo(cast.container, cast.closed, [hidden], with_bytes=False)
    with pytest.raises(NotFound):
        await ask(cast, hidden)
    row = await ask(cast, anna)
    async with cast.scope(cast.bob) as scope:
        (seen,) = (await requests.page(scope)).items
    assert (seen.id, seen.signers[0].email, seen.signers[0].name) == (row.id, "", ""), (
        "addresses are for those who deal with people"
    )
    (event,) = await audit_of(cast.container, Tag.consent_requested, "done")
    assert "post.example" not in str(event.payload)


async def test_what_cannot_be_asked(cast: Cast) -> None:
    catch_mail(cast.container)
    nowhere = await somebody(cast, email="")
    with pytest.raises(Invalid) as no_address:
        await ask(cast, nowhere)
    assert no_address.value.fields == {"person_id": "errors.no_address"}
    assert (await ask(cast, nowhere, way="link")).progress is Progress.shown
    with pytest.raises(Invalid):
        await ask(cast, nowhere, way="pigeon")
    child = await somebody(cast, "Sem", "", born=date(2015, 5, 5), guardians=2)
    for wrong in ((), (Guardian("Mieke", "mieke@post.example"),), (Guardian("", "a@b.example"), Guardian("Jan", "b@b.example"))):
        with pytest.raises(Invalid) as problem:
            await ask(cast, child, guardians=wrong)
        assert "guardians" in problem.value.fields
    for address in ("a@b", "a b@c.example", "a@b.example,c@d.example", "a@b.example\nBcc: x@y.example"):
        with pytest.raises(Invalid):
            await ask(cast, child, guardians=(Guardian("Mieke", address), Guardian("Jan", "jan@post.example")))
    ageless = await add_person(cast.container, "Noor", is_minor=True)
    await add_photo(cast.container, cast.shared, [ageless], with_bytes=False)
    with pytest.raises(Invalid) as unknown:
        await ask(cast, ageless, guardians=(Guardian("Mieke", "mieke@post.example"),))
    assert unknown.value.fields == {"person_id": "errors.birth_date_needed"}
    grown = await somebody(cast, "Bea", "bea@post.example")
    with pytest.raises(Invalid):
        await ask(cast, grown, guardians=(Guardian("Mieke", "mieke@post.example"),))


async def test_without_a_mail_server_only_links(cast: Cast) -> None:
    cast.container.mailer = SmtpSender(cast.container.settings)
    anna = await somebody(cast)
    with pytest.raises(Invalid) as problem:
        await ask(cast, anna)
    assert problem.value.fields == {"way": "errors.no_mail_server"}
    assert (await ask(cast, anna, way="link")).progress is Progress.shown


async def test_what_is_asked_is_told_as_the_next_step(cast: Cast) -> None:
    catch_mail(cast.container)
    anna = await somebody(cast)
    asked = await ask(cast, anna)
    async with cast.scope(cast.rita) as scope:
        reason = (await judgement.person_states(scope, anna))["website"].reason
        assert reason is not None
        assert (reason.code, reason.next_step) == (ReasonCode.REQUESTED, NextStep.REMIND)
        await asking.cancel(scope, asked.id)
    async with cast.scope(cast.rita) as scope:
        reason = (await judgement.person_states(scope, anna))["website"].reason
    assert reason is not None
    assert reason.code is ReasonCode.NEVER_ASKED


async def test_a_second_request_on_the_same_form_replaces_the_first(cast: Cast) -> None:
    catch_mail(cast.container)
    anna = await somebody(cast)
    first, second = await ask(cast, anna), await ask(cast, anna, way="link")
    async with cast.scope(cast.rita) as scope:
        assert (await requests.get(scope, first.id)).progress is Progress.cancelled
        assert (await requests.get(scope, second.id)).progress is Progress.shown
        with pytest.raises(Conflict):
            await asking.send_again(scope, first.id)


async def only_mail(container: Container) -> Mail:
    async with container.sessions() as db:
        return (await db.scalars(select(Mail).order_by(col(Mail.created_at).desc()).limit(1))).one()


async def test_mail_that_does_not_arrive_shows_on_the_board(cast: Cast) -> None:
    sender = catch_mail(cast.container)
    sender.unknown.add("anna@post.example")
    asked = await ask(cast, await somebody(cast))
    await run_jobs(cast.container)
    async with cast.scope(cast.rita) as scope:
        assert (await requests.get(scope, asked.id)).progress is Progress.bounced
    assert len(await audit_of(cast.container, Tag.mail_bounced)) == 1
    sender.unknown.clear()
    async with cast.scope(cast.rita) as scope:
        await asking.send_again(scope, asked.id)
    await run_jobs(cast.container)
    async with cast.scope(cast.rita) as scope:
        assert (await requests.get(scope, asked.id)).progress is Progress.sent


async def test_a_mail_server_that_is_away_is_tried_again(cast: Cast, clock: TurnableClock) -> None:
    sender = catch_mail(cast.container)
    sender.away = True
    await ask(cast, await somebody(cast))
    await run_jobs(cast.container)
    mail = await only_mail(cast.container)
    assert (mail.tries, mail.sent_at, mail.failed_at) == (1, None, None)
    sender.away = False
    await jobs.catch_up({"container": cast.container})
    await run_jobs(cast.container)
    assert not sender.letters, "not before its time"
    clock.turn(timedelta(seconds=mails.PAUSES[0] + 1))
    await jobs.catch_up({"container": cast.container})
    await run_jobs(cast.container)
    assert len(sender.letters) == 1
    assert (await only_mail(cast.container)).sent_at is not None
    await jobs.send_mail({"container": cast.container}, str(mail.id))
    assert len(sender.letters) == 1, "a job that runs twice sends once"


async def test_a_letter_for_nothing_is_not_sent(cast: Cast) -> None:
    sender = catch_mail(cast.container)
    asked = await ask(cast, await somebody(cast))
    async with cast.scope(cast.rita) as scope:
        await asking.cancel(scope, asked.id)
    await run_jobs(cast.container)
    assert not sender.letters


async def test_asking_everybody_on_a_selection_who_lacks_a_use(cast: Cast) -> None:
    sender = catch_mail(cast.container)
    anna, bea = await somebody(cast), await somebody(cast, "Bea", "bea@post.example")
    cor, sem = await somebody(cast, "Cor", ""), await somebody(cast, "Sem", "", born=date(2015, 5, 5))
    dirk = await somebody(cast, "Dirk", "dirk@post.example")
    await add_consent(cast.container, cast.rita, bea, "social")
    photo = await add_photo(cast.container, cast.shared, [anna, bea, cor, sem, dirk], with_bytes=False)
    out_of_sight = await add_photo(cast.container, cast.closed, [anna], with_bytes=False)
    await ask(cast, dirk)
    form = await form_named(cast)
    async with cast.scope(cast.rita) as scope:
        people = await lacking.people(scope, [photo], ["social"])
        assert set(people) == {anna, cor, sem, dirk}
        asked = await asking.ask_many(scope, list(people), form)
        with pytest.raises(NotFound):
            await lacking.people(scope, [photo, out_of_sight], ["social"])
    assert (len(asked.made), asked.without_address, asked.minors, asked.waiting) == (1, (cor,), (sem,), (dirk,))
    await run_jobs(cast.container)
    assert {letter.to for letter in sender.letters} == {"anna@post.example", "dirk@post.example"}
    async with cast.scope(cast.bob) as scope:
        with pytest.raises(Refused):
            await asking.ask_many(scope, [anna], form)


async def test_the_preview_says_what_asking_everybody_means(cast: Cast, door: Door) -> None:
    catch_mail(cast.container)
    anna, bea = await somebody(cast), await somebody(cast, "Bea", "bea@post.example")
    cor, sem = await somebody(cast, "Cor", ""), await somebody(cast, "Sem", "", born=date(2015, 5, 5))
    dirk, els = await somebody(cast, "Dirk", "dirk@post.example"), await somebody(cast, "Els", "els@post.example")
    await add_consent(cast.container, cast.rita, bea, "social")
    no = await add_consent(cast.container, cast.rita, els, "social", "website")
    async with cast.scope(cast.rita) as scope:
        await withdrawal.withdraw(scope, no.id, ["social"])
    photos = [
        await add_photo(cast.container, cast.shared, people, with_bytes=False)
        for people in ([anna, bea, cor, sem], [anna, dirk, els])
    ]
    await ask(cast, dirk)
    form = await form_named(cast)
    async with cast.scope(cast.rita) as scope:
        seen = await lacking.preview(scope, photos, ["social"], form)
        both = {one.name: one.lacks for one in await lacking.preview(scope, photos, ["social", "website"], None)}
    assert [(one.name, one.photos, str(one.way)) for one in seen] == [
        ("Anna de Vries", 2, "ask"),
        ("Bea", 1, "covered"),
        ("Cor", 1, "no_address"),
        ("Dirk", 1, "waiting"),
        ("Els", 1, "said_no"),
        ("Sem", 1, "minor"),
    ]
    assert (both["Bea"], both["Els"], both["Anna de Vries"]) == (("website",), ("social",), ("social", "website"))
    body = {"asset_ids": [str(photo) for photo in photos], "uses": ["social"], "template_id": str(form)}
    async with await door.client(cast.rita) as rita:
        said = await rita.post("/api/v1/consent-requests/many/preview", json=body)
        assert [one["way"] for one in said.json()["items"]] == [str(one.way) for one in seen]
        made = await rita.post("/api/v1/consent-requests/many", json=body | {"leave_out": [str(els)]})
        assert {name: len(ids) for name, ids in made.json().items()} == {"made": 1, "without_address": 1, "minors": 1, "waiting": 1}
        assert (await rita.post("/api/v1/consent-requests/many", json=body | {"uses": ["nothing"]})).status_code == 422
    for actor in (cast.bob, cast.charlie):
        with pytest.raises(Refused):
            async with cast.scope(actor) as scope:
                await lacking.preview(scope, photos, ["social"], form)


async def test_who_was_never_asked(cast: Cast) -> None:
    catch_mail(cast.container)
    anna, bea = await somebody(cast), await somebody(cast, "Bea", "")
    cor = await somebody(cast, "Cor", "cor@post.example")
    await add_consent(cast.container, cast.rita, cor, "website")
    async with cast.scope(cast.rita) as scope:
        assert set(await unasked.first(scope, 10)) == {anna, bea}
        assert await unasked.count(scope) == 2
        assert await unasked.mailable(scope, 10) == [anna]
    await ask(cast, anna)
    async with cast.scope(cast.rita) as scope:
        assert await unasked.first(scope, 10) == [bea]


async def test_asking_to_renew_takes_over_the_record(cast: Cast) -> None:
    catch_mail(cast.container)
    anna = await somebody(cast)
    await form_named(cast)
    old = await add_consent(cast.container, cast.rita, anna, "website")
    async with cast.scope(cast.rita) as scope:
        row = await renewing.ask(scope, old.id)
    assert (row.renews, row.person_id) == (old.id, anna)
    async with cast.scope(cast.rita) as scope:
        with pytest.raises(NotFound):
            await renewing.ask(scope, UUID(int=3))

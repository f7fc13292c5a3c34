"""From the request to the record: the mail, the form, the code, the proof; and what a link does not open."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import rfc8785
from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from sqlalchemy import select
from sqlmodel import col

from photobank.audit.tags import Tag
from photobank.clearance import judgement
from photobank.clearance.verdicts import ClearanceState
from photobank.consents import asking, evidence, records, requests, signing
from photobank.consents.progress import Progress
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import NotFound
from photobank.models.people import Person
from photobank.models.requests import ConsentEvidence, ConsentSigner, EvidenceSeal
from tests.consents.asking import Phone, ask, catch_mail, choose_anew, code_in, link_in, on_own_page, run_jobs, somebody
from tests.house import TODAY, Cast, Door, audit_of
from workers import consents as jobs_of_consents

PDFSIG = shutil.which("pdfsig")

DRAWN = json.dumps([[[10, 20], [40, 60], [90, 30], [120, 80]], [[200, 40], [240, 90], [300, 20]]])


async def phone(door: Door, link: str) -> Phone:
    return Phone(await door.client(), link)


async def state(cast: Cast, person_id: UUID, use: str) -> ClearanceState:
    async with cast.scope(cast.rita) as scope:
        return (await judgement.person_states(scope, person_id))[use].state


async def test_from_the_mail_to_the_record(cast: Cast, door: Door) -> None:
    mail = catch_mail(cast.container)
    anna = await somebody(cast)
    asked = await ask(cast, anna)
    assert asked.progress is Progress.queued
    await run_jobs(cast.container)
    (letter,) = mail.letters
    assert (letter.to, letter.sender_name) == ("anna@post.example", "Ziekenhuis De Lelie")
    assert "<a href=" in letter.html

    browser = await phone(door, link_in(letter))
    answer = await browser.open()
    assert answer.status_code == 200
    assert "Anna de Vries" in browser.page
    assert " checked" not in browser.page, "nothing is ticked beforehand"
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"

    await browser.send(uses=["website", "social"], months="24", drawn=DRAWN)
    assert "a•••a@post.example" in browser.page
    assert await state(cast, anna, "website") is ClearanceState.MISSING
    await run_jobs(cast.container)
    await browser.send("code", code="000000" if code_in(mail.letters) != "000000" else "111111")
    assert "klopt niet" in browser.page
    await browser.send("code", code=code_in(mail.letters))
    assert "Getekend, bedankt" in browser.page

    assert await state(cast, anna, "website") is ClearanceState.APPROVED
    assert await state(cast, anna, "print") is ClearanceState.MISSING
    async with cast.scope(cast.rita) as scope:
        row = await requests.get(scope, asked.id)
        assert row.progress is Progress.signed
        assert row.consent_id is not None
        record = await records.get(scope, row.consent_id)
    assert (record.way_in, record.biometric, [use.use for use in record.uses]) == ("email", False, ["social", "website"])
    assert record.valid_until is not None
    assert record.valid_until.astimezone().date() - date(2028, 11, 23) <= timedelta(days=1)

    await run_jobs(cast.container)
    copy = mail.letters[-1]
    assert copy.attachments[0].content.startswith(b"%PDF")
    tags = {event.tag for event in await audit_of(cast.container, Tag.consent_signed)}
    assert tags == {"consent:sign"}


async def test_in_which_countries_it_holds_is_read_before_signing_and_stands_in_the_record(cast: Cast, door: Door) -> None:
    mail, anna = catch_mail(cast.container), await somebody(cast)
    asked = await ask(cast, anna, territories=("NL", "EEA"))
    await run_jobs(cast.container)
    browser = await phone(door, link_in(mail.letters[0]))
    await browser.open()
    assert "Het geldt alleen in: Europese Economische Ruimte, Nederland." in browser.page
    await browser.send(uses=["website"], months="12", typed="Anna de Vries")
    await run_jobs(cast.container)
    await browser.send("code", code=code_in(mail.letters))
    assert "<small>Het geldt alleen in: Europese Economische Ruimte, Nederland.</small>" in browser.page
    async with cast.scope(cast.alice) as scope:
        row = await requests.get(scope, asked.id)
        assert row.consent_id is not None
        kept = json.loads((await evidence.fetch(scope, row.consent_id, "json")).content)
    text = json.dumps(kept, ensure_ascii=False)
    assert "Het geldt alleen in: Europese Economische Ruimte, Nederland." in text


async def signed(cast: Cast, door: Door, tmp_path: Path | None = None) -> tuple[UUID, UUID, Phone]:
    """Anna's consent for the website, signed with a typed name; her phone is on her own page."""
    mail = catch_mail(cast.container)
    anna = await somebody(cast)
    asked = await ask(cast, anna)
    await run_jobs(cast.container)
    browser = await phone(door, link_in(mail.letters[0]))
    await browser.open()
    await browser.send(uses=["website", "internal"], months="12", biometric="yes", typed="Anna de Vries")
    await run_jobs(cast.container)
    await browser.send("code", code=code_in(mail.letters))
    await run_jobs(cast.container)
    async with cast.scope(cast.rita) as scope:
        consent_id = (await requests.get(scope, asked.id)).consent_id
    assert consent_id is not None
    return anna, consent_id, browser


async def test_the_proof_holds_what_was_shown_and_chosen(cast: Cast, door: Door) -> None:
    _anna, consent_id, _browser = await signed(cast, door)
    async with cast.scope(cast.rita) as scope:
        raw = (await evidence.fetch(scope, consent_id, "json")).content
        pdf = (await evidence.fetch(scope, consent_id)).content
        row = await scope.db.get_one(ConsentEvidence, consent_id)
        seal = (await scope.db.scalars(select(EvidenceSeal))).one()
        assert raw not in row.record_ct
    value = json.loads(raw)
    assert rfc8785.dumps(value) == raw
    (part,) = value["signers"]
    assert part["answers"]["uses"]["website"] == "granted"
    assert part["answers"]["uses"]["press"] == "refused"
    assert part["signature"] == {"kind": "typed", "name": "Anna de Vries", "lines": []}
    assert part["shown"]["title"] == "Waarvoor mogen wij foto’s van Anna de Vries gebruiken?"
    assert (part["address"], part["device"]) == ("203.0.113.9", "Telefoon")
    assert part["identity_check"]["kind"] == "code by e-mail"
    assert value["special_category"]["biometric_template"] == "granted"
    (made,) = await audit_of(cast.container, Tag.consent_proven)
    (sealed,) = await audit_of(cast.container, Tag.consent_sealed)
    assert made.payload["record_sha256"] == row.record_hash.hex()
    assert row.pdf_hash is not None
    assert sealed.payload["pdf_sha256"] == row.pdf_hash.hex()

    reader = PdfFileReader(io.BytesIO(pdf))
    (signature,) = reader.embedded_signatures
    trust = ValidationContext(trust_roots=[x509.Certificate.load(seal.certificate)])
    found = await async_validate_pdf_signature(signature, trust)
    assert found.bottom_line, found.summary()
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"

    broken = bytearray(pdf)
    broken[300] ^= 1
    (other,) = PdfFileReader(io.BytesIO(bytes(broken)), strict=False).embedded_signatures
    assert not (await async_validate_pdf_signature(other, trust)).intact


@pytest.mark.skipif(PDFSIG is None, reason="left out: pdfsig is not installed (Debian: poppler-utils)")
async def test_poppler_finds_the_seal_valid_too(cast: Cast, door: Door, tmp_path: Path) -> None:
    _anna, consent_id, _browser = await signed(cast, door)
    async with cast.scope(cast.rita) as scope:
        pdf = (await evidence.fetch(scope, consent_id)).content
    file = tmp_path / "proof.pdf"
    file.write_bytes(pdf)
    said = subprocess.run([str(PDFSIG), "-nocert", str(file)], capture_output=True, text=True, check=False).stdout
    assert "Signature Validation: Signature is Valid." in said, said
    assert "ETSI.CAdES.detached" in said
    assert "Total document signed" in said


async def test_withdrawing_from_the_link(cast: Cast, door: Door) -> None:
    anna, consent_id, browser = await signed(cast, door)
    assert await state(cast, anna, "website") is ClearanceState.APPROVED
    await browser.open("me/")
    await browser.send("withdraw", uses=["website"])
    assert await state(cast, anna, "website") is ClearanceState.REVOKED
    assert await state(cast, anna, "internal") is ClearanceState.APPROVED
    await browser.send("withdraw", uses=["internal", "biometric"])
    assert await state(cast, anna, "internal") is ClearanceState.REVOKED
    async with cast.scope(cast.rita) as scope:
        assert (await records.get(scope, consent_id)).withdrawn_at is not None
    await run_jobs(cast.container)
    assert len(await audit_of(cast.container, Tag.consent_withdrawn)) == 2


async def test_an_old_link_tells_a_stranger_nothing(cast: Cast, door: Door, clock: TurnableClock) -> None:
    _, _, browser = await signed(cast, door)
    stranger = await phone(door, browser.link)
    answer = await stranger.open()
    assert answer.status_code == 200
    assert "Bent u het?" in stranger.page
    for word in ("Anna", "Lelie", "post.example", "website", "Website"):
        assert word not in stranger.page
    for page in ("me/", f"proof/{UUID(int=1)}"):
        await stranger.open(page)
        assert "Anna" not in stranger.page
    await stranger.send("withdraw", uses=["website"])
    assert "Anna" not in stranger.page
    assert not await audit_of(cast.container, Tag.consent_withdrawn)
    clock.turn(timedelta(minutes=31))
    await browser.open("me/")
    assert "Anna" not in browser.page, "who has entered is not in for ever"


async def test_a_lapsed_link_opens_nothing(cast: Cast, door: Door, clock: TurnableClock) -> None:
    mail = catch_mail(cast.container)
    anna = await somebody(cast)
    await ask(cast, anna)
    await run_jobs(cast.container)
    clock.turn(timedelta(days=31))
    browser = await phone(door, link_in(mail.letters[0]))
    await browser.open()
    assert "Anna" not in browser.page
    answer = await browser.send(uses=["website"], months="12", typed="Anna")
    assert "Anna" not in browser.page
    assert answer.status_code in (200, 404, 409)
    assert await state(cast, anna, "website") is ClearanceState.MISSING


async def test_sent_again_the_first_link_is_dead(cast: Cast, door: Door) -> None:
    mail = catch_mail(cast.container)
    asked = await ask(cast, await somebody(cast))
    await run_jobs(cast.container)
    async with cast.scope(cast.rita) as scope:
        await asking.send_again(scope, asked.id)
    await run_jobs(cast.container)
    first, second = (link_in(letter) for letter in mail.letters)
    assert first != second
    assert (await (await phone(door, first)).open()).status_code == 404
    assert (await (await phone(door, second)).open()).status_code == 200
    async with cast.container.sessions() as db:
        kept = (await db.scalars(select(col(ConsentSigner.token_hash)))).one()
    assert second.split("/")[2].encode() not in kept


async def test_no_is_one_click(cast: Cast, door: Door) -> None:
    mail = catch_mail(cast.container)
    anna = await somebody(cast)
    asked = await ask(cast, anna)
    await run_jobs(cast.container)
    browser = await phone(door, link_in(mail.letters[0]))
    await browser.open()
    await browser.send("decline")
    assert "U geeft geen toestemming" in browser.page
    async with cast.scope(cast.rita) as scope:
        assert (await requests.get(scope, asked.id)).progress is Progress.declined
    assert len(await audit_of(cast.container, Tag.consent_declined)) == 1


async def test_a_form_needs_its_token_and_its_own_text(cast: Cast, door: Door) -> None:
    mail = catch_mail(cast.container)
    anna = await somebody(cast)
    await ask(cast, anna)
    await run_jobs(cast.container)
    browser = await phone(door, link_in(mail.letters[0]))
    await browser.open()
    assert (await browser.send(csrf="0" * 64, uses=["website"], months="12", typed="Anna")).status_code == 403
    await browser.open()
    browser.client.headers["Sec-Fetch-Site"] = "cross-site"
    assert (await browser.send(uses=["website"], months="12", typed="Anna")).status_code == 403
    del browser.client.headers["Sec-Fetch-Site"]
    await browser.open()
    assert (await browser.send(digest="0" * 64, uses=["website"], months="12", typed="Anna")).status_code == 422
    assert "veranderd" in browser.page
    for wrong in ({"months": "12", "typed": "Anna"}, {"uses": ["website"], "typed": "Anna"}, {"uses": ["website"], "months": "12"}):
        await browser.open()
        assert (await browser.send(**wrong)).status_code == 422
    await browser.open()
    assert (await browser.send()).status_code == 422
    for word in ("Kruis aan wat mag", "Kies hoe lang", "Typ uw naam, of teken"):
        assert f"<li>{word}" in browser.page, "everything that is missing, at once"
    await browser.open()
    assert (await browser.send(uses=["evil"], months="12", typed="Anna")).status_code == 422
    assert (await browser.send(uses=["website"], months="7", typed="Anna")).status_code == 422


async def test_a_code_is_tried_six_times_and_lasts_a_quarter_of_an_hour(cast: Cast, door: Door, clock: TurnableClock) -> None:
    mail = catch_mail(cast.container)
    anna = await somebody(cast)
    await ask(cast, anna)
    await run_jobs(cast.container)
    browser = await phone(door, link_in(mail.letters[0]))
    await browser.open()
    await browser.send(uses=["website"], months="12", typed="Anna")
    await run_jobs(cast.container)
    right = code_in(mail.letters)
    wrong = "123456" if right != "123456" else "654321"
    for _ in range(signing.MOST_TRIES):
        await browser.send("code", code=wrong)
    await browser.send("code", code=right)
    assert "niet meer geldig" in browser.page
    await browser.send("again")
    await run_jobs(cast.container)
    assert code_in(mail.letters) != right
    clock.turn(timedelta(minutes=16))
    await browser.send("code", code=code_in(mail.letters))
    assert "niet meer geldig" in browser.page
    assert await state(cast, anna, "website") is ClearanceState.MISSING


async def test_both_guardians_sign_and_what_one_refuses_is_not_allowed(cast: Cast, door: Door) -> None:
    mail = catch_mail(cast.container)
    born = date(2013, 3, 1)
    child = await somebody(cast, "Sem", "", born=born, guardians=2)
    parents = (asking.Guardian("Mieke Smit", "mieke@post.example"), asking.Guardian("Jan Smit", "jan@post.example"))
    asked = await ask(cast, child, starter="education_minor", guardians=parents)
    await run_jobs(cast.container)
    assert {letter.to for letter in mail.letters} == {"mieke@post.example", "jan@post.example"}
    links = {letter.to: link_in(letter) for letter in mail.letters}
    for name, uses in (("mieke", ["school_guide", "website"]), ("jan", ["school_guide", "press"])):
        browser = await phone(door, links[f"{name}@post.example"])
        await browser.open()
        await browser.send(uses=uses, months="12", typed=name)
        await run_jobs(cast.container)
        await browser.send("code", code=code_in(mail.letters))
        if name == "mieke":
            assert "uw deel is getekend" in browser.page
            assert await state(cast, child, "school_guide") is ClearanceState.MISSING
    assert await state(cast, child, "school_guide") is ClearanceState.APPROVED
    for use in ("website", "press"):
        assert await state(cast, child, use) is ClearanceState.MISSING
    async with cast.scope(cast.rita) as scope:
        row = await requests.get(scope, asked.id)
        assert row.consent_id is not None
        record = await records.get(scope, row.consent_id)
    assert record.guardians_signed == 2

    # One of them chooses anew, with the other: on a form each, and it holds once both have signed.
    await run_jobs(cast.container)
    mail.letters.clear()
    await browser.open("me/")
    answer = await browser.send("renew")
    browser.link = answer.url.path
    await run_jobs(cast.container)
    (asking_mieke,) = mail.letters
    assert asking_mieke.to == "mieke@post.example"
    for one in (browser, await phone(door, link_in(asking_mieke))):
        await one.open()
        await one.send(uses=["website"], months="12", typed="ouder")
        await run_jobs(cast.container)
        await one.send("code", code=code_in(mail.letters))
    assert await state(cast, child, "website") is ClearanceState.APPROVED
    assert await state(cast, child, "school_guide") is ClearanceState.REVOKED, "unticked by both is a no"


async def test_a_minor_is_asked_up_to_the_birthday(cast: Cast, door: Door, clock: TurnableClock) -> None:
    mail = catch_mail(cast.container)
    child = await somebody(cast, "Lot", "", born=date(2011, 2, 3))
    asked = await ask(cast, child, starter="education_minor", guardians=(asking.Guardian("Mieke", "mieke@post.example"),))
    await run_jobs(cast.container)
    browser = await phone(door, link_in(mail.letters[0]))
    await browser.open()
    assert "2 februari 2027" in browser.page
    await browser.send(uses=["website"], months="12", typed="Mieke")
    await run_jobs(cast.container)
    await browser.send("code", code=code_in(mail.letters))
    async with cast.scope(cast.rita) as scope:
        row = await requests.get(scope, asked.id)
        assert row.consent_id is not None
        until = (await records.get(scope, row.consent_id)).valid_until
    assert until is not None
    assert until.isoformat() == "2027-02-02T23:00:00+00:00"
    clock.turn(until - TODAY)
    assert await state(cast, child, "website") is not ClearanceState.APPROVED
    await browser.open()
    await browser.send("knock")
    await run_jobs(cast.container)
    assert (await browser.send("enter", code=code_in(mail.letters))).status_code == 404, "the child decides from now on"


async def test_a_form_for_guardians_closes_on_the_birthday(cast: Cast, door: Door, clock: TurnableClock) -> None:
    mail = catch_mail(cast.container)
    child = await somebody(cast, "Lot", "", born=TODAY.date().replace(year=TODAY.year - 16) + timedelta(days=3))
    await ask(cast, child, starter="education_minor", guardians=(asking.Guardian("Mieke", "mieke@post.example"),))
    await run_jobs(cast.container)
    browser = await phone(door, link_in(mail.letters[0]))
    await browser.open()
    clock.turn(timedelta(days=4))
    assert (await browser.send(uses=["website"], months="12", typed="Mieke")).status_code == 404, "it was open when the day came"
    assert (await browser.open()).status_code == 404
    assert "Lot" not in browser.page
    clock.turn(timedelta(days=5))
    await jobs_of_consents.ask_again({"container": cast.container})
    await run_jobs(cast.container)
    assert len(mail.letters) == 1, "nobody is reminded of a form that is closed"


async def test_what_was_drawn_is_there_still_when_something_else_was_missing(cast: Cast, door: Door) -> None:
    mail = catch_mail(cast.container)
    await ask(cast, await somebody(cast))
    await run_jobs(cast.container)
    browser = await phone(door, link_in(mail.letters[0]))
    await browser.open()
    lines = "[[[10,10],[20,30],[40,50],[60,40],[80,20],[90,10]]]"
    await browser.send(uses=["website"], drawn=lines)
    assert "Kies hoe lang" in browser.page
    assert f'name="drawn" value="{lines}"' in browser.page
    await browser.send(uses=["website"], months="12", drawn="[[[1,1]]]")
    assert 'name="drawn" value=""' in browser.page, "a dot is no signature, and is not kept"


async def test_on_a_tablet_nobody_gets_a_code(cast: Cast, door: Door) -> None:
    catch_mail(cast.container)
    anna = await somebody(cast, email="")
    asked = await ask(cast, anna, way="kiosk")
    async with cast.scope(cast.rita) as scope:
        link = await asking.link_of(scope, asked.signers[0].id)
    browser = await phone(door, link.removeprefix(cast.container.settings.origin))
    await browser.open()
    await browser.send(uses=["website"], months="12", typed="Anna")
    assert "Hier is alles gedaan" in browser.page
    assert await state(cast, anna, "website") is ClearanceState.APPROVED


async def test_a_tablet_asks_no_code_of_who_has_an_address_either(cast: Cast, door: Door) -> None:
    mail = catch_mail(cast.container)
    asked = await ask(cast, await somebody(cast), way="kiosk")
    async with cast.scope(cast.rita) as scope:
        link = await asking.link_of(scope, asked.signers[0].id)
    browser = await phone(door, link.removeprefix(cast.container.settings.origin))
    await browser.open()
    assert "data-kiosk" in browser.page
    await browser.send(uses=["website"], months="12", typed="Anna")
    assert "Hier is alles gedaan" in browser.page, "and no door to a page of hers"
    await run_jobs(cast.container)
    (copy,) = mail.letters
    assert "kopie" in copy.subject, "no code went out"
    async with cast.scope(cast.rita) as scope:
        consent_id = (await requests.get(scope, asked.id)).consent_id
        assert consent_id is not None
        (part,) = json.loads((await evidence.fetch(scope, consent_id, "json")).content)["signers"]
    assert part["identity_check"]["kind"] != "code by e-mail"
    mine = await phone(door, link_in(copy))
    await mine.open()
    assert "Bent u het?" in mine.page, "the link in the copy leads to the door"


async def test_renewing_from_the_link_asks_anew(cast: Cast, door: Door) -> None:
    anna, _, browser = await signed(cast, door)
    await browser.open("me/")
    fields = browser.page
    answer = await browser.send("renew")
    assert fields
    assert "Waarvoor mogen wij" in answer.text
    async with cast.scope(cast.rita) as scope:
        waiting = [row for row in (await requests.page(scope, person_id=anna)).items if row.progress.waiting]
    assert len(waiting) == 1


async def test_nobody_guesses_links(cast: Cast, door: Door) -> None:
    browser = await phone(door, "/c/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/")
    answers = [(await browser.open()).status_code for _ in range(40)]
    assert set(answers) == {404, 429}


async def test_who_may_not_see_the_person_sees_no_proof(cast: Cast, door: Door) -> None:
    _, consent_id, _ = await signed(cast, door)
    async with cast.scope(cast.petra) as scope:
        assert (await evidence.fetch(scope, consent_id)).content
    async with cast.scope(cast.petra) as scope:
        with pytest.raises(NotFound):
            await evidence.fetch(scope, UUID(int=5))


async def test_choosing_anew_ends_what_is_left_unticked(cast: Cast, door: Door) -> None:
    """Who allowed two uses and now ticks one has said no to the other, at once and on every paper."""
    anna = await somebody(cast)
    browser = await on_own_page(cast, await door.client(), anna, "website", "social", biometric="yes")
    assert await state(cast, anna, "social") is ClearanceState.APPROVED
    await choose_anew(cast, browser, "website", "press")
    assert await state(cast, anna, "social") is ClearanceState.REVOKED
    for use in ("website", "press"):
        assert await state(cast, anna, use) is ClearanceState.APPROVED
    async with cast.scope(cast.rita) as scope:
        assert (await scope.db.get_one(Person, anna)).biometrics_off_at is not None, "recognition was left unticked as well"
    allowed = dict(re.findall(r"<li><b>([^<]+)</b>\s*<span class=\"state (\w+)\"", browser.page))
    assert (allowed["Website"], allowed["Sociale media"]) == ("yes", "no")


async def test_a_form_about_some_photos_ends_nothing_for_the_others(cast: Cast, door: Door) -> None:
    anna = await somebody(cast)
    await on_own_page(cast, await door.client(), anna, "website", "social", biometric="yes")
    mail = catch_mail(cast.container)
    await ask(cast, anna, extent="folder", extent_ids=(cast.shared,))
    await run_jobs(cast.container)
    browser = await phone(door, link_in(mail.letters[-1]))
    await browser.open()
    await browser.send(uses=["press"], months="12", typed="Anna")
    await run_jobs(cast.container)
    await browser.send("code", code=code_in(mail.letters))
    for use in ("website", "social"):
        assert await state(cast, anna, use) is ClearanceState.APPROVED
    async with cast.scope(cast.rita) as scope:
        assert (await scope.db.get_one(Person, anna)).biometrics_off_at is None

"""Forms: sector sets, versions that nothing changes, custom uses, the preview, who may."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from photobank.access.actor import system
from photobank.consents import asking, signing, starters, templates, uses, wording
from photobank.consents.asking import NewRequest
from photobank.i18n.translate import LANGUAGES
from photobank.kernel.errors import Conflict, Invalid, NotFound, Refused
from photobank.models.accounts import Organisation
from tests.consents.asking import somebody
from tests.house import Cast

STARTERS = starters.all_of_them()


@pytest.mark.parametrize("key", STARTERS)
def test_every_form_of_ours_is_whole_and_says_what_the_law_asks(key: str) -> None:
    starter = STARTERS[key]
    content = wording.checked(starter.content)
    assert starter.sector in starters.SECTORS
    assert content["biometric"] is False or starter.regime == "consent"
    for language in LANGUAGES:
        words = content[language]
        assert "{person}" in words["title"]
        assert "{organisation}" in words["terms"] + words["intro"]
        assert "Autoriteit Persoonsgegevens" in words["terms"]
        assert set(words["uses"]) == set(content["uses"])
        everything = str(words)
        assert {slot for slot in ("{gevolg}", "{name}", "{until}") if slot in everything} == set()
    withdraw = "op elk moment intrekken" in content["nl"]["terms"]
    assert withdraw is (starter.regime == "consent")


def test_every_sector_has_a_form_and_healthcare_asks_for_its_own_uses() -> None:
    assert {one.sector for one in STARTERS.values()} == set(starters.SECTORS)
    assert {"patient_reference", "research"} <= set(STARTERS["healthcare_patient"].content["uses"])
    assert {one.regime for one in STARTERS.values()} == {"consent", "release"}


async def test_the_first_look_puts_in_the_sector_s_forms(cast: Cast) -> None:
    async with cast.scope(system()) as scope:
        (await scope.db.get_one(Organisation, 1)).sector = "healthcare"
    async with cast.scope(cast.rita) as scope:
        rows = await templates.list_all(scope)
        assert {row.name_en for row in rows} >= {"Patient consent", "Staff consent (healthcare)", "Portrait consent"}
        assert "patient_reference" in {use.id for use in await uses.list_all(scope)}
    async with cast.scope(cast.rita) as scope:
        assert len(await templates.list_all(scope)) == len(rows)
    async with cast.scope(cast.charlie) as scope:
        with pytest.raises(Refused):
            await templates.list_all(scope)


async def test_a_change_is_a_new_version_and_what_was_asked_stays(cast: Cast) -> None:
    anna = await somebody(cast)
    async with cast.scope(cast.petra) as scope:
        made = await templates.adopt(scope, "general_consent")
        asked = await asking.ask(scope, NewRequest(person_id=anna, template_id=made.row.id, way="link"))
    async with cast.scope(cast.petra) as scope:
        same = await templates.change(scope, made.row.id, made.content)
        assert same.row.version == 1
        other = copy.deepcopy(made.content)
        other["nl"]["title"] = "Iets anders over {person}"
        assert (await templates.change(scope, made.row.id, other)).row.version == 2
        assert (await templates.get(scope, made.row.id, 1)).content == made.content
        assert (await templates.preview(scope, made.row.id, "nl")).title == "Iets anders over Anna de Vries"
        link = (await asking.link_of(scope, asked.signers[0].id)).rstrip("/").rsplit("/", 1)[1]
    async with cast.container.scope(signing.signer_actor("192.0.2.1", "phone")) as scope:
        shown = await signing.form(scope, await signing.look(scope, link), "nl")
    assert shown.title == "Waarvoor mogen wij foto’s van Anna de Vries gebruiken?"
    for statement in ("UPDATE consent_template_versions SET content = '{}'", "DELETE FROM consent_template_versions"):
        with pytest.raises((DBAPIError, ProgrammingError)):
            async with cast.container.sessions.begin() as db:
                await db.execute(text(statement))


async def test_reviewers_ask_and_privacy_officers_write(cast: Cast) -> None:
    async with cast.scope(cast.petra) as scope:
        made = await templates.adopt(scope, "general_release")
    for work in (
        lambda scope: templates.change(scope, made.row.id, made.content),
        lambda scope: templates.retire(scope, made.row.id, True),
        lambda scope: templates.adopt(scope, "tourism_event"),
        lambda scope: templates.create(scope, "general", "consent", made.content),
        lambda scope: uses.define(scope, "Kwaad", "Evil"),
    ):
        with pytest.raises(Refused):
            async with cast.scope(cast.rita) as scope:
                await work(scope)


async def test_out_of_use_nobody_is_asked_on_it(cast: Cast) -> None:
    anna = await somebody(cast)
    async with cast.scope(cast.petra) as scope:
        made = await templates.adopt(scope, "general_release")
        await templates.retire(scope, made.row.id, True)
        assert made.row.id not in {row.id for row in await templates.list_all(scope)}
        with pytest.raises(NotFound):
            await asking.ask(scope, NewRequest(person_id=anna, template_id=made.row.id, way="link"))


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (("uses",), [], "uses"),
        (("uses",), ["website", "website"], "uses"),
        (("months",), [0], "months"),
        (("months",), [1, 2, 3, 4, 5, 6, 7], "months"),
        (("nl", "title"), " ", "nl.title"),
        (("en", "terms"), "x" * 12_001, "en.terms"),
        (("en", "uses"), {}, "en.uses"),
        (("nl",), None, "nl.intro"),
    ],
)
async def test_a_form_that_is_not_whole_is_refused(cast: Cast, path: tuple[str, ...], value: Any, field: str) -> None:
    content = copy.deepcopy(STARTERS["general_consent"].content)
    inner: Any = content
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    async with cast.scope(cast.petra) as scope:
        with pytest.raises(Invalid) as problem:
            await templates.create(scope, "general", "consent", content)
    assert field in problem.value.fields


async def test_a_use_of_one_s_own(cast: Cast) -> None:
    async with cast.scope(cast.petra) as scope:
        made = await uses.define(scope, "Posters in de hal", "Posters in the hall!", outside=False)
        assert (made.id, made.outside) == ("posters_in_the_hall", False)
        content = copy.deepcopy(STARTERS["general_consent"].content)
        content["uses"] = [made.id]
        for language in LANGUAGES:
            content[language]["uses"] = {made.id: "Alleen in de hal."}
        assert (await templates.create(scope, "general", "consent", content)).row.uses == (made.id,)
    async with cast.scope(cast.petra) as scope:
        with pytest.raises(Conflict):
            await uses.define(scope, "Anders", "Posters in the hall")
        with pytest.raises(Invalid):
            await uses.define(scope, "", "!!!")


def test_a_name_that_looks_like_a_slot_stays_what_it_is() -> None:
    assert wording.filled("{person} en {organisation}", "De Lelie", "{organisation}") == "{organisation} en De Lelie"

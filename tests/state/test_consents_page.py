"""What the consents page and the forms page read: columns, counts, and nothing for who may not see it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from photobank.consents import alerts, records, requests, rules, templates, withdrawal
from photobank.delivery import release
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import Refused
from photobank.kernel.ids import new_id
from state import consents_over_time
from state.admin_rules import NEVER, RuleView, _days, read_rule
from state.base import read_alerts
from state.consent_forms import _content, read_forms
from state.consents import read_board
from state.consents_over_time import read_lines
from state.endings import read_endings
from tests.consents.asking import ask, catch_mail, form_named, run_jobs, somebody
from tests.factories import add_consent, add_person, add_photo
from tests.house import TODAY, Cast
from workers.alerts import tell


async def test_each_stands_in_one_column(cast: Cast) -> None:
    catch_mail(cast.container)
    never, waiting, signed = await somebody(cast, "Nooit"), await somebody(cast, "Wacht"), await somebody(cast, "Getekend")
    ending, gone = await somebody(cast, "Loopt af"), await somebody(cast, "Weg")
    hidden = await add_person(cast.container, "Directeur")
    await add_photo(cast.container, cast.closed, [hidden], with_bytes=False)
    await ask(cast, waiting)
    await run_jobs(cast.container)
    await add_consent(cast.container, cast.rita, signed, "website")
    await add_consent(cast.container, cast.rita, ending, "website", valid_until=TODAY + timedelta(days=10))
    row = await add_consent(cast.container, cast.rita, gone, "website", "social")
    async with cast.scope(cast.rita) as scope:
        await withdrawal.withdraw(scope, row.id)
    async with cast.scope(cast.rita) as scope:
        board = await read_board.read(scope, cards=20)
    columns = {name: [card.person_id for card in board[name]] for name in ("unasked", "waiting", "signed", "expiring", "ended")}
    assert columns == {
        "unasked": [str(never)], "waiting": [str(waiting)], "signed": [str(signed)], "expiring": [str(ending)], "ended": [str(gone)],
    }  # fmt: skip
    assert board["counts"] == dict.fromkeys(columns, 1)
    (card,) = board["waiting"]
    assert (card.note, card.step, card.may_resend) == ("progress_sent", 1, True)
    assert [chip.off for chip in board["ended"][0].uses] == [True, True]
    assert board["expiring"][0].may_renew
    async with cast.scope(cast.charlie) as scope:
        with pytest.raises(Refused):
            await read_board.read(scope, cards=20)


async def test_a_letter_that_bounced_says_why_and_offers_the_way_on(cast: Cast) -> None:
    mail = catch_mail(cast.container)
    mail.unknown = {"typo@post.example"}
    row = await ask(cast, await somebody(cast, email="typo@post.example"))
    await run_jobs(cast.container)
    async with cast.scope(cast.rita) as scope:
        (card,) = (await read_board.read(scope, cards=20))["waiting"]
    assert (card.note, card.trouble, card.bounced) == ("bounced_unknown", True, str(row.signers[0].id))


async def test_everybody_on_one_axis_a_page_at_a_time(cast: Cast, clock: TurnableClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consents_over_time, "PEOPLE", 1)
    anna, bea = await somebody(cast, "Anna", ""), await somebody(cast, "Bea", "")
    await add_consent(cast.container, cast.rita, anna, "website", valid_until=TODAY + timedelta(days=10))
    await add_consent(cast.container, cast.rita, bea, "social", signed_at=TODAY, valid_until=TODAY + timedelta(days=20))
    async with cast.scope(cast.rita) as scope:
        first = await read_lines.read(scope, after="")
        second = await read_lines.read(scope, after=first["next_page"])
        again = await read_lines.read(scope, after=str(new_id()))
    assert [line.name for line in (*first["lines"], *second["lines"], *again["lines"])] == ["Anna", "Bea", "Anna"]
    assert (first["next_page"], second["next_page"]) == (str(anna), "")
    assert first["today"] == second["today"]
    assert [year.label for year in first["years"]] == ["2026", "2028"], "today's name stands where that of 2027 would"
    (track,) = first["lines"][0].line.tracks
    assert (track.use, [bar.kind for bar in track.bars]) == ("website", ["soon"])
    clock.turn(timedelta(days=800))
    async with cast.scope(cast.rita) as scope:
        later = await read_lines.read(scope, after="")
    assert later["lines"][0].line.tracks == [], "what ended before the first year is not a sliver at the edge"
    async with cast.scope(cast.charlie) as scope:
        with pytest.raises(Refused):
            await read_lines.read(scope, after="")


async def test_the_rail_counts_what_one_has_not_looked_at(cast: Cast, clock: TurnableClock) -> None:
    anna = await somebody(cast, "Anna", "")
    await add_consent(cast.container, cast.rita, anna, "website", valid_until=TODAY + timedelta(days=10))
    await tell({"container": cast.container})
    async with cast.scope(cast.petra) as scope:
        assert await read_alerts.read(scope) == {"to_consents": "1"}
        await alerts.look(scope)
        assert await read_alerts.read(scope) == {"to_consents": ""}


async def test_the_rule_page_says_what_holds_and_what_was_done(cast: Cast) -> None:
    async with cast.scope(cast.petra) as scope:
        page = await read_rule.read(scope)
        assert (page["rule"], page["archived"], page["next_deletion"]) == (RuleView(30, 30, NEVER), 0, "")
        await rules.decide(scope, rules.Rule(14, None))
        assert (await read_rule.read(scope))["rule"] == RuleView(14, NEVER, NEVER)
    async with cast.scope(cast.rita) as scope:
        with pytest.raises(Refused):
            await read_rule.read(scope)


@pytest.mark.parametrize(("text", "days"), [("", None), ("0", 0), ("30", 30), ("-1", NEVER), ("x", NEVER), ("9999999", NEVER)])
def test_days_as_they_are_typed(text: str, days: int | None) -> None:
    assert _days(text) == days


async def test_what_is_sent_back_unchanged_makes_no_version(cast: Cast) -> None:
    form_id = await form_named(cast)
    async with cast.scope(cast.petra) as scope:
        page = await read_forms.read(scope, form_id=form_id)
        form, known = page["form"], {use.id: use for use in page["form"].uses}
        sent = {f"use_{id_}": "yes" for id_, use in known.items() if use.on} | {"months": form.months, "biometric": "yes"}
        sent |= {key.replace(".", "_"): words for key, words in form.words.items()}
        for language in ("nl", "en"):
            sent |= {f"{language}_use_{id_}": getattr(use, language) for id_, use in known.items()}
        before = await templates.get(scope, form_id)
        content = _content(sent, before, list(known.values()))  # type: ignore[arg-type]
        assert (await templates.change(scope, form_id, content)).row.version == 1
        assert page["may_change"]
        assert page["nl"].title.startswith("Waarvoor mogen wij")
    async with cast.scope(cast.rita) as scope:
        assert not (await read_forms.read(scope, form_id=None))["may_change"]
        assert (await requests.count(scope)) == {}


async def test_who_used_a_photo_reads_what_ends_and_when(cast: Cast, clock: TurnableClock) -> None:
    anna, bea = await somebody(cast, "Anna", ""), await somebody(cast, "Bea", "")
    photo = await add_photo(cast.container, cast.shared, [anna], seed=41)
    async with cast.scope(cast.bob) as scope:
        assert (await read_endings.read(scope, shown=30))["status"] == "empty"
    for person, days in ((anna, 10), (bea, 12)):
        await add_consent(cast.container, cast.rita, person, "website", valid_until=TODAY + timedelta(days=days))
    async with cast.scope(cast.bob) as scope:
        await release.download(scope, photo, "original", "website")
    await tell({"container": cast.container})
    async with cast.scope(cast.bob) as scope:
        assert await read_alerts.read(scope) == {"to_consents": "1"}
        page = await read_endings.read(scope, shown=30)
    (row,) = page["rows"]
    assert (row.name, row.why, row.left, row.photos, [use.en for use in row.uses]) == ("Anna", "used", 10, 2, ["Website"])
    async with cast.scope(cast.petra) as scope:
        both = await read_endings.read(scope, shown=1)
        assert ([one.name for one in both["rows"]], both["more"]) == (["Anna"], True)
        assert {one.why for one in (await read_endings.read(scope, shown=30))["rows"]} == {"oversight"}
    async with cast.scope(cast.rita) as scope:
        await withdrawal.withdraw(scope, (await records.page(scope, person_id=anna)).items[0].id)
    async with cast.scope(cast.bob) as scope:
        assert (await read_endings.read(scope, shown=30))["status"] == "empty", "what was taken back ends no more"
    with pytest.raises(Refused):
        async with cast.scope(cast.charlie) as scope:
            await read_endings.read(scope, shown=30)

"""What the consents page and the forms page read: columns, counts, and nothing for who may not see it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from photobank.consents import requests, templates, withdrawal
from photobank.kernel.errors import Refused
from state.consent_forms import _content, read_forms
from state.consents import read_board
from tests.consents.asking import ask, catch_mail, form_named, run_jobs, somebody
from tests.factories import add_consent, add_person, add_photo
from tests.house import TODAY, Cast


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

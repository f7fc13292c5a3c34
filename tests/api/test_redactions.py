"""Photos with people made unrecognisable, over HTTP: offered, looked at, taken, and refused where no hiding helps."""

from __future__ import annotations

import io
from uuid import UUID, uuid4

from PIL import Image

from photobank.people import review
from tests.api.given import V1, problem
from tests.delivery.given import downloads
from tests.factories import add_consent, add_person, add_photo, change_asset
from tests.house import TODAY, Cast, Door


async def test_what_is_offered_is_what_one_gets(cast: Cast, door: Door) -> None:
    anna, ben = [await add_person(cast.container, name) for name in ("Anna", "Ben")]
    await add_consent(cast.container, cast.alice, anna, "social")
    photo = await add_photo(cast.container, cast.shared, [anna], seed=82)
    async with cast.scope(cast.alice) as scope:
        await review.draw(scope, photo, (0.7, 0.1, 0.2, 0.3), ben)
    where = f"{V1}/assets/{photo}"
    async with await door.client(cast.bob) as http:
        ask = {"preset": "web", "use": "social"}
        problem(await http.post(f"{where}/downloads", json=ask), 403, "clearance_refused")
        assert (await http.get(f"{where}/redactions")).json()["items"] == [{"use": "social", "people": 1}]
        seen = await http.get(f"{where}/redacted?use=social")
        assert (seen.status_code, seen.headers["photobank-hidden"], seen.headers["cache-control"]) == (
            200,
            "1",
            "private, no-store",
        )
        assert Image.open(io.BytesIO(seen.content)).format == "WEBP"
        got = await http.post(f"{where}/downloads", json=ask | {"redacted": True})
        assert (got.status_code, got.headers["photobank-hidden"]) == (200, "1")
        assert 'filename="IMG_0082-redacted.jpg"' in got.headers["content-disposition"]
        (logged,) = await downloads(cast.container)
        assert (UUID(got.headers["photobank-download"]), len(logged.hidden_faces)) == (logged.id, 1)
        refused = problem(
            await http.post(f"{where}/downloads", json=ask | {"redacted": True, "preset": "original"}), 422, "invalid"
        )
        assert "preset" in refused["fields"]
        await add_consent(cast.container, cast.alice, ben, "social")
        assert (await http.get(f"{where}/redactions")).json()["items"] == []
        whole = await http.post(f"{where}/downloads", json=ask | {"redacted": True})
        assert (whole.headers["photobank-hidden"], "redacted" in whole.headers["content-disposition"]) == ("0", False)
        await change_asset(cast.container, photo, hold_at=TODAY)
        for answer in (
            await http.post(f"{where}/downloads", json=ask | {"redacted": True}),
            await http.get(f"{where}/redacted?use=social"),
        ):
            assert [one["code"] for one in problem(answer, 403, "clearance_refused")["reasons"]] == ["held"]
        problem(await http.get(f"{where}/redacted?use=nonsense"), 422, "invalid")
        problem(await http.get(f"{where}/redacted?use=social&territory=x"), 422, "invalid")
        problem(await http.get(f"{V1}/assets/{uuid4()}/redacted?use=social"), 404, "not_found")


async def test_who_may_only_look_is_offered_nothing(cast: Cast, door: Door) -> None:
    anna = await add_person(cast.container, "Anna")
    await add_consent(cast.container, cast.alice, anna, "social")
    photo = await add_photo(cast.container, cast.shared, [anna], unknown_faces=1, seed=83)
    await cast.grant(cast.charlie, cast.shared, "view")
    async with await door.client(cast.charlie) as http:
        assert (await http.get(f"{V1}/assets/{photo}/redactions")).json()["items"] == []
        problem(await http.get(f"{V1}/assets/{photo}/redacted?use=social"), 403, "refused")

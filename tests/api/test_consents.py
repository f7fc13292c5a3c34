"""Consents, clearance, downloads and renditions over HTTP, as the outside contract names them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from photobank.kernel.clock import TurnableClock
from photobank.models.assets import AssetState
from tests.factories import RENDITIONS, add_consent, add_person, add_photo, picture
from tests.house import TODAY, Cast, Door


@pytest.fixture
async def anna(cast: Cast) -> UUID:
    return await add_person(cast.container, "Anna de Vries")


@pytest.fixture
async def photo(cast: Cast, anna: UUID) -> UUID:
    return await add_photo(cast.container, cast.shared, [anna], seed=4)


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["code"] == code
    return body


async def test_the_main_job(cast: Cast, door: Door, anna: UUID, photo: UUID) -> None:
    """As ../shared/acceptance/main_job.py drives it."""
    async with await door.client(cast.alice) as http:
        ask = {"preset": "web", "use": "social"}
        refused = problem(await http.post(f"/api/v1/assets/{photo}/downloads", json=ask), 403, "clearance_refused")
        assert (refused["use"], refused["state"]) == ("social", "missing")
        assert [(one["person_name"], one["next_step"]) for one in refused["reasons"]] == [("Anna de Vries", "request_consent")]
        until = (TODAY + timedelta(days=365)).isoformat()
        made = await http.post(
            "/api/v1/consents", json={"person_id": str(anna), "uses": ["social", "website"], "valid_until": until}
        )
        assert made.status_code == 201, made.text
        assert (made.json()["status"], made.json()["scope"]) == ("signed", "all")
        got = await http.post(f"/api/v1/assets/{photo}/downloads", json=ask)
        assert got.status_code == 200, got.text
        assert got.content.startswith(b"\xff\xd8\xff")
        assert UUID(got.headers["photobank-download"])
        assert got.headers["content-disposition"] == "attachment; filename=\"IMG_0004.jpg\"; filename*=UTF-8''IMG_0004.jpg"
        assert got.headers["cache-control"] == "private, no-store"
        problem(await http.post(f"/api/v1/assets/{photo}/downloads", json=ask | {"use": "press"}), 403, "clearance_refused")
        gone = await http.post(f"/api/v1/consents/{made.json()['id']}/withdraw", json={})
        assert (gone.status_code, gone.json()["status"]) == (200, "withdrawn")
        refused = problem(await http.post(f"/api/v1/assets/{photo}/downloads", json=ask), 403, "clearance_refused")
        assert refused["reasons"][0]["code"] == "withdrawn"
        events = (await http.get("/api/v1/audit/events?limit=200")).json()["items"]
        told = [(event["tag"], event["outcome"]) for event in events]
        assert told.count(("asset:download", "refused")) == 3
        assert told.count(("asset:download", "done")) == 1


async def test_the_original_comes_back_byte_for_byte(cast: Cast, door: Door, anna: UUID) -> None:
    await add_consent(cast.container, cast.alice, anna, "website")
    photo = await add_photo(cast.container, cast.shared, [anna], filename='Kop "van" Jüt%0d.jpg', seed=2)
    async with await door.client(cast.bob) as http:
        got = await http.post(f"/api/v1/assets/{photo}/downloads", json={"preset": "original", "use": "website"})
    assert got.content == picture(2)
    assert got.headers["content-length"] == str(len(picture(2)))
    assert got.headers["content-disposition"] == (
        "attachment; filename=\"Kop _van_ J_t_0d.jpg\"; filename*=UTF-8''Kop%20_van_%20J%C3%BCt%250d.jpg"
    )


async def test_renditions_for_who_may_see_them(cast: Cast, door: Door, photo: UUID) -> None:
    async with await door.client(cast.bob) as http:
        for name, side in RENDITIONS.items():
            got = await http.get(f"/api/v1/assets/{photo}/renditions/{name}")
            assert got.status_code == 200
            assert got.content == picture(4, (side, side * 3 // 4), "WEBP")
            assert got.headers["content-type"] == "image/webp"
            assert got.headers["cache-control"] == "private, no-store"
        problem(await http.get(f"/api/v1/assets/{photo}/renditions/original"), 422, "invalid")
        problem(await http.get(f"/api/v1/assets/{uuid4()}/renditions/thumb"), 404, "not_found")
    await cast.grant(cast.charlie, cast.shared, "view")
    async with await door.client(cast.charlie) as http:
        problem(await http.get(f"/api/v1/assets/{photo}/renditions/thumb"), 403, "clearance_refused")
    async with await door.client(cast.bob, "read") as http:
        problem(await http.get(f"/api/v1/assets/{photo}/renditions/thumb"), 403, "clearance_refused")


def routes(photo: UUID, person: UUID, consent: UUID) -> list[tuple[str, str, Any]]:
    return [
        ("GET", f"/assets/{photo}/renditions/thumb", None),
        ("GET", f"/assets/{photo}/original", None),
        ("GET", f"/assets/{photo}/permissions", None),
        ("POST", f"/assets/{photo}/downloads", {"use": "website"}),
        ("POST", "/clearance", {"asset_ids": [str(photo)]}),
        ("GET", "/uses", None),
        ("GET", "/consents", None),
        ("POST", "/consents", {"person_id": str(person), "uses": ["website"]}),
        ("GET", f"/consents/{consent}", None),
        ("POST", f"/consents/{consent}/withdraw", {}),
        ("POST", f"/consents/{consent}/renew", {}),
        ("GET", f"/people/{person}/timeline", None),
        ("GET", f"/people/{person}/clearance", None),
    ]


async def test_nobody_gets_nothing_and_charlie_hardly_more(cast: Cast, door: Door) -> None:
    anna = await add_person(cast.container, "Anna Geheim")
    photo = await add_photo(cast.container, cast.closed, [anna])
    consent = (await add_consent(cast.container, cast.alice, anna, "website")).id
    async with await door.client() as nobody, await door.client(cast.charlie) as charlie, await door.client(cast.rita) as rita:
        for method, path, body in routes(photo, anna, consent):
            problem(await nobody.request(method, "/api/v1" + path, json=body), 401, "not_authenticated")
            for http in (charlie, rita):
                answer = await http.request(method, "/api/v1" + path, json=body)
                assert "Geheim" not in answer.text
                assert str(photo) not in answer.text.replace(path, "")
                if answer.status_code == 200:
                    assert path in ("/clearance", "/uses", "/consents")
                    assert path == "/uses" or answer.json()["items"] == []
                else:
                    assert answer.status_code in (403, 404), (path, answer.text)


async def test_verdicts_in_bulk_for_a_use_a_moment_and_a_place(cast: Cast, door: Door, anna: UUID, photo: UUID) -> None:
    await add_consent(cast.container, cast.rita, anna, "website", territories=("NL",), valid_until=TODAY + timedelta(days=90))
    hidden = await add_photo(cast.container, cast.closed, [anna])
    ids = [str(photo), str(hidden), str(uuid4())]
    async with await door.client(cast.bob) as http:

        async def state(**more: Any) -> str:
            answer = await http.post("/api/v1/clearance", json={"asset_ids": ids, "use": "website"} | more)
            assert answer.status_code == 200, answer.text
            (item,) = answer.json()["items"]
            assert item["asset_id"] == str(photo)
            return str(item["clearance"]["website"]["state"])

        assert await state() == "approved"
        assert await state(territory="DE") == "missing"
        assert await state(at=(TODAY + timedelta(days=70)).isoformat()) == "expiring"
        assert await state(at=(TODAY + timedelta(days=90)).isoformat()) == "expired"
        everything = (await http.post("/api/v1/clearance", json={"asset_ids": ids})).json()["items"][0]["clearance"]
        uses = [use["id"] for use in (await http.get("/api/v1/uses")).json()["items"]]
        assert list(everything) == uses
        for bad in ({"use": "fun"}, {"territory": "Mars"}, {"at": "0001-01-01T00:00:00Z"}, {"asset_ids": []}, {"nonsense": 1}):
            problem(await http.post("/api/v1/clearance", json={"asset_ids": ids} | bad), 422, "invalid")


async def test_the_permissions_of_a_photo(cast: Cast, door: Door, anna: UUID) -> None:
    carl = await add_person(cast.container, "Carl")
    photo = await add_photo(cast.container, cast.shared, [anna, carl])
    await add_consent(cast.container, cast.rita, anna, "website")
    async with await door.client(cast.bob) as http:
        shown = (await http.get(f"/api/v1/assets/{photo}/permissions")).json()
    assert [line["name"] for line in shown["people"]] == ["Anna de Vries", "Carl"]
    assert [line["uses"]["website"]["state"] for line in shown["people"]] == ["approved", "missing"]
    assert shown["clearance"]["website"]["state"] == "missing"
    assert shown["clearance"]["website"]["reasons"][0]["person_name"] == "Carl"
    await cast.grant(cast.charlie, cast.shared, "download")
    async with await door.client(cast.charlie) as http:
        seen = (await http.get(f"/api/v1/assets/{photo}/permissions")).json()
    assert [(line["person_id"], line["name"]) for line in seen["people"]] == [(None, ""), (None, "")]
    assert str(anna) not in str(seen)
    assert str(carl) not in str(seen)


async def test_a_day_is_a_whole_day(cast: Cast, door: Door, anna: UUID, photo: UUID) -> None:
    async with await door.client(cast.rita) as http:
        body = {"person_id": str(anna), "uses": ["website"], "signed_at": "2026-11-23", "valid_until": "2026-12-31"}
        made = (await http.post("/api/v1/consents", json=body)).json()
    assert (made["signed_at"], made["valid_until"]) == ("2026-11-22T23:00:00Z", "2026-12-31T23:00:00Z")


BAD: list[tuple[dict[str, Any], str]] = [
    ({"uses": []}, "uses"),
    ({"uses": ["fun"]}, "uses"),
    ({"valid_until": "2020-01-01T00:00:00Z"}, "valid_until"),
    ({"valid_until": "9999-12-31T23:59:59-14:00"}, "valid_until"),
    ({"valid_until": "9999-12-31"}, "date"),
    ({"signed_at": "2030-01-01"}, "signed_at"),
    ({"scope": "folder", "scope_ids": ["01a20000-0000-7000-8000-000000000000"]}, "scope_ids"),
    ({"regime": "press"}, "reason"),
    ({"territories": ["\0"]}, "territories"),
    ({"nonsense": True}, "nonsense"),
]


@pytest.mark.parametrize(("more", "field"), BAD, ids=str)
async def test_what_cannot_be_is_told_by_field(cast: Cast, door: Door, anna: UUID, photo: UUID, more: Any, field: str) -> None:
    async with await door.client(cast.petra) as http:
        answer = await http.post("/api/v1/consents", json={"person_id": str(anna), "uses": ["website"]} | more)
    assert any(field in name for name in problem(answer, 422, "invalid")["fields"])


async def test_a_release_is_not_withdrawn(cast: Cast, door: Door, anna: UUID, photo: UUID) -> None:
    row = await add_consent(cast.container, cast.rita, anna, "website", regime="release")
    async with await door.client(cast.rita) as http:
        told = problem(await http.post(f"/api/v1/consents/{row.id}/withdraw"), 409, "conflict")
    assert "ends by its terms" in told["detail"]


async def test_renewal_list_and_timeline(cast: Cast, door: Door, anna: UUID, photo: UUID, clock: TurnableClock) -> None:
    row = await add_consent(cast.container, cast.rita, anna, "website", valid_until=TODAY + timedelta(days=20))
    clock.turn(timedelta(days=1))
    async with await door.client(cast.rita) as http:
        assert [one["id"] for one in (await http.get("/api/v1/consents?status=expiring")).json()["items"]] == [str(row.id)]
        new = await http.post(f"/api/v1/consents/{row.id}/renew", json={"valid_until": "2027-12-31"})
        assert new.status_code == 201, new.text
        listed = (await http.get(f"/api/v1/consents?person_id={anna}&limit=1")).json()
        assert (listed["items"][0]["id"], listed["items"][0]["status"]) == (new.json()["id"], "signed")
        rest = (await http.get(f"/api/v1/consents?person_id={anna}&limit=1&cursor={listed['next_cursor']}")).json()
        assert (rest["items"][0]["status"], rest["items"][0]["superseded_by"]) == ("superseded", new.json()["id"])
        shown = (await http.get(f"/api/v1/people/{anna}/timeline")).json()
        assert [(bar["use"], bar["ended_by"]) for bar in shown["bars"]] == [("website", "superseded"), ("website", "expired")]
        assert [tick["kind"] for tick in shown["ticks"]] == ["recorded", "renewed", "superseded"]
        state = (await http.get(f"/api/v1/people/{anna}/clearance")).json()["website"]
        assert (state["state"], state["valid_until"]) == ("approved", "2027-12-31T23:00:00Z")


async def test_who_sent_a_photo_that_cannot_be_opened_gets_it_back(cast: Cast, door: Door) -> None:
    photo = await add_photo(cast.container, cast.shared, by=cast.bob, state=AssetState.rejected, rejection="damaged", seed=6)
    async with await door.client(cast.bob) as http, await door.client(cast.alice) as other:
        got = await http.get(f"/api/v1/assets/{photo}/original")
        assert (got.status_code, got.content) == (200, picture(6))
        assert got.headers["content-type"] == "application/octet-stream"
        problem(await other.get(f"/api/v1/assets/{photo}/original"), 403, "refused")

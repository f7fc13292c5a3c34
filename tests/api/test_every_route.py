"""Walks every route there is, as nobody, as a viewer without grants, with a key that may only read, and with a cookie but no CSRF
token, and compares each answer with what is written down in `route_lines.py`. A route without a line in that table fails."""

from __future__ import annotations

import json
import re
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.api.given import V1, browser, faces_in_cluster
from tests.api.route_lines import FACES, OF_FOLDER, PERSON, TABLE
from tests.api.route_walk import SECRET, Things, call, fingerprint, hide, plain, routes
from tests.factories import add_person, add_photo
from tests.house import Cast, Door

ELSEWHERE = "https://evil.example"
# What a signed-in caller may do without CSRF: nothing but what takes no cookie for a proof.
WITHOUT_CSRF = {"POST /session", "POST /setup"}
SAFE = ("GET", "HEAD", "OPTIONS")


@pytest.fixture
async def hidden(cast: Cast) -> Things:
    return await hide(cast)


def test_every_route_is_written_down() -> None:
    found = routes()
    assert found - TABLE.keys() == set(), "a route without a line in the table"
    assert TABLE.keys() - found == set(), "a line without a route"


async def test_nobody_a_viewer_and_a_key_that_reads_get_no_more_than_is_written(cast: Cast, door: Door, hidden: Things) -> None:
    never = Things.that_never_were(hidden)
    async with (
        await door.client() as nobody,
        await door.client(cast.charlie) as charlie,
        await door.client(cast.alice, "read") as key,
    ):
        before = await fingerprint(cast.container)
        wrong = []
        for route, line in sorted(TABLE.items()):
            for who, http, allowed in (
                ("nobody", nobody, line.nobody),
                ("charlie", charlie, line.charlie),
                ("key", key, line.read_key),
            ):
                answer = await call(http, hidden, route)
                if answer.status_code != allowed:
                    wrong.append(f"{who} {route}: {answer.status_code}, not {allowed}: {answer.text[:120]}")
                if who != "key" and SECRET in answer.text:
                    wrong.append(f"{who} {route} told: {answer.text[:200]}")
                if answer.status_code >= 400 and answer.request.method != "HEAD":
                    assert answer.headers["content-type"] == "application/problem+json", route
            if plain(await call(charlie, hidden, route), hidden) != plain(await call(charlie, never, route), never):
                wrong.append(f"charlie can tell that something is there: {route}")
        assert not wrong, "\n".join(wrong)
        assert await fingerprint(cast.container) == before


async def test_those_who_work_elsewhere_cannot_tell_what_is_in_a_closed_folder(cast: Cast, door: Door, hidden: Things) -> None:
    never = Things.that_never_were(hidden)
    wrong = []
    before = await fingerprint(cast.container)
    made = {"POST /people", "POST /review/undo", "POST /collections", "POST /me/calendar"}  # which need no thing
    made |= {route for route in TABLE if "consent-templates" in route}  # forms are the whole house's
    async with await door.client(cast.bob) as bob, await door.client(cast.rita) as rita:
        for route in sorted(TABLE.keys() - made):
            for name, http in (("bob", bob), ("rita", rita)):
                one, other = await call(http, hidden, route), await call(http, never, route)
                if plain(one, hidden) != plain(other, never) or SECRET in one.text:
                    wrong.append(f"{name} {route}: {plain(one, hidden)} / {plain(other, never)}")
                if "{" in route and one.is_success:
                    wrong.append(f"{name} {route}: {one.status_code}")
    assert not wrong, "\n".join(wrong)
    assert await fingerprint(cast.container) == before


async def test_a_thing_in_sight_does_not_open_a_thing_out_of_sight(cast: Cast, door: Door, hidden: Things) -> None:
    """One's own photo, face or person together with an id out of sight, and with an id of nothing: the same answer."""
    anna = await add_person(cast.container, "Carla")
    photo = await add_photo(cast.container, cast.shared, [anna])
    cluster, (face, *_) = await faces_in_cluster(cast.container, [photo, await add_photo(cast.container, cast.shared, seed=2)])
    never = Things.that_never_were(hidden)
    asked = [
        ("POST", f"/faces/{face}/confirm", PERSON),
        ("POST", f"/faces/{face}/reject", PERSON),
        ("POST", f"/assets/{photo}/faces", {"box": [0, 0, 0.5, 0.5], **PERSON}),
        ("PATCH", f"/assets/{photo}", {"folder_id": "{folder_id}"}),
        ("POST", f"/clusters/{cluster}/confirm", PERSON),
        ("POST", f"/clusters/{cluster}/split", FACES),
        ("POST", f"/clusters/{cluster}/merge", {"cluster_id": "{cluster_id}"}),
        ("POST", f"/people/{anna}/merge", {"into": "{person_id}"}),
        ("POST", "/consents", {"person_id": str(anna), "uses": ["website"], "scope": "folder", "scope_ids": ["{folder_id}"]}),
        ("POST", "/consents", {"person_id": str(anna), "uses": ["website"], "scope": "photos", "scope_ids": ["{asset_id}"]}),
        (
            "POST",
            "/consent-requests",
            {"person_id": str(anna), "template_id": hidden.ids["template_id"], "way": "link"} | OF_FOLDER,
        ),
        (
            "POST",
            "/consent-requests/many",
            {"asset_ids": [str(photo), "{asset_id}"], "uses": ["website"], "template_id": "{template_id}"},
        ),
        ("POST", "/consent-requests/many/preview", {"asset_ids": [str(photo), "{asset_id}"], "uses": ["website"]}),
        ("GET", "/consent-timeline?cursor={person_id}", None),
        ("POST", "/assets/no-people", {"asset_ids": ["{asset_id}"]}),
        ("POST", "/clearance", {"asset_ids": [str(photo), "{asset_id}"]}),
        ("POST", "/review/undo", {"action_id": "{face_id}"}),
        ("GET", "/people?cursor={person_id}", None),
        ("GET", "/faces?cursor={face_id}&person_id={person_id}", None),
        ("GET", "/faces?cluster_id={cluster_id}", None),
        ("GET", f"/assets?ids={photo},{{asset_id}}", None),
        ("GET", "/assets?person_id={person_id}", None),
    ]
    async with await door.client(cast.rita) as rita:
        for method, path, body in asked:
            answers = []
            for things in (hidden, never):
                filled = json.loads(re.sub(r"\{(\w+_id)\}", lambda found: things.ids[found[1]], json.dumps(body)))  # noqa: B023
                answers.append(plain(await rita.request(method, V1 + things.fill(path), json=filled), things))
            assert answers[0] == answers[1], (method, path)
            assert SECRET not in answers[0][1]


async def test_a_cookie_alone_moves_nothing(cast: Cast, door: Door, hidden: Things) -> None:
    before = await fingerprint(cast.container)
    async with await browser(door, cast, cast.alice, csrf=False) as bare, await browser(door, cast, cast.alice) as whole:
        wrong = []
        for route in sorted(TABLE.keys() - WITHOUT_CSRF):
            if route.startswith(SAFE):
                continue
            for what, http, headers in (
                ("no token", bare, {}),
                ("wrong token", bare, {"X-CSRF-Token": "0" * 64}),
                ("foreign origin", whole, {"Origin": ELSEWHERE}),
                ("cross-site", whole, {"Sec-Fetch-Site": "cross-site"}),
            ):
                answer = await call(http, hidden, route, **headers)
                if (answer.status_code, answer.json().get("code")) != (403, "refused"):
                    wrong.append(f"{what} {route}: {answer.status_code} {answer.text[:100]}")
        assert not wrong, "\n".join(wrong)
    assert await fingerprint(cast.container) == before
    async with cast.container.sessions() as db:
        kept = await db.scalar(text("SELECT count(*) FROM audit_events WHERE outcome = 'refused' AND tag = 'request:refuse'"))
    assert kept, "refused requests are in the audit log"


async def test_addresses_that_are_none_answer_as_the_api(door: Door) -> None:
    async with await door.client() as http:
        for method, path, status, code in (
            ("GET", f"/api/v1/{uuid4()}", 404, "not_found"),
            ("GET", "/api/v2/assets", 404, "not_found"),
            ("PUT", "/api/v1/assets", 405, "method_not_allowed"),
            ("DELETE", "/api/v1/people", 405, "method_not_allowed"),
        ):
            answer = await http.request(method, path)
            assert (answer.status_code, answer.json()["code"]) == (status, code)
            if status == 405:
                assert "GET" in answer.headers["allow"]

"""Photos over HTTP: sent whole, found again, listed, edited, thrown away and taken back."""

from __future__ import annotations

import base64
import hashlib
from uuid import UUID, uuid4

import httpx
import pytest

from photobank.messaging.jobs import Job
from photobank.messaging.queue import MemoryQueue
from photobank.models.assets import AssetState
from tests.api.given import V1, behind_headers, problem
from tests.factories import add_person, add_photo, picture
from tests.house import Cast, Door

DATA = picture(7)
SHA = hashlib.sha256(DATA).hexdigest()


async def send(http: httpx.AsyncClient, data: bytes = DATA, query: str = "", **headers: str) -> httpx.Response:
    given = {"Upload-Filename": "Kop%20van%20Anna.jpg"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return await http.post(f"{V1}/assets{query}", content=data, headers=given)


async def test_a_photo_is_sent_told_of_and_asked_about_when_it_is_here(cast: Cast, door: Door, jobs: MemoryQueue) -> None:
    async with await door.client(cast.bob) as bob:
        assert (await bob.head(f"{V1}/assets/by-hash/{SHA}")).status_code == 404
        digest = base64.b64encode(hashlib.sha256(DATA).digest()).decode()
        made = await send(bob, Content_Digest=f"sha-512=:AAAA:, sha-256=:{digest}:")
        assert made.status_code == 201, made.text
        asset = made.json()
        assert made.headers["location"] == f"{V1}/assets/{asset['id']}"
        assert (asset["state"], asset["filename"], asset["size"], asset["mine"]) == (
            "processing",
            "Kop van Anna.jpg",
            len(DATA),
            True,
        )
        assert asset["folder_id"] == str(cast.shared)
        assert jobs.jobs.count((Job.decode_asset, (asset["id"],))) == 1
        again = problem(await send(bob), 409, "duplicate_asset")
        assert again["existing"] == [asset["id"]]
        skipped = await send(bob, query="?on_duplicate=skip")
        assert (skipped.status_code, skipped.json()["id"]) == (200, asset["id"])
        kept = await send(bob, query="?on_duplicate=keep")
        assert (kept.status_code, kept.json()["id"] != asset["id"]) == (201, True)
        problem(await send(bob, query="?on_duplicate=version"), 409, "conflict")
        assert (await bob.head(f"{V1}/assets/by-hash/{SHA.upper()}")).status_code == 200
        found = (await bob.get(f"{V1}/assets/by-hash/{SHA}")).json()["items"]
        assert {one["id"] for one in found} == {asset["id"], kept.json()["id"]}
        assert "clearance" in found[0]
        assert (await bob.get(f"{V1}/assets/count?mine=true")).json() == {"count": 2}
        assert [month["count"] for month in (await bob.get(f"{V1}/assets/months")).json()["items"]] == [2]


async def test_what_is_no_photo_or_not_what_was_said_is_refused(cast: Cast, door: Door, jobs: MemoryQueue) -> None:
    async with await door.client(cast.bob) as bob, await door.client(cast.petra) as petra, await door.client() as nobody:
        for data in (b"", b"<html>", b"GIF99a", b"%PDF-1.7", b"<svg xmlns='http://www.w3.org/2000/svg'/>"):
            problem(await send(bob, data), 415, "unsupported_media")
        other = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
        problem(await send(bob, Content_Digest=f"sha-256=:{other}:"), 422, "invalid")
        for bad in ("sha-256=:x:", "sha-256=:" + "é" * 44 + ":", "sha-256=", "sha-256=:AAAA:"):
            answer = await bob.post(f"{V1}/assets", content=DATA, headers={"Content-Digest": bad.encode("latin-1")})
            assert "content-digest" in problem(answer, 422, "invalid")["fields"]
        problem(await send(bob, query="?on_duplicate=perhaps"), 422, "invalid")
        problem(await send(bob, query="?folder_id=nothing"), 422, "invalid")
        problem(await send(bob, query=f"?folder_id={cast.closed}"), 404, "not_found")
        problem(await send(petra, query=f"?folder_id={cast.shared}"), 403, "refused")
        problem(await send(nobody), 401, "not_authenticated")
        assert (await bob.get(f"{V1}/assets")).json()["items"] == []
    assert jobs.jobs == []


async def test_a_name_is_made_safe(cast: Cast, door: Door) -> None:
    async with await door.client(cast.bob) as bob:
        for name, kept in (
            ("..%2F..%2Fetc%2Fpasswd.jpg", "passwd.jpg"),
            ("a%00b.png", "a"),
            ("", "photo"),
            ("%FF%FE.jpg", "��.jpg"),
        ):
            made = await send(bob, query="?on_duplicate=keep", Upload_Filename=name)
            assert made.status_code == 201, made.text
            assert made.json()["filename"] == kept


async def test_lists_come_in_pages_that_miss_and_repeat_nothing(cast: Cast, door: Door) -> None:
    anna = await add_person(cast.container)
    photos = [await add_photo(cast.container, cast.shared, [anna] if n < 2 else [], seed=n, with_bytes=False) for n in range(7)]
    await add_photo(cast.container, cast.closed, [anna], seed=20, with_bytes=False)
    async with await door.client(cast.bob) as bob:
        seen: list[str] = []
        cursor = ""
        while True:
            page = (await bob.get(f"{V1}/assets?limit=3{cursor}")).json()
            seen += [one["id"] for one in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert seen == [str(id_) for id_ in reversed(photos)]
        of_anna = (await bob.get(f"{V1}/assets?person_id={anna}")).json()["items"]
        assert {one["id"] for one in of_anna} == {str(id_) for id_ in photos[:2]}
        some = (await bob.get(f"{V1}/assets?ids={photos[0]},{photos[3]}&state=ready&folder_id={cast.shared}")).json()["items"]
        assert len(some) == 2
        assert (await bob.get(f"{V1}/assets?trashed=true")).json() == {"items": [], "next_cursor": None}
        for query in (
            "limit=0", "limit=201", "limit=1e3", "state=lost", "cursor=%00", "cursor=x", "cursor=WzEsMl0", "cursor=e30", "ids=1",
            "cursor=" + "A" * 300, "cursor=" + base64.urlsafe_b64encode(b'["2026-01-01T00:00:00","x"]').decode(),
            f"limit={10**30}", "mine=perhaps", "cursor=%ED%A0%80", "folder_id=%00",
        ):  # fmt: skip
            problem(await bob.get(f"{V1}/assets?{query}"), 422, "invalid")


async def test_one_photo_is_read_edited_and_moved(cast: Cast, door: Door) -> None:
    anna = await add_person(cast.container, "Anna")
    photo = await add_photo(cast.container, cast.shared, [anna], by=cast.bob, unknown_faces=1)
    async with await door.client(cast.bob) as bob, await door.client(cast.alice) as alice:
        shown = (await bob.get(f"{V1}/assets/{photo}")).json()
        assert (shown["open_faces"], shown["permission"], shown["mine"]) == (1, "edit", True)
        assert [one["name"] for one in shown["people"]] == ["Anna"]
        assert shown["clearance"]["website"]["state"] != "approved"
        assert {one["name"] for one in shown["renditions"]} == {"thumb", "preview", "large"}
        assert all(0 <= part <= 1 for face in shown["faces"] for part in face["box"])
        edited = await bob.patch(
            f"{V1}/assets/{photo}", json={"title": "  Open dag ", "caption": "Zaal 3", "credit": "Foto: J. Smit"}
        )
        assert (edited.json()["title"], edited.json()["caption"], edited.json()["credit"]) == (
            "Open dag",
            "Zaal 3",
            "Foto: J. Smit",
        )
        for body in ({"title": "x" * 301}, {"title": "a\0b"}, {"owner": "me"}, {"folder_id": "x"}, [], "x", {"title": 5}):
            problem(await bob.patch(f"{V1}/assets/{photo}", json=body), 422, "invalid")
        problem(await bob.patch(f"{V1}/assets/{photo}", json={"folder_id": str(cast.closed)}), 404, "not_found")
        assert (await alice.patch(f"{V1}/assets/{photo}", json={"folder_id": str(cast.closed)})).json()["folder_id"] == str(
            cast.closed
        )
        problem(await bob.get(f"{V1}/assets/{photo}"), 404, "not_found")
        # Its bytes are under another folder's key now, and open as before.
        assert (await alice.get(f"{V1}/assets/{photo}/renditions/thumb")).content == picture(0, (96, 72), "WEBP")


async def test_a_photo_waits_in_the_trash_and_then_is_gone(cast: Cast, door: Door, jobs: MemoryQueue) -> None:
    photo = await add_photo(cast.container, cast.shared)
    gone = await add_photo(cast.container, cast.shared, state=AssetState.rejected, by=cast.bob, rejection="damaged")
    async with await door.client(cast.bob) as bob, await door.client(cast.alice) as alice:
        problem(await alice.delete(f"{V1}/assets/{photo}?purge=true"), 404, "not_found")  # not in the trash yet
        assert (await bob.delete(f"{V1}/assets/{photo}")).status_code == 204
        problem(await bob.get(f"{V1}/assets/{photo}"), 404, "not_found")
        assert [one["id"] for one in (await bob.get(f"{V1}/assets?trashed=true")).json()["items"]] == [str(photo)]
        back = await bob.post(f"{V1}/assets/{photo}/restore")
        assert (back.status_code, back.json()["state"]) == (200, "ready")
        problem(await bob.post(f"{V1}/assets/{photo}/restore"), 404, "not_found")
        assert (await bob.delete(f"{V1}/assets/{photo}")).status_code == 204
        problem(await bob.delete(f"{V1}/assets/{photo}?purge=true"), 403, "refused")
        assert (await alice.delete(f"{V1}/assets/{photo}?purge=true")).status_code == 204
        problem(await alice.post(f"{V1}/assets/{photo}/restore"), 404, "not_found")
        # A rejected photo is discarded at once by who sent it.
        assert (await bob.delete(f"{V1}/assets/{gone}")).status_code == 204
        assert (await bob.get(f"{V1}/assets?trashed=true")).json()["items"] == []
    assert {args for job, args in jobs.jobs if job is Job.remove_blobs} == {(str(photo),), (str(gone),)}


async def test_said_to_show_nobody(cast: Cast, door: Door) -> None:
    empty, full = await add_photo(cast.container, cast.shared), await add_photo(cast.container, cast.shared, unknown_faces=1)
    async with await door.client(cast.rita) as rita, await door.client(cast.bob) as bob:
        took = await rita.post(f"{V1}/assets/no-people", json={"asset_ids": [str(empty), str(full)]})
        assert took.json()["asset_ids"] == [str(empty)]
        assert (await rita.post(f"{V1}/review/undo", json={"action_id": took.json()["action_id"]})).status_code == 200
        assert (await rita.post(f"{V1}/assets/no-people", json={"asset_ids": [str(empty)]})).json()["asset_ids"] == [str(empty)]
        assert (await rita.get(f"{V1}/assets/{empty}")).json()["no_people_at"] is not None
        problem(await bob.post(f"{V1}/assets/no-people", json={"asset_ids": [str(empty)]}), 403, "refused")


@pytest.mark.parametrize(
    "body", [b"{", b"\xff\xfe", b"[" * 100_000, b'{"title": NaN}', b"null", b'{"title": ' + b"9" * 5000 + b"}"]
)
async def test_what_is_no_json_is_refused(cast: Cast, door: Door, body: bytes) -> None:
    async with await door.client(cast.bob) as bob:
        answer = await bob.patch(f"{V1}/assets/{uuid4()}", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.json()["code"] in ("bad_request", "invalid")


async def test_nothing_of_the_api_is_kept_by_a_browser_or_a_proxy(cast: Cast, door: Door) -> None:
    photo: UUID = await add_photo(cast.container, cast.shared)
    async with behind_headers(door) as http:
        http.headers["Authorization"] = f"Bearer {await door.key(cast.bob)}"
        for path in ("/assets", f"/assets/{photo}", f"/assets/{photo}/renditions/thumb", f"/assets/{uuid4()}", "/openapi.json"):
            answer = await http.get(V1 + path)
            assert "no-store" in answer.headers["cache-control"], path
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "default-src 'none'" in answer.headers["content-security-policy"]

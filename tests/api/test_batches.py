"""Batches over REST: begun, checked, filled over tus, followed."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from uuid import UUID

from photobank.access.actor import system
from photobank.clearance import index
from tests.api.given import V1, problem
from tests.api.test_tus import append, create
from tests.factories import change_asset, picture
from tests.house import Cast, Door

ONE, TWO = picture(5), picture(6)


def asked(*files: bytes) -> dict[str, list[dict[str, object]]]:
    return {"files": [{"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "filename": "A.jpg"} for data in files]}


async def test_a_shoot_from_its_first_question_to_its_last_file(cast: Cast, door: Door) -> None:
    async with await door.client(cast.bob) as bob:
        begun = await bob.post(f"{V1}/batches", json={"folder_id": str(cast.shared), "event": "Open dag", "files": 2, "size": 99})
        assert begun.status_code == 201
        batch = f"{V1}/batches/{begun.json()['id']}"
        assert (await bob.post(f"{batch}/check", json=asked(ONE))).json()["items"][0] == {
            "asset_id": None, "sent": False, "upload": None, "title": "", "filename": "", "since": None, "clearance": {},
        }  # fmt: skip
        told = {"batch_id": begun.json()["id"], "sha256": hashlib.sha256(ONE).hexdigest()}
        made = await create(bob, len(ONE), **told)
        where, asset = made.headers["location"], made.headers["photobank-asset"]
        await append(bob, where, 0, ONE[:500])
        # After a lost browser: the same file is asked about again, and goes on.
        assert (await bob.post(f"{batch}/check", json=asked(ONE))).json()["items"][0]["upload"] == where
        first = (await bob.get(f"{batch}/files")).json()
        assert [(file["standing"], file["asset_id"]) for file in first["items"]] == [("sending", asset)]
        assert (await append(bob, where, 500, ONE[500:])).status_code == 204
        known = (await bob.post(f"{batch}/check", json=asked(ONE, TWO))).json()["items"]
        assert [(one["asset_id"], one["sent"]) for one in known] == [(asset, True), (None, False)]
        assert known[0]["filename"] == "Groep.jpg"
        assert known[0]["clearance"]["social"] == "blocked"
        changed = (await bob.patch(batch, json={"tags": ["open dag"], "photographer": "Bram de Wit", "closed": True})).json()
        assert (changed["tags"], changed["counts"], changed["received"]) == (["open dag"], {"received": 1}, len(ONE))
        assert changed["closed_at"]
        assert (await bob.get(f"{V1}/assets/{asset}")).json()["photographer"] == "Bram de Wit"
        problem(await bob.get(f"{batch}/key"), 404, "not_found")
        assert [one["id"] for one in (await bob.get(f"{V1}/batches")).json()["items"]] == [begun.json()["id"]]
        await change_asset(cast.container, asset, state="rejected", rejection="damaged")
        moved = (await bob.get(f"{batch}/files", params={"since": first["as_of"]})).json()["items"]
        assert [(file["standing"], file["rejection"]) for file in moved] == [("rejected", "damaged")]


async def test_a_photo_that_was_cleared_has_moved_too(cast: Cast, door: Door) -> None:
    async with await door.client(cast.bob) as bob:
        batch = f"{V1}/batches/{(await bob.post(f'{V1}/batches', json={})).json()['id']}"
        made = await create(bob, len(ONE), batch_id=batch.rsplit("/", 1)[1])
        await append(bob, made.headers["location"], 0, ONE)
        asset = UUID(made.headers["photobank-asset"])
        await change_asset(cast.container, asset, state="ready", stage="done", faces_done=True)
        cast.container.clock.turn(timedelta(minutes=5))  # type: ignore[attr-defined]
        first = (await bob.get(f"{batch}/files")).json()
        assert (await bob.get(f"{batch}/files", params={"since": first["as_of"]})).json()["items"] == []
        async with cast.scope(system()) as scope:
            await index.refresh(scope, [asset])
        (moved,) = (await bob.get(f"{batch}/files", params={"since": first["as_of"]})).json()["items"]
        assert moved["clearance"] != first["items"][0]["clearance"]
        for since in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-11-26"):
            assert (await bob.get(f"{batch}/files", params={"since": since})).status_code == 200


async def test_the_key_for_copies_is_never_stored_by_caches(cast: Cast, door: Door) -> None:
    async with await door.client(cast.bob) as bob, await door.client(cast.rita) as rita:
        batch = (await bob.post(f"{V1}/batches", json={"folder_id": str(cast.shared)})).json()["id"]
        answer = await bob.get(f"{V1}/batches/{batch}/key")
        assert answer.headers["cache-control"] == "no-store"
        assert len(answer.json()["key"]) == 44
        problem(await rita.get(f"{V1}/batches/{batch}/key"), 404, "not_found")
        problem(await create(rita, batch_id=batch), 404, "not_found")


async def test_what_cannot_be_is_refused(cast: Cast, door: Door) -> None:
    async with await door.client(cast.bob) as bob:
        problem(await bob.post(f"{V1}/batches", json={"folder_id": str(cast.closed)}), 404, "not_found")
        batch = (await bob.post(f"{V1}/batches", json={})).json()
        assert batch["folder_id"] == str(cast.shared)
        for body in ({"event": "x" * 301}, {"files": -1}, {"owner_id": str(cast.alice.user_id)}, {"tags": ["x" * 301]}):
            problem(await bob.patch(f"{V1}/batches/{batch['id']}", json=body), 422, "invalid")
        for files in ([], [{"sha256": "zz", "size": 1, "filename": "a"}], asked(ONE)["files"] * 101):
            problem(await bob.post(f"{V1}/batches/{batch['id']}/check", json={"files": files}), 422, "invalid")
        problem(await create(bob, batch_id="x"), 422, "invalid")

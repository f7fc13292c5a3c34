"""Versions through the REST API: sent, listed, looked at, shown again, forgotten."""

from __future__ import annotations

import base64
import hashlib
from uuid import UUID

from photobank.library import processing, succession
from photobank.models.assets import Stage
from tests.api.given import V1, problem
from tests.factories import change_asset, picture
from tests.house import Cast, Door

PHOTO = {"Upload-Filename": "A.jpg"}


async def _processed(cast: Cast, asset_id: str) -> None:
    await processing.decode(cast.container, UUID(asset_id))
    await change_asset(cast.container, UUID(asset_id), stage=Stage.done, state="ready", faces_done=True)


async def _coming(cast: Cast, asset_id: str) -> None:
    async with cast.scope(cast.alice) as scope:
        (coming,) = await succession.versions.coming(scope, UUID(asset_id))
    await _processed(cast, str(coming.asset_id))
    await succession.adopt(cast.container, coming.asset_id)


async def test_a_version_is_sent_takes_its_place_and_goes_again(cast: Cast, door: Door) -> None:
    async with await door.client(cast.alice) as alice:
        sent = await alice.post(f"{V1}/assets?folder_id={cast.shared}", content=picture(1), headers=PHOTO)
        asset = sent.json()["id"]
        await _processed(cast, asset)
        again = await alice.post(f"{V1}/assets/{asset}/versions", content=picture(1), headers=PHOTO)
        problem(again, 409, "conflict")
        answer = await alice.post(f"{V1}/assets/{asset}/versions", content=picture(2), headers=PHOTO)
        assert (answer.status_code, answer.json()["id"], answer.json()["version"]) == (202, asset, 1)
        await _coming(cast, asset)
        query = f"on_duplicate=version&version_of={asset}"
        third = await alice.post(f"{V1}/assets?{query}", content=picture(3), headers=PHOTO)
        assert (third.status_code, third.json()["id"]) == (202, asset)
        await _coming(cast, asset)
        rows = (await alice.get(f"{V1}/assets/{asset}/versions")).json()["items"]
        assert [(row["number"], row["current"], row["made_by"]) for row in rows] == [
            (3, True, "Alice"),
            (2, False, "Alice"),
            (1, False, "Alice"),
        ]
        assert (await alice.get(f"{V1}/assets/{asset}")).json()["version"] == 3
        here = await alice.head(f"{V1}/assets/by-hash/{hashlib.sha256(picture(1)).hexdigest()}")
        assert here.status_code == 200
        looks = [await alice.get(f"{V1}/assets/{asset}/versions/{number}/renditions/thumb") for number in (1, 2, 3)]
        assert {look.status_code for look in looks} == {200}
        assert len({look.content for look in looks}) == 3
        assert (await alice.get(f"{V1}/assets/{asset}/renditions/thumb")).content == looks[2].content
        restored = await alice.post(f"{V1}/assets/{asset}/versions/1/restore")
        assert (restored.status_code, restored.json()["version"]) == (200, 1)
        assert (await alice.get(f"{V1}/assets/{asset}/renditions/thumb")).content == looks[0].content
        assert (await alice.delete(f"{V1}/assets/{asset}/versions/2")).status_code == 204
        problem(await alice.delete(f"{V1}/assets/{asset}/versions/2"), 404, "not_found")
        problem(await alice.get(f"{V1}/assets/{asset}/versions/2/renditions/thumb"), 404, "not_found")
        problem(await alice.post(f"{V1}/assets?version_of={asset}", content=picture(4), headers=PHOTO), 422, "invalid")


async def test_a_version_comes_in_pieces_too(cast: Cast, door: Door) -> None:
    async with await door.client(cast.bob) as bob:
        asset = (await bob.post(f"{V1}/assets?folder_id={cast.shared}", content=picture(1), headers=PHOTO)).json()["id"]
        await _processed(cast, asset)
        told = f"filename Qi5qcGc=,version_of {base64.b64encode(asset.encode()).decode()}"
        headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(picture(2))), "Upload-Metadata": told}
        headers["Content-Type"] = "application/offset+octet-stream"
        assert (await bob.post(f"{V1}/uploads", content=picture(2), headers=headers)).status_code == 201
        await _coming(cast, asset)
        assert (await bob.get(f"{V1}/assets/{asset}")).json()["version"] == 2

"""Resumable uploads speak tus 1.0 (tus.io/protocols) with creation, expiration, checksum and termination."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import random
from datetime import timedelta

import httpx

from photobank.kernel.clock import TurnableClock
from photobank.messaging.jobs import Job
from photobank.messaging.queue import MemoryQueue
from tests.api.given import V1, problem
from tests.factories import picture
from tests.house import Cast, Door

DATA = picture(3) + random.Random(3).randbytes(60_000)
HALF = 30_000
V = {"Tus-Resumable": "1.0.0"}
PIECE = V | {"Content-Type": "application/offset+octet-stream"}


def told(**values: str) -> str:
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in values.items())


async def create(http: httpx.AsyncClient, size: int | str = len(DATA), **metadata: str) -> httpx.Response:
    headers = V | {"Upload-Length": str(size), "Upload-Metadata": told(**{"filename": "Groep.jpg", **metadata})}
    return await http.post(f"{V1}/uploads", headers=headers)


async def append(http: httpx.AsyncClient, where: str, at: int | str, data: bytes, **more: str) -> httpx.Response:
    headers = PIECE | {"Upload-Offset": str(at)} | {name.replace("_", "-"): value for name, value in more.items()}
    return await http.patch(where, content=data, headers=headers)


def sum_of(data: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"


async def test_what_the_server_can_do_is_told_to_anybody(door: Door) -> None:
    async with await door.client() as http:
        answer = await http.options(f"{V1}/uploads")
    assert answer.status_code == 204
    assert answer.headers["tus-version"] == "1.0.0"
    assert {"creation", "expiration", "checksum", "termination"} <= set(answer.headers["tus-extension"].split(","))
    assert "sha1" in answer.headers["tus-checksum-algorithm"]
    assert int(answer.headers["tus-max-size"]) > 0


async def test_every_answer_names_the_version(cast: Cast, door: Door) -> None:
    async with await door.client() as nobody, await door.client(cast.bob) as bob:
        where = (await create(bob)).headers["location"]
        answers = [
            await nobody.options(f"{V1}/uploads"),
            await create(nobody),
            await create(bob),
            await create(bob, -1),
            await append(bob, where, 5, DATA),
            await append(bob, where, 0, DATA[:HALF]),
            await bob.head(where, headers=V),
            await bob.get(where),
            await bob.delete(where),
            await bob.delete(where, headers=V),
            await bob.head(where, headers=V),
        ]
        assert [answer.status_code for answer in answers] == [204, 401, 201, 422, 409, 204, 200, 405, 412, 204, 404]
        assert {answer.headers.get("tus-resumable") for answer in answers} == {"1.0.0"}
        assert "tus-resumable" not in (await bob.get(f"{V1}/assets")).headers


async def test_an_upload_in_pieces_becomes_a_photo(cast: Cast, door: Door, jobs: MemoryQueue) -> None:
    async with await door.client(cast.bob) as bob:
        made = await create(bob, folder_id=str(cast.shared))
        assert (made.status_code, made.headers["upload-offset"]) == (201, "0")
        where, asset = made.headers["location"], made.headers["photobank-asset"]
        assert made.headers["upload-expires"].endswith("GMT")
        first = await append(bob, where, 0, DATA[:HALF], Upload_Checksum=sum_of(DATA[:HALF], "sha1"))
        assert (first.status_code, first.headers["upload-offset"]) == (204, str(HALF))
        asked = await bob.head(where, headers=V)
        assert (asked.status_code, asked.headers["upload-offset"], asked.headers["upload-length"]) == (
            200,
            str(HALF),
            str(len(DATA)),
        )
        assert "no-store" in asked.headers["cache-control"]
        # The sender sees it in the list, and others do not.
        assert (await bob.get(f"{V1}/assets/{asset}")).json()["state"] == "uploading"
        async with await door.client(cast.rita) as rita:
            problem(await rita.get(f"{V1}/assets/{asset}"), 404, "not_found")
        # Wrong pieces change nothing: another offset, damage on the way, more than was announced.
        assert problem(await append(bob, where, 5, DATA[HALF:]), 409, "conflict")["detail"] == "another offset"
        problem(await append(bob, where, HALF, DATA[HALF:], Upload_Checksum=sum_of(b"other")), 460, "checksum_mismatch")
        problem(await append(bob, where, HALF, DATA[HALF:] + b"more", Upload_Checksum=sum_of(DATA)), 409, "conflict")
        assert (await bob.head(where, headers=V)).headers["upload-offset"] == str(HALF)
        last = await append(bob, where, HALF, DATA[HALF:])
        assert (last.status_code, last.headers["upload-offset"]) == (204, str(len(DATA)))
        assert (await bob.get(f"{V1}/assets/{asset}")).json()["state"] == "processing"
        problem(await append(bob, where, len(DATA), b"x"), 409, "conflict")
        assert (await bob.head(where, headers=V)).headers["upload-offset"] == str(len(DATA))
        sha = hashlib.sha256(DATA).hexdigest()
        assert problem(await create(bob, sha256=sha), 409, "duplicate_asset")["existing"] == [asset]
        assert (await create(bob, sha256=sha, on_duplicate="keep")).status_code == 201
    assert (Job.decode_asset, (asset,)) in jobs.jobs


async def test_an_upload_asked_for_twice_by_one_word_is_one_upload(cast: Cast, door: Door) -> None:
    sha256 = hashlib.sha256(DATA).hexdigest()
    async with await door.client(cast.bob) as bob, await door.client(cast.alice) as alice:
        answers = await asyncio.gather(*(create(bob, sha256=sha256, once="a", folder_id=str(cast.shared)) for _ in range(3)))
        (where,) = {answer.headers["location"] for answer in answers}
        assert [answer.status_code for answer in answers] == [201] * 3
        # Another word, another file under the same word, another sender: other uploads.
        others = [
            await create(bob, sha256=sha256, once="b"),
            await create(bob, once="a"),
            await create(bob, len(DATA) + 1, sha256=sha256, once="a"),
            await create(alice, sha256=sha256, once="a"),
        ]
        assert len({answer.headers["location"] for answer in others} | {where}) == 5
        await append(bob, where, 0, DATA[:HALF])
        assert (await create(bob, sha256=sha256, once="a")).headers["location"] == where
        assert (await bob.head(where, headers=V)).headers["upload-offset"] == str(HALF)
        await append(bob, where, HALF, DATA[HALF:])
        again = await create(bob, sha256=sha256, once="a", on_duplicate="keep")
        assert again.headers["location"] != where  # that one has become a photo
        assert problem(await create(bob, once="x" * 201), 422, "invalid")["fields"] == {"once": "errors.too_long"}


async def test_creation_takes_the_first_bytes_along(cast: Cast, door: Door) -> None:
    async with await door.client(cast.bob) as bob:
        headers = PIECE | {"Upload-Length": str(len(DATA)), "Upload-Metadata": told(filename="A.jpg")}
        made = await bob.post(f"{V1}/uploads", headers=headers, content=DATA)
        assert (made.status_code, made.headers["upload-offset"]) == (201, str(len(DATA)))


async def test_an_upload_is_given_up_or_ends_by_itself(cast: Cast, door: Door, clock: TurnableClock) -> None:
    async with await door.client(cast.bob) as bob:
        first, second = [(await create(bob)).headers["location"] for _ in range(2)]
        assert (await append(bob, first, 0, DATA[:HALF])).status_code == 204
        ended = await bob.delete(first, headers=V)
        assert (ended.status_code, ended.headers["tus-resumable"]) == (204, "1.0.0")
        assert (await bob.head(first, headers=V)).status_code == 404
        problem(await append(bob, first, HALF, DATA[HALF:]), 404, "not_found")
        clock.turn(timedelta(days=8))
        problem(await append(bob, second, 0, DATA), 404, "not_found")


async def test_an_upload_is_its_senders_alone(cast: Cast, door: Door) -> None:
    async with await door.client(cast.bob) as bob:
        where = (await create(bob)).headers["location"]
    for actor in (cast.alice, cast.rita):
        async with await door.client(actor) as other:
            assert (await other.head(where, headers=V)).status_code == 404
            problem(await append(other, where, 0, DATA), 404, "not_found")
            problem(await other.delete(where, headers=V), 404, "not_found")


async def test_what_cannot_be_is_refused(cast: Cast, door: Door) -> None:
    async with await door.client(cast.bob) as bob:
        wrong = problem(
            await bob.post(f"{V1}/uploads", headers={"Upload-Length": "5", "Tus-Resumable": "0.2.2"}), 412, "tus_version"
        )
        assert "1.0.0" in wrong["detail"]
        assert (await bob.post(f"{V1}/uploads")).headers["tus-version"] == "1.0.0"
        for size in ("", "-1", "0", "1.5", "9" * 40, "٣"):
            answer = await bob.post(f"{V1}/uploads", headers=V | {"Upload-Length": size.encode()})
            problem(answer, 422, "invalid")
        problem(await create(bob, 10**12), 413, "too_large")
        for metadata in ("filename !!!", "filename " + "é", "filename /////w==", "x" * 9000, "folder_id eA=="):
            answer = await bob.post(
                f"{V1}/uploads", headers=V | {"Upload-Length": "5", "Upload-Metadata": metadata.encode("latin-1")}
            )
            problem(answer, 422, "invalid")
        for key, value in (("on_duplicate", "perhaps"), ("sha256", "zz"), ("sha256", "é")):
            problem(await create(bob, **{key: value}), 422, "invalid")
        problem(await create(bob, folder_id=str(cast.closed)), 404, "not_found")
        where = (await create(bob)).headers["location"]
        problem(await bob.patch(where, content=DATA, headers=V | {"Upload-Offset": "0"}), 415, "unsupported_media")
        problem(await append(bob, where, "x", DATA), 422, "invalid")
        for checksum in ("md5 AAAA", "sha256", "sha256 é", "sha256 !"):
            answer = await bob.patch(
                where, content=DATA, headers=PIECE | {"Upload-Offset": "0", "Upload-Checksum": checksum.encode("latin-1")}
            )
            problem(answer, 422, "invalid")
        problem(await append(bob, where, 0, b"<html>" + bytes(200)), 415, "unsupported_media")
        problem(await bob.patch(f"{V1}/uploads/nothing", content=b"", headers=PIECE | {"Upload-Offset": "0"}), 422, "invalid")
    async with await door.client(cast.petra) as petra:
        problem(await create(petra, folder_id=str(cast.shared)), 403, "refused")

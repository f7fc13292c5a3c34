"""Fuzzing: requests made up from the OpenAPI document, right and wrong, as an admin and as a viewer. Never a 5xx, and every answer as
documented. The same requests at every run."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import suppress
from functools import cache
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance
from sqlalchemy import text

from tests.factories import add_consent, add_person, add_photo
from tests.house import Cast, Door, the_api

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 5
for binary in ("application/offset+octet-stream", "application/zip"):
    schemathesis.serializer.alias(binary, "application/octet-stream")
# A fuzzed sign-in costs half a second of argon2 and says nothing more than the tests of accounts do.
LEFT_OUT = {("POST", "/api/v1/session"), ("POST", "/api/v1/setup"), ("PUT", "/api/v1/me/password")}
# Says 503, and nothing more, where no vision worker runs: tests/people/test_by_picture.py sends it what it should and should not take.
LEFT_OUT |= {("POST", "/api/v1/people/find-by-picture")}
# A request, and those ids of its path that are to be of things that exist, as in half of the right ones: so they come past the first look-up.
Made = tuple[Any, dict[str, Any]]


def spec() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(the_api().openapi()))
    return document


def operations() -> list[Any]:
    found = [result.ok() for result in schemathesis.openapi.from_dict(spec()).get_all_operations()]
    return [one for one in found if (one.method.upper(), one.path) not in LEFT_OUT]


async def ids_of(cast: Cast) -> dict[str, str]:
    anna, bea = await add_person(cast.container, "Anna"), await add_person(cast.container, "Bea")
    photo = await add_photo(cast.container, cast.shared, [anna], unknown_faces=1)
    consent = await add_consent(cast.container, cast.alice, anna, "website")
    async with cast.container.sessions() as db:
        face = await db.scalar(text("SELECT id FROM faces WHERE state = 'unknown'"))
    return {
        "asset_id": str(photo), "person_id": str(anna), "into": str(bea), "face_id": str(face), "consent_id": str(consent.id),
        "folder_id": str(cast.shared), "user_id": str(cast.bob.user_id), "name": "thumb",
    }  # fmt: skip


@pytest.mark.parametrize("who", ["alice", "charlie"])
async def test_whatever_is_asked_the_answer_is_as_documented(cast: Cast, door: Door, who: str) -> None:
    ids = await ids_of(cast)
    await cast.grant(cast.charlie, cast.shared, "view")
    loop = asyncio.get_running_loop()
    statuses: Counter[int] = Counter()
    async with await door.client(getattr(cast, who)) as http:

        async def send(request: httpx.Request) -> httpx.Response:
            answer = await http.send(request)
            statuses[answer.status_code] += 1
            return answer

        def fuzz() -> list[str]:
            failed: list[str] = []
            for operation, cases in made_up():
                try:
                    for case, real in cases:
                        case.path_parameters.update({name: ids.get(name, value) for name, value in real.items()})
                        request = _request(http, case.as_transport_kwargs(base_url=str(http.base_url).rstrip("/")))
                        if request is not None:
                            case.validate_response(asyncio.run_coroutine_threadsafe(send(request), loop).result(), checks=CHECKS)
                except BaseException as error:
                    failed.append(f"{operation.method.upper()} {operation.path}: {type(error).__name__} {str(error)[:1500]}")
            return failed

        failed = await asyncio.to_thread(fuzz)
    assert not failed, "\n\n".join(failed)
    # The requests are worth something: many are carried out, and many are wrong in a way that is told.
    done = sum(count for status, count in statuses.items() if status < 300)
    assert done > (120 if who == "alice" else 30), statuses
    assert statuses[422] > 50, statuses


@cache
def made_up() -> list[tuple[Any, list[Made]]]:
    """A few requests to each operation, right ones and wrong ones. Making them up takes longer than answering them: it is done once."""
    return [(one, _made_up(one, mode)) for one in operations() for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)]


def _made_up(operation: Any, mode: GenerationMode) -> list[Made]:
    found: list[Made] = []

    @seed(20261123)
    @settings(
        max_examples=EXAMPLES,
        derandomize=False,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), real=st.sampled_from([True, False]))
    def one(case: Any, real: bool) -> None:
        found.append((case, dict(case.path_parameters) if real and mode is GenerationMode.POSITIVE else {}))

    with suppress(Unsatisfiable):  # nothing can be sent wrongly to an operation without arguments
        one()
    return found


def _request(http: httpx.AsyncClient, made: dict[str, Any]) -> httpx.Request | None:
    """The request as the HTTP library of the fuzzer would write it; none when it cannot be written at all."""
    import requests

    made = {
        name: value
        for name, value in made.items()
        if name in {"method", "url", "headers", "params", "json", "data", "files", "cookies"}
    }
    try:
        prepared = requests.Request(**made).prepare()
        body = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body
        headers = {
            name: value for name, value in prepared.headers.items() if name.lower() not in ("user-agent", "authorization", "cookie")
        }
        return http.build_request(str(prepared.method), str(prepared.url), content=body, headers=headers)
    except (ValueError, UnicodeError, requests.exceptions.RequestException, httpx.InvalidURL):
        return None

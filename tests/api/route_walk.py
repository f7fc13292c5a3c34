"""How every route is walked: which there are, what lies in a closed folder to be asked for, and what may not have changed after."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from photobank.access.actor import system
from photobank.accounts import api_keys, departments, sessions
from photobank.consents import asking, paper, templates
from photobank.consents.asking import NewRequest
from photobank.delivery import watermarks, zips
from photobank.duplicates import stacks
from photobank.imaging.recipe import Mark
from photobank.kernel.ids import new_id
from photobank.library import assets, batches, bulk, collections, fields, folders, incoming, marks, resumable
from photobank.library.bulk import Change, Kind
from photobank.library.describing import Description
from photobank.models.accounts import User
from photobank.models.descriptions import FieldKind
from photobank.models.duplicates import DuplicatePair
from photobank.models.people import PersonMerge
from photobank.models.recognition import FaceModel
from photobank.models.requests import EventCode
from photobank.models.shares import Share
from photobank.people import review
from photobank.privacy import desk
from photobank.scope import Container
from tests.api.given import V1, faces_in_cluster
from tests.api.route_lines import TABLE
from tests.factories import add_consent, add_person, add_photo, change_asset, picture
from tests.house import Cast, the_api

SECRET = "Geheim"
UNTOUCHED = """
    asset_tags assets batch_files batches biometric_rules bulk_operations clusters collection_assets collections
    consent_alerts consent_requests consent_signers consent_template_versions consent_templates consent_uses consents
    custom_fields face_links face_models face_rejections face_templates faces favourites field_values folder_grants
    folders organisation people person_merges ratings shares unattended_rules uses
"""
PUBLIC, SIGNERS = ("/s/", "/embed/", "/bring/"), ("/c/", "/e/", "/calendar/")
TUS = {"Tus-Resumable": "1.0.0", "Upload-Length": "999", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}


def routes() -> set[str]:
    """Every method and path that the app answers, documented or not, without the prefix of version 1."""
    app = the_api()
    found = {(method.upper(), path) for path, item in app.openapi()["paths"].items() for method in item}
    found |= {(method, str(path)) for path, methods in mounted(app.routes) for method in methods}
    found = {(method, path) for method, path in found if path != "/api/{rest:path}"}  # answers 404 and 405 alone
    # For people without an account; walked by tests/sharing/test_every_public_route.py and, in tests/consents, by
    # test_signer_pages.py, test_event_codes.py and test_calendar.py.
    found = {(method, path) for method, path in found if not path.startswith((*PUBLIC, *SIGNERS))}
    plain = {(method, path) for method, path in found if method != "HEAD" or ("GET", path) not in found or "by-hash" in path}
    return {f"{method} {path.removeprefix(V1) if 'openapi' not in path else path}" for method, path in plain}


def mounted(found: Any) -> Iterator[tuple[str, set[str]]]:
    """Path and methods of what the app serves, through the routers it includes."""
    for route in found:
        if hasattr(route, "effective_candidates"):  # what FastAPI makes of an included router
            yield from mounted(route.effective_candidates())
        else:
            yield route.path, route.methods


@dataclass
class Things:
    """Ids of things that only Alice and Petra may see, or of nothing at all."""

    ids: dict[str, str]

    def fill(self, template: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda found: self.ids[found[1]], template)

    def request(self, route: str) -> tuple[str, str, Any]:
        method, path = route.split(" ")
        line = TABLE[route]
        prefix = "" if path.startswith(("/api/", "/healthz", "/readyz", "/metrics")) else V1
        body = json.loads(re.sub(r"\{(\w+_id)\}", lambda found: self.ids[found[1]], json.dumps(line.body)))
        return method, self.fill(prefix + path + line.query), body

    @classmethod
    def that_never_were(cls, like: Things) -> Things:
        # What fields and forms the organisation has is no secret; what they hold, and who was asked, is.
        names = {
            "name": "thumb",
            "token": "u" * 32,
            "number": "1",
            "preset": "x",
            "sha256": hashlib.sha256(b"never").hexdigest(),
            "field_id": like.ids["field_id"],
        }
        return cls({name: names.get(name, str(uuid4())) for name in like.ids})


async def hide(cast: Cast) -> Things:
    """A photo in the closed folder, with everything that hangs on it."""
    box = cast.container
    person, other = await add_person(box, f"Anna {SECRET}"), await add_person(box, f"Bea {SECRET}")
    photo, second = await add_photo(box, cast.closed, [person], title=SECRET), await add_photo(box, cast.closed, [other], seed=1)
    await change_asset(box, photo, filename=f"{SECRET}.jpg")
    cluster, faces = await faces_in_cluster(box, [photo, second])
    other_cluster, _ = await faces_in_cluster(box, [second])
    digest = hashlib.sha256(picture(0)).digest()
    async with cast.scope(system()) as scope:
        index = incoming.content_index(scope, digest)
    await change_asset(box, photo, content_index=index)
    consent = await add_consent(box, cast.alice, person, "website")
    async with cast.scope(cast.alice) as scope:
        batch = await batches.create(scope, folder_id=cast.closed, event=SECRET)
        upload = await resumable.create(scope, size=999, filename=f"{SECRET}.jpg", folder_id=cast.closed, batch_id=batch.id)
        key = await api_keys.create(scope, SECRET)
        grant = await folders.give(scope, cast.closed, "user", str(cast.petra.user_id), "view")
        user = await scope.db.get(User, cast.alice.user_id)
        assert user is not None
        await sessions.create(scope, user)
        action = await review.unassign(scope, faces[0])
        model = FaceModel(pack=SECRET, created_at=scope.now())
        merge = PersonMerge(gone_id=other, kept_id=person, merged_at=scope.now(), moved={"faces": [], "consents": []})
        scope.db.add_all([model, merge])
        await scope.db.flush()
        session = (await sessions.list_own(scope))[0].id
        stack = await stacks.make(scope, [photo, second])
        pair = DuplicatePair(
            id=new_id(), older_id=photo, newer_id=second, matrix=[1.0, 0.0, 0.0, 0.0, 1.0, 0.0], found_at=scope.now()
        )
        scope.db.add(pair)
        field = await fields.define(scope, "Afdeling", "Department", FieldKind.text)
        await assets.edit(scope, photo, Description(tags=(SECRET,), fields={field.id: SECRET}))
        await marks.rate(scope, [photo], 5)
        department = await departments.create(scope, "Zorg", [cast.alice.user_id] if cast.alice.user_id else [])
        kept = await collections.create(scope, SECRET)
        await collections.add(scope, kept.id, [photo])
        form = (await templates.adopt(scope, "general_consent")).row.id
        asked = await asking.ask(scope, NewRequest(person_id=person, template_id=form, way="link"))
        mark = await watermarks.make(scope, SECRET, Mark(), words=SECRET)
        packed = await zips.order(scope, [photo], "internal", "web")
        share = Share(user_id=cast.alice.user_id, token_hash=b"x", title=SECRET, use_id="website", created_at=scope.now())
        scope.db.add(share)
        asks = await desk.enter(scope, person, "access")
        code = EventCode(
            template_id=form, folder_id=cast.closed, title=SECRET, token_hash=b"e", created_at=scope.now(), ends_at=scope.now()
        )
        scope.db.add(code)
        scan = await paper.add(scope, consent.id, b"%PDF-1.7 x")
        done = await bulk.apply(scope, [photo], Change(kind=Kind.describe, description=Description(credit=SECRET)))
    ids: dict[str, Any] = {
        "watermark_id": mark.id, "zip_id": packed.id, "preset": "x",
        "share_id": share.id, "pair_id": pair.id, "stack_id": stack.id, "second_id": second,
        "asset_id": photo, "folder_id": cast.closed, "person_id": person, "other_id": other, "face_id": faces[0],
        "batch_id": batch.id, "cluster_id": cluster, "consent_id": consent.id, "upload_id": upload.upload_id, "user_id": cast.alice.user_id,
        "session_id": session, "key_id": key.row.id, "grant_id": grant.id, "sha256": digest.hex(), "name": "thumb", "number": 1,
        "field_id": field.id, "model_id": model.id, "action_id": action, "collection_id": kept.id, "operation_id": done.operation_id,
        "department_id": department.id, "merge_id": merge.id, "template_id": form, "request_id": asked.id,
        "privacy_request_id": asks.id, "paper_id": scan.id, "signer_id": asked.signers[0].id, "key": "general_consent",
        "event_code_id": code.id,
    }  # fmt: skip
    assert other_cluster != cluster
    return Things({name: str(id_) for name, id_ in ids.items()})


async def call(http: httpx.AsyncClient, things: Things, route: str, **headers: str) -> httpx.Response:
    method, path, body = things.request(route)
    extra = TUS | {"Upload-Metadata": _metadata(things)} if "/uploads" in path and method != "OPTIONS" else {}
    if route == "POST /assets":
        return await http.post(path, content=picture(0), headers={"Upload-Filename": "x.jpg"} | headers)
    return await http.request(method, path, json=body, headers=extra | headers)


def _metadata(things: Things) -> str:
    return f"folder_id {base64.b64encode(things.ids['folder_id'].encode()).decode()}"


def plain(answer: httpx.Response, things: Things) -> tuple[int, str]:
    """An answer without what is different each time: the request's id, and the ids that were asked for."""
    said = re.sub(r'"request_id":"[0-9a-f]+"', "", answer.text)
    for name, id_ in things.ids.items():
        said = said.replace(id_, name)
    return answer.status_code, said


async def fingerprint(container: Container) -> dict[str, str]:
    """What lies in the tables that a stranger might want to change."""
    queries = {
        name: f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {name} t" for name in UNTOUCHED.split()
    }
    queries["uploads"] = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY id), '')) FROM uploads t"
    queries["users"] = (
        "SELECT string_agg(id || role || password_hash || coalesce(disabled_at::text, ''), '|' ORDER BY id) FROM users"
    )
    queries["keys"] = "SELECT count(*) || '' FROM api_keys WHERE revoked_at IS NOT NULL"
    queries["sessions"] = "SELECT count(*) || '' FROM sessions WHERE revoked_at IS NOT NULL"
    queries["departments"] = (
        "SELECT string_agg(d.name || m.user_id, '|') FROM departments d JOIN department_members m ON m.department_id = d.id"
    )

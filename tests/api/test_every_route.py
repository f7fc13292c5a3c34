"""Walks every route there is, as nobody, as a viewer without grants, with a key that may only read, and with a cookie but no CSRF
token, and compares each answer with what is written down here. A route without a line in the table fails."""

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
import pytest
from sqlalchemy import text

from photobank.access.actor import system
from photobank.accounts import api_keys, departments, sessions
from photobank.api.app import create_api
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
from tests.api.given import V1, browser, faces_in_cluster
from tests.factories import add_consent, add_person, add_photo, change_asset, picture
from tests.house import Cast, Door

SECRET = "Geheim"
ELSEWHERE = "https://evil.example"


@dataclass(frozen=True)
class Line:
    """What a route answers: to nobody, to Charlie about things in a closed folder, and to Alice's key that may only read them.

    `body` is sent as JSON, `query` after the path; ids in braces stand for those things.
    """

    nobody: int
    charlie: int
    read_key: int
    body: Any = None
    query: str = ""


ASK = {"use": "internal"}
FACES = {"face_ids": ["{face_id}"]}
PERSON = {"person_id": "{person_id}"}
NEW_USER = {"email": "mallory@evil.example", "name": "Mallory", "role": "admin"}
SETUP = {
    "token": "guess", "organisation": "Evil", "name": "Mallory", "email": "m@evil.example", "password": "a long one of evil 12",
}  # fmt: skip
DECISION = {"id": "{face_id}", "verb": "confirm", "face_ids": ["{face_id}"], "person_id": "{person_id}"}
BANNER = {"label_nl": "Mijn", "label_en": "Mine", "width": 600, "height": 200}
INSTALL = {"name": "evil", "address": "https://evil.example/pack.zip", "sha256": "0" * 64}
WHY = {"reason": "Rechtszaak"}
OF_FOLDER = {"scope": "folder", "scope_ids": ["{folder_id}"]}
WORDS = {"name": "a", "title": "b", "intro": "c", "terms": "d", "declaration": "e", "uses": {"website": "f"}}
FORM = {"uses": ["website"], "nl": WORDS, "en": WORDS}
ABOUT = "?folder_id={folder_id}"

TABLE: dict[str, Line] = {
    "GET /healthz": Line(200, 200, 200),
    "GET /readyz": Line(200, 200, 200),
    "GET /metrics": Line(404, 404, 404),
    "GET /api/docs": Line(200, 200, 200),
    "GET /api/docs/": Line(200, 200, 200),
    "GET /api/v1/openapi.json": Line(200, 200, 200),
    # Who one is
    "POST /session": Line(401, 401, 401, {"email": "alice@lelie.example", "password": "wrong"}),
    "GET /session": Line(401, 200, 200),
    "DELETE /session": Line(401, 403, 403),
    "POST /setup": Line(404, 404, 404, SETUP),
    "GET /me": Line(401, 200, 200),
    "PATCH /me": Line(401, 200, 403, {"theme": "dark"}),
    "PUT /me/password": Line(401, 422, 403, {"current": "wrong", "new": "a long new password 12"}),
    "GET /me/sessions": Line(401, 200, 403),
    "DELETE /me/sessions/{session_id}": Line(401, 404, 403),
    "GET /keys": Line(401, 200, 403),
    "POST /keys": Line(401, 403, 403, {"name": "mine", "user_id": "{user_id}"}),
    "DELETE /keys/{key_id}": Line(401, 404, 403),
    # The house
    "GET /users": Line(401, 403, 403),
    "POST /users": Line(401, 403, 403, NEW_USER),
    "PATCH /users/{user_id}": Line(401, 403, 403, {"role": "viewer"}),
    "GET /departments": Line(401, 200, 200),
    "POST /departments": Line(401, 403, 403, {"name": "Evil", "members": ["{user_id}"]}),
    "PATCH /departments/{department_id}": Line(401, 403, 403, {"name": "Evil", "members": []}),
    "DELETE /departments/{department_id}": Line(401, 403, 403),
    "GET /audit/events": Line(401, 403, 403),
    # Photos
    "POST /assets": Line(401, 404, 403, query="?folder_id={folder_id}"),
    "GET /assets": Line(401, 200, 200, query=ABOUT + "&ids={asset_id}"),
    "GET /assets/by-hash/{sha256}": Line(401, 404, 200),
    "HEAD /assets/by-hash/{sha256}": Line(401, 404, 200),
    "GET /assets/count": Line(401, 200, 200, query=ABOUT),
    "GET /assets/months": Line(401, 200, 200, query=ABOUT),
    "GET /assets/blocks": Line(401, 200, 200, query=ABOUT + "&month=2026-11"),
    "POST /assets/no-people": Line(401, 404, 403, {"asset_ids": ["{asset_id}"]}),
    "GET /assets/{asset_id}": Line(401, 404, 200),
    "PATCH /assets/{asset_id}": Line(401, 404, 403, {"title": "mine"}),
    "DELETE /assets/{asset_id}": Line(401, 404, 403),
    "POST /assets/{asset_id}/restore": Line(401, 404, 404),
    "POST /assets/{asset_id}/faces/look-again": Line(401, 404, 403),
    "POST /assets/bulk": Line(401, 403, 403, {"asset_ids": ["{asset_id}"], "change": {"title": "mine"}}),
    "PUT /assets/{asset_id}/favourite": Line(401, 404, 403),
    "DELETE /assets/{asset_id}/favourite": Line(401, 404, 403),
    "PUT /assets/{asset_id}/rating": Line(401, 404, 403, {"stars": 1}),
    "DELETE /assets/{asset_id}/rating": Line(401, 404, 403),
    "POST /assets/bulk/plan": Line(401, 403, 403, {"asset_ids": ["{asset_id}"]}),
    "GET /bulk-operations": Line(401, 200, 403),
    "POST /bulk-operations/{operation_id}/undo": Line(401, 404, 403),
    "POST /assets/{asset_id}/archive": Line(401, 404, 403),
    "POST /assets/{asset_id}/unarchive": Line(401, 404, 403),
    "PUT /assets/{asset_id}/lock": Line(401, 403, 403, WHY),
    "DELETE /assets/{asset_id}/lock": Line(401, 403, 403),
    "PUT /assets/{asset_id}/hold": Line(401, 403, 403, WHY),
    "DELETE /assets/{asset_id}/hold": Line(401, 403, 403),
    "GET /trash": Line(401, 200, 200),
    "POST /trash/empty": Line(401, 403, 403),
    "GET /me/confirmation": Line(401, 200, 403),
    "POST /me/confirmation": Line(401, 403, 403, {"proof": "wrong"}),
    "DELETE /me/confirmation": Line(401, 204, 403),
    "GET /collections": Line(401, 200, 200),
    "POST /collections": Line(401, 403, 403, {"name": "Mine", "kind": "team"}),
    "GET /collections/{collection_id}": Line(401, 404, 200),
    "PATCH /collections/{collection_id}": Line(401, 404, 403, {"name": "Mine"}),
    "DELETE /collections/{collection_id}": Line(401, 404, 403),
    "GET /collections/{collection_id}/assets": Line(401, 404, 200),
    "POST /collections/{collection_id}/assets": Line(401, 404, 403, {"asset_ids": ["{asset_id}"]}),
    "POST /collections/{collection_id}/assets/remove": Line(401, 404, 403, {"asset_ids": ["{asset_id}"]}),
    "POST /collections/{collection_id}/order": Line(401, 404, 403, {"asset_ids": ["{asset_id}"]}),
    "GET /fields": Line(401, 200, 200),
    "POST /fields": Line(401, 403, 403, {"label_nl": "Mijn", "label_en": "Mine", "kind": "text"}),
    "PATCH /fields/{field_id}": Line(401, 403, 403, {"retired": True}),
    "GET /tags": Line(401, 200, 200),
    "POST /assets/{asset_id}/faces": Line(401, 404, 403, {"box": [0.1, 0.1, 0.2, 0.2]}),
    "GET /assets/{asset_id}/renditions/{name}": Line(401, 404, 403),
    "GET /assets/{asset_id}/neighbours": Line(401, 404, 200),
    "GET /assets/{asset_id}/versions": Line(401, 404, 200),
    "POST /assets/{asset_id}/versions": Line(401, 404, 403),
    "POST /assets/{asset_id}/versions/{number}/restore": Line(401, 404, 403),
    "DELETE /assets/{asset_id}/versions/{number}": Line(401, 403, 403),
    "GET /assets/{asset_id}/versions/{number}/renditions/{name}": Line(401, 404, 403),
    "GET /assets/{asset_id}/original": Line(401, 404, 404),
    "GET /assets/{asset_id}/permissions": Line(401, 404, 200),
    "POST /assets/{asset_id}/downloads": Line(401, 404, 403, ASK),
    "GET /assets/{asset_id}/redactions": Line(401, 404, 200),
    "GET /assets/{asset_id}/redacted": Line(401, 404, 403, query="?use=internal"),
    # Ways out
    "GET /presets": Line(401, 200, 200),
    "GET /presets/own": Line(401, 403, 403),
    "POST /presets/own": Line(401, 403, 403, BANNER),
    "PUT /presets/own/{preset}": Line(401, 403, 403, BANNER),
    "PATCH /presets/own/{preset}": Line(401, 403, 403, {"retired": True}),
    "GET /assets/{asset_id}/presets": Line(401, 404, 200),
    "PUT /assets/{asset_id}/cuts/{preset}": Line(401, 404, 403, {"left": 0, "top": 0}),
    "DELETE /assets/{asset_id}/cuts/{preset}": Line(401, 404, 403),
    "GET /watermarks": Line(401, 403, 403),
    "POST /watermarks": Line(401, 403, 403, {"name": "Mine", "words": "mine"}),
    "POST /watermarks/logo": Line(401, 403, 403, query="?name=mine"),
    "POST /watermarks/preview": Line(401, 403, 403, {"words": "mine"}),
    "POST /watermarks/place": Line(401, 403, 403, {"kind": "preset", "target": "x"}),
    "PUT /watermarks/{watermark_id}": Line(401, 403, 403, {"name": "Mine"}),
    "DELETE /watermarks/{watermark_id}": Line(401, 403, 403),
    "GET /zips": Line(401, 200, 403),
    "POST /zips": Line(401, 404, 403, {"asset_ids": ["{asset_id}"], "use": "internal"}),
    "GET /zips/{zip_id}": Line(401, 404, 403),
    "GET /zips/{zip_id}/file": Line(401, 404, 403),
    "POST /traces": Line(401, 403, 403),
    "POST /clearance": Line(401, 200, 200, {"asset_ids": ["{asset_id}"], "use": "internal"}),
    "GET /uses": Line(401, 200, 200),
    "OPTIONS /uploads": Line(204, 204, 204),
    "POST /uploads": Line(401, 404, 403),
    "HEAD /uploads/{upload_id}": Line(401, 403, 403),
    "PATCH /uploads/{upload_id}": Line(401, 403, 403),
    "DELETE /uploads/{upload_id}": Line(401, 403, 403),
    # Batches: one's own, so that Charlie, who may not upload, is refused before anything is looked for.
    "GET /batches": Line(401, 403, 403),
    "POST /batches": Line(401, 404, 403, {"folder_id": "{folder_id}"}),
    "GET /batches/{batch_id}": Line(401, 403, 403),
    "PATCH /batches/{batch_id}": Line(401, 403, 403, {"event": "mine"}),
    "GET /batches/{batch_id}/files": Line(401, 403, 403),
    "POST /batches/{batch_id}/check": Line(401, 403, 403, {"files": [{"sha256": "ab" * 32, "size": 1, "filename": "x.jpg"}]}),
    "GET /batches/{batch_id}/key": Line(401, 403, 403),
    # Shares: Charlie, who may look only, is refused before anything is looked for; a key that reads shares nothing.
    "GET /shares": Line(401, 403, 403),
    "POST /shares": Line(401, 403, 403, {"use": "internal", "asset_ids": ["{asset_id}"]}),
    "POST /shares/requests": Line(401, 403, 403, {"folder_id": "{folder_id}"}),
    "GET /shares/{share_id}": Line(401, 403, 403),
    "POST /shares/{share_id}/end": Line(401, 403, 403),
    "GET /shares/{share_id}/url": Line(401, 403, 403),
    "GET /shares/{share_id}/qr": Line(401, 403, 403),
    "GET /shares/{share_id}/snippet": Line(401, 403, 403),
    "GET /shares/{share_id}/visits": Line(401, 403, 403),
    # Folders
    "GET /folders": Line(401, 200, 200),
    "GET /folders/choices": Line(401, 200, 200),
    "POST /folders": Line(401, 403, 403, {"name": "Mine", "parent_id": "{folder_id}"}),
    "PATCH /folders/{folder_id}": Line(401, 404, 403, {"name": "Mine"}),
    "DELETE /folders/{folder_id}": Line(401, 404, 403),
    "POST /folders/{folder_id}/move": Line(401, 404, 403, {"parent_id": None}),
    "GET /folders/{folder_id}/access": Line(401, 404, 403),
    "GET /folders/{folder_id}/preview": Line(401, 404, 403, query="?user_id={user_id}"),
    "GET /folders/{folder_id}/grants": Line(401, 404, 403),
    "POST /folders/{folder_id}/grants": Line(
        401, 404, 403, {"principal_kind": "role", "principal": "viewer", "permission": "manage"}
    ),
    "DELETE /folders/{folder_id}/grants/{grant_id}": Line(401, 404, 403),
    # Near-copies and bursts
    "GET /duplicates": Line(401, 200, 200, query="?asset_id={asset_id}"),
    "GET /duplicates/summary": Line(401, 200, 200),
    "POST /duplicates/plan": Line(401, 403, 403, {"pair_ids": ["{pair_id}"]}),
    "POST /duplicates/clean-up": Line(401, 403, 403, {"pair_ids": ["{pair_id}"]}),
    "GET /duplicates/{pair_id}": Line(401, 404, 200),
    "POST /duplicates/{pair_id}/decide": Line(401, 404, 403, {"answer": "keep"}),
    "POST /duplicates/{pair_id}/undo": Line(401, 404, 403),
    "GET /stacks": Line(401, 200, 200),
    "POST /stacks": Line(401, 404, 403, {"asset_ids": ["{asset_id}", "{second_id}"]}),
    "GET /stacks/suggestions": Line(401, 403, 403),
    "GET /stacks/{stack_id}": Line(401, 404, 200),
    "PATCH /stacks/{stack_id}": Line(401, 404, 403, {"cover_id": "{asset_id}"}),
    "DELETE /stacks/{stack_id}": Line(401, 404, 403),
    "DELETE /stacks/{stack_id}/assets/{asset_id}": Line(401, 404, 403),
    # People and what they allowed
    "GET /people": Line(401, 403, 200, query="?search=geheim"),
    "POST /people": Line(401, 403, 403, {"name": "Mallory"}),
    "GET /people/{person_id}": Line(401, 403, 200),
    "PATCH /people/{person_id}": Line(401, 403, 403, {"name": "Mallory"}),
    "POST /people/{person_id}/merge": Line(401, 403, 403, {"into": "{other_id}"}),
    "GET /people/{person_id}/merge": Line(401, 403, 403, query="?into={other_id}"),
    "GET /people/doubles": Line(401, 403, 403),
    "POST /people/{person_id}/apart": Line(401, 403, 403, {"other": "{other_id}"}),
    "GET /people/{person_id}/merges": Line(401, 403, 403),
    "POST /people/{person_id}/merges/{merge_id}/undo": Line(401, 403, 403),
    "GET /people/{person_id}/together": Line(401, 403, 200),
    "POST /people/find-by-picture": Line(401, 403, 403),
    "GET /people/{person_id}/timeline": Line(401, 403, 200),
    "GET /people/{person_id}/clearance": Line(401, 403, 200),
    "GET /consents": Line(401, 403, 200, query="?person_id={person_id}"),
    "POST /consents": Line(401, 403, 403, PERSON | {"uses": ["website"]}),
    "GET /consents/{consent_id}": Line(401, 403, 200),
    "POST /consents/{consent_id}/withdraw": Line(401, 403, 403, {}),
    "POST /consents/{consent_id}/renew": Line(401, 403, 403, {}),
    "POST /consents/{consent_id}/send": Line(401, 403, 403, {}),
    "GET /consents/{consent_id}/evidence": Line(401, 403, 404),
    "GET /consents/{consent_id}/papers": Line(401, 403, 200),
    "POST /people/{person_id}/own-page": Line(401, 403, 403),
    "POST /consents/{consent_id}/papers": Line(401, 403, 403),
    "GET /consents/{consent_id}/papers/{paper_id}": Line(401, 403, 200),
    "GET /privacy-requests": Line(401, 403, 403),
    "POST /privacy-requests": Line(401, 403, 403, PERSON | {"kind": "access"}),
    "POST /privacy-requests/{privacy_request_id}/answer": Line(401, 403, 403, {"outcome": "granted"}),
    "GET /consent-requests": Line(401, 403, 200, query="?person_id={person_id}"),
    "POST /consent-requests": Line(401, 403, 403, PERSON | {"template_id": "{template_id}"}),
    "POST /consent-requests/many": Line(
        401, 403, 403, {"asset_ids": ["{asset_id}"], "uses": ["website"], "template_id": "{template_id}"}
    ),
    "POST /consent-requests/many/preview": Line(401, 403, 403, {"asset_ids": ["{asset_id}"], "uses": ["website"]}),
    "POST /consent-requests/list": Line(401, 403, 403, query="?template_id={template_id}"),
    "GET /consent-requests/{request_id}": Line(401, 403, 200),
    "POST /consent-requests/{request_id}/send": Line(401, 403, 403),
    "POST /consent-requests/{request_id}/cancel": Line(401, 403, 403),
    "POST /consent-requests/signers/{signer_id}/link": Line(401, 403, 403),
    "POST /consent-requests/signers/{signer_id}/address": Line(401, 403, 403, {"email": "m@evil.example"}),
    "GET /consent-rule": Line(401, 403, 403),
    "PUT /consent-rule": Line(401, 403, 403, {"alert_days": 1, "archive_days": 0, "delete_days": 1}),
    "GET /event-codes": Line(401, 403, 403),
    "POST /event-codes": Line(
        401, 403, 403, {"template_id": "{template_id}", "folder_id": "{folder_id}", "title": "Open dag", "last_day": "2026-11-30"}
    ),
    "GET /event-codes/{event_code_id}/address": Line(401, 403, 403),
    "POST /event-codes/{event_code_id}/close": Line(401, 403, 403),
    "GET /consent-alerts": Line(401, 403, 200),
    "POST /consent-alerts/seen": Line(401, 403, 403),
    "GET /consent-timeline": Line(401, 403, 200),
    "GET /me/calendar": Line(401, 200, 403),
    "POST /me/calendar": Line(401, 403, 403),
    "DELETE /me/calendar": Line(401, 204, 403),
    "GET /consent-templates": Line(401, 403, 200),
    "POST /consent-templates": Line(401, 403, 403, {"content": FORM}),
    "GET /consent-templates/starters": Line(401, 403, 200),
    "POST /consent-templates/starters/{key}": Line(401, 403, 403),
    "GET /consent-templates/{template_id}": Line(401, 403, 200),
    "PUT /consent-templates/{template_id}": Line(401, 403, 403, FORM),
    "POST /consent-templates/{template_id}/retire": Line(401, 403, 403, {"retired": True}),
    "GET /consent-templates/{template_id}/preview": Line(401, 403, 200),
    "POST /uses": Line(401, 403, 403, {"label_nl": "Kwaad", "label_en": "Evil"}),
    # Review
    "GET /faces": Line(401, 403, 200, query="?asset_id={asset_id}"),
    "GET /faces/{face_id}/crop": Line(401, 404, 403),
    "POST /faces/{face_id}/confirm": Line(401, 403, 403, PERSON),
    "POST /faces/{face_id}/reject": Line(401, 403, 403, PERSON),
    "POST /faces/{face_id}/ignore": Line(401, 403, 403),
    "POST /faces/{face_id}/unassign": Line(401, 403, 403),
    "POST /review/undo": Line(401, 403, 403, {}),
    "POST /clusters/{cluster_id}/claim": Line(401, 403, 403),
    "POST /review/decisions": Line(401, 403, 403, {"decisions": [DECISION]}),
    "GET /review/progress": Line(401, 403, 403),
    "GET /review/empty": Line(401, 403, 403),
    "DELETE /review/claim": Line(401, 403, 403),
    "GET /review/actions": Line(401, 403, 403),
    "GET /review/actions/{action_id}": Line(401, 403, 403),
    "GET /biometrics": Line(401, 403, 403),
    "PUT /biometrics/rule": Line(401, 403, 403, {"basis": "documented", "reason": "because we said so, loudly", "days": 365}),
    "GET /people/{person_id}/biometrics": Line(401, 403, 200),
    "PUT /people/{person_id}/biometrics": Line(401, 403, 403, {"on": True}),
    "GET /face-models": Line(401, 403, 403),
    "POST /face-models": Line(401, 403, 403, {"pack": "open", "acknowledge": True}),
    "POST /face-models/install": Line(401, 403, 403, INSTALL),
    "POST /face-models/look-again": Line(401, 403, 403),
    "PUT /face-models/packs/{name}": Line(401, 403, 403, query="?sha256=" + "0" * 64),
    "GET /face-models/{model_id}": Line(401, 403, 403),
    "DELETE /face-models/{model_id}": Line(401, 403, 403),
    "POST /face-models/{model_id}/activate": Line(401, 403, 403),
    "POST /face-models/{model_id}/score": Line(401, 403, 403),
    "GET /clusters": Line(401, 403, 403),
    "GET /clusters/{cluster_id}": Line(401, 403, 403),
    "POST /clusters/{cluster_id}/confirm": Line(401, 403, 403, PERSON),
    "POST /clusters/{cluster_id}/ignore": Line(401, 403, 403, {}),
    "POST /clusters/{cluster_id}/split": Line(401, 403, 403, FACES),
    "POST /clusters/{cluster_id}/merge": Line(401, 403, 403, {"cluster_id": "{other_id}"}),
}

# What a signed-in caller may do without CSRF: nothing but what takes no cookie for a proof.
WITHOUT_CSRF = {"POST /session", "POST /setup"}
SAFE = ("GET", "HEAD", "OPTIONS")
PUBLIC, SIGNERS = ("/s/", "/embed/", "/bring/"), ("/c/", "/e/", "/calendar/")
TUS = {"Tus-Resumable": "1.0.0", "Upload-Length": "999", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}


def routes() -> set[str]:
    """Every method and path that the app answers, documented or not, without the prefix of version 1."""
    app = create_api()
    found = {(method.upper(), path) for path, item in app.openapi()["paths"].items() for method in item}
    found |= {(method, str(path)) for path, methods in _mounted(app.routes) for method in methods}
    found = {(method, path) for method, path in found if path != "/api/{rest:path}"}  # answers 404 and 405 alone
    # For people without an account; walked by tests/sharing/test_every_public_route.py and, in tests/consents, by
    # test_signer_pages.py, test_event_codes.py and test_calendar.py.
    found = {(method, path) for method, path in found if not path.startswith((*PUBLIC, *SIGNERS))}
    plain = {(method, path) for method, path in found if method != "HEAD" or ("GET", path) not in found or "by-hash" in path}
    return {f"{method} {path.removeprefix(V1) if 'openapi' not in path else path}" for method, path in plain}


def _mounted(found: Any) -> Iterator[tuple[str, set[str]]]:
    for route in found:
        if hasattr(route, "effective_candidates"):  # what FastAPI makes of an included router
            yield from _mounted(route.effective_candidates())
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


@pytest.fixture
async def hidden(cast: Cast) -> Things:
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
        name: f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {name} t"
        for name in (
            "assets",
            "faces",
            "people",
            "clusters",
            "face_links",
            "face_rejections",
            "face_templates",
            "person_merges",
            "face_models",
            "biometric_rules",
            "asset_tags",
            "custom_fields",
            "field_values",
            "favourites",
            "ratings",
            "collections",
            "collection_assets",
            "bulk_operations",
            "folders",
            "folder_grants",
            "consents",
            "consent_alerts",
            "organisation",
            "consent_templates",
            "consent_template_versions",
            "consent_requests",
            "consent_signers",
            "uses",
            "batches",
            "batch_files",
            "shares",
        )
    }
    queries["consent_uses"] = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM consent_uses t"
    queries["uploads"] = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY id), '')) FROM uploads t"
    queries["users"] = (
        "SELECT string_agg(id || role || password_hash || coalesce(disabled_at::text, ''), '|' ORDER BY id) FROM users"
    )
    queries["keys"] = "SELECT count(*) || '' FROM api_keys WHERE revoked_at IS NOT NULL"
    queries["sessions"] = "SELECT count(*) || '' FROM sessions WHERE revoked_at IS NOT NULL"
    queries["departments"] = (
        "SELECT string_agg(d.name || m.user_id, '|') FROM departments d JOIN department_members m ON m.department_id = d.id"
    )
    async with container.sessions() as db:
        return {name: str(await db.scalar(text(query))) for name, query in queries.items()}


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

"""A stand-in for the REST API: a few thousand made-up photos from the pictures that scikit-image carries, and a forgetful tus server."""

from __future__ import annotations

import base64
import io
import json
import random
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import skimage.data
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from PIL import Image

from components.shield import STATES
from photobank.imaging.fingerprint import thumbhash

NAMES = ("astronaut", "camera", "coffee", "chelsea", "rocket", "page", "coins", "moon")
RATIOS = (1.5, 1.33, 0.75, 1.0, 1.78, 1.5, 0.67, 1.33)
TOTAL = 3418
START = datetime(2026, 11, 22, 14, 6, tzinfo=UTC)
USES = ("internal", "website", "social", "print", "press", "advertising", "research")

api = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
uploads: dict[str, dict[str, Any]] = {}


@cache
def picture(number: int, longest: int) -> tuple[bytes, str, int, int]:
    """A crop of one of the pictures: JPEG, ThumbHash, width, height."""
    name = NAMES[number % len(NAMES)]
    whole = Image.fromarray(getattr(skimage.data, name)()).convert("RGB")
    ratio = RATIOS[(number * 7) % len(RATIOS)]
    wide, high = (whole.width, whole.width / ratio) if whole.width / whole.height < ratio else (whole.height * ratio, whole.height)
    left, top = (whole.width - wide) / 2, (whole.height - high) * 0.2
    cut = whole.crop((int(left), int(top), int(left + wide), int(top + high)))
    cut.thumbnail((longest, longest))
    out = io.BytesIO()
    cut.save(out, "JPEG", quality=85)
    small = cut.copy()
    small.thumbnail((100, 100))
    import numpy as np

    return out.getvalue(), base64.b64encode(thumbhash(np.asarray(small))).decode(), cut.width, cut.height


@cache
def item(number: int) -> dict[str, Any]:
    """One made-up asset."""
    roll = random.Random(number)
    _, placeholder, width, height = picture(number % 56, 400)
    state = roll.choices(STATES, weights=(50, 12, 3, 4, 7, 9, 14, 1))[0]
    taken = START - timedelta(hours=number * 7 + roll.random())
    asset = "processing" if number in (1, 2) else "rejected" if number == 9 else "ready"
    return {
        "id": f"a{number:05d}", "state": asset, "title": f"{NAMES[number % 8].title()} {number}", "filename": f"DSC_{number:04d}.jpg",
        "width": None if asset != "ready" else width * 10, "height": None if asset != "ready" else height * 10,
        **dict.fromkeys(("taken_at", "sort_at", "created_at"), taken.isoformat()), "placeholder": placeholder if asset == "ready" else None,
        "clearance": {use: {"state": state, "valid_until": "2026-12-14" if state == "expiring" else None} for use in USES},
        "people_count": roll.choice((0, 1, 1, 3, 9)),
    }  # fmt: skip


def cursor_of(number: int) -> str:
    """Where a photo stands in the list, as the API writes it."""
    raw = json.dumps([item(number)["sort_at"], item(number)["id"]])
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def after(cursor: str | None) -> int:
    """The number of the photo after a cursor."""
    return int(json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))[1][1:]) + 1 if cursor else 0


@cache
def by_month() -> dict[str, list[int]]:
    """The numbers of the photos of each month, newest first."""
    found: dict[str, list[int]] = {}
    for number in range(TOTAL):
        found.setdefault(item(number)["sort_at"][:7], []).append(number)
    return found


@api.get("/api/v1/assets")
async def assets(
    limit: int = 50, cursor: str | None = None, until: str | None = None, month: str = "", ids: str = "", show: str = ""
) -> Any:
    """Keyset pages; `show` = empty or error for those states."""
    if show == "error":
        return JSONResponse({"code": "unavailable"}, 503)
    if ids:
        return {
            "items": [
                item(int(one[1:])) | {"clearance": {u: {"state": "revoked", "valid_until": None} for u in USES}}
                for one in ids.split(",")
            ],
            "next_cursor": None,
        }
    numbers = [] if show == "empty" else by_month()[month] if month else range(TOTAL)
    last = after(until) if until else TOTAL
    found = [number for number in numbers if after(cursor) <= number < last]
    more = cursor_of(found[limit - 1]) if len(found) > limit else None
    return {"items": [item(number) for number in found[:limit]], "next_cursor": more}


@api.get("/api/v1/assets/months")
async def months(show: str = "") -> Any:
    """How many photos each month has."""
    counted = [] if show else [{"month": f"{month}-01", "count": len(found)} for month, found in by_month().items()]
    return {"items": counted, "next_cursor": None}


@api.get("/api/v1/assets/blocks")
async def blocks(month: str, size: int = 100, cursor: str | None = None) -> Any:
    """A month cut into blocks."""
    numbers = [number for number in by_month()[month] if number >= after(cursor)]
    cut = [numbers[at : at + size] for at in range(0, len(numbers), size)]
    return {"items": [{"end": cursor_of(one[-1]), "count": len(one), "ratios": len(one) * 1.3} for one in cut], "next_cursor": None}


@api.get("/api/v1/folders/choices")
async def choices(search: str = "", below: str = "", only: str = "") -> Any:
    """Three folders: one with one below it, and one by itself."""
    rows = [("f0", "", "Communicatie", True), ("f1", "f0", "Evenementen", False), ("f2", "", "Archief", False)]
    found = [
        {"id": id_, "name": name, "above": ["Communicatie"] if above else [], "permission": "edit", "photos": 12, "branches": more}
        for id_, above, name, more in rows
        if (id_ == only if only else search.lower() in name.lower() if search else above == below)
    ]
    return {"items": found, "next_cursor": None}


@api.post("/api/v1/batches")
@api.get("/api/v1/batches/{key}")
@api.patch("/api/v1/batches/{key}")
async def batch(key: str = "b1") -> Any:
    """The one batch."""
    said = {"folder_id": "f1", "event": "Open dag", "photographer": "", "tags": ["open dag"], "files": 0, "size": 0}
    return said | {"id": key, "created_at": "2026-11-26T10:42:00Z", "closed_at": None, "counts": {}}


@api.get("/api/v1/batches/{key}/key")
async def browser_key(key: str) -> Any:
    """Of zeros."""
    return {"key": base64.b64encode(bytes(32)).decode()}


@api.post("/api/v1/batches/{key}/check")
async def check(key: str, request: Request) -> Any:
    """Every fourth file is already here."""
    found = item(5)
    clearance = {use: one["state"] for use, one in found["clearance"].items()}
    here = {
        "asset_id": found["id"],
        "sent": False,
        "upload": None,
        "title": "Groep",
        "filename": "Groep.jpg",
        "clearance": clearance,
    }
    fresh = {"asset_id": None, "sent": False, "upload": None, "clearance": {}}
    return {"items": [here if int(one["sha256"][:2], 16) % 4 == 0 else fresh for one in (await request.json())["files"]]}


@api.get("/api/v1/batches/{key}/files")
async def files(key: str) -> Any:
    """Half of what has arrived is ready, one in five is rejected."""
    states = ("approved", "needs_review", "no_people")
    arrived = [name for name, upload in uploads.items() if upload["offset"] >= upload["size"]]
    items = [
        {
            "id": name, "filename": uploads[name]["name"], "size": uploads[name]["size"], "asset_id": asset_of(name), "title": "",
            "standing": "rejected" if n % 5 == 4 else "ready" if n < len(arrived) * 2 // 3 else "faces",
            "rejection": "damaged", "open_faces": 2 if n % 3 == 1 else 0, "clearance": {"website": states[n % 3]},
        }
        for n, name in enumerate(arrived)
    ]  # fmt: skip
    return {"items": items, "next_cursor": None, "as_of": "2026-11-26T10:42:00Z"}


@api.get("/api/v1/tags")
async def tags() -> Any:
    """Two."""
    return {
        "items": [{"id": "t1", "name": "herfst", "photos": 3}, {"id": "t2", "name": "rondleiding", "photos": 1}],
        "next_cursor": None,
    }


@api.get("/api/v1/assets/{asset_id}/renditions/{name}")
async def renditions(asset_id: str, name: str, r: str = "") -> Response:
    """The picture."""
    if asset_id[0] != "a" or (r and name == "thumb"):
        return JSONResponse({"code": "clearance_refused"}, 403)
    data, *_ = picture(int(asset_id[1:]) % 56, 400 if name == "thumb" else 1600)
    return Response(data, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=60"})


@api.post("/api/v1/uploads")
async def create(request: Request) -> Response:
    """Begin."""
    told = dict(pair.strip().split(" ") for pair in request.headers["upload-metadata"].split(","))
    name = base64.b64decode(told["filename"]).decode()
    if name.endswith(".psd"):
        return JSONResponse({"code": "image_rejected", "reason": "unsupported"}, 415)
    key = f"u{len(uploads)}"
    uploads[key] = {"name": name, "offset": 0, "size": int(request.headers["upload-length"])}
    return _answer(key, 201, Location=f"/api/v1/uploads/{key}")


@api.head("/api/v1/uploads/{key}")
async def head(key: str) -> Response:
    """How far."""
    return _answer(key, 200, **{"Upload-Length": str(uploads[key]["size"])}) if key in uploads else Response(status_code=404)


@api.patch("/api/v1/uploads/{key}")
async def append(key: str, request: Request) -> Response:
    """Go on."""
    async for piece in request.stream():
        uploads[key]["offset"] += len(piece)
    return _answer(key, 204)


def _answer(key: str, status: int, **more: str) -> Response:
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(uploads[key]["offset"]), "Photobank-Asset": asset_of(key), **more}
    return Response(status_code=status, headers=headers)


def asset_of(key: str) -> str:
    """The photo that an upload became."""
    return f"a{100 + int(key[1:]):05d}"

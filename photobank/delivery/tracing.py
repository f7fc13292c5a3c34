"""Which download a leaked file came from: what every derived picture is marked with, and how a mark is read back.

Every derived download carries its own word of 768 signs (imaging/tracecode.py). A leak gives 768 numbers; their correlation with the word
of each download ever made is, for all but the right one, a standard normal number, so that the chance of naming a wrong one is known and
bounded by FALSE for the whole search, however many downloads there are.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.delivery import presets
from photobank.imaging.tracecode import WORD, TraceCode, packed
from photobank.models.accounts import User
from photobank.models.assets import Asset
from photobank.models.consents import Download
from photobank.scope import Scope

if TYPE_CHECKING:
    from photobank.imaging.tracefind import Reading

FALSE = 1e-7
"""The most that the chance of naming any wrong download may be."""
LARGEST_SIDE = 4096
"""A leak is looked at no larger than this; larger ones are brought down to it."""
BATCH = 20_000


@dataclass(frozen=True, slots=True)
class Traced:
    """The download that a file came from. `confidence` is one less the chance that this is chance."""

    download_id: UUID
    confidence: float
    asset_id: UUID
    user_id: UUID | None
    preset: str
    use_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """A finding in words: who took it, and the photo's title; empty for what is gone."""

    taker: str
    photo: str


@dataclass(frozen=True, slots=True)
class _Guess:
    download_id: UUID
    z: float


def mark_of(scope: Scope, download_id: UUID) -> bytes:
    """What a picture is to be marked with, for the decoding process."""
    return packed(_code(scope).square(download_id))


async def trace(scope: Scope, leaked: bytes) -> Traced | None:
    """The download of this house that a leaked picture came from, or None; for those who watch the audit log. Raises ImageRejected."""
    from photobank.imaging import tracefind  # brings OpenCV, which no download needs

    require(scope, Action.audit_view)
    pixels = await scope.container.decoder.pixels(leaked, LARGEST_SIDE)
    rgb = np.frombuffer(pixels.data, np.uint8).reshape(pixels.height, pixels.width, 3)
    longest = max(pixels.width, pixels.height)
    sides = {preset.side for preset in await presets.offered(scope)} - {0}
    likely = [1.0, *(longest / side for side in sorted(sides) if side != longest)]
    code = _code(scope)
    readings = await asyncio.to_thread(tracefind.read, rgb, code, likely)
    found = await _whose(scope, code, readings) if readings else None
    record(
        scope,
        Tag.download_traced,
        asset_id=found.asset_id if found else None,
        download_id=found.download_id if found else None,
        payload={"found": found is not None},
    )
    return found


async def told(scope: Scope, found: Traced) -> Told:
    """The words for a finding, for those who watch the audit log; the photo's title only where they may see it."""
    require(scope, Action.audit_view)
    user = await scope.db.get(User, found.user_id) if found.user_id else None
    query = (await visibility.assets(scope)).where(col(Asset.id) == found.asset_id)
    asset = await scope.db.scalar(query)
    return Told(user.name if user else "", (asset.title or asset.filename) if asset else "")


async def _whose(scope: Scope, code: TraceCode, readings: Sequence[Reading]) -> Traced | None:
    best, tried = _Guess(UUID(int=0), -math.inf), 0
    words = np.stack([reading.word for reading in readings])
    async for ids in _downloads(scope):
        guess = await asyncio.to_thread(_best, code, ids, words)
        best = max(best, guess, key=lambda one: one.z)
        tried += len(ids)
    chance = tried * len(readings) * math.erfc(best.z / math.sqrt(2)) / 2
    if not tried or chance > FALSE:
        return None
    row = await scope.db.get_one(Download, best.download_id)
    return Traced(row.id, 1 - chance, row.asset_id, row.user_id, row.preset, row.use_id, row.created_at)


def _best(code: TraceCode, ids: Sequence[UUID], words: NDArray[np.float32]) -> _Guess:
    known = np.empty((len(ids), WORD), np.float32)
    for row, download_id in enumerate(ids):
        known[row] = code.word(download_id)
    scores = (known @ words.T).max(axis=1)
    at = int(scores.argmax())
    return _Guess(ids[at], float(scores[at]))


async def _downloads(scope: Scope) -> AsyncIterator[list[UUID]]:
    """Ids of all downloads that were marked, in batches."""
    after = UUID(int=0)
    while True:
        query = select(col(Download.id)).where(col(Download.id) > after, col(Download.preset) != presets.ORIGINAL)
        ids = list((await scope.db.scalars(query.order_by(col(Download.id)).limit(BATCH))).all())
        if not ids:
            return
        yield ids
        after = ids[-1]


def _code(scope: Scope) -> TraceCode:
    return TraceCode(scope.vault.secret("trace"))

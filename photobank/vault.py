"""The keys of this house in the database: system, folder and asset keys, each wrapped by the one above it.

    master key (crypto/providers.py) → system key: fields, blind index, sessions, state
                                     → folder keys → asset keys

An asset key is handed out only against a Permit, which only the modules that decide can issue (crypto/permits.py).
Formats: docs/formats/keys.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, Text, and_, bindparam, column, delete, select, update, values
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import aliased
from sqlmodel import col

from photobank.crypto import envelope, permits
from photobank.crypto.blind import BlindIndex
from photobank.crypto.fields import FieldCipher
from photobank.crypto.permits import Permit, Purpose
from photobank.crypto.providers import DerivedKeys, KeyRing, StaticKeys
from photobank.crypto.sealed_state import StateSealer
from photobank.kernel.errors import NotFound
from photobank.models.base import table_of
from photobank.models.keys import DataKey, ShreddedKey

SYSTEM = "system"
FOLDER = "folder"
ASSET = "asset"
MASTER = "master"
ROOT = "root"

# What a key may be handed out for. A permit to put it under another folder opens nothing, and the other way round.
OPENING = (Purpose.SHOW, Purpose.DOWNLOAD, Purpose.PROCESS, Purpose.RECOVER)

# Asked for at every upload and every picture shown, so they are put together once.
_above = aliased(DataKey)
_NEW_KEY = insert(table_of(DataKey)).on_conflict_do_nothing()
_FOLDER_KEY = select(col(DataKey.wrapped)).where(col(DataKey.kind) == FOLDER, col(DataKey.subject) == bindparam("subject"))
_ASSET_KEY = (
    select(col(DataKey.wrapped), col(DataKey.parent_id), col(_above.wrapped))
    .join(_above, and_(col(_above.kind) == FOLDER, col(_above.subject) == col(DataKey.parent_id)))
    .where(col(DataKey.kind) == ASSET, col(DataKey.subject) == bindparam("subject"))
)


class Vault:
    """Keys by permit, and the ciphers for fields. One per process; holds only the system key in memory."""

    def __init__(self, master: KeyRing, root: bytes) -> None:
        self._master = master
        ring = StaticKeys(root)
        self.fields = FieldCipher(DerivedKeys(ring, "fields"))
        self.blind = BlindIndex(envelope.subkey(root, "blind"))
        self.state = StateSealer(envelope.subkey(root, "state"))
        self._root = root

    @classmethod
    async def open(cls, master: KeyRing, sessions: async_sessionmaker[AsyncSession], now: datetime) -> Vault:
        """Read the system key, or make it at the first start. Raises Damaged when the master key does not fit the database."""
        async with sessions.begin() as db:
            await _insert(db, SYSTEM, ROOT, MASTER, "", _wrap(master, envelope.new_key(), SYSTEM, ROOT), now)
            wrapped = await db.scalar(select(col(DataKey.wrapped)).where(col(DataKey.kind) == SYSTEM, col(DataKey.subject) == ROOT))
        if wrapped is None:
            raise NotFound("the system key")
        return cls(master, envelope.unwrap(master, wrapped, envelope.wrapping_of(SYSTEM, ROOT)))

    def secret(self, name: str) -> bytes:
        """32 bytes for one named purpose of this house, such as tying tokens to sessions. The same at every start."""
        return envelope.subkey(self._root, name)

    async def new_folder_key(self, db: AsyncSession, folder_id: UUID, now: datetime) -> None:
        """Make the key of a new folder."""
        await _insert(db, FOLDER, str(folder_id), MASTER, "", _wrap(self._master, envelope.new_key(), FOLDER, folder_id), now)

    async def new_asset_key(self, db: AsyncSession, asset_id: UUID, folder_id: UUID, now: datetime) -> bytes:
        """Make the key of a new asset and give it, for the upload that is about to be written."""
        key = envelope.new_key()
        wrapped = _wrap(await self._folder_ring(db, folder_id), key, ASSET, asset_id)
        await _insert(db, ASSET, str(asset_id), FOLDER, str(folder_id), wrapped, now)
        return key

    async def asset_key(self, db: AsyncSession, permit: Permit, now: datetime) -> bytes:
        """The key of the asset that the permit is for; raises NotFound when it was shredded."""
        permits.check(permit, permit.asset_id, now, *OPENING)
        return await self._asset_key(db, permit)

    async def _asset_key(self, db: AsyncSession, permit: Permit) -> bytes:
        found = (await db.execute(_ASSET_KEY, {"subject": str(permit.asset_id)})).first()
        if found is None:
            raise NotFound(f"the key of asset {permit.asset_id}")
        wrapped, folder_id, above_it = found
        return envelope.unwrap(self._ring_of(folder_id, above_it), wrapped, envelope.wrapping_of(ASSET, permit.asset_id))

    async def move_assets(self, db: AsyncSession, moving: Sequence[Permit], folder_id: UUID, now: datetime) -> None:
        """Put the keys of assets under another folder's key, in a few queries however many. The blobs stay as they are."""
        for permit in moving:
            permits.check(permit, permit.asset_id, now, Purpose.REWRAP)
        subjects = [str(permit.asset_id) for permit in moving]
        query = select(col(DataKey.subject), col(DataKey.parent_id), col(DataKey.wrapped))
        query = query.where(col(DataKey.kind) == ASSET, col(DataKey.subject).in_(subjects)).with_for_update()
        rows = (await db.execute(query)).all()
        if len(rows) != len(set(subjects)):
            raise NotFound("the key of an asset")
        rings = {parent: await self._folder_ring(db, UUID(parent)) for parent in {row.parent_id for row in rows}}
        into = await self._folder_ring(db, folder_id)

        def rewrapped(subject: str, parent: str, wrapped: bytes) -> bytes:
            return _wrap(into, envelope.unwrap(rings[parent], wrapped, envelope.wrapping_of(ASSET, subject)), ASSET, subject)

        fresh = [(subject, rewrapped(subject, parent, wrapped)) for subject, parent, wrapped in rows]
        given = values(column("subject", Text), column("wrapped", LargeBinary), name="fresh").data(fresh)
        if fresh:
            change = update(DataKey).where(col(DataKey.kind) == ASSET, col(DataKey.subject) == given.c.subject)
            change = change.values(wrapped=given.c.wrapped, parent_id=str(folder_id))
            await db.execute(change.execution_options(synchronize_session=False))

    async def shred_assets(self, db: AsyncSession, versions: Mapping[UUID, int], reason: str, now: datetime) -> None:
        """Delete the keys of assets; from the commit on nobody can read their blobs or metadata, nor any copy of them.

        A backup of the database taken earlier still holds the wrapped keys (docs/formats/keys.md). `versions`: per asset the highest
        number that a version of it had, so that the bytes of all of them are found and removed.
        """
        mine = col(DataKey.kind) == ASSET, col(DataKey.subject).in_([str(id_) for id_ in versions])
        gone = await db.execute(delete(DataKey).where(*mine).returning(col(DataKey.subject), col(DataKey.wrapped)))
        for subject, wrapped in gone:
            fingerprint = hashlib.sha256(wrapped).digest()
            row: dict[str, Any] = {
                "reason": reason,
                "fingerprint": fingerprint,
                "versions": versions[UUID(subject)],
                "shredded_at": now,
            }
            db.add(ShreddedKey(kind=ASSET, subject=subject, **row))

    def use_master(self, master: KeyRing) -> None:
        """Work with these master keys from now on; for the command that has just made one."""
        self._master = master

    async def rewrap_under_current_master(self, db: AsyncSession) -> int:
        """Wrap everything the master key wraps under the current one; gives the number of keys that changed."""
        rows = (await db.execute(select(DataKey).where(col(DataKey.parent_kind) == MASTER).with_for_update())).scalars().all()
        changed = 0
        for row in rows:
            fresh = envelope.rewrap(self._master, row.wrapped, envelope.wrapping_of(row.kind, row.subject))
            if fresh != row.wrapped:
                row.wrapped = fresh
                changed += 1
        return changed

    async def check_keys(self, db: AsyncSession) -> int:
        """Open everything the master key wraps, and give the number of keys; raises Damaged at the first that does not open."""
        rows = (await db.execute(select(DataKey).where(col(DataKey.parent_kind) == MASTER))).scalars().all()
        for row in rows:
            envelope.unwrap(self._master, row.wrapped, envelope.wrapping_of(row.kind, row.subject))
        return len(rows)

    async def _folder_ring(self, db: AsyncSession, folder_id: UUID) -> StaticKeys:
        wrapped = await db.scalar(_FOLDER_KEY, {"subject": str(folder_id)})
        if wrapped is None:
            raise NotFound(f"the key of folder {folder_id}")
        return self._ring_of(folder_id, wrapped)

    def _ring_of(self, folder_id: UUID | str, wrapped: bytes) -> StaticKeys:
        return StaticKeys(envelope.unwrap(self._master, wrapped, envelope.wrapping_of(FOLDER, folder_id)))


def _wrap(ring: KeyRing, key: bytes, kind: str, subject: UUID | str) -> bytes:
    name, kek = ring.current()
    return envelope.wrap(name, kek, key, envelope.wrapping_of(kind, subject))


async def _insert(
    db: AsyncSession, kind: str, subject: str, parent_kind: str, parent_id: str, wrapped: bytes, now: datetime
) -> None:
    row = {
        "kind": kind,
        "subject": subject,
        "parent_kind": parent_kind,
        "parent_id": parent_id,
        "wrapped": wrapped,
        "created_at": now,
    }
    await db.execute(_NEW_KEY, row)

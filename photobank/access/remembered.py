"""Rights that this process has worked out before, good for as long as nothing they follow from has changed.

Whoever asks reads the version of the tree and its grants first: every change of either adds a random mark to `rights_marks` in the same
transaction (triggers, migration 20261126_60), and the version is all marks in sight put together. So rights that were worked out before a
change are never found after it, and those of a transaction that was rolled back are never found again. Who asks (user, role,
departments, whether they are freshly confirmed) is the key, and is resolved anew by every request. Why: docs/adr/0061-remembered-rights.md.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from photobank.access.actor import Actor
from photobank.access.grants import Rights
from photobank.models.accounts import Role
from photobank.models.folders import RightsMark

MOST = 128
_VERSION = select(func.coalesce(func.bit_xor(col(RightsMark.mark)), 0))
VERSION = _VERSION.scalar_subquery().label("rights")
"""The version as a column, for who asks the database for something else anyway: see `authorise.recall`."""


@dataclass(frozen=True, slots=True)
class Asker:
    """All of somebody that their rights on folders follow from."""

    user_id: UUID | None
    is_system: bool
    role: Role | None
    departments: frozenset[UUID]
    confirmed: bool

    @classmethod
    def of(cls, actor: Actor, *, confirmed: bool) -> Asker:
        """This actor, with what a fresh confirmation opens or without."""
        return cls(actor.user_id, actor.is_system, actor.role, actor.departments, confirmed)


@dataclass(slots=True)
class Remembered:
    """The rights of those who asked last, each under the version it was worked out from."""

    _kept: OrderedDict[Asker, tuple[int, Rights]] = field(default_factory=OrderedDict)

    def find(self, asker: Asker, version: int) -> Rights | None:
        """What was kept for this asker, if nothing has changed since."""
        found = self._kept.get(asker)
        if found is None or found[0] != version:
            return None
        self._kept.move_to_end(asker)
        return found[1]

    def keep(self, asker: Asker, version: int, rights: Rights) -> None:
        """Keep for later; whoever has not asked for longest is forgotten."""
        self._kept[asker] = (version, rights)
        self._kept.move_to_end(asker)
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)


async def version(db: AsyncSession) -> int:
    """Differs whenever folders or grants differ, as far as this transaction sees."""
    return int(await db.scalar(_VERSION) or 0)


async def fold(db: AsyncSession) -> None:
    """Make one mark of many. The version stays what it is. Marks that are not committed yet are not seen, and stay."""
    await db.execute(select(func.pg_advisory_xact_lock(func.hashtext(RightsMark.__tablename__))))
    marks = (await db.scalars(delete(RightsMark).returning(col(RightsMark.mark)))).all()
    together = 0
    for mark in marks:
        together ^= mark
    if marks:
        await db.execute(insert(RightsMark).values(mark=together))

"""How far a ZIP of one's own is, on whichever page it was ordered from; live."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from photobank.delivery import zips
from photobank.scope import Scope
from state.base import PhotobankState
from state.live import reader
from state.rules import SIGNED_IN, Rule, handler
from state.watching import wanted_id

MOST = 20
NONE: dict[str, Any] = {"id": "", "state": "", "total": 0, "looked_at": 0, "written": 0, "left_out": []}


@reader(lambda: ZipsState, blank={"zip": NONE})
async def read_zip(scope: Scope, zip_id: UUID) -> dict[str, Any]:
    """The order, with the first few photos that were left out."""
    row = await zips.get(scope, zip_id)
    left_out = [
        {"asset_id": str(one.asset_id), "name": one.name, "codes": list(one.reasons or (one.code,))} for one in row.left_out
    ]
    told = {"id": str(row.id), "state": str(row.state), "total": row.total, "looked_at": row.looked_at, "written": row.written}
    return {"zip": told | {"left_out": left_out[:MOST]}}


class ZipsState(PhotobankState):
    """Fed by the reader."""

    access: ClassVar[Rule] = SIGNED_IN

    zip: dict[str, Any] = NONE

    @handler()
    async def follow(self, zip_id: str) -> None:
        """Show how far an order of one's own is."""
        id_ = wanted_id(zip_id)
        await self._watch(read_zip, f"zip:{id_}", zip_id=id_)

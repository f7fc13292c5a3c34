"""Which photos may leave the house on somebody's behalf at this moment: for lists. Each one is decided again as it leaves (deciding.py)."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import require
from photobank.access.permissions import Action, Permission
from photobank.clearance import facts, hiding, uses
from photobank.clearance.policy import Judge
from photobank.clearance.redaction import Redaction
from photobank.db.among import among
from photobank.kernel.ids import FaceId
from photobank.models.assets import Asset
from photobank.scope import Scope


async def one_state(scope: Scope) -> None:
    """Have the whole decision read one committed state: faces of one moment and consents of another might allow what never was."""
    if not scope.db.in_transaction():
        await scope.db.connection(execution_options={"isolation_level": "REPEATABLE READ"})


async def verdicts(
    scope: Scope, asset_ids: Collection[UUID], use: str, *, redacted: bool = False
) -> dict[UUID, tuple[Asset, Redaction]]:
    """Those of the photos that the actor may share, with what the rules say of the use. From facts, never from stored verdicts.

    With `redacted`: of the photos without the faces of those who stand in the way; else nothing is hidden.
    """
    require(scope, Action.asset_share)
    wanted = await uses.one(scope, use)
    query = (await visibility.assets(scope, at_least=Permission.download)).where(among(col(Asset.id), asset_ids))
    found = {asset.id: asset for asset in (await scope.db.execute(query)).scalars()}
    if redacted:
        hidden = await hiding.of_photos(scope, list(found), [wanted])
        return {id_: (asset, hidden[id_][use]) for id_, asset in found.items()}
    known = await facts.load(scope, list(found))
    judge = Judge(scope.now(), None, await facts.rules(scope))
    return {id_: (asset, Redaction(frozenset(), judge.decide(known[id_], wanted))) for id_, asset in found.items()}


async def may_leave(
    scope: Scope, asset_ids: Collection[UUID], use: str, *, redacted: bool = False
) -> dict[UUID, tuple[Asset, frozenset[FaceId]]]:
    """Those that may leave for this use, now, and the faces that have to be hidden on each."""
    found = await verdicts(scope, asset_ids, use, redacted=redacted)
    return {id_: (asset, one.hidden) for id_, (asset, one) in found.items() if one.verdict.allowed}

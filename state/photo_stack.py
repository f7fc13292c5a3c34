"""The stack that the photo shown lies in: its other photos, and what an editor does with it. Live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from reflex.event import EventSpec

from photobank.access.authorise import folder_rights, may
from photobank.access.permissions import Action, Permission
from photobank.delivery import screens
from photobank.duplicates import stacks
from photobank.kernel.errors import PhotobankError
from photobank.library import assets
from photobank.library.assets import Filters
from photobank.scope import Scope
from state.base import problem_event
from state.live import reader
from state.photo import PhotoState
from state.rules import SIGNED_IN, Rule, handler
from state.watching import wanted_id

NONE: dict[str, Any] = {"stack_id": "", "frames": [], "stack_count": 0, "stack_cover": False, "stack_edit": False}


@dataclass
class StackFrame:
    """One photo of the stack. `shown`: the viewer may look at it."""

    id: str
    title: str
    shown: bool


@reader(lambda: StackState, blank=NONE)
async def read_stack(scope: Scope, asset_id: UUID) -> dict[str, Any]:
    """The photos of the stack in sight, the cover first."""
    inside = (await stacks.of_assets(scope, [asset_id])).get(asset_id)
    if inside is None:
        return NONE
    row = await stacks.get(scope, inside.stack_id)
    found = {asset.id: asset for asset in (await assets.page(scope, Filters(ids=row.asset_ids), limit=stacks.MOST)).items}
    shown = await screens.expected(scope, list(found.values()))
    frames = [found[id_] for id_ in row.asset_ids if id_ in found]
    edits = (await folder_rights(scope)).get(row.folder_id, Permission.view) >= Permission.edit
    return {
        "stack_id": str(row.id),
        "frames": [StackFrame(str(one.id), one.title or one.filename, one.id in shown) for one in frames],
        "stack_count": len(frames),
        "stack_cover": row.cover_id == asset_id,
        "stack_edit": edits and may(scope.actor, Action.asset_edit),
    }


class StackState(PhotoState):
    """State of the strip above the panel."""

    access: ClassVar[Rule] = SIGNED_IN

    stack_id: str = ""
    frames: list[StackFrame] = []  # noqa: RUF012
    stack_count: int = 0
    stack_cover: bool = False
    stack_edit: bool = False

    @handler()
    async def load_stack(self) -> None:
        """Follow the stack of the photo in the address."""
        if self.shown:
            await self._watch(read_stack, f"asset:{self.shown}", "library", asset_id=UUID(self.shown))

    @handler()
    async def choose_cover(self) -> EventSpec | None:
        """This photo stands for the stack."""
        return await self._change("cover", "stack.covered")

    @handler()
    async def take_out(self) -> EventSpec | None:
        """This photo leaves the stack."""
        return await self._change("out", "stack.left")

    @handler()
    async def dissolve(self) -> EventSpec | None:
        """Every photo stands by itself again."""
        return await self._change("apart", "duplicates.unstacked")

    async def _change(self, what: str, said: str) -> EventSpec | None:
        try:
            async with self._scope() as scope:
                stack, asset = wanted_id(self.stack_id), UUID(self.shown)
                if what == "cover":
                    await stacks.choose_cover(scope, stack, asset)
                elif what == "out":
                    await stacks.take_out(scope, stack, asset)
                else:
                    await stacks.dissolve(scope, stack)
        except PhotobankError as error:
            return problem_event(error)
        self._toast(said, tone="success")
        return None

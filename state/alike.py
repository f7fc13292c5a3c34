"""What the upload page says of copies: how many photos that one just sent look like others that are here."""

from __future__ import annotations

from typing import Any, ClassVar

from photobank.duplicates import pairs
from photobank.scope import Scope
from state.base import PhotobankState
from state.live import reader
from state.rules import SIGNED_IN, Rule, handler


@reader(lambda: AlikeState, blank={"alike": 0})
async def read_alike(scope: Scope) -> dict[str, Any]:
    """How many wait for an answer."""
    return {"alike": await pairs.just_sent(scope)}


class AlikeState(PhotobankState):
    """State of the remark."""

    access: ClassVar[Rule] = SIGNED_IN

    alike: int = 0

    @handler()
    async def load_alike(self) -> None:
        """Follow it for as long as the page is open: copies are found a little after a photo came in."""
        await self._watch(read_alike, "duplicates", "library")

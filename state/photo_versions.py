"""The Versions tab: which files this photo has been, what is on its way, one shown again or deleted. Live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from photobank.library import versions
from photobank.scope import Scope
from state.live import reader
from state.photo import PhotoState
from state.photo_rows import moment
from state.rules import SIGNED_IN, Rule, handler


@dataclass
class VersionView:
    """One version."""

    number: int
    current: bool
    filename: str
    media_type: str
    size: int
    width: int
    height: int
    same: bool
    who: str
    at: str


@dataclass
class ComingView:
    """A version on its way."""

    id: str
    filename: str
    stage: str
    size: int


@reader(lambda: VersionsState, blank={"versions": [], "coming": [], "versions_status": "error"})
async def read_versions(scope: Scope, asset_id: UUID) -> dict[str, Any]:
    """The versions of one photo."""
    rows = [
        VersionView(
            number=row.number,
            current=row.current,
            filename=row.filename,
            media_type=row.media_type,
            size=row.size,
            width=row.width,
            height=row.height,
            same=row.same_picture,
            who=row.made_by,
            at=moment(row.made_at),
        )
        for row in await versions.list_of(scope, asset_id)
    ]
    coming = [
        ComingView(str(one.asset_id), one.filename, "sending" if one.state == "uploading" else one.stage, one.size)
        for one in await versions.coming(scope, asset_id)
    ]
    return {"versions": rows, "coming": coming, "versions_status": "full"}


class VersionsState(PhotoState):
    """State of the Versions tab."""

    access: ClassVar[Rule] = SIGNED_IN

    versions: list[VersionView] = []  # noqa: RUF012
    coming: list[ComingView] = []  # noqa: RUF012
    versions_status: str = "loading"

    @handler()
    async def open_versions(self) -> None:
        """Show the tab, and keep it fresh."""
        self.tab = "versions"
        await self._follow_versions()

    @handler()
    async def resume_versions(self) -> None:
        """On the next photo, or after a reconnect, the tab that was open goes on."""
        if self.tab == "versions" and self.shown:
            await self._follow_versions()

    @handler()
    async def restore_version(self, number: int) -> None:
        """Show an earlier version again."""
        async with self._scope() as scope:
            await versions.restore(scope, UUID(self.shown), int(number))
        await self._fresh()
        await self._follow_versions()
        self._toast("photo.version_restored", tone="success", number=int(number))

    @handler()
    async def forget_version(self, number: int) -> None:
        """Delete an earlier version for good."""
        async with self._scope() as scope:
            await versions.forget(scope, UUID(self.shown), int(number))
        await self._follow_versions()
        self._toast("photo.version_forgotten", number=int(number))

    async def _follow_versions(self) -> None:
        asset_id = UUID(self.shown)
        await self._watch(read_versions, f"asset:{asset_id}", asset_id=asset_id)

"""The upload page: where photos may go, one's batches and what became of them. Live, also for what another device sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from photobank.access.authorise import may
from photobank.access.permissions import Action, Permission
from photobank.kernel.errors import NotFound, PhotobankError
from photobank.library import assets, batches, choosing, folders
from photobank.library.assets import Filters
from photobank.library.batches import BatchRow
from photobank.models.assets import AssetState
from photobank.scope import Scope
from state.base import PhotobankState, problem_event
from state.library import LibraryState
from state.live import reader
from state.photo_rows import moment
from state.rules import SIGNED_IN, Rule, handler

MOST_BATCHES = 12
MOST_REJECTED = 40


@dataclass
class Rejected:
    """A photo of one's own that could not be opened; its original waits to be fetched or discarded."""

    id: str
    filename: str
    reason: str
    at: str


@reader(lambda: UploadState, blank={"batches": [], "rejected": [], "stamp": ""})
async def read_uploads(scope: Scope) -> dict[str, Any]:
    """One's latest batches with their counts, and what needs a decision. The stamp tells the queue to ask about its own files."""
    found = await batches.page(scope, limit=MOST_BATCHES)
    page = await assets.page(scope, Filters(state=AssetState.rejected, mine=True), limit=MOST_REJECTED)
    paths = await choosing.paths(scope, [row.batch.folder_id for row in found.items if row.batch.folder_id])
    return {
        "batches": [_batch(row, paths) for row in found.items],
        "rejected": [Rejected(str(one.id), one.filename, one.rejection or "", moment(one.created_at)) for one in page.items],
        "stamp": scope.now().isoformat(),
    }


def _batch(row: BatchRow, paths: Mapping[UUID, str]) -> dict[str, Any]:
    batch = row.batch
    return {
        "id": str(batch.id),
        "folder": paths.get(batch.folder_id, "") if batch.folder_id else "",
        "event": batch.event,
        "source": batch.source,
        "files": batch.files,
        "counts": dict(row.counts),
        "closed": batch.closed_at is not None,
        "created_at": moment(batch.created_at),
    }


class UploadState(PhotobankState):
    """State of the upload page."""

    access: ClassVar[Rule] = SIGNED_IN

    batches: list[dict[str, Any]] = []  # noqa: RUF012
    rejected: list[Rejected] = []  # noqa: RUF012
    stamp: str = ""

    owner: str = ""
    folder: str = ""
    status: str = "loading"
    use: str = "internal"

    @handler()
    async def load(self) -> Any:
        """Show where photos may go, and follow what one sends and has sent."""
        try:
            async with self._scope() as scope:
                self.owner = str(scope.actor.user_id)
                self.folder = str(await _aim(scope) or "")
        except PhotobankError as error:
            self.status = "error"
            return problem_event(error)
        library = await self.get_state(LibraryState)
        self.use = library.use or "internal"
        self.status = "full" if self.folder else "empty"
        # A batch moves with its files; what a photo is cleared for comes a little later, with the library.
        await self._watch(read_uploads, f"uploads:{self.owner}", "library")
        return None


async def _aim(scope: Scope) -> UUID | None:
    """Where photos go unless their sender says otherwise: where their last ones went, else the first folder they may add to."""
    if not may(scope.actor, Action.asset_upload):
        return None
    last = [row.batch.folder_id for row in (await batches.page(scope, limit=1)).items]
    if last and last[0]:
        found = await choosing.one(scope, last[0])
        if found and found.permission >= Permission.edit:
            return found.id
    try:
        return await folders.upload_target(scope, None)
    except NotFound:
        return None

"""Requests: a link on which people without an account bring photos into one folder. They see nothing of what is in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.delivery.streams import watched
from photobank.kernel.errors import Invalid, Spent
from photobank.kernel.ids import new_id
from photobank.library import folders, uploads
from photobank.library.incoming import OnDuplicate
from photobank.messaging.events import ShareChanged
from photobank.models.shares import ShareKind, ShareVisit
from photobank.scope import Container, Scope
from photobank.sharing import counting, letters, terms
from photobank.sharing.guests import Guest, ending, on_behalf, still_shared
from photobank.sharing.links import Made
from photobank.sharing.listing import maker_of, rows_of
from photobank.sharing.terms import Terms
from photobank.sharing.tokens import url_of

FILES = 100
MOST_FILES = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest(Terms):
    """Where photos are to go, and how many may come."""

    folder_id: UUID
    file_limit: int = FILES


async def create(scope: Scope, new: NewRequest) -> Made:
    """Make a request for a folder that one may add to."""
    maker = maker_of(scope)
    folder_id = await folders.upload_target(scope, new.folder_id)
    if not 0 < new.file_limit <= MOST_FILES:
        raise Invalid("limit", fields={"file_limit": "errors.share_limit"})
    mail_to, share_id = letters.check(scope, new.mail_to), new_id()
    more = {"use_id": "", "may_download": False, "folder_id": folder_id, "file_limit": new.file_limit}
    share = await terms.share_of(scope, share_id, maker, ShareKind.request, new, **more)
    scope.db.add(share)
    await scope.db.flush()
    letters.put_down(scope, share_id, mail_to)
    record(scope, Tag.share_created, folder_id=folder_id, payload={"share": str(share_id), "kind": str(ShareKind.request)})
    scope.announce(ShareChanged(share_id=share_id, user_id=maker))
    (row,) = await rows_of(scope, [share])
    return Made(row, url_of(scope, share_id, ShareKind.request))


async def is_open(container: Container, guest: Guest) -> bool:
    """May photos be brought now: raises Gone when the maker may not add to the folder any longer; False when no more may come."""
    async with on_behalf(container, guest) as scope:
        require(scope, Action.asset_upload)
        await folders.upload_target(scope, guest.share.folder_id)
    return guest.share.file_limit is None or guest.share.files < guest.share.file_limit


async def bring(
    container: Container, guest: Guest, visit: ShareVisit, stream: AsyncIterator[bytes], *, filename: str, size: int | None
) -> None:
    """Take one photo in, counted. Whether it was here before is nobody's to know: it is kept in any case, and the maker decides.

    A request that ends meanwhile ends this.

    Raises Spent when no more may come, UnsupportedMedia, TooLarge, Gone.
    """
    share = guest.share.id
    async with container.scope(guest.actor) as scope:
        if not await counting.count_file(scope.db, share, visit.id, scope.now()):
            raise Spent("no files left")

    async def check() -> None:
        async with ending(), container.scope(guest.actor) as scope:
            await still_shared(scope)

    try:
        async with ending():
            await uploads.receive(
                container,
                guest.actor,
                watched(stream, container.clock, check),
                filename=filename,
                folder_id=guest.share.folder_id,
                on_duplicate=OnDuplicate.keep,
                size=size,
            )
    except BaseException:
        async with container.scope(guest.actor) as scope:
            await counting.give_back_file(scope.db, share, visit.id)
        raise
    finally:
        async with container.scope(guest.actor) as scope:
            scope.announce(ShareChanged(share_id=share, user_id=guest.share.user_id))

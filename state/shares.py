"""The shares page: what one has shared, where each link stands, who looked; and everybody's, for who oversees them. Live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from reflex.event import EventSpec

from photobank.access.authorise import may
from photobank.access.permissions import Action
from photobank.library import folders
from photobank.models.shares import ShareKind
from photobank.scope import Scope
from photobank.sharing import links, listing
from photobank.sharing.listing import ShareRow
from state.base import PhotobankState
from state.live import reader
from state.people_rows import moment
from state.rules import SIGNED_IN, Rule, handler
from state.watching import show_live, wanted_id

PAGE = 50
MOST = 600


@dataclass
class ShareView:
    """A share in the list. Its address is not among it: the page asks for that when somebody wants it."""

    id: str
    kind: str
    maker: str
    mine: bool
    title: str
    recipient: str
    use: str
    standing: str
    photos: int
    visible: int
    cover: str
    views: int
    view_limit: int
    downloads: int
    download_limit: int
    may_download: bool
    size: int
    has_password: bool
    redacted: bool
    watermark: bool
    networks: int
    folder: str
    files: int
    file_limit: int
    ends_at: str
    ended_at: str
    seen_at: str
    created_at: str
    undelivered: str


@dataclass
class VisitView:
    """One view of a link."""

    at: str
    network: str
    device: str
    downloads: int


def _view(row: ShareRow, names: Mapping[UUID, str]) -> ShareView:
    return ShareView(
        id=str(row.id),
        kind=str(row.kind),
        maker=row.maker,
        mine=row.mine,
        title=row.title,
        recipient=row.recipient,
        use=row.use,
        standing=str(row.standing),
        photos=row.photos,
        visible=row.visible,
        cover=f"/api/v1/assets/{row.cover_id}/renditions/thumb" if row.cover_id else "",
        views=row.views,
        view_limit=row.view_limit or 0,
        downloads=row.downloads,
        download_limit=row.download_limit or 0,
        may_download=row.may_download,
        size=row.largest_side or 0,
        has_password=row.has_password,
        redacted=row.redacted,
        watermark=row.watermark,
        networks=len(row.addresses),
        folder=names.get(row.folder_id, "") if row.folder_id else "",
        files=row.files,
        file_limit=row.file_limit or 0,
        ends_at=moment(row.ends_at),
        ended_at=moment(row.ended_at),
        seen_at=moment(row.seen_at),
        created_at=moment(row.created_at),
        undelivered=", ".join(row.undelivered),
    )


@reader(lambda: SharesState, blank={"status": "refused", "rows": [], "more": False})
async def read_shares(scope: Scope, kind: str, count: int, everybodys: bool = False) -> dict[str, Any]:
    """The first `count` shares of one kind."""
    rows: list[ShareRow] = []
    cursor: str | None = None
    while len(rows) < count:
        page = await listing.page(scope, cursor, min(200, count - len(rows)), ShareKind(kind), everybodys=everybodys)
        rows += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    names = {row.id: row.name for row in await folders.list_all(scope)} if kind == ShareKind.request else {}
    return {"status": "full" if rows else "empty", "rows": [_view(row, names) for row in rows], "more": cursor is not None}


@reader(lambda: SharesState, blank={"visits": []})
async def read_visits(scope: Scope, share_id: UUID) -> dict[str, Any]:
    """The latest views of one link."""
    rows = (await listing.visits(scope, share_id, None, PAGE)).items
    return {"visits": [VisitView(moment(row.at), row.network, row.device, row.downloads) for row in rows]}


class SharesState(PhotobankState):
    """State of the shares page. Vars up to `visits` are fed by the readers."""

    access: ClassVar[Rule] = SIGNED_IN

    status: str = "loading"
    rows: list[ShareView] = []  # noqa: RUF012
    more: bool = False
    visits: list[VisitView] = []  # noqa: RUF012

    kind: str = "link"
    oversees: bool = False
    """May see and end everybody's."""
    everybodys: bool = False
    count: int = PAGE
    ending: str = ""
    """The share that is about to be ended, until that is confirmed."""
    looking: str = ""
    """The share whose views are shown."""
    name: str = ""

    @handler()
    async def load(self) -> EventSpec | None:
        """Open the page."""
        self.kind, self.count, self.ending, self.looking, self.visits = "link", PAGE, "", "", []
        self.everybodys, self.oversees = False, may(await self._actor(), Action.share_oversee)
        return await self._read()

    @handler()
    async def show_whose(self, everybodys: bool) -> EventSpec | None:
        """One's own, or everybody's."""
        self.everybodys, self.count, self.status = bool(everybodys), PAGE, "loading"
        return await self._read()

    @handler()
    async def show_kind(self, kind: str) -> EventSpec | None:
        """Links, embeds or requests."""
        if kind in set(ShareKind):
            self.kind, self.count, self.status = kind, PAGE, "loading"
        return await self._read()

    @handler()
    async def show_more(self) -> EventSpec | None:
        """The next ones as well."""
        self.count = min(self.count + PAGE, MOST)
        return await self._read()

    @handler()
    async def ask_end(self, share_id: str) -> None:
        """Ask first: whoever holds the link gets nothing any more."""
        async with self._scope() as scope:
            self.name = (await listing.get(scope, wanted_id(share_id))).title
        self.ending = share_id

    @handler()
    def keep(self) -> None:
        """Close the question; the link stays."""
        self.ending = ""

    @handler()
    async def end(self) -> None:
        """End the one that the question was about."""
        share_id, self.ending = self.ending, ""
        async with self._scope() as scope:
            await links.end(scope, wanted_id(share_id))
        self._toast("share.ended", tone="success")

    @handler()
    async def show_visits(self, share_id: str) -> EventSpec | None:
        """Who looked at one of them, and who does from now on."""
        key = wanted_id(share_id)
        async with self._scope() as scope:
            self.name = (await listing.get(scope, key)).title
        self.looking = share_id
        actor = await self._actor()
        return await show_live(self, read_visits, f"shares:{actor.user_id}", share_id=key)

    @handler()
    def close_visits(self) -> None:
        """Close that."""
        self.looking, self.visits = "", []

    async def _read(self) -> EventSpec | None:
        actor = await self._actor()
        topics = "every-share" if self.everybodys else f"shares:{actor.user_id}", "library"
        return await show_live(self, read_shares, *topics, kind=self.kind, count=self.count, everybodys=self.everybodys)

"""The photo page: one photo, who is on it, what it may be used for. Live: a withdrawal elsewhere shows here at once."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from photobank.access.authorise import may
from photobank.access.permissions import Action, Permission
from photobank.clearance import judgement
from photobank.consents.uses import INTERNAL
from photobank.delivery import redaction, screens, showing
from photobank.kernel.errors import NotFound, PhotobankError
from photobank.library import assets, folders, holding, trash
from photobank.library.holding import Bolt
from photobank.models.people import FaceState
from photobank.people import faces, nobody, templates
from photobank.scope import Scope
from state.base import PhotobankState, problem_event
from state.lists import came_from
from state.live import reader
from state.photo_detail_rows import Detail, Exposure, details, exposure, suggested
from state.photo_rows import (
    FaceView,
    Line,
    Obstacle,
    Offer,
    TaggedView,
    UseHead,
    face_views,
    lines,
    moment,
    obstacles,
    offers,
    tagged_views,
    use_heads,
)
from state.rules import SIGNED_IN, Rule, handler

OPEN = (FaceState.unknown, FaceState.suggested)
SHOWN = ("ready", "archived")


@dataclass
class PhotoHead:
    """The photo itself, and what its viewer may do with it."""

    id: str = ""
    title: str = ""
    filename: str = ""
    caption: str = ""
    credit: str = ""
    state: str = ""
    rejection: str = ""
    width: int = 0
    height: int = 0
    size: int = 0
    media_type: str = ""
    placeholder: str = ""
    taken_at: str = ""
    created_at: str = ""
    folder_id: str = ""
    folder: str = ""
    no_people: bool = False
    people: int = 0
    open_faces: int = 0
    alone: int = 0
    """Faces that were confirmed by themselves."""
    may_download: bool = False
    may_share: bool = False
    may_edit: bool = False
    may_review: bool = False
    unnamed: bool = False
    """Open faces here have no names suggested, since the house recognises nobody by name."""
    may_rule: bool = False
    may_consent: bool = False
    may_lock: bool = False
    may_hold: bool = False
    may_audit: bool = False
    may_purge: bool = False
    ratio: float = 1.5
    version: int = 1
    shown: bool = True
    """Whether the picture may be on this screen, decided now: it goes within the second that a consent does."""
    favourite: bool = False


@dataclass
class BoltView:
    """What keeps the photo in, and why. `mine`: the viewer may take it off."""

    kind: str
    reason: str
    mine: bool


GONE: dict[str, Any] = {
    "status": "gone",
    "photo": PhotoHead(),
    "faces": [],
    "tagged": [],
    "uses": [],
    "bolts": [],
    "limiting": [],
    "free": [],
    "obstacles": [],
    "allowed": [],
    "refused": [],
    "allowed_uses": [],
    "hideable": [],
    "details": [],
    "tags": [],
    "suggested_tags": [],
    "exposure": Exposure(),
}


@reader(lambda: PhotoState, blank=GONE)
async def read_photo(scope: Scope, asset_id: UUID) -> dict[str, Any]:
    """Everything that the page shows of one photo."""
    try:
        detail = await assets.detail(scope, asset_id)
    except NotFound:
        trashed = await assets.find(scope, asset_id, trashed=True)
        return GONE | {"status": "trashed", "photo": PhotoHead(id=str(trashed.id), title=trashed.title, filename=trashed.filename)}
    asset, held = detail.asset, detail.folder_permission
    found = (await faces.of_assets(scope, [asset_id])).get(asset_id, [])
    known = await showing.embedded(scope, asset_id)
    matrix = await judgement.matrix(scope, asset_id)
    limiting, free = lines(matrix, found, asset.width, asset.height)
    shut = {use for use, verdict in matrix.verdicts.items() if not verdict.allowed}
    allowed, refused = offers(matrix, await redaction.offers(scope, asset, shut))
    folder = next((row.name for row in await folders.list_all(scope) if row.id == asset.folder_id), "")
    edits = held >= Permission.edit
    reviews = edits and may(scope.actor, Action.face_review)
    internal = matrix.verdicts.get(INTERNAL)
    locks, holds = held >= Permission.manage and may(scope.actor, Action.asset_edit), may(scope.actor, Action.hold_manage)
    bolts = holding.reasons(scope, asset) if edits or holds else {}
    head = PhotoHead(
        id=str(asset.id),
        title=asset.title,
        filename=asset.filename,
        caption=asset.caption,
        credit=asset.credit,
        state=str(asset.state),
        rejection=asset.rejection or "",
        width=asset.width,
        height=asset.height,
        size=asset.size,
        media_type=asset.media_type,
        placeholder=base64.b64encode(asset.placeholder).decode() if asset.placeholder else "",
        taken_at=moment(asset.taken_at),
        created_at=moment(asset.created_at),
        folder_id=str(asset.folder_id),
        folder=folder,
        no_people=asset.no_people_at is not None,
        people=len(limiting) + len(free),
        open_faces=sum(face.state in OPEN for face in found),
        alone=sum(face.by_itself is not None for face in found),
        may_download=held >= Permission.download and may(scope.actor, Action.asset_download),
        may_share=asset.state in SHOWN and held >= Permission.download and may(scope.actor, Action.asset_share),
        may_edit=edits and may(scope.actor, Action.asset_edit),
        may_review=reviews,
        unnamed=reviews and any(face.state in OPEN for face in found) and not await templates.names_anybody(scope),
        may_rule=may(scope.actor, Action.biometrics_manage),
        may_consent=may(scope.actor, Action.consent_record),
        may_lock=locks and asset.locked_at is None,
        may_hold=holds and asset.hold_at is None,
        may_audit=may(scope.actor, Action.audit_view),
        may_purge=edits and may(scope.actor, Action.asset_purge),
        ratio=asset.width / asset.height if asset.width and asset.height else 1.5,
        version=asset.version,
        shown=asset.state in SHOWN and (await screens.works_on(scope, asset) or (internal is not None and internal.allowed)),
        favourite=detail.marks.favourite,
    )
    return {
        "status": "full",
        "photo": head,
        "faces": face_views(found, [*limiting, *free]),
        "tagged": tagged_views(found),
        "bolts": [BoltView(str(kind), why, {Bolt.lock: locks, Bolt.hold: holds}[kind]) for kind, why in bolts.items()],
        "uses": use_heads(matrix),
        "limiting": limiting,
        "free": free,
        "obstacles": obstacles(matrix),
        "allowed": allowed,
        "refused": refused,
        "allowed_uses": [row.use for row in allowed],
        "hideable": [row for row in refused if row.hidden],
        "details": details(detail),
        "tags": list(detail.tags),
        "suggested_tags": suggested(known, list(detail.tags)) if edits else [],
        "exposure": exposure(known),
    }


class PhotoState(PhotobankState):
    """State of the photo page. Vars up to `exposure` are fed by the reader; handlers never build on them."""

    access: ClassVar[Rule] = SIGNED_IN

    status: str = "loading"
    photo: PhotoHead = PhotoHead()
    bolts: list[BoltView] = []  # noqa: RUF012
    faces: list[FaceView] = []  # noqa: RUF012
    tagged: list[TaggedView] = []  # noqa: RUF012
    uses: list[UseHead] = []  # noqa: RUF012
    limiting: list[Line] = []  # noqa: RUF012
    free: list[Line] = []  # noqa: RUF012
    obstacles: list[Obstacle] = []  # noqa: RUF012
    allowed: list[Offer] = []  # noqa: RUF012
    refused: list[Offer] = []  # noqa: RUF012
    allowed_uses: list[str] = []  # noqa: RUF012
    hideable: list[Offer] = []  # noqa: RUF012
    """Those of the refused uses that hiding people would open."""
    details: list[Detail] = []  # noqa: RUF012
    tags: list[str] = []  # noqa: RUF012
    suggested_tags: list[str] = []  # noqa: RUF012
    exposure: Exposure = Exposure()

    shown: str = ""
    """Id of the photo shown, as the server set it."""
    back: str = "/library/"
    back_to: str = "library"
    """Where the list is that the photo was opened from, and what that place is called."""
    tab: str = "permissions"
    others_open: bool = False
    menu_open: bool = False
    sizes_use: str = ""
    """The use that sizes are shown for; empty: they are not shown."""
    sizes_redacted: bool = False
    """With those who stand in the way made unrecognisable."""

    @handler()
    async def load(self) -> Any:
        """Show the photo in the address, and keep it fresh for as long as the page is open."""
        self.menu_open = self.others_open = False
        self.sizes_use = ""
        self.back, self.back_to = came_from(self.router.url.query_parameters)
        wanted = str(getattr(self, "asset_id", ""))  # the framework makes this var of the address /photo/[asset_id]
        if self.status not in ("full", "trashed"):
            # From one photo to the next the one before stays until the next is there: nothing flashes.
            self.status = "loading"
        try:
            self.shown = str(UUID(wanted))
        except ValueError:
            self.status, self.shown = "gone", ""
            return None
        return await self._fresh()

    async def _fresh(self) -> Any:
        """Read the photo, and listen for it and for everybody on it."""
        asset_id = UUID(self.shown)
        try:
            async with self._scope() as scope:
                found = (await faces.of_assets(scope, [(await assets.find(scope, asset_id)).id])).get(asset_id, [])
            people = sorted({f"person:{face.person_id}" for face in found if face.person_id})
            await self._watch(read_photo, f"asset:{asset_id}", *people, asset_id=asset_id)
        except NotFound:
            await self._watch(read_photo, f"asset:{asset_id}", asset_id=asset_id)
        except PhotobankError as error:
            self.status = "error"
            return problem_event(error)
        return None

    @handler()
    def show_tab(self, tab: str) -> None:
        """Another tab of the panel."""
        if tab in ("permissions", "details"):
            self.tab = tab

    @handler()
    def toggle_others(self) -> None:
        """Unfold those who allow everything, or fold them again."""
        self.others_open = not self.others_open

    @handler()
    def toggle_menu(self) -> None:
        """Open or close the download menu."""
        self.menu_open = not self.menu_open

    @handler()
    def close_menu(self) -> None:
        """Close the download menu."""
        self.menu_open = False

    @handler()
    def open_sizes(self, use: str) -> None:
        """Show what the presets make of the photo, for a use."""
        self.sizes_use, self.sizes_redacted, self.menu_open = str(use)[:50], False, False

    @handler()
    def open_redacted(self, use: str) -> None:
        """The same, with those who stand in the way of the use made unrecognisable."""
        self.sizes_use, self.sizes_redacted, self.menu_open = str(use)[:50], True, False

    @handler()
    def close_sizes(self) -> None:
        """Close them."""
        self.sizes_use = ""

    @handler()
    async def say_no_people(self) -> None:
        """A human looked: nobody here is recognisable."""
        async with self._scope() as scope:
            done = (await nobody.say(scope, [UUID(self.shown)])).asset_ids
        await self._fresh()
        if not done:
            self._toast("photo.faces_first")

    @handler()
    async def to_trash(self) -> None:
        """Into the trash; the page offers the way back."""
        async with self._scope() as scope:
            await trash.trash(scope, UUID(self.shown))
        await self._fresh()

    @handler()
    async def restore(self) -> None:
        """Out of the trash again."""
        async with self._scope() as scope:
            await trash.restore(scope, UUID(self.shown))
        await self._fresh()

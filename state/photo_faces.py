"""Deciding about the faces of the photo shown: confirm, not this person, somebody new, nobody, draw, undo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from photobank.kernel.errors import AlreadyOnPhoto, Invalid, PhotobankError
from photobank.people import faces, persons, review, tagged
from photobank.scope import Scope
from state.base import problem_event
from state.photo import OPEN, PhotoState
from state.rules import SIGNED_IN, Rule, handler

FOUND = 6


@dataclass
class Match:
    """Somebody whose name fits what was typed."""

    id: str
    name: str
    photos: int
    cover: str


class FacesState(PhotoState):
    """State of the small panel beside a face."""

    access: ClassVar[Rule] = SIGNED_IN

    face: str = ""
    """The face that the panel is about; empty: no panel."""
    matches: list[Match] = []  # noqa: RUF012
    searched: str = ""
    refusals: int = 0
    """How often somebody was refused since they are on it already: the form is free again."""

    _last: str = ""

    @handler()
    def pick(self, face_id: str) -> None:
        """Open the panel for a face; for the one it is open for, close it."""
        self.face = "" if face_id == self.face else face_id
        self.matches, self.searched = [], ""

    @handler()
    def leave(self) -> None:
        """Close the panel."""
        self.face, self.matches, self.searched = "", [], ""

    @handler()
    async def pick_first_open(self) -> None:
        """Open the panel for the first face that waits for a decision."""
        async with self._scope() as scope:
            self.face = await self._next_open(scope)
        self.matches, self.searched = [], ""

    @handler(supersedes=True)
    async def search(self, text: str) -> None:
        """People whose name fits."""
        text = text.strip()[:200]
        if not text:
            self.matches, self.searched = [], ""
            return
        async with self._scope() as scope:
            page = await persons.page(scope, text, limit=FOUND)
        self.matches = [Match(str(row.id), row.name, row.photos, str(row.cover or "")) for row in page.items]
        self.searched = text

    @handler()
    async def confirm(self, face_id: str, person_id: str) -> Any:
        """This face is that person."""
        try:
            async with self._scope() as scope:
                person = await persons.find(scope, _id(person_id))
                name = person.name
                self._last = str(await review.confirm(scope, [_id(face_id)], person.id))
                following = await self._next_open(scope)
        except AlreadyOnPhoto as error:
            return self._refused(error)
        await self._decided(following)
        self._toast("face.done_confirmed", tone="success", action="undo", name=name)
        return None

    @handler()
    async def name_new(self, face_id: str, name: str) -> None:
        """This face is somebody who is not known yet."""
        async with self._scope() as scope:
            person = await persons.create(scope, name)
            called = person.name
            self._last = str(await review.confirm(scope, [_id(face_id)], person.id))
            following = await self._next_open(scope)
        await self._decided(following)
        self._toast("face.done_named", tone="success", action="undo", name=called)

    @handler()
    async def reject(self, face_id: str, person_id: str) -> None:
        """This face is not that person."""
        async with self._scope() as scope:
            name = (await persons.find(scope, _id(person_id))).name
            self._last = str(await review.reject(scope, _id(face_id), _id(person_id)))
        await self._decided(face_id)
        self._toast("face.done_rejected", action="undo", name=name)

    @handler()
    async def ignore(self, face_id: str) -> None:
        """Not a recognisable person."""
        async with self._scope() as scope:
            self._last = str(await review.ignore(scope, [_id(face_id)]))
            following = await self._next_open(scope)
        await self._decided(following)
        self._toast("face.done_ignored", action="undo")

    @handler()
    async def reopen(self, face_id: str) -> None:
        """Open a settled face again."""
        async with self._scope() as scope:
            self._last = str(await review.unassign(scope, _id(face_id)))
        await self._decided(face_id)

    @handler()
    async def tag(self, person_id: str) -> Any:
        """That person is on it though no face of theirs can be seen."""
        return await self._tag(person_id=_id(person_id))

    @handler()
    async def tag_new(self, name: str) -> Any:
        """So is somebody who is not known yet."""
        return await self._tag(name=name)

    @handler()
    async def untag(self, person_id: str) -> None:
        """That person is not on it after all."""
        async with self._scope() as scope:
            name = (await persons.find(scope, _id(person_id))).name
            self._last = str(await tagged.untag(scope, UUID(self.shown), _id(person_id)))
        await self._decided("")
        self._toast("tagged.done_off", action="undo", name=name)

    async def _tag(self, person_id: UUID | None = None, name: str = "") -> Any:
        try:
            async with self._scope() as scope:
                done = await tagged.tag(scope, UUID(self.shown), person_id=person_id, name=name)
                called = (await persons.find(scope, done.person_id)).name
        except PhotobankError as error:
            return self._refused(error)
        self._last = str(done.action_id)
        await self._decided("")
        self._toast("tagged.done", tone="success", action="undo", name=called)
        return None

    @handler()
    async def draw(self, box: list[float]) -> None:
        """A face that was missed; then asks who it is."""
        async with self._scope() as scope:
            drawn = str((await review.draw(scope, UUID(self.shown), [min(max(float(part), 0.0), 1.0) for part in box])).id)
        await self._decided(drawn)

    @handler()
    async def toast_action(self, action: str) -> Any:
        """The button of a message: undo the last decision about a face."""
        if action == "undo" and self._last:
            async with self._scope() as scope:
                await review.undo(scope, _id(self._last))
            self._last = ""
            await self._decided("")

    def _refused(self, error: PhotobankError) -> Any:
        self.matches, self.searched = [], ""
        self.refusals += 1
        return problem_event(error)

    async def _decided(self, following: str) -> None:
        self.face, self.matches, self.searched = following, [], ""
        await self._fresh()

    async def _next_open(self, scope: Scope) -> str:
        asset_id = UUID(self.shown)
        rows = (await faces.of_assets(scope, [asset_id])).get(asset_id, [])
        return next((str(row.id) for row in rows if row.state in OPEN), "")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("not an id", fields={"id": "errors.id"}) from None

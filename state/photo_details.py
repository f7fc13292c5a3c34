"""Writing about the photo shown, one thing at a time, each with its way back: texts, custom fields, tags, the heart."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from photobank.kernel.errors import Invalid
from photobank.library import assets, marks
from photobank.library.assets import AssetDetail
from photobank.library.describing import TEXTS, Description
from state.photo import PhotoState
from state.photo_detail_rows import details, typed
from state.rules import SIGNED_IN, Rule, handler


class DetailsState(PhotoState):
    """State of the Details tab. What it shows is read with the photo (state/photo.py)."""

    access: ClassVar[Rule] = SIGNED_IN

    failed: str = ""
    """What could not be kept, so that its field stays open with what was typed; `failed_words` says why."""
    failed_words: str = ""
    failures: int = 0

    _before: Description | None = None
    _before_of: str = ""

    @handler()
    async def save(self, key: str, text: str) -> None:
        """Keep one text or field. The line under it says what is wrong; nothing else is lost."""
        self.failed = self.failed_words = ""
        text = text.strip()
        try:
            async with self._scope() as scope:
                one = await assets.detail(scope, UUID(self.shown))
                before = _of(one, key, next((row.value for row in details(one) if row.key == key), ""))
                await assets.edit(scope, one.asset.id, _of(one, key, text))
        except Invalid as error:
            self.failed = key
            self.failed_words = next(iter(error.fields.values()), error.message_key)
            self.failures += 1
            return
        await self._kept(before)

    @handler()
    async def add_tag(self, name: str) -> None:
        """One more tag."""
        await self._tag(add=name)

    @handler()
    async def remove_tag(self, name: str) -> None:
        """One tag less."""
        await self._tag(remove=name)

    @handler()
    async def favour(self) -> None:
        """Give the photo one's heart, or take it back."""
        async with self._scope() as scope:
            asset_id = UUID(self.shown)
            held = (await marks.of_assets(scope, [asset_id]))[asset_id]
            await marks.favour(scope, [asset_id], on=not held.favourite)
        await self._fresh()

    @handler()
    async def undo_detail(self, action: str) -> None:
        """The button of a message: what stood there before the last change stands there again."""
        if action != "undo_detail" or self._before is None or self._before_of != self.shown:
            return
        async with self._scope() as scope:
            await assets.edit(scope, UUID(self.shown), self._before)
        self._before = None
        await self._fresh()

    async def _tag(self, *, add: str = "", remove: str = "") -> None:
        name = (add or remove).strip()[:100]
        if not name:
            return
        async with self._scope() as scope:
            one = await assets.detail(scope, UUID(self.shown))
            before = Description(tags=tuple(one.tags))
            await assets.edit(
                scope, one.asset.id, Description(add_tags=(name,) if add else (), remove_tags=(name,) if remove else ())
            )
        await self._kept(before)

    async def _kept(self, before: Description) -> None:
        self._before, self._before_of = before, self.shown
        await self._fresh()
        self._toast("photo.saved", tone="success", action="undo_detail")


def _of(one: AssetDetail, key: str, text: str) -> Description:
    """The change that writes this text in the place of that key."""
    if key in TEXTS:
        return Description(**{key: text})  # type: ignore[arg-type]
    for filled in one.fields:
        if str(filled.field.id) == key:
            return Description(fields={filled.field.id: typed(str(filled.field.kind), text)})
    raise Invalid("fields", fields={key: "errors.field_unknown"})

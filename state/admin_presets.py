"""Presets and visible watermarks: which there are, new ones, what they go on. For admins; live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from reflex.event import EventSpec

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.delivery import own_presets, presets, watermarks
from photobank.delivery.presets import Preset
from photobank.imaging.recipe import CORNERS, Corner, Mark
from photobank.imaging.renditions import MIMES, Format
from photobank.kernel.errors import Invalid, PhotobankError
from photobank.library import choosing
from photobank.scope import Scope
from state.admin_users import ADMIN
from state.base import PhotobankState, problem_event
from state.live import reader
from state.rules import SIGNED_IN, Rule, handler
from state.watching import remarks, show_live, wanted_id, written

FORMATS = tuple(MIMES)
PLACED = ("tiled", *CORNERS)
PERCENT = 100
NOBODY = ""


@dataclass
class PresetView:
    """A preset in the list. `shape` is how its outline is drawn, in pixels of the icon."""

    name: str
    label_nl: str
    label_en: str
    words: str
    own: bool
    retired: bool
    wide: str
    high: str
    watermark: str


@dataclass
class MarkView:
    """A watermark in the list."""

    id: str
    name: str
    words: str
    where: str
    opacity: int
    size: int
    folders: list[str]


@dataclass
class Choice:
    """A watermark to choose."""

    id: str
    name: str


BLANK: dict[str, Any] = {"status": "refused", "rows": [], "marks": [], "mark_choices": []}


@reader(lambda: PresetsState, blank=BLANK)
async def read_presets(scope: Scope) -> dict[str, Any]:
    """Everything on the page."""
    require(scope, Action.settings_manage)
    own = await own_presets.list_all(scope)
    retired = {preset.name for preset, out in own if out}
    marks = await watermarks.list_all(scope)
    mark_of = {name: str(mark.id) for mark in marks for name in mark.presets}
    known = [*await presets.offered(scope), *(preset for preset, out in own if out)]
    names = await choosing.paths(scope, [folder_id for mark in marks for folder_id in mark.folders])
    return {
        "status": "full",
        "rows": [_view(preset, preset.name in retired, mark_of.get(preset.name, NOBODY)) for preset in known],
        "marks": [_mark(mark, names) for mark in marks],
        "mark_choices": [Choice(str(mark.id), mark.name) for mark in marks],
    }


class PresetsState(PhotobankState):
    """State of the page. Up to `mark_choices` the vars are fed by the reader."""

    access: ClassVar[Rule] = ADMIN

    status: str = "loading"
    rows: list[PresetView] = []  # noqa: RUF012
    marks: list[MarkView] = []  # noqa: RUF012
    mark_choices: list[Choice] = []  # noqa: RUF012

    form: str = ""
    """Which dialog is open: `preset:new`, `preset:NAME`, `mark:new`, `mark:ID`; empty: none."""
    given: dict[str, str] = {}  # noqa: RUF012
    errors: dict[str, str] = {}  # noqa: RUF012

    @handler(SIGNED_IN)
    async def load(self) -> EventSpec | None:
        """Open the page."""
        self.form = ""
        return await show_live(self, read_presets, "presets")

    @handler()
    async def open_form(self, which: str) -> None:
        """A dialog, for something new or for an own preset there is."""
        self.errors, self.given = {}, {"width": "1200", "height": "0", "format": "jpeg", "quality": "0", "dpi": "0"}
        self.given |= {"where": "bottom_right", "opacity": "40", "size": "20"}
        kind, _, name = str(which).partition(":")
        if kind == "preset" and name != "new":
            async with self._scope() as scope:
                found = next((preset for preset, _ in await own_presets.list_all(scope) if preset.name == name), None)
            if found is None:
                return
            names = ("label_nl", "label_en", "width", "height", "format", "quality", "dpi")
            self.given = {key: str(getattr(found, key)) for key in names}
            self.given |= {"fills": "yes" if found.fills else "", "cmyk": "yes" if found.cmyk else ""}
        if kind == "mark" and name != "new":
            async with self._scope() as scope:
                known = next((row for row in await watermarks.list_all(scope) if str(row.id) == name), None)
            if known is None:
                return
            view = _mark(known, {})
            self.given = {"name": view.name, "where": view.where, "opacity": str(view.opacity), "size": str(view.size)}
        self.form = str(which)[:80]

    @handler()
    def close_form(self) -> None:
        """Close the dialog."""
        self.form = ""

    @handler()
    async def save_preset(self, form: dict[str, Any]) -> None:
        """Make a preset, or change one."""
        name = self.form.partition(":")[2]
        try:
            wanted = _preset(form)
            async with self._scope() as scope:
                await (own_presets.define(scope, wanted) if name == "new" else own_presets.change(scope, name, wanted))
        except Invalid as problem:
            self.errors = remarks(problem)
            return
        self.form = ""

    @handler()
    async def retire(self, name: str, retired: bool) -> None:
        """Out of use, or back."""
        async with self._scope() as scope:
            await own_presets.retire(scope, str(name), bool(retired))

    @handler()
    async def save_mark(self, form: dict[str, Any]) -> EventSpec | None:
        """Make a watermark of words, or change how one lies; a logo goes over HTTP."""
        which, where = self.form.partition(":")[2], written(form, "where")
        corner: Corner = next((one for one in CORNERS if one == where), "bottom_right")
        mark = Mark("tiled" if where == "tiled" else "placed", corner, _share(form, "opacity"), _share(form, "size"))
        try:
            async with self._scope() as scope:
                if which == "new":
                    await watermarks.make(scope, written(form, "name"), mark, words=written(form, "words"))
                else:
                    await watermarks.change(scope, wanted_id(which), written(form, "name"), mark)
        except Invalid as problem:
            self.errors = remarks(problem)
            return None
        except PhotobankError as error:
            return problem_event(error)
        self.form = ""
        return None

    @handler()
    async def remove_mark(self, mark_id: str) -> None:
        """Remove a watermark, and from everything it went on."""
        async with self._scope() as scope:
            await watermarks.remove(scope, wanted_id(mark_id))

    @handler()
    async def mark_preset(self, name: str, mark_id: str) -> None:
        """What goes on everything of a preset; empty for nothing."""
        async with self._scope() as scope:
            await watermarks.put_on(scope, "preset", str(name), wanted_id(mark_id) if mark_id else None)

    @handler()
    async def mark_folder(self, mark_id: str, folder_id: str) -> None:
        """Put a watermark on everything out of a folder."""
        if folder_id:
            async with self._scope() as scope:
                await watermarks.put_on(scope, "folder", str(wanted_id(folder_id)), wanted_id(mark_id))

    @handler()
    async def clear_folders(self, mark_id: str) -> None:
        """Take a watermark off all folders."""
        async with self._scope() as scope:
            for mark in await watermarks.list_all(scope):
                if mark.id == wanted_id(mark_id):
                    for folder_id in mark.folders:
                        await watermarks.put_on(scope, "folder", str(folder_id), None)


def _preset(form: dict[str, Any]) -> Preset:
    fmt: Format = next((one for one in MIMES if one == written(form, "format")), "jpeg")
    return Preset(
        "",
        format=fmt,
        label_nl=written(form, "label_nl"),
        label_en=written(form, "label_en"),
        width=_number(form, "width"),
        height=_number(form, "height"),
        quality=_number(form, "quality"),
        dpi=_number(form, "dpi"),
        fills=bool(written(form, "fills")),
        cmyk=bool(written(form, "cmyk")),
    )


def _number(form: dict[str, Any], name: str) -> int:
    text = written(form, name)
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal() and len(text) < 7):
        raise Invalid("no number", fields={name: "errors.number"})
    return int(text)


def _share(form: dict[str, Any], name: str) -> float:
    return _number(form, name) / PERCENT


def _view(preset: Preset, retired: bool, watermark: str) -> PresetView:
    across, down = preset.width or preset.height or 3, preset.height or preset.width or 2
    scale = 28 / max(across, down) if preset.fills else 28 / max(3, 2)
    wide, high = (across * scale, down * scale) if preset.fills else (28, 19)
    words = "" if preset.as_it_came else _words(preset)
    own = bool(preset.label_en)
    return PresetView(
        preset.name, preset.label_nl, preset.label_en, words, own, retired, f"{wide:.0f}px", f"{high:.0f}px", watermark
    )


def _words(preset: Preset) -> str:
    size = f"{preset.width or '…'} × {preset.height or '…'}"
    more = [f"{preset.dpi} dpi"] if preset.dpi else []
    return " · ".join([size if preset.fills else f"≤ {size}", preset.format.upper() + (" CMYK" if preset.cmyk else ""), *more])


def _mark(mark: watermarks.WatermarkRow, names: dict[UUID, str]) -> MarkView:
    on = [names[id_] for id_ in mark.folders if id_ in names]
    where = "tiled" if mark.mark.layout == "tiled" else mark.mark.corner
    return MarkView(
        str(mark.id), mark.name, mark.words, where, round(mark.mark.opacity * PERCENT), round(mark.mark.size * PERCENT), on
    )

"""Face models: which packs are here and what their licences ask, how good each model is on one's own faces, filling one beside the one in
use, the switch and the way back. Live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from reflex.event import EventSpec

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.kernel.errors import Conflict, Invalid, PhotobankError
from photobank.models.recognition import ModelState
from photobank.people import face_models, looking
from photobank.people.face_models import ModelRow
from photobank.scope import Scope
from state.base import PhotobankState, problem_event
from state.live import reader
from state.people_rows import moment
from state.rules import SIGNED_IN, Rule, handler, role
from state.watching import remarks, show_live, wanted_id


@dataclass
class PackView:
    """A pack on this machine that is not in use as a model yet."""

    name: str
    title: str
    licence: str
    licence_key: str
    research_only: bool
    asks: bool


@dataclass
class LevelView:
    """What asking for a probability would have let through of the organisation's own decisions."""

    percent: int
    passed: int
    wrong: int


@dataclass
class ModelView:
    """A model that is or was used. Percentages are in tenths; -1 where nothing was measured."""

    id: str
    pack: str
    title: str
    state: str
    licence: str
    acknowledged_at: str
    activated_at: str
    loaded: bool
    filled: int
    wanted: int
    minutes: int
    measured_at: str
    faces: int
    people: int
    first_right: float
    tar: float
    levels: list[LevelView]
    decisions: int


BLANK: dict[str, Any] = {"status": "refused", "active": [], "others": [], "packs": [], "waiting": 0, "photos": 0}


@reader(lambda: FaceModelsState, blank=BLANK)
async def read_models(scope: Scope) -> dict[str, Any]:
    """Everything about models."""
    require(scope, Action.recognition_manage)
    models = [_view(row) for row in await face_models.listed(scope)]
    taken = {model.pack for model in models}
    packs = [
        PackView(pack.name, pack.title, pack.licence, pack.licence_key, pack.research_only, pack.acknowledgement)
        for pack in await face_models.installed(scope)
        if pack.name not in taken
    ]
    again = await looking.waiting(scope)
    return {
        "status": "full",
        "active": [model for model in models if model.state == ModelState.active],
        "others": [model for model in models if model.state != ModelState.active],
        "packs": packs,
        "waiting": again.waiting,
        "photos": again.photos,
    }


def _view(row: ModelRow) -> ModelView:
    scores, curve = row.scores, row.calibration
    pairs = scores.get("verification") or {}
    return ModelView(
        id=str(row.id),
        pack=row.pack,
        title=row.title,
        state=str(row.state),
        licence=row.licence,
        acknowledged_at=moment(row.acknowledged_at),
        activated_at=moment(row.activated_at),
        loaded=row.loaded,
        filled=row.filled,
        wanted=row.wanted,
        minutes=row.minutes or 0,
        measured_at=str(scores.get("measured_at", "")),
        faces=int(scores.get("faces", 0)),
        people=int(scores.get("people", 0)),
        first_right=_percent(float(scores["first_right"])) if scores.get("asked") else -1,
        tar=_percent(float(pairs["tar"])) if "tar" in pairs else -1,
        levels=[
            LevelView(round(float(one["probability"]) * 100), int(one["passed"]), int(one["wrong"]))
            for one in curve.get("thresholds", [])
        ],
        decisions=int(curve.get("decisions", 0)),
    )


def _percent(part: float) -> float:
    return round(part * 100, 1)


class FaceModelsState(PhotobankState):
    """State of the page. Vars up to `photos` are fed by the reader."""

    access: ClassVar[Rule] = role("admin")

    status: str = "loading"
    active: list[ModelView] = []  # noqa: RUF012
    others: list[ModelView] = []  # noqa: RUF012
    packs: list[PackView] = []  # noqa: RUF012
    waiting: int = 0
    photos: int = 0

    form: str = ""
    """Which dialog is open: fill, switch, retire, look; empty: none."""
    chosen: str = ""
    """The pack that the dialog is about, or the model's id."""
    chosen_title: str = ""
    chosen_licence: str = ""
    chosen_licence_key: str = ""
    asks: bool = False
    errors: dict[str, str] = {}  # noqa: RUF012

    @handler(SIGNED_IN)
    async def load(self) -> EventSpec | None:
        """Open the page."""
        self.form = ""
        return await show_live(self, read_models, "models", "people")

    @handler()
    async def ask_fill(self, pack: str) -> EventSpec | None:
        """The dialog with what the licence of a pack asks."""
        try:
            async with self._scope() as scope:
                rows = await face_models.installed(scope)
        except PhotobankError as error:
            return problem_event(error)
        found = next((row for row in rows if row.name == pack), None)
        if found is None:
            self._toast("models.gone", tone="error")
            return None
        self.chosen, self.chosen_title, self.chosen_licence = found.name, found.title, found.licence
        self.chosen_licence_key, self.asks = found.licence_key, found.acknowledgement
        self.errors, self.form = {}, "fill"
        return None

    @handler()
    async def fill(self, form: dict[str, Any]) -> EventSpec | None:
        """Compute templates of the pack beside the model in use."""
        try:
            async with self._scope() as scope:
                await face_models.fill(scope, self.chosen, acknowledge=bool(form.get("acknowledge")))
        except Invalid as problem:
            self.errors = remarks(problem)
            return None
        except PhotobankError as error:
            return problem_event(error)
        self.form = ""
        self._toast("models.filling", tone="success", name=self.chosen_title)
        return None

    @handler()
    async def ask(self, what: str, model_id: str) -> EventSpec | None:
        """The dialog before a switch, before giving a model up, or before looking at every photo again."""
        if what not in ("switch", "retire", "look"):
            return None
        if what != "look":
            try:
                async with self._scope() as scope:
                    row = await face_models.get(scope, wanted_id(model_id))
            except PhotobankError as error:
                return problem_event(error)
            self.chosen, self.chosen_title = str(row.id), row.title
        self.form = what
        return None

    @handler()
    def close(self) -> None:
        """Close the dialog; nothing changed."""
        self.form = ""

    @handler()
    async def switch(self) -> EventSpec | None:
        """Use the chosen model from now on."""
        try:
            async with self._scope() as scope:
                await face_models.activate(scope, wanted_id(self.chosen))
        except Conflict:
            self.form = ""
            self._toast("models.not_filled", tone="error")
            return None
        except PhotobankError as error:
            return problem_event(error)
        self.form = ""
        self._toast("models.switched", tone="success", name=self.chosen_title)
        return None

    @handler()
    async def retire(self) -> EventSpec | None:
        """Give the chosen model up, with its templates."""
        try:
            async with self._scope() as scope:
                await face_models.retire(scope, wanted_id(self.chosen))
        except PhotobankError as error:
            return problem_event(error)
        self.form = ""
        self._toast("models.retired", tone="success", name=self.chosen_title)
        return None

    @handler()
    async def measure(self, model_id: str) -> EventSpec | None:
        """Have a model measured on the faces that people confirmed."""
        try:
            async with self._scope() as scope:
                await face_models.ask_score(scope, wanted_id(model_id))
        except Conflict:
            self._toast("models.not_loaded", tone="error")
            return None
        except PhotobankError as error:
            return problem_event(error)
        self._toast("models.measuring", tone="success")
        return None

    @handler()
    async def look_again(self) -> EventSpec | None:
        """Look for faces on every photo once more."""
        try:
            async with self._scope() as scope:
                await looking.all_again(scope)
        except PhotobankError as error:
            return problem_event(error)
        self.form = ""
        self._toast("models.looking", tone="success")
        return None

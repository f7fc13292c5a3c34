"""What is drawn of near-copies and bursts: pairs with both sides, bursts with their first frames, the lines of a clean-up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from photobank.clearance import index
from photobank.delivery import screens
from photobank.duplicates.pairs import PairRow
from photobank.duplicates.report import Plan
from photobank.library import assets, folders
from photobank.library.assets import Filters
from photobank.models.assets import Asset
from photobank.scope import Scope
from state.photo_rows import moment

BURST_SHOWN = 5


@dataclass
class UseShield:
    """Where a photo stands for one use."""

    use: str
    state: str


@dataclass
class Side:
    """One photo of a pair. The region is where the other one lies in it, in percent; `part` when that is not all of it."""

    id: str
    title: str
    folder: str
    width: int
    height: int
    size: int
    format: str
    taken_at: str
    created_at: str
    shown: bool
    best: bool
    part: bool
    left: float
    top: float
    wide: float
    high: float
    shields: list[UseShield] = field(default_factory=list)


@dataclass
class PairCard:
    """A pair to look at."""

    id: str
    older: Side
    newer: Side
    differences: list[str]
    answer: str
    may_decide: bool
    may_version: bool


@dataclass
class Frame:
    """One photo of a burst. `shown`: the viewer may look at it."""

    id: str
    title: str
    ratio: float
    shown: bool


@dataclass
class Burst:
    """Photos in a row that might become a stack. `key` joins their ids; only a few are drawn."""

    key: str
    count: int
    frames: list[Frame] = field(default_factory=list)


@dataclass
class StepRow:
    """A line of the clean-up's preview."""

    pair_id: str
    drop_id: str
    drop: str
    keep_id: str
    keep: str
    size: int
    faces: int
    texts: bool
    obstacle: str


async def rows_of_bursts(scope: Scope, groups: Sequence[tuple[UUID, ...]]) -> list[Burst]:
    """Bursts with what is drawn of them, in a few queries."""
    wanted = tuple(id_ for ids in groups for id_ in ids[:BURST_SHOWN])
    found = await assets.page(scope, Filters(ids=wanted), limit=len(wanted))
    drawn = {asset.id: asset for asset in found.items}
    shown = await screens.expected(scope, list(drawn.values()))

    def frame(asset: Asset) -> Frame:
        return Frame(str(asset.id), asset.title or asset.filename, asset.width / max(1, asset.height), asset.id in shown)

    return [
        Burst(",".join(map(str, ids)), len(ids), [frame(drawn[id_]) for id_ in ids[:BURST_SHOWN] if id_ in drawn]) for ids in groups
    ]


async def cards(scope: Scope, rows: Sequence[PairRow]) -> list[PairCard]:
    """Pairs with everything that is drawn of them, in a few queries."""
    both = {asset.id: asset for row in rows for asset in (row.older, row.newer)}
    shields = await index.shields(scope, list(both))
    shown = await screens.expected(scope, list(both.values()))
    names = {row.id: row.name for row in await folders.list_all(scope)} if rows else {}

    def side(row: PairRow, asset: Asset, region: tuple[float, float, float, float], which: str) -> Side:
        left, top, wide, high = (round(part * 100, 2) for part in region)
        return Side(
            id=str(asset.id),
            title=asset.title or asset.filename,
            folder=names.get(asset.folder_id, ""),
            width=asset.width,
            height=asset.height,
            size=asset.size,
            format=asset.media_type.removeprefix("image/").upper(),
            taken_at=moment(asset.taken_at) if asset.taken_at else "",
            created_at=moment(asset.created_at),
            shown=asset.id in shown,
            best=row.better == which,
            part=wide * high < 93 * 93,
            left=left,
            top=top,
            wide=wide,
            high=high,
            shields=[UseShield(use, shield.state.value) for use, shield in shields.get(asset.id, {}).items()],
        )

    return [
        PairCard(
            id=str(row.id),
            older=side(row, row.older, row.region_in_older, "older"),
            newer=side(row, row.newer, row.region_in_newer, "newer"),
            differences=list(row.differences),
            answer=row.answer or "",
            may_decide=row.may_decide,
            may_version="identical" not in row.differences,
        )
        for row in rows
    ]


def step_rows(plan: Plan) -> list[StepRow]:
    """The preview of a clean-up, line by line."""
    return [
        StepRow(
            pair_id=str(step.pair_id),
            drop_id=str(step.drop.id),
            drop=step.drop.title or step.drop.filename,
            keep_id=str(step.keep.id),
            keep=step.keep.title or step.keep.filename,
            size=step.drop.size,
            faces=step.faces,
            texts=bool(step.texts),
            obstacle=step.obstacle or "",
        )
        for step in plan.steps
    ]

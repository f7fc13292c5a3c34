"""One change to many photos: what one may change is changed in a few queries, what one may not is counted and left alone.

Every bulk change is kept with what was there before, so that it can be taken back for a day (library/undoing.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import folder_rights, require, require_on_folder
from photobank.access.permissions import Action, Permission
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import Invalid, NotAuthenticated
from photobank.kernel.ids import new_id
from photobank.library import collections, marks, moving, snapshots, titles
from photobank.library.describing import Description, describe
from photobank.library.states import restore_state, set_state
from photobank.messaging.events import AssetsChanged, AssetsDescribed
from photobank.models.assets import Asset, AssetState
from photobank.models.collections import BulkChange, BulkOperation
from photobank.scope import Scope

MOST = 5000
CHUNK = 2000


class Kind(StrEnum):
    """What is done to the photos."""

    describe = "describe"
    move = "move"
    archive = "archive"
    unarchive = "unarchive"
    trash = "trash"
    restore = "restore"
    rate = "rate"
    favour = "favour"
    collect = "collect"


class Left(StrEnum):
    """Why a photo was left alone. `gone` is also said of what one may not see."""

    gone = "gone"
    not_allowed = "not_allowed"
    archived = "archived"
    held = "held"
    other_state = "other_state"
    changed_since = "changed_since"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is asked: the kind, and what that kind needs. `title_pattern` numbers the photos in the order they were given."""

    kind: Kind
    description: Description = field(default_factory=Description)
    title_pattern: str = ""
    folder_id: UUID | None = None
    collection_id: UUID | None = None
    stars: int | None = None
    on: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """The photos that a change would touch, with their folders, and how many it would leave alone and why."""

    touched: dict[UUID, UUID]
    left: Counter[Left]


@dataclass(frozen=True, slots=True)
class Done:
    """What a bulk change did: `changed` of the photos it touched were different afterwards. `operation_id` takes it back."""

    operation_id: UUID | None
    touched: int
    changed: int
    left: dict[Left, int]


# What one needs on a folder. Marks and collections are one's own affair: seeing is enough.
NEEDED: dict[Kind, Permission] = {
    Kind.unarchive: Permission.manage,
    Kind.rate: Permission.view,
    Kind.favour: Permission.view,
    Kind.collect: Permission.view,
}
# In which states it makes sense; elsewhere the photo is left alone.
STATES: dict[Kind, frozenset[AssetState]] = {
    Kind.archive: frozenset({AssetState.ready}),
    Kind.unarchive: frozenset({AssetState.archived}),
    Kind.restore: frozenset({AssetState.trashed}),
}
ANY_STATE = frozenset({Kind.rate, Kind.favour, Kind.collect})
TELLS: dict[Kind, Tag] = {
    Kind.archive: Tag.asset_archived,
    Kind.unarchive: Tag.asset_unarchived,
    Kind.trash: Tag.asset_trashed,
    Kind.restore: Tag.asset_restored,
}


async def plan(scope: Scope, asset_ids: Sequence[UUID], kind: Kind = Kind.describe, *, firm: bool = False) -> Plan:
    """What a change of this kind to these photos would touch, without touching anything. `firm`: and nobody changes that meanwhile."""
    wanted = set(asset_ids)
    if not 0 < len(wanted) <= MOST:
        raise Invalid("asset_ids", fields={"asset_ids": "errors.bulk_size"})
    require(scope, Action.own_marks if kind in ANY_STATE else Action.asset_edit)
    rights = await folder_rights(scope)
    query = (await visibility.assets(scope, trashed=kind is Kind.restore)).where(col(Asset.id).in_(wanted))
    columns = (col(Asset.id), col(Asset.folder_id), col(Asset.state), col(Asset.hold_at))
    touched: dict[UUID, UUID] = {}
    left: Counter[Left] = Counter()
    looking = query.with_only_columns(*columns).order_by(col(Asset.id))
    for asset_id, folder_id, state, held_at in await scope.db.execute(looking.with_for_update(of=Asset) if firm else looking):
        enough = rights[folder_id] >= NEEDED.get(kind, Permission.edit)
        reason = reason_against(kind, AssetState(state), held=held_at is not None) if enough else Left.not_allowed
        if reason is None:
            touched[asset_id] = folder_id
        else:
            left[reason] += 1
    if gone := len(wanted) - len(touched) - left.total():
        left[Left.gone] = gone
    return Plan(touched, left)


async def apply(scope: Scope, asset_ids: Sequence[UUID], change: Change) -> Done:
    """Carry it out, and keep what was there before."""
    user_id = scope.actor.user_id
    if user_id is None:
        raise NotAuthenticated("a bulk change is somebody's own, to be taken back by them")
    found = await plan(scope, asset_ids, change.kind, firm=change.kind not in ANY_STATE)
    await _check(scope, change)
    ids = [id_ for id_ in dict.fromkeys(asset_ids) if id_ in found.touched]
    parts = _parts(change)
    before = await snapshots.read(scope, ids, parts)
    await _carry_out(scope, ids, change)
    after = await snapshots.read(scope, ids, parts)
    changed = [id_ for id_ in ids if before[id_] != after[id_]]
    if not changed:
        return Done(None, len(ids), 0, dict(found.left))
    operation = BulkOperation(id=new_id(), user_id=user_id, kind=change.kind, changed=len(changed), created_at=scope.now())
    scope.db.add(operation)
    await scope.db.flush()
    seal = scope.vault.fields.seal_json
    rows = [
        {
            "operation_id": operation.id,
            "asset_id": id_,
            "change_ct": seal("bulk_changes", "change_ct", f"{operation.id}/{id_}", [before[id_], after[id_]]),
        }
        for id_ in changed
    ]
    for start in range(0, len(rows), CHUNK):
        await scope.db.execute(insert(BulkChange).values(rows[start : start + CHUNK]))
    record(scope, Tag.bulk_applied, payload={"kind": change.kind, "operation": str(operation.id), "changed": len(changed)})
    tell(
        scope,
        change.kind,
        changed,
        {id_: sorted(name for name in before[id_] if before[id_][name] != after[id_][name]) for id_ in changed},
        found,
    )
    return Done(operation.id, len(ids), len(changed), dict(found.left))


def tell(scope: Scope, kind: Kind, changed: Sequence[UUID], names: dict[UUID, list[str]], found: Plan) -> None:
    """Audit each photo, and wake who shows it."""
    if kind in ANY_STATE:
        return  # marks and collections tell of themselves
    for id_ in changed:
        tag = TELLS.get(kind, Tag.asset_changed)
        fields = sorted({name.partition(":")[0] for name in names[id_]})
        payload = {"fields": fields} if tag is Tag.asset_changed else {}
        record(scope, tag, asset_id=id_, folder_id=found.touched[id_], payload=payload)
    ids = tuple(sorted(changed))
    scope.announce(AssetsDescribed(asset_ids=ids) if kind is Kind.describe else AssetsChanged(asset_ids=ids))


def reason_against(kind: Kind, state: AssetState, *, held: bool) -> Left | None:
    """Why a photo in such a state is left alone, whoever asks; None when it is not."""
    if kind in ANY_STATE:
        return None
    if kind in STATES:
        return None if state in STATES[kind] else Left.other_state
    if state is AssetState.archived:
        return Left.archived
    if state is AssetState.uploading:
        return Left.other_state
    return Left.held if held and kind is Kind.trash else None


def _parts(change: Change) -> list[str]:
    """What of a photo the change is about (library/snapshots.py)."""
    if change.kind is Kind.describe:
        about = change.description
        tags = ["tags"] if about.tags is not None or about.add_tags or about.remove_tags else []
        title = ["title"] if change.title_pattern else []
        return [*{*about.texts, *title}, *tags, *(f"field:{id_}" for id_ in about.fields)]
    if change.kind is Kind.collect:
        return [f"collection:{change.collection_id}"]
    if change.kind in (Kind.rate, Kind.favour):
        return ["stars", "favourite"]
    return ["folder"] if change.kind is Kind.move else ["state"]


async def _check(scope: Scope, change: Change) -> None:
    """Is what the kind needs there, and may the actor use it."""
    if change.kind is Kind.move:
        if change.folder_id is None:
            raise Invalid("folder_id", fields={"folder_id": "errors.required"})
        await require_on_folder(scope, Action.asset_edit, Permission.edit, change.folder_id)
    elif change.kind is Kind.collect and change.collection_id is None:
        raise Invalid("collection_id", fields={"collection_id": "errors.required"})
    elif change.kind is Kind.describe and not change.description and not change.title_pattern:
        raise Invalid("change", fields={"change": "errors.required"})


async def _carry_out(scope: Scope, ids: Sequence[UUID], change: Change) -> None:
    if not ids:
        return
    if change.kind is Kind.describe:
        await describe(scope, ids, change.description)
        if change.title_pattern:
            await titles.number(scope, ids, change.title_pattern)
    elif change.kind is Kind.move and change.folder_id is not None:
        away = [
            id_ for id_, one in (await snapshots.read(scope, ids, ["folder"])).items() if one["folder"] != str(change.folder_id)
        ]
        await moving.move(scope, away, change.folder_id)
    elif change.kind in (Kind.archive, Kind.trash):
        await set_state(scope, ids, AssetState.archived if change.kind is Kind.archive else AssetState.trashed)
    elif change.kind is Kind.unarchive:
        await set_state(scope, ids, AssetState.ready)
    elif change.kind is Kind.restore:
        await restore_state(scope, ids)
    elif change.kind is Kind.rate:
        await marks.rate(scope, ids, change.stars)
    elif change.kind is Kind.favour:
        await marks.favour(scope, ids, on=change.on)
    elif change.collection_id is not None:
        await (collections.add if change.on else collections.drop)(scope, change.collection_id, ids)

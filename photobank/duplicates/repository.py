"""The queries of this room. What people see starts from `visibility`, for both photos of a pair: one out of sight hides the pair."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, column, delete, func, or_, select, values
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, INTEGER, insert
from sqlalchemy.sql import bindparam
from sqlmodel import col

from photobank.access import visibility
from photobank.imaging import keypoints
from photobank.kernel.errors import NotFound
from photobank.models.assets import Asset, AssetState, Rendition, Stage
from photobank.models.duplicates import DuplicateAnswer, DuplicatePair, PairKind, PictureWords
from photobank.scope import Scope

SETTLED = (AssetState.ready, AssetState.archived, AssetState.processing)
FEWEST_SHARED = 3
PURPOSE = "pictures.word"


def keyed(scope: Scope, words: Iterable[int]) -> list[int]:
    """Words as they are kept: 32 bits of a keyed digest, so that the database alone tells nothing of a picture."""
    blind = scope.vault.blind
    return [int.from_bytes(blind.of(PURPOSE, word.to_bytes(8, "big"))[:4], "big", signed=True) for word in words]


async def keep_words(scope: Scope, asset: Asset, words: Sequence[int]) -> None:
    """Keep what a photo is recognised by, in place of what was kept."""
    row: dict[str, Any] = {"version": keypoints.VERSION, "content": asset.content_index, "words": list(words), "searched_at": None}
    put = insert(PictureWords).values(asset_id=asset.id, **row)
    await scope.db.execute(put.on_conflict_do_update(index_elements=["asset_id"], set_=row))


async def candidates(scope: Scope, asked: Sequence[int], but: UUID, limit: int) -> list[UUID]:
    """Photos that share most words, best first, from the whole house: who may hear of them is decided when a pair is read."""
    # Of so many words the planner believes that every photo has one, and would read the whole table; to the end of this transaction.
    await scope.db.execute(select(*(func.set_config(f"enable_{way}", "off", True) for way in ("seqscan", "indexscan"))))
    wanted = bindparam("asked", list(asked), type_=ARRAY(INTEGER))
    one = func.unnest(col(PictureWords.words)).table_valued("word").render_derived()
    looked_for = func.unnest(wanted).table_valued("word").render_derived()
    shared = func.count()
    query = (
        select(col(PictureWords.asset_id))
        .join(one, one.c.word.in_(select(looked_for.c.word)))
        .where(
            col(PictureWords.words).op("&&")(wanted),
            col(PictureWords.asset_id) != but,
            col(PictureWords.version) == keypoints.VERSION,
        )
        .group_by(col(PictureWords.asset_id))
        .having(shared >= FEWEST_SHARED)
        .order_by(shared.desc(), col(PictureWords.asset_id))
        .limit(limit)
    )
    return list((await scope.db.scalars(query)).all())


async def unread(scope: Scope, limit: int) -> list[UUID]:
    """Photos with renditions that were never read into words, or by another version, or before their file changed; newest first."""
    query = (
        select(col(Asset.id))
        .join(Rendition, (col(Rendition.asset_id) == col(Asset.id)) & (col(Rendition.name) == "thumb"))
        .outerjoin(PictureWords, col(PictureWords.asset_id) == col(Asset.id))
        .where(
            col(Asset.state).in_([AssetState.ready, AssetState.archived]),
            col(Asset.version_of).is_(None),
            or_(
                col(PictureWords.asset_id).is_(None),
                col(PictureWords.version) != keypoints.VERSION,
                col(PictureWords.content).is_distinct_from(col(Asset.content_index)),
                col(PictureWords.searched_at).is_(None),
            ),
        )
        .order_by(col(Asset.id).desc())
        .limit(limit)
    )
    return list((await scope.db.scalars(query)).all())


async def answers(scope: Scope, keys: Collection[tuple[bytes, bytes]]) -> dict[tuple[bytes, bytes], DuplicateAnswer]:
    """What was said of these pictures before."""
    if not keys:
        return {}
    asked = values(column("low", BYTEA), column("high", BYTEA), name="asked").data(list(keys))
    query = select(DuplicateAnswer).join(
        asked, (col(DuplicateAnswer.low) == asked.c.low) & (col(DuplicateAnswer.high) == asked.c.high)
    )
    return {(row.low, row.high): row for row in (await scope.db.execute(query)).scalars()}


async def keep_answer(scope: Scope, key: tuple[bytes, bytes], answer: str, at: datetime) -> None:
    """Keep what was said; the last word counts."""
    row: dict[str, Any] = {"answer": answer, "answered_by": scope.actor.user_id, "answered_at": at}
    put = insert(DuplicateAnswer).values(low=key[0], high=key[1], **row)
    await scope.db.execute(put.on_conflict_do_update(index_elements=["low", "high"], set_=row))


async def forget_answer(scope: Scope, key: tuple[bytes, bytes]) -> None:
    """It was never said."""
    await scope.db.execute(delete(DuplicateAnswer).where(col(DuplicateAnswer.low) == key[0], col(DuplicateAnswer.high) == key[1]))


async def in_sight(scope: Scope, *, kind: PairKind = PairKind.copy, trashed: bool = False) -> Select[DuplicatePair]:
    """Pairs of which both photos are in sight. With `trashed` one of the two may lie in the trash."""
    either = await _ids(scope, trashed=False)
    query = select(DuplicatePair).where(col(DuplicatePair.kind) == kind)
    if not trashed:
        return query.where(
            col(DuplicatePair.older_id).in_(either), col(DuplicatePair.newer_id).in_(await _ids(scope, trashed=False))
        )
    bin_ = await _ids(scope, trashed=True)
    ids = select(either.subquery().c.id).union_all(select(bin_.subquery().c.id))
    return query.where(
        col(DuplicatePair.older_id).in_(select(ids.subquery().c.id)), col(DuplicatePair.newer_id).in_(select(ids.subquery().c.id))
    )


async def find(scope: Scope, pair_id: UUID, *, trashed: bool = False) -> DuplicatePair:
    """One pair in sight, locked; raises NotFound for any other."""
    query = (await in_sight(scope, trashed=trashed)).where(col(DuplicatePair.id) == pair_id).with_for_update()
    pair = await scope.db.scalar(query)
    if pair is None:
        raise NotFound("no such pair")
    return pair


async def assets_of(scope: Scope, pairs: Sequence[DuplicatePair]) -> dict[UUID, Asset]:
    """The photos of pairs in sight, in one query."""
    ids = {id_ for pair in pairs for id_ in (pair.older_id, pair.newer_id)}
    return {asset.id: asset for asset in (await scope.db.execute(select(Asset).where(col(Asset.id).in_(ids)))).scalars()}


async def _ids(scope: Scope, *, trashed: bool) -> Any:
    query = (await visibility.assets(scope, trashed=trashed)).with_only_columns(col(Asset.id), maintain_column_froms=True)
    if trashed:
        return query
    decoded = or_(col(Asset.state) != AssetState.processing, col(Asset.stage) != Stage.decode)
    return query.where(col(Asset.state).in_(SETTLED), decoded)

"""Views and downloads counted exactly: one statement adds one and refuses beyond the limit, however many ask at the same moment.

Each runs in a transaction of its own under READ COMMITTED, where such statements on one row wait for one another. A download is counted
before it is made, and given back when it comes to nothing: at worst one is lost to a crash, and never is one handed out too many.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from photobank.models.shares import Share, ShareVisit


async def count_view(db: AsyncSession, share_id: UUID, now: datetime) -> bool:
    """Count one view; False when there is none left or the share has ended."""
    left = or_(col(Share.view_limit).is_(None), col(Share.views) < col(Share.view_limit))
    statement = update(Share).where(_is_open(share_id, now), left).values(views=col(Share.views) + 1, seen_at=now)
    return await db.scalar(statement.returning(col(Share.id)).execution_options(synchronize_session=False)) is not None


async def count_download(db: AsyncSession, share_id: UUID, visit_id: UUID, now: datetime) -> bool:
    """Count one download; False when there is none left or the share has ended."""
    left = or_(col(Share.download_limit).is_(None), col(Share.downloads) < col(Share.download_limit))
    statement = update(Share).where(_is_open(share_id, now), left, col(Share.may_download))
    statement = statement.values(downloads=col(Share.downloads) + 1, seen_at=now)
    counted = await db.scalar(statement.returning(col(Share.id)).execution_options(synchronize_session=False))
    if counted is None:
        return False
    await _move_visit(db, visit_id, 1)
    return True


async def give_back_download(db: AsyncSession, share_id: UUID, visit_id: UUID) -> None:
    """A download that was counted came to nothing."""
    statement = update(Share).where(col(Share.id) == share_id).values(downloads=col(Share.downloads) - 1)
    await db.execute(statement.execution_options(synchronize_session=False))
    await _move_visit(db, visit_id, -1)


async def count_file(db: AsyncSession, share_id: UUID, visit_id: UUID, now: datetime) -> bool:
    """Count one file that is about to come in; False when no more may come or the request has ended."""
    left = or_(col(Share.file_limit).is_(None), col(Share.files) < col(Share.file_limit))
    statement = update(Share).where(_is_open(share_id, now), left).values(files=col(Share.files) + 1, seen_at=now)
    counted = await db.scalar(statement.returning(col(Share.id)).execution_options(synchronize_session=False))
    if counted is None:
        return False
    await _move_visit(db, visit_id, 1)
    return True


async def give_back_file(db: AsyncSession, share_id: UUID, visit_id: UUID) -> None:
    """A file that was counted did not come in."""
    statement = update(Share).where(col(Share.id) == share_id).values(files=col(Share.files) - 1)
    await db.execute(statement.execution_options(synchronize_session=False))
    await _move_visit(db, visit_id, -1)


async def _move_visit(db: AsyncSession, visit_id: UUID, by: int) -> None:
    statement = update(ShareVisit).where(col(ShareVisit.id) == visit_id).values(downloads=col(ShareVisit.downloads) + by)
    await db.execute(statement.execution_options(synchronize_session=False))


def _is_open(share_id: UUID, now: datetime) -> ColumnElement[bool]:
    ends = or_(col(Share.ends_at).is_(None), col(Share.ends_at) > now)
    return and_(col(Share.id) == share_id, col(Share.revoked_at).is_(None), ends)

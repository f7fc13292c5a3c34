"""Departments: parts of the organisation that folders are granted to. Who belongs to one has its rights at once, and loses them at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from photobank.access.authorise import may, require
from photobank.access.grants import PrincipalKind
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.kernel.errors import Conflict, Invalid, NotFound
from photobank.messaging.events import DepartmentChanged, FolderChanged, UserChanged
from photobank.models.accounts import Department, DepartmentMember, User
from photobank.models.folders import FolderGrant
from photobank.scope import Scope

LONGEST = 200


@dataclass(frozen=True, slots=True)
class DepartmentRow:
    """A department; who belongs to it is told only to those who manage users."""

    id: UUID
    name: str
    members: tuple[UUID, ...]


async def list_all(scope: Scope) -> list[DepartmentRow]:
    """All departments, by name."""
    require(scope, Action.library_view)
    rows = (await scope.db.execute(select(Department).order_by(col(Department.name)))).scalars().all()
    members: dict[UUID, list[UUID]] = defaultdict(list)
    if may(scope.actor, Action.user_manage):
        query = select(col(DepartmentMember.department_id), col(DepartmentMember.user_id)).join(User)
        for department_id, user_id in await scope.db.execute(query.order_by(col(User.name), col(User.id))):
            members[department_id].append(user_id)
    return [DepartmentRow(row.id, row.name, tuple(members[row.id])) for row in rows]


async def create(scope: Scope, name: str, members: Collection[UUID] = ()) -> DepartmentRow:
    """Make a department with these users."""
    require(scope, Action.user_manage)
    clean = await _free_name(scope, name)
    await _known(scope, members)
    department = Department(name=clean)
    scope.db.add(department)
    await scope.db.flush()
    await _put_in(scope, department.id, members)
    record(scope, Tag.user_changed, payload={"department": str(department.id), "members": len(members)})
    scope.announce(DepartmentChanged(department_id=department.id))
    return await _row(scope, department)


async def change(
    scope: Scope, department_id: UUID, *, name: str | None = None, members: Collection[UUID] | None = None
) -> DepartmentRow:
    """Give it another name; `members` are then exactly these."""
    require(scope, Action.user_manage)
    department = await _find(scope, department_id)
    if name is not None:
        department.name = await _free_name(scope, name, but=department_id)
    if members is not None:
        await _known(scope, members)
        here = col(DepartmentMember.department_id) == department_id
        gone = delete(DepartmentMember).where(here, col(DepartmentMember.user_id).not_in(members))
        left = (await scope.db.scalars(gone.returning(col(DepartmentMember.user_id)))).all()
        await _put_in(scope, department_id, members)
        for user_id in left:
            scope.announce(UserChanged(user_id=user_id))
    record(scope, Tag.user_changed, payload={"department": str(department_id), "members": -1 if members is None else len(members)})
    scope.announce(DepartmentChanged(department_id=department_id))
    await scope.db.flush()
    return await _row(scope, department)


async def remove(scope: Scope, department_id: UUID) -> None:
    """Remove it, with what it was granted; its users stay."""
    require(scope, Action.user_manage)
    department = await _find(scope, department_id)
    members = (await _row(scope, department)).members
    its = (col(FolderGrant.principal_kind) == PrincipalKind.department, col(FolderGrant.principal) == str(department_id))
    folders = (await scope.db.scalars(delete(FolderGrant).where(*its).returning(col(FolderGrant.folder_id)))).all()
    await scope.db.delete(department)
    record(scope, Tag.user_changed, payload={"department": str(department_id), "removed": True, "grants": len(folders)})
    scope.announce(DepartmentChanged(department_id=department_id))
    for folder_id in folders:
        scope.announce(FolderChanged(folder_id=folder_id))
    for user_id in members:
        scope.announce(UserChanged(user_id=user_id))


async def _find(scope: Scope, department_id: UUID) -> Department:
    found = await scope.db.get(Department, department_id, with_for_update=True)
    if found is None:
        raise NotFound("no such department")
    return found


async def _row(scope: Scope, department: Department) -> DepartmentRow:
    query = select(col(DepartmentMember.user_id)).where(col(DepartmentMember.department_id) == department.id)
    return DepartmentRow(department.id, department.name, tuple((await scope.db.scalars(query)).all()))


async def _put_in(scope: Scope, department_id: UUID, members: Collection[UUID]) -> None:
    if not members:
        return
    rows = [{"department_id": department_id, "user_id": user_id} for user_id in sorted(set(members))]
    put = insert(DepartmentMember).values(rows).on_conflict_do_nothing().returning(col(DepartmentMember.user_id))
    for user_id in (await scope.db.scalars(put)).all():
        scope.announce(UserChanged(user_id=user_id))


async def _free_name(scope: Scope, name: str, but: UUID | None = None) -> str:
    clean = " ".join(name.split())
    if not clean or len(clean) > LONGEST or not clean.isprintable():
        raise Invalid("name", fields={"name": "errors.name"})
    if await scope.db.scalar(select(func.count()).where(col(Department.name) == clean, col(Department.id) != but)):
        raise Conflict("there is a department with this name")
    return clean


async def _known(scope: Scope, members: Collection[UUID]) -> None:
    known = set((await scope.db.scalars(select(col(User.id)).where(col(User.id).in_(members)))).all())
    if known != set(members):
        raise NotFound("no such user")

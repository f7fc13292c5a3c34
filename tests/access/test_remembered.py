"""Rights that a process remembers are always those of this moment: any change takes effect at once, and nothing else is believed."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, event, func, select, update
from sqlmodel import col

from photobank.access import remembered, visibility
from photobank.access.actor import Actor, system
from photobank.access.authorise import folder_rights, rights_of
from photobank.access.grants import FolderNode, Granted, PrincipalKind, effective
from photobank.access.permissions import ROLE_FLOOR, Permission
from photobank.kernel.ids import new_id
from photobank.library import assets
from photobank.library.assets import Filters
from photobank.models.accounts import Role
from photobank.models.assets import Asset
from photobank.models.folders import Folder, FolderGrant, RightsMark
from photobank.scope import Scope
from tests.factories import add_photo
from tests.house import Cast

DEPARTMENT = UUID(int=77)


async def naive(scope: Scope) -> dict[UUID, Permission]:
    """Every folder and every grant read anew."""
    actor = scope.actor
    folders = list(
        (await scope.db.execute(select(col(Folder.id), col(Folder.parent_id), col(Folder.inherits), col(Folder.locked)))).all()
    )
    mine = {
        (PrincipalKind.user, str(actor.user_id)),
        (PrincipalKind.role, str(actor.role)),
        *((PrincipalKind.department, str(one)) for one in actor.departments),
    }
    grants = [
        Granted(row.folder_id, Permission.parse(row.permission))
        for row in (await scope.db.scalars(select(FolderGrant).execution_options(populate_existing=True)))
        if (row.principal_kind, row.principal) in mine
    ]
    assert actor.role is not None
    held = effective([FolderNode(*row[:3]) for row in folders], grants, ROLE_FLOOR.get(actor.role))
    shut = {row.id for row in folders if row.locked}
    while more := {row.id for row in folders if row.parent_id in shut} - shut:
        shut |= more
    confirmed = actor.confirmed_until is not None and actor.confirmed_until > scope.now()
    return {id_: level for id_, level in held.items() if confirmed or id_ not in shut}


def granted(cast: Cast, folder_id: UUID, kind: str, principal: str, permission: str) -> FolderGrant:
    now = cast.container.clock.now()
    return FolderGrant(
        id=new_id(), folder_id=folder_id, principal_kind=kind, principal=principal, permission=permission, created_at=now
    )


async def agrees(cast: Cast, actors: list[Actor]) -> None:
    for actor in actors:
        async with cast.scope(actor) as scope:
            expected = await naive(scope)
            assert dict(await folder_rights(scope)) == expected
            every = (
                select(col(Asset.id))
                .where(col(Asset.folder_id).in_(expected))
                .order_by(col(Asset.sort_at).desc(), col(Asset.id).desc())
            )
            seen = list((await scope.db.scalars(every)).all())
            assert [one.id for one in (await assets.page(scope, Filters(), limit=200)).items] == seen
            assert await assets.count(scope, Filters()) == len(seen)


async def test_any_change_takes_effect_at_once_and_answers_are_the_naive_ones(cast: Cast) -> None:
    rnd = random.Random(21)
    made = [cast.shared, cast.closed]
    async with cast.container.scope(system()) as scope:
        for n in range(24):
            folder = Folder(
                id=new_id(), parent_id=rnd.choice([None, *made]), name=f"F{n}", inherits=rnd.random() < 0.8, created_at=scope.now()
            )
            scope.db.add(folder)
            await scope.db.flush()
            await scope.vault.new_folder_key(scope.db, folder.id, scope.now())
            made.append(folder.id)
    for folder_id in made:
        await add_photo(cast.container, folder_id, with_bytes=False)
    in_department = replace(cast.charlie, departments=frozenset({DEPARTMENT}))
    confirmed = replace(cast.bob, confirmed_until=cast.container.clock.now() + timedelta(hours=1), session_id=new_id())
    actors = [cast.alice, cast.bob, confirmed, cast.charlie, in_department, replace(cast.charlie, role=Role.contributor)]

    async def give(scope: Scope) -> None:
        kind, principal = rnd.choice(
            [
                ("user", str(cast.charlie.user_id)),
                ("user", str(cast.bob.user_id)),
                ("department", str(DEPARTMENT)),
                ("role", "contributor"),
            ]
        )
        new = granted(cast, rnd.choice(made), kind, principal, rnd.choice([one.name for one in Permission]))
        same = (FolderGrant.folder_id == new.folder_id, FolderGrant.principal_kind == kind, FolderGrant.principal == principal)
        await scope.db.execute(delete(FolderGrant).where(*same))
        scope.db.add(new)

    async def take(scope: Scope) -> None:
        one = select(col(FolderGrant.id)).order_by(func.random()).limit(1).scalar_subquery()
        await scope.db.execute(delete(FolderGrant).where(col(FolderGrant.id) == one))

    async def strengthen(scope: Scope) -> None:
        one = select(col(FolderGrant.id)).order_by(func.random()).limit(1).scalar_subquery()
        await scope.db.execute(update(FolderGrant).where(col(FolderGrant.id) == one).values(permission="manage"))

    async def cut(scope: Scope) -> None:
        await scope.db.execute(update(Folder).where(col(Folder.id) == rnd.choice(made)).values(inherits=~col(Folder.inherits)))

    async def lock(scope: Scope) -> None:
        await scope.db.execute(update(Folder).where(col(Folder.id) == rnd.choice(made)).values(locked=~col(Folder.locked)))

    async def move(scope: Scope) -> None:
        child = rnd.choice(made[2:])
        await scope.db.execute(
            update(Folder).where(col(Folder.id) == child).values(parent_id=rnd.choice(made[: made.index(child)]))
        )

    await agrees(cast, actors)
    changes: list[Callable[[Scope], Awaitable[None]]] = [give, give, take, strengthen, cut, lock, move]
    for _ in range(4):
        for change in changes:
            async with cast.container.scope(system()) as scope:
                await change(scope)
            await agrees(cast, actors)
        async with cast.container.scope(system()) as scope:
            await remembered.fold(scope.db)
    async with cast.container.scope(system()) as scope:
        await scope.db.execute(delete(FolderGrant))
    await agrees(cast, actors)


async def test_rights_are_worked_out_once_until_something_changes(cast: Cast) -> None:
    read: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if "folder_grants" in statement and statement.startswith("SELECT"):
            read.append(statement)

    engine = cast.container.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        for _ in range(3):
            async with cast.scope(cast.bob) as scope:
                assert (await folder_rights(scope))[cast.shared] >= Permission.edit
        assert len(read) == 1
        async with cast.container.scope(system()) as scope:
            await scope.db.execute(delete(FolderGrant))
        async with cast.scope(cast.bob) as scope:
            assert cast.shared not in await folder_rights(scope)
        assert len(read) == 2
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def test_what_rolls_back_is_never_believed(cast: Cast) -> None:
    """Also not when another change, which makes as many marks, is committed meanwhile."""
    async with cast.container.sessions() as db:
        gift = granted(cast, cast.closed, "user", str(cast.charlie.user_id), "manage")
        db.add(gift)
        await db.flush()
        inside = Scope(container=cast.container, actor=cast.charlie, db=db)
        assert cast.closed in await folder_rights(inside)
        async with cast.container.scope(system()) as scope:
            await scope.db.execute(update(Folder).where(col(Folder.id) == cast.shared).values(name="Anders"))
        async with cast.scope(cast.charlie) as scope:
            assert not await folder_rights(scope)
        await db.rollback()
    async with cast.scope(cast.charlie) as scope:
        assert not await folder_rights(scope)


async def test_a_commit_is_noticed_by_those_who_read_just_before_it(cast: Cast) -> None:
    async with cast.container.sessions() as db:
        await db.execute(delete(FolderGrant))
        async with cast.scope(cast.bob) as scope:
            assert cast.shared in await folder_rights(scope)  # not committed: still so, and kept as such
        await db.commit()
    async with cast.scope(cast.bob) as scope:
        assert cast.shared not in await folder_rights(scope)
        assert not await visibility.folder_ids(scope)


async def test_nobody_gets_what_was_kept_for_somebody_else(cast: Cast) -> None:
    async with cast.scope(cast.bob) as scope:
        assert await folder_rights(scope)
    for other in (cast.charlie, replace(cast.charlie, name=cast.bob.name)):
        async with cast.scope(other) as scope:
            assert not await folder_rights(scope)


async def test_folding_keeps_the_version_and_few_marks(cast: Cast) -> None:
    async with cast.container.scope(system()) as scope:
        before = await remembered.version(scope.db)
        assert await scope.db.scalar(select(func.count()).select_from(RightsMark)) > 1
        await remembered.fold(scope.db)
        assert await scope.db.scalar(select(func.count()).select_from(RightsMark)) == 1
        assert await remembered.version(scope.db) == before


async def test_only_so_many_are_kept(cast: Cast) -> None:
    kept = remembered.Remembered()
    async with cast.scope(cast.bob) as scope:
        rights = await rights_of(scope, cast.bob)
    askers = [remembered.Asker(UUID(int=n), False, Role.viewer, frozenset(), confirmed=False) for n in range(remembered.MOST + 5)]
    for asker in askers:
        kept.keep(asker, 1, rights)
    assert [kept.find(asker, 1) for asker in askers[:5]] == [None] * 5
    assert kept.find(askers[-1], 1) is rights
    assert kept.find(askers[-1], 2) is None

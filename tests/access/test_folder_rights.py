"""Rights as they are read from the database: the folders that grants reach, and no others."""

from __future__ import annotations

import random
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col

from photobank.access.actor import system
from photobank.access.authorise import folder_rights
from photobank.access.grants import FolderNode, Granted, effective
from photobank.access.permissions import Permission
from photobank.kernel.ids import new_id
from photobank.models.folders import Folder, FolderGrant


async def test_they_are_those_of_the_whole_tree(cast):
    rnd = random.Random(11)
    made: list[UUID] = []
    async with cast.container.scope(system()) as scope:
        for n in range(60):
            parent = rnd.choice([None, *made[-12:]])
            folder = Folder(id=new_id(), parent_id=parent, name=f"F{n}", inherits=rnd.random() < 0.8, created_at=scope.now())
            scope.db.add(folder)
            await scope.db.flush()
            made.append(folder.id)
    for folder_id in rnd.sample(made, 9):
        await cast.grant(cast.charlie, folder_id, rnd.choice([one.name for one in Permission]))
    async with cast.scope(cast.charlie) as scope:
        every = [
            FolderNode(*row) for row in await scope.db.execute(select(col(Folder.id), col(Folder.parent_id), col(Folder.inherits)))
        ]
        grants = select(col(FolderGrant.folder_id), col(FolderGrant.permission)).where(
            col(FolderGrant.principal) == str(scope.actor.user_id)
        )
        held = [Granted(id_, Permission.parse(level)) for id_, level in await scope.db.execute(grants)]
        found = await folder_rights(scope)
        assert found == effective(every, held, None)
        assert 9 < len(found) < 60


async def test_a_loop_in_the_tree_ends(cast):
    await cast.grant(cast.charlie, cast.shared, "view")
    async with cast.container.scope(system()) as scope:
        await scope.db.execute(update(Folder).where(col(Folder.id) == cast.shared).values(parent_id=cast.closed))
        await scope.db.execute(update(Folder).where(col(Folder.id) == cast.closed).values(parent_id=cast.shared))
    async with cast.scope(cast.charlie) as scope:
        assert set((await folder_rights(scope)).values()) == {Permission.view}

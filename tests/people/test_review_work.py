"""The work of reviewing: the queue's order, claims, batches, history with previews, what counts as done."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update
from sqlmodel import col

from photobank.access.actor import Actor, system
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import Conflict, Invalid, NotFound, Refused
from photobank.library import assets
from photobank.models.accounts import Role
from photobank.models.people import Face, FaceLink, FaceState, FaceSuggestion, Person
from photobank.people import claims, decisions, empty_photos, groups, history, nobody, review
from photobank.people.decisions import Verb, Wanted
from tests.api.given import faces_in_cluster
from tests.factories import add_person, add_photo, change_asset
from tests.house import Cast, add_user, audit_of


async def photos(cast: Cast, count: int, **more: object) -> list[UUID]:
    return [await add_photo(cast.container, cast.shared, seed=n, with_bytes=False, **more) for n in range(count)]  # type: ignore[arg-type]


async def state(cast: Cast, face_id: UUID) -> tuple[str, UUID | None, UUID | None]:
    async with cast.container.sessions() as db:
        face = await db.get(Face, face_id)
        assert face is not None
        return str(face.state), face.person_id, face.cluster_id


@pytest.fixture
async def rob(cast: Cast) -> Actor:
    """A second reviewer of the same folder."""
    actor = await add_user(cast.container, "Rob", Role.reviewer)
    await cast.grant(actor, cast.shared, "edit")
    return actor


async def test_the_queue_begins_with_what_unlocks_most_photos(cast: Cast) -> None:
    alone = await photos(cast, 2)
    crowd = await photos(cast, 3, unknown_faces=1)
    hidden = await add_photo(cast.container, cast.closed, with_bytes=False)
    unlocking, _ = await faces_in_cluster(cast.container, alone)
    many, ids = await faces_in_cluster(cast.container, [*crowd, hidden])
    anna = await add_person(cast.container, "Anna", created_by=cast.rita.user_id)
    secret = await add_person(cast.container, "Geheim")
    async with cast.scope(cast.alice) as scope:
        for face, person, sure in ((ids[0], anna, 0.9), (ids[1], anna, 0.8), (ids[1], secret, 0.99)):
            scope.db.add(FaceSuggestion(face_id=face, person_id=person, score=0.9, probability=sure, model="fake/hue/1"))
        face = await scope.db.get(Face, ids[0])
        assert face is not None
        face.state = FaceState.suggested
    async with cast.scope(cast.rita) as scope:
        first, second = (await groups.page(scope)).items
        assert (first.id, first.photos, first.unlocks) == (unlocking, 2, 2)
        assert (second.id, second.photos, second.unlocks, len(second.face_ids)) == (many, 3, 0, 3)
        (guess,) = second.guesses
        assert (guess.name, guess.faces, round(guess.probability, 2)) == ("Anna", 2, 0.85), "who is out of sight is not named"
        one = await groups.page(scope, limit=1)
        assert [row.id for row in (await groups.page(scope, one.next_cursor, 1)).items] == [many]
        assert [row.id for row in (await groups.page(scope, suggested=True)).items] == [many]
        left = await groups.progress(scope)
        assert (left.faces, left.clusters, left.photos, left.empty) == (8, 2, 5, 0)
        await groups.confirm(scope, many, anna)
    async with cast.scope(cast.rita) as scope:
        left = await groups.progress(scope)
        assert (left.faces, left.clusters, left.photos) == (5, 1, 5)


async def test_two_reviewers_never_decide_about_one_cluster(cast: Cast, rob: Actor, clock: TurnableClock) -> None:
    anna = await add_person(cast.container, "Anna", created_by=rob.user_id)
    first, _ = await faces_in_cluster(cast.container, await photos(cast, 2))
    second, ids = await faces_in_cluster(cast.container, await photos(cast, 2))
    async with cast.scope(cast.rita) as scope:
        until = await groups.claim(scope, first)
        assert until == clock.now() + claims.LASTS
    for work in (groups.claim, groups.ignore):
        with pytest.raises(Conflict, match="another reviewer"):
            async with cast.scope(rob) as scope:
                await work(scope, first)
    async with cast.scope(rob) as scope:
        rows = {row.id: row.claimed_by for row in (await groups.page(scope)).items}
        assert rows == {first: cast.rita.user_id, second: None}
        assert [row.id for row in (await groups.page(scope, free=True)).items] == [second]
        with pytest.raises(Conflict):
            await groups.merge(scope, second, first)
        await groups.claim(scope, second)
    async with cast.scope(cast.rita) as scope:
        assert {row.id: row.claimed_by for row in (await groups.page(scope)).items} == {first: None, second: rob.user_id}
        await groups.claim(scope, first)  # renewed
    clock.turn(claims.LASTS + timedelta(seconds=1))
    async with cast.scope(rob) as scope:
        await groups.confirm(scope, first, anna)
    async with cast.scope(rob) as scope:
        await groups.claim(scope, second)
        await claims.leave(scope)
    async with cast.scope(cast.rita) as scope:
        await groups.ignore(scope, second, ids[:1])
    with pytest.raises(NotFound):
        async with cast.scope(cast.rita) as scope:
            await groups.claim(scope, uuid4())
    with pytest.raises(Refused):
        async with cast.scope(cast.bob) as scope:
            await groups.claim(scope, second)


async def test_a_batch_counts_once_and_one_failure_does_not_take_the_others_along(cast: Cast) -> None:
    cluster, ids = await faces_in_cluster(cast.container, await photos(cast, 4))
    hidden = await add_photo(cast.container, cast.closed, with_bytes=False, unknown_faces=1)
    async with cast.container.sessions() as db:
        out_of_sight = await db.scalar(select(col(Face.id)).where(col(Face.asset_id) == hidden))
        assert out_of_sight is not None
    batch = [
        Wanted(uuid4(), Verb.confirm, (ids[0],), name="Anna Jansen"),
        Wanted(uuid4(), Verb.confirm, (ids[1], out_of_sight), name="Nobody At All"),
        Wanted(uuid4(), Verb.ignore, (ids[2],)),
        Wanted(uuid4(), Verb.confirm, (), None, uuid4()),
        Wanted(uuid4(), Verb.unassign, (ids[2],)),
        Wanted(uuid4(), Verb.ignore, (), cluster),
    ]
    async with cast.scope(cast.rita) as scope:
        first = await decisions.carry_out(scope, batch)
    assert [one.error for one in first] == ["", "not_found", "", "invalid", "", ""]
    anna = first[0].person_id
    assert anna is not None
    stands = [await state(cast, id_) for id_ in ids]
    assert [row[0] for row in stands] == ["confirmed", "ignored", "ignored", "ignored"]
    async with cast.scope(cast.rita) as scope:
        again = await decisions.carry_out(scope, batch)
    assert [(one.id, one.action_id) for one in again] == [(one.id, one.action_id) for one in first]
    assert [await state(cast, id_) for id_ in ids] == stands
    async with cast.container.sessions() as db:
        assert await db.scalar(select(func.count()).select_from(Person)) == 1, "nobody was made twice, or for what failed"
    async with cast.scope(cast.alice) as scope:  # another reviewer's ids are another's
        (other,) = await decisions.carry_out(scope, [Wanted(batch[0].id, Verb.reject, (ids[0],), person_id=anna)])
        assert (other.error, other.action_id == first[0].action_id) == ("", False)
    with pytest.raises(Invalid):
        async with cast.scope(cast.rita) as scope:
            await decisions.carry_out(scope, [Wanted(uuid4(), Verb.ignore, (ids[0],))] * (decisions.MOST + 1))


async def test_a_refused_decision_of_a_batch_is_on_record(cast: Cast) -> None:
    await cast.grant(cast.rita, cast.closed, "view")
    photo = await add_photo(cast.container, cast.closed, with_bytes=False, unknown_faces=1)
    async with cast.container.sessions() as db:
        face = await db.scalar(select(col(Face.id)).where(col(Face.asset_id) == photo))
        assert face is not None
    async with cast.scope(cast.rita) as scope:
        (one,) = await decisions.carry_out(scope, [Wanted(uuid4(), Verb.ignore, (face,))])
    assert one.error == "refused"
    assert [event.face_id for event in await audit_of(cast.container, "request:refuse", "refused")] == [face]


async def test_a_whole_cluster_leaves_out_who_is_known_not_to_be_it(cast: Cast) -> None:
    cluster, ids = await faces_in_cluster(cast.container, await photos(cast, 3))
    anna = await add_person(cast.container, "Anna", created_by=cast.rita.user_id)
    async with cast.scope(cast.rita) as scope:
        await review.reject(scope, ids[0], anna)
        await groups.confirm(scope, cluster, anna)
    assert [(await state(cast, id_))[0] for id_ in ids] == ["unknown", "confirmed", "confirmed"]
    async with cast.scope(cast.rita) as scope:
        with pytest.raises(Conflict, match="not this person"):
            await groups.confirm(scope, cluster, anna)
        await groups.confirm(scope, cluster, anna, [ids[0]])  # said of this very face
    assert (await state(cast, ids[0]))[0] == "confirmed"


async def test_history_says_what_undo_would_change_days_later(cast: Cast, clock: TurnableClock) -> None:
    cluster, ids = await faces_in_cluster(cast.container, await photos(cast, 3))
    second, others = await faces_in_cluster(cast.container, await photos(cast, 2))
    anna, bea = [await add_person(cast.container, name, created_by=cast.rita.user_id) for name in ("Anna", "Bea")]
    async with cast.scope(cast.rita) as scope:
        confirmed = await groups.confirm(scope, cluster, anna, ids[:2])
    async with cast.scope(cast.rita) as scope:
        await review.confirm(scope, [ids[1]], bea)
    async with cast.scope(cast.rita) as scope:
        split = (await groups.split(scope, second, others[:1])).action_id
    clock.turn(timedelta(days=12))
    async with cast.scope(cast.rita) as scope:
        page = await history.page(scope, limit=2)
        rest = await history.page(scope, page.next_cursor)
        assert [(row.kind, row.faces, row.person_name) for row in [*page.items, *rest.items]] == [
            ("split", 1, ""),
            ("confirm", 1, "Bea"),
            ("confirm-cluster", 2, "Anna"),
        ]
        looks = {change.face_id: change for change in await history.preview(scope, confirmed)}
        assert {id_: change.changes for id_, change in looks.items()} == {ids[0]: True, ids[1]: False}
        assert looks[ids[0]].now["person"] == str(anna)
        assert looks[ids[0]].then["state"] == "unknown"
        (change,) = await history.preview(scope, split)
        assert (change.then["cluster"], change.changes) == (str(second), True)
        await history.undo(scope, split)
        await history.undo(scope, confirmed)
    assert (await state(cast, others[0]))[2] == second
    assert [(await state(cast, id_))[0] for id_ in ids] == ["unknown", "confirmed", "unknown"]
    async with cast.scope(cast.rita) as scope:
        assert not any(change.changes for change in await history.preview(scope, confirmed))
        assert (await history.page(scope)).items[0].undoes == confirmed
        with pytest.raises(Conflict, match="undone before"):
            await history.undo(scope, split)
    async with cast.scope(cast.alice) as scope:
        assert (await history.page(scope)).items == []
        with pytest.raises(NotFound):
            await history.preview(scope, confirmed)


async def test_undo_of_a_merge_brings_back_the_no_that_it_overruled(cast: Cast) -> None:
    cluster, ids = await faces_in_cluster(cast.container, await photos(cast, 3))

    async def links() -> set[tuple[UUID, UUID, str]]:
        async with cast.container.sessions() as db:
            return {(row.one, row.other, row.kind) for row in (await db.execute(select(FaceLink))).scalars()}

    async with cast.scope(cast.rita) as scope:
        fresh = await groups.split(scope, cluster, ids[:1])
    apart = await links()
    assert {kind for _, _, kind in apart} == {"apart"}
    assert len(apart) == 2
    async with cast.scope(cast.rita) as scope:
        merged = await groups.merge(scope, cluster, fresh.cluster_id)
    assert {kind for _, _, kind in await links()} == {"together"}
    async with cast.scope(cast.rita) as scope:
        back = await history.undo(scope, merged.action_id)
    assert await links() == apart
    assert (await state(cast, ids[0]))[2] == fresh.cluster_id
    async with cast.scope(cast.rita) as scope:
        await history.undo(scope, back)  # and forth again
        assert (await groups.page(scope)).items[0].photos == 3
    assert {kind for _, _, kind in await links()} == {"together"}


async def test_faces_move_to_another_group_and_the_rest_is_somebody_else_until_undone(cast: Cast) -> None:
    here, ids = await faces_in_cluster(cast.container, await photos(cast, 3))
    there, others = await faces_in_cluster(cast.container, await photos(cast, 2))

    async def stand() -> tuple[set[UUID], set[tuple[UUID, UUID, str]]]:
        async with cast.container.sessions() as db:
            moved = set((await db.scalars(select(col(Face.id)).where(col(Face.cluster_id) == there))).all())
            return moved, {(row.one, row.other, row.kind) for row in (await db.execute(select(FaceLink))).scalars()}

    async with cast.scope(cast.rita) as scope:
        with pytest.raises(NotFound):
            await groups.merge(scope, there, here, [others[0]])
        done = await groups.merge(scope, there, here, ids[:1])
        assert done.cluster_id == there
    apart = {(*sorted((ids[0], other)), "apart") for other in ids[1:]}
    together = {(*sorted((ids[0], other)), "together") for other in others}
    assert await stand() == ({ids[0], *others}, apart | together)
    async with cast.scope(cast.rita) as scope:
        assert [(row.kind, row.faces) for row in (await history.page(scope)).items] == [("move", 1)]
        assert [(change.face_id, change.changes) for change in await history.preview(scope, done.action_id)] == [(ids[0], True)]
        await history.undo(scope, done.action_id)
    assert await stand() == (set(others), set())


async def test_photos_without_faces_are_found_and_settled_in_bulk(cast: Cast) -> None:
    empty = await photos(cast, 3)
    await photos(cast, 1, unknown_faces=1)
    await add_photo(cast.container, cast.closed, with_bytes=False)
    async with cast.scope(cast.rita) as scope:
        first = await empty_photos.page(scope, limit=2)
        rest = await empty_photos.page(scope, first.next_cursor, 2)
        assert {*first.items, *rest.items} == set(empty)
        said = await nobody.say(scope, [*first.items, *rest.items])
        assert (set(said.asset_ids), await empty_photos.count(scope)) == (set(empty), 0)
        assert (await nobody.say(scope, said.asset_ids[:0])).action_id is None
    with pytest.raises(Refused):
        async with cast.scope(cast.bob) as scope:
            await empty_photos.page(scope)


async def test_that_nobody_is_on_photos_is_taken_back_days_later_but_where_somebody_decided_since(
    cast: Cast, clock: TurnableClock, rob: Actor
) -> None:
    one, other, drawn, hidden = await photos(cast, 4)
    async with cast.scope(cast.rita) as scope:
        said = await nobody.say(scope, [one, other, drawn, hidden])
        await review.draw(scope, drawn, (0.1, 0.1, 0.2, 0.2))
    assert said.action_id is not None
    await change_asset(cast.container, hidden, folder_id=cast.closed)
    clock.turn(timedelta(days=5))
    async with cast.scope(rob) as scope:
        with pytest.raises(NotFound):
            await history.undo(scope, said.action_id)
    async with cast.scope(cast.rita) as scope:
        (row,) = (await history.page(scope)).items
        assert (row.id, row.kind, row.faces) == (said.action_id, "nobody", 4)
        looks = {change.asset_id: change for change in await history.preview(scope, said.action_id)}
        assert {id_: (change.now, change.then, change.changes) for id_, change in looks.items()} == {
            one: ({"nobody": True}, {"nobody": False}, True),
            other: ({"nobody": True}, {"nobody": False}, True),
            drawn: ({"nobody": False}, {"nobody": False}, False),
        }
        undone = await history.undo(scope)
    async with cast.scope(cast.rita) as scope:
        assert set((await empty_photos.page(scope)).items) == {one, other}
        with pytest.raises(Conflict, match="undone before"):
            await history.undo(scope, said.action_id)
        await history.undo(scope, undone)  # an undo is an action like any other
        assert await empty_photos.count(scope) == 0
        for change in await history.preview(scope, undone):
            assert not change.changes
    assert len(await audit_of(cast.container, "review:undo")) == 2
    async with cast.scope(cast.alice) as scope:
        assert (await assets.find(scope, hidden)).no_people_at is not None, "out of sight it stays what it was"


async def test_faces_like_nobody_else_are_settled_together_but_not_under_somebody_s_hands(cast: Cast, rob: Actor) -> None:
    anna = await add_person(cast.container, "Anna")
    alone = [await faces_in_cluster(cast.container, [photo]) for photo in await photos(cast, 4)]
    await faces_in_cluster(cast.container, await photos(cast, 2))
    await faces_in_cluster(cast.container, [await add_photo(cast.container, cast.closed, with_bytes=False)])
    async with cast.scope(system()) as scope:
        (known,) = alone[3][1]
        scope.db.add(FaceSuggestion(face_id=known, person_id=anna, score=0.9, probability=0.9, model="t"))
        await scope.db.execute(update(Face).where(col(Face.id) == known).values(state=FaceState.suggested))
    async with cast.scope(cast.rita) as scope:
        assert {row.id for row in (await groups.page(scope, unknown=True, single=True)).items} == {id_ for id_, _ in alone[:3]}
        assert await groups.singles(scope) == 3
        first = await groups.page(scope, limit=2, unknown=True, single=True)
        assert len((await groups.page(scope, first.next_cursor, 2, unknown=True, single=True)).items) == 1
    async with cast.scope(rob) as scope:
        await groups.claim(scope, alone[0][0])
    ids = [faces[0] for _, faces in alone[:3]]
    async with cast.scope(cast.rita) as scope:
        assert len((await groups.page(scope, unknown=True, single=True, free=True)).items) == 2
        (held, done) = await decisions.carry_out(
            scope, [Wanted(uuid4(), Verb.ignore, tuple(ids)), Wanted(uuid4(), Verb.ignore, tuple(ids[1:]))]
        )
    assert (held.error, done.error) == ("conflict", "")
    assert [(await state(cast, id_))[0] for id_ in ids] == ["unknown", "ignored", "ignored"]
    async with cast.scope(cast.rita) as scope:
        assert await groups.singles(scope) == 1

"""Somebody is on a photo without a visible face: they count as anybody on it, and no machine puts them there or takes them off."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from photobank.access.actor import Actor, ActorKind, system
from photobank.clearance import facts, hiding, judgement
from photobank.clearance.facts_types import UseFacts
from photobank.clearance.verdicts import ClearanceState, NextStep
from photobank.delivery import showing, subjects
from photobank.duplicates import inheriting
from photobank.kernel.errors import AlreadyOnPhoto, Conflict, NotFound, Refused
from photobank.library import assets
from photobank.models.assets import Asset
from photobank.models.people import Face, FaceState
from photobank.people import disowning, faces, groups, history, merging, persons, review, tagged, together
from tests.api.given import faces_in_cluster
from tests.factories import add_consent, add_person, add_photo
from tests.house import Cast, audit_of

WEBSITE = UseFacts("website")
SUBJECT = Actor(kind=ActorKind.subject)


@pytest.fixture
async def anna(cast: Cast) -> UUID:
    """Anna, whom Rita may see."""
    anna = await add_person(cast.container, "Anna")
    await add_photo(cast.container, cast.shared, [anna], seed=90, with_bytes=False)
    return anna


@pytest.fixture
async def photo(cast: Cast) -> UUID:
    """A photo on which no face was found."""
    return await add_photo(cast.container, cast.shared, with_bytes=False)


async def put_on(cast: Cast, photo: UUID, person: UUID) -> tagged.Tagged:
    async with cast.scope(cast.rita) as scope:
        return await tagged.tag(scope, photo, person_id=person)


async def undo(cast: Cast, action: UUID) -> UUID:
    async with cast.scope(cast.rita) as scope:
        return await history.undo(scope, action)


async def on_it(cast: Cast, photo: UUID) -> list[tuple[bool, str, UUID | None]]:
    """Has a face, how it stands and who it is, as the photo page lists them."""
    async with cast.scope(cast.alice) as scope:
        rows = (await faces.of_assets(scope, [photo])).get(photo, [])
        return [(row.box is not None, str(row.state), row.person_id) for row in rows]


async def state(cast: Cast, photo: UUID) -> ClearanceState:
    async with cast.scope(cast.alice) as scope:
        return (await judgement.matrix(scope, photo)).verdicts["website"].state


def tag(person: UUID) -> tuple[bool, str, UUID | None]:
    return (False, "confirmed", person)


async def test_their_consent_is_needed_like_anybodys_and_hiding_faces_does_not_help(cast: Cast, anna: UUID, photo: UUID) -> None:
    bea = await add_person(cast.container, "Bea")
    shared = await add_photo(cast.container, cast.shared, [bea], with_bytes=False)
    await add_consent(cast.container, cast.alice, bea, "website")
    assert [await state(cast, one) for one in (photo, shared)] == [ClearanceState.NEEDS_REVIEW, ClearanceState.APPROVED]
    for one in (photo, shared):
        await put_on(cast, one, anna)
        assert await state(cast, one) is ClearanceState.MISSING
        async with cast.scope(system()) as scope:
            found = (await hiding.of_photos(scope, [one], [WEBSITE]))[one]["website"]
            assert (found.helps, found.hidden) == (False, frozenset())
        async with cast.scope(cast.alice) as scope:
            (why,) = (await judgement.matrix(scope, one)).verdicts["website"].reasons
            assert (why.person_id, why.next_step is NextStep.REDACT) == (anna, False)
    await add_consent(cast.container, cast.alice, anna, "website")
    assert [await state(cast, one) for one in (photo, shared)] == [ClearanceState.APPROVED] * 2
    async with cast.scope(system()) as scope:
        known = (await facts.load(scope, [shared]))[shared]
        assert (known.tagged, [face.person_id for face in known.faces]) == ({anna}, [bea])


async def test_before_detection_ran_it_says_nothing_of_who_else_is_on_it(cast: Cast, anna: UUID) -> None:
    photo = await add_photo(cast.container, cast.shared, with_bytes=False, faces_done=False)
    await add_consent(cast.container, cast.alice, anna, "website")
    await put_on(cast, photo, anna)
    assert not (await state(cast, photo)).allowed


async def test_nobody_on_this_photo_and_somebody_cannot_both_stand(cast: Cast, anna: UUID, photo: UUID) -> None:
    async with cast.scope(cast.rita) as scope:
        assert await assets.say_no_people(scope, [photo]) == [photo]
    done = await put_on(cast, photo, anna)
    async with cast.container.sessions() as db:
        assert (await db.get_one(Asset, photo)).no_people_at is None
    async with cast.scope(cast.rita) as scope:
        assert await assets.say_no_people(scope, [photo]) == []
    await undo(cast, done.action_id)
    assert await state(cast, photo) is ClearanceState.NEEDS_REVIEW, "who takes back a name has not said that nobody is on it"
    async with cast.scope(cast.rita) as scope:
        assert await assets.say_no_people(scope, [photo]) == [photo], "what was taken off does not stand in the way"


async def test_it_is_an_action_with_preview_and_undo_there_and_back(cast: Cast, anna: UUID, photo: UUID) -> None:
    done = await put_on(cast, photo, anna)
    assert await on_it(cast, photo) == [tag(anna)]
    async with cast.scope(cast.rita) as scope:
        (row,) = (await history.page(scope)).items
        assert (row.kind, row.faces, row.person_id) == ("tag", 1, anna)
        (change,) = await history.preview(scope, row.id)
        assert (change.changes, change.seen, change.then["state"]) == (True, False, "ignored")
    undone = await undo(cast, done.action_id)
    assert await on_it(cast, photo) == []
    async with cast.scope(cast.rita) as scope:
        assert (await faces.page(scope, asset_id=photo)).items == []
    await undo(cast, undone)
    async with cast.scope(cast.rita) as scope:
        off = await tagged.untag(scope, photo, anna)
    assert await on_it(cast, photo) == []
    async with cast.scope(cast.rita) as scope:
        with pytest.raises(NotFound):
            await tagged.untag(scope, photo, anna)
    await undo(cast, off)
    assert await on_it(cast, photo) == [tag(anna)]
    assert [len(await audit_of(cast.container, name)) for name in ("face:tag", "face:untag", "review:undo")] == [1, 1, 3]


async def test_a_person_is_on_a_photo_once(cast: Cast, anna: UUID, photo: UUID) -> None:
    boxed = await add_photo(cast.container, cast.shared, [anna], with_bytes=False)
    done = await put_on(cast, photo, anna)
    for one in (boxed, photo):
        async with cast.scope(cast.rita) as scope:
            with pytest.raises(AlreadyOnPhoto):
                await tagged.tag(scope, one, person_id=anna)
    async with cast.scope(cast.rita) as scope:
        with pytest.raises(NotFound, match="nobody tagged"):
            await tagged.untag(scope, boxed, anna)
        off = await tagged.untag(scope, photo, anna)
    again = await put_on(cast, photo, anna)
    async with cast.scope(cast.rita) as scope:
        with pytest.raises(Conflict):
            await review.undo(scope, off)
    assert await on_it(cast, photo) == [tag(anna)]
    assert again.face.id != done.face.id


async def test_a_face_takes_the_place_of_the_tag_and_undo_gives_it_back(cast: Cast, anna: UUID, photo: UUID) -> None:
    await put_on(cast, photo, anna)
    _, (face,) = await faces_in_cluster(cast.container, [photo])
    async with cast.scope(cast.rita) as scope:
        action = await review.confirm(scope, [face], anna)
        assert (await history.page(scope)).items[0].faces == 1
    assert await on_it(cast, photo) == [(True, "confirmed", anna)]
    undone = await undo(cast, action)
    assert await on_it(cast, photo) == [(True, "unknown", None), tag(anna)]
    await undo(cast, undone)
    assert await on_it(cast, photo) == [(True, "confirmed", anna)]
    async with cast.scope(cast.rita) as scope:
        opened = await review.unassign(scope, face)
    await put_on(cast, photo, anna)
    await undo(cast, opened)
    assert await on_it(cast, photo) == [(True, "confirmed", anna)], "the face is hers again: the tag put there since goes"
    async with cast.scope(cast.rita) as scope:
        drawn = await review.draw(scope, photo, (0.1, 0.1, 0.1, 0.1))
        bea = await persons.create(scope, "Bea")
        await tagged.tag(scope, photo, person_id=bea.id)
        await review.confirm(scope, [drawn.id], bea.id)
    assert sorted(await on_it(cast, photo), key=str) == sorted([(True, "confirmed", anna), (True, "confirmed", bea.id)], key=str)


async def test_who_may_decide_about_faces_there_may_tag_and_nobody_else(cast: Cast, anna: UUID, photo: UUID) -> None:
    hidden = await add_photo(cast.container, cast.closed, with_bytes=False)
    await put_on(cast, photo, anna)
    for actor, one, error in ((cast.bob, photo, Refused), (cast.rita, hidden, NotFound), (cast.charlie, hidden, NotFound)):
        async with cast.scope(actor) as scope:
            with pytest.raises(error):
                await tagged.tag(scope, one, name="Mallory")
        async with cast.scope(actor) as scope:
            with pytest.raises(error):
                await tagged.untag(scope, one, anna)
    async with cast.scope(cast.rita) as scope:
        with pytest.raises(NotFound):
            await tagged.tag(scope, photo, person_id=await add_person(cast.container, "Out of sight"))
        done = await tagged.tag(scope, photo, name="  Bea   Bos ")
        assert (await persons.find(scope, done.person_id)).name == "Bea Bos"


async def test_whatever_asks_who_is_on_a_photo_counts_them_and_whatever_needs_a_face_does_not(
    cast: Cast, anna: UUID, photo: UUID
) -> None:
    bea = await add_person(cast.container, "Bea")
    beside = await add_photo(cast.container, cast.shared, [bea], with_bytes=False)
    await put_on(cast, beside, anna)
    done = await put_on(cast, photo, anna)
    async with cast.scope(cast.alice) as scope:
        (row,) = (await persons.page(scope, "Anna")).items
        assert row.photos == 3
        assert row.cover not in (None, done.face.id)
        assert [one.person.id for one in await together.of_person(scope, anna)] == [bea]
        assert {one.id for one in (await assets.page(scope, assets.Filters(person_id=anna))).items} > {photo, beside}
        assert (await faces.counts(scope, [beside]))[beside] == faces.Counts(2, 0)
        with pytest.raises(NotFound):
            await showing.show_face(scope, done.face.id)
    async with cast.scope(SUBJECT) as scope:
        assert await subjects.count(scope, anna) == 3
        alone, company = [await subjects.find(scope, anna, one) for one in (photo, beside)]
        assert alone.alone
        assert (company.alone, company.sharp, len(company.others)) == (False, None, 1), "where she is on it is not known"


async def test_who_says_that_it_is_not_them_is_asked_about_again(cast: Cast, anna: UUID, photo: UUID) -> None:
    await add_consent(cast.container, cast.alice, anna, "website")
    done = await put_on(cast, photo, anna)
    async with cast.scope(SUBJECT) as scope:
        await disowning.disown(scope, {anna}, (await scope.db.get_one(Asset, photo)))
    assert await on_it(cast, photo) == [(False, "unknown", None)]
    assert not (await state(cast, photo)).allowed
    async with cast.scope(cast.rita) as scope:
        assert (await groups.progress(scope)).faces == 0, "there is no face to show to a reviewer: the photo page asks"
        bea = (await persons.create(scope, "Bea")).id
        await review.confirm(scope, [done.face.id], bea)
    assert await on_it(cast, photo) == [tag(bea)]


async def test_merged_and_taken_apart_tags_go_along(cast: Cast, anna: UUID, photo: UUID) -> None:
    bea = await add_person(cast.container, "Bea")
    await add_photo(cast.container, cast.shared, [bea], seed=91, with_bytes=False)
    await put_on(cast, photo, anna)
    async with cast.scope(cast.alice) as scope:
        await merging.merge(scope, anna, bea)
    assert await on_it(cast, photo) == [tag(bea)]
    async with cast.scope(cast.alice) as scope:
        (merge,) = await merging.merged_in(scope, bea)
        await merging.unmerge(scope, bea, merge.id)
    assert await on_it(cast, photo) == [tag(anna)]
    await put_on(cast, photo, bea)
    async with cast.scope(cast.alice) as scope:
        with pytest.raises(Conflict, match="two people"):
            await merging.merge(scope, anna, bea)


@pytest.mark.parametrize("there", ["nobody", "face", "tag"])
async def test_what_stays_of_two_copies_takes_over_who_is_tagged_on_the_one_that_goes(
    cast: Cast, anna: UUID, photo: UUID, there: str
) -> None:
    await put_on(cast, photo, anna)
    kept = await add_photo(cast.container, cast.shared, [anna] if there == "face" else [], seed=2, with_bytes=False)
    if there == "tag":
        await put_on(cast, kept, anna)
    before = await on_it(cast, kept)
    async with cast.scope(cast.alice) as scope:
        pair: list[Any] = [await scope.db.get_one(Asset, one) for one in (photo, kept)]
        (estate,) = await inheriting.estates(scope, [inheriting.Going(*pair, (1, 0, 0, 0, 1, 0))])
        assert (estate.obstacle, estate.faces) == (None, 1 if there == "nobody" else 0)
        await inheriting.take_over(scope, estate)
    assert await on_it(cast, kept) == (before or [tag(anna)])


async def test_no_row_without_a_box_has_a_template_or_a_cluster(cast: Cast, anna: UUID, photo: UUID) -> None:
    await put_on(cast, photo, anna)
    async with cast.container.sessions() as db:
        (face,) = (await db.scalars(select(Face).where(col(Face.asset_id) == photo))).all()
        assert (face.box, face.cluster_id, face.state, face.source) == (None, None, FaceState.confirmed, "tagged")

"""Another file takes a photo's place: what is kept, what is asked again, what may be seen of the rest, and that nothing is ever half."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from PIL import Image, ImageFilter
from skimage import data
from sqlalchemy import func, select
from sqlmodel import col

from photobank.access.actor import system
from photobank.access.permits import to_process
from photobank.blobs.names import ORIGINAL, place
from photobank.delivery import showing
from photobank.kernel.errors import ClearanceRefused, Conflict, NotFound, Refused
from photobank.kernel.ids import new_id
from photobank.library import assets, folders, incoming, processing, succession, trash, upkeep, uploads, versions
from photobank.library.incoming import OnDuplicate
from photobank.messaging.jobs import Job
from photobank.models.assets import Asset, AssetState, Stage
from photobank.models.consents import Download
from photobank.models.keys import DataKey, ShreddedKey
from photobank.models.people import Face, FaceState, FaceSuggestion, FaceTemplate
from photobank.models.versions import AssetVersion
from photobank.people import review, tagged
from tests.delivery.given import take, taken
from tests.factories import add_consent, add_person, change_asset
from tests.house import audit_of

ASTRONAUT = Image.fromarray(data.astronaut())
HEAD = [0.33, 0.1, 0.2, 0.3]
CHELSEA = Image.fromarray(data.chelsea())


def jpeg(image, quality=92, size=None):
    out = io.BytesIO()
    (image.resize(size) if size else image).convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()


async def _stream(data):
    yield data


async def arrive(cast, actor, content, faces=(), *, version_of=None, name="IMG.jpg", looked=True):
    """A file as it lies here after processing, with the faces that were found on it."""
    kw = {"on_duplicate": OnDuplicate.version} if version_of else {"folder_id": cast.shared, "on_duplicate": OnDuplicate.keep}
    done = await uploads.receive(cast.container, actor, _stream(content), filename=name, version_of=version_of, **kw)
    id_ = done.asset.id
    await processing.decode(cast.container, id_)
    if looked:
        await looked_at(cast, id_, faces)
    return id_


async def looked_at(cast, id_, faces=()):
    async with cast.scope(system()) as scope:
        asset = await scope.db.get(Asset, id_)
        assert asset.stage == Stage.faces, asset.rejection
        now = scope.now()
        scope.db.add_all(Face(id=new_id(), asset_id=id_, box=list(box), created_at=now, changed_at=now) for box in faces)
        asset.faces_done = True
        await processing.settle(scope, asset)


async def replaced(cast, photo, content, faces=(), actor=None):
    """A new version, in its place."""
    coming = await arrive(cast, actor or cast.bob, content, faces, version_of=photo, name="IMG v2.jpg")
    await succession.adopt(cast.container, coming)
    return coming


async def faces_of(cast, photo):
    async with cast.scope(system()) as scope:
        query = select(Face).where(col(Face.asset_id) == photo).order_by(col(Face.id))
        return list((await scope.db.execute(query)).scalars())


async def row(cast, photo):
    async with cast.scope(system()) as scope:
        return await scope.db.get(Asset, photo)


async def original(cast, photo, number):
    async with cast.scope(system()) as scope:
        key = await scope.vault.asset_key(scope.db, to_process(scope, photo, cast.container.clock), scope.now())
    blob, context = place(photo, number, ORIGINAL)
    return await cast.container.blobs.read_all(blob, key, context)


async def shown(cast, actor, photo, name="large"):
    async with cast.scope(actor) as scope:
        return await taken(await showing.show(scope, photo, name))


async def settled(cast, photo):
    """Anna, confirmed by Alice on the only face of the photo, and allowed on the website."""
    anna = await add_person(cast.container, "Anna")
    await add_consent(cast.container, cast.alice, anna, "internal", "website")
    (face,) = await faces_of(cast, photo)
    async with cast.scope(cast.alice) as scope:
        await review.confirm(scope, [face.id], anna)
    return anna, face.id


@pytest.fixture
async def photo(cast):
    return await arrive(cast, cast.bob, jpeg(ASTRONAUT), [HEAD])


async def test_a_smaller_file_of_the_same_picture_keeps_id_faces_decisions_and_clearance(cast, photo):
    anna, face = await settled(cast, photo)
    smaller = jpeg(ASTRONAUT, 60, (300, 300))
    coming = await replaced(cast, photo, smaller, [[0.34, 0.11, 0.19, 0.3]])
    now = await row(cast, photo)
    assert (now.version, now.versions, now.width, now.size, now.filename) == (2, 2, 300, len(smaller), "IMG v2.jpg")
    (kept,) = await faces_of(cast, photo)
    assert (kept.id, kept.state, kept.person_id) == (face, FaceState.confirmed, anna)
    assert await take(cast, cast.bob, photo) == smaller
    assert await row(cast, coming) is None
    assert [event.payload["same_picture"] for event in await audit_of(cast.container, "asset:new-version")] == [True]


async def test_a_crop_moves_the_boxes_and_drops_who_is_no_longer_on_it(cast):
    photo = await arrive(cast, cast.bob, jpeg(ASTRONAUT), [HEAD, [0.02, 0.55, 0.1, 0.15]])
    anna = await add_person(cast.container, "Anna")
    head, edge = sorted(await faces_of(cast, photo), key=lambda face: -face.box[0])
    async with cast.scope(cast.alice) as scope:
        await review.confirm(scope, [head.id], anna)
        await review.ignore(scope, [edge.id])
        # Found as a face on the one hand, on the other hand not to be found: nobody is taken off the same picture, nor put there twice.
        behind = (await tagged.tag(scope, photo, name="Behind")).face.id
    cropped = ASTRONAUT.crop((102, 0, 512, 410))
    await replaced(cast, photo, jpeg(cropped))
    kept, tag = await faces_of(cast, photo)
    assert (tag.id, tag.box, tag.state) == (behind, None, FaceState.confirmed)
    assert (kept.id, kept.person_id) == (head.id, anna)
    assert kept.box == pytest.approx([(0.33 * 512 - 102) / 410, 0.1 * 512 / 410, 0.2 * 512 / 410, 0.3 * 512 / 410], abs=0.01)


async def test_a_face_that_looks_otherwise_is_asked_about_again(cast, photo):
    await settled(cast, photo)
    blurred = ASTRONAUT.copy()
    head = (160, 40, 290, 220)
    blurred.paste(blurred.crop(head).filter(ImageFilter.GaussianBlur(14)), head)
    await replaced(cast, photo, jpeg(blurred))
    (face,) = await faces_of(cast, photo)
    assert (face.state, face.person_id) == (FaceState.unknown, None)
    with pytest.raises(ClearanceRefused):
        await take(cast, cast.bob, photo)


async def test_another_picture_starts_anew(cast, photo):
    await settled(cast, photo)
    await replaced(cast, photo, jpeg(CHELSEA), [[0.4, 0.3, 0.2, 0.2]])
    (face,) = await faces_of(cast, photo)
    assert (face.state, face.person_id) == (FaceState.unknown, None)
    with pytest.raises(ClearanceRefused):
        await take(cast, cast.bob, photo)


async def test_nobody_on_it_is_said_again_of_another_picture_but_not_of_the_same(cast):
    photo = await arrive(cast, cast.bob, jpeg(ASTRONAUT))
    async with cast.scope(cast.rita) as scope:
        assert await assets.say_no_people(scope, [photo]) == [photo]
    await replaced(cast, photo, jpeg(ASTRONAUT, 50))
    assert (await row(cast, photo)).no_people_at is not None
    await replaced(cast, photo, jpeg(CHELSEA))
    assert (await row(cast, photo)).no_people_at is None


async def test_who_signed_for_a_named_photo_signed_for_the_picture_it_showed(cast, photo, clock):
    await settled(cast, photo)
    ben = await add_person(cast.container, "Ben")
    await add_consent(cast.container, cast.alice, ben, "website", extent="photos", extent_ids=(photo,))
    clock.turn(timedelta(hours=1))
    await replaced(cast, photo, jpeg(CHELSEA), [HEAD])
    (face,) = await faces_of(cast, photo)
    async with cast.scope(cast.alice) as scope:
        await review.confirm(scope, [face.id], ben)
    with pytest.raises(ClearanceRefused):
        await take(cast, cast.bob, photo)
    clock.turn(timedelta(hours=1))
    await add_consent(cast.container, cast.alice, ben, "website", extent="photos", extent_ids=(photo,))
    assert await take(cast, cast.bob, photo) == jpeg(CHELSEA)
    async with cast.scope(cast.bob) as scope:
        await versions.restore(scope, photo, 1)
    assert await take(cast, cast.bob, photo) == jpeg(ASTRONAUT)


async def test_an_earlier_version_comes_back_with_its_faces(cast, photo):
    anna, face = await settled(cast, photo)
    async with cast.scope(cast.alice) as scope:
        behind = (await tagged.tag(scope, photo, name="Behind")).face.id
    await replaced(cast, photo, jpeg(CHELSEA), [[0.4, 0.3, 0.2, 0.2]])
    assert len(await faces_of(cast, photo)) == 1, "of another picture nobody said who is on it"
    async with cast.scope(cast.bob) as scope:
        await versions.restore(scope, photo, 1)
    back, tag = await faces_of(cast, photo)
    assert (tag.id, tag.box, tag.state) == (behind, None, FaceState.confirmed)
    async with cast.scope(cast.alice) as scope:
        await tagged.untag(scope, photo, tag.person_id)
    assert (back.id, back.state, back.person_id, back.box) == (face, FaceState.confirmed, anna, HEAD)
    assert await take(cast, cast.bob, photo) == jpeg(ASTRONAUT)
    async with cast.scope(cast.bob) as scope:
        assert [(one.number, one.current, one.same_picture, one.made_by) for one in await versions.list_of(scope, photo)] == [
            (2, False, False, "Bob"),
            (1, True, True, "Bob"),
        ]
        await versions.restore(scope, photo, 2)
    (again,) = await faces_of(cast, photo)
    assert again.state == FaceState.unknown
    assert await original(cast, photo, 1) == jpeg(ASTRONAUT)


async def test_what_was_decided_meanwhile_holds_for_the_version_that_comes_back(cast, photo):
    _, face = await settled(cast, photo)
    await replaced(cast, photo, jpeg(ASTRONAUT.crop((40, 0, 512, 472))))
    ben = await add_person(cast.container, "Ben")
    async with cast.scope(cast.alice) as scope:
        await review.confirm(scope, [face], ben)
        drawn = (await review.draw(scope, photo, [0.7, 0.7, 0.2, 0.2], ben)).id
        behind = (await tagged.tag(scope, photo, name="Behind")).face.id
    async with cast.scope(cast.bob) as scope:
        await versions.restore(scope, photo, 1)
    found = {one.id: one for one in await faces_of(cast, photo)}
    assert found[face].person_id == ben
    assert found[face].box == HEAD
    assert found[behind].state == FaceState.confirmed
    # What somebody saw on the crop is on the whole picture too.
    assert found[drawn].box == pytest.approx([(0.7 * 472 + 40) / 512, 0.7 * 472 / 512, 0.2 * 472 / 512, 0.2 * 472 / 512], abs=0.01)


async def test_while_a_version_is_on_its_way_nobody_finds_it_and_the_old_one_is_shown(cast, photo):
    await settled(cast, photo)
    before = await shown(cast, cast.bob, photo)
    coming = await arrive(cast, cast.bob, jpeg(CHELSEA), version_of=photo)
    for actor in (cast.bob, cast.alice, cast.rita):
        async with cast.scope(actor) as scope:
            assert await assets.count(scope, assets.Filters()) == 1
            with pytest.raises(NotFound):
                await assets.find(scope, coming)
    assert await shown(cast, cast.bob, photo) == before
    async with cast.scope(cast.bob) as scope:
        assert [one.asset_id for one in await versions.coming(scope, photo)] == [coming]
    await succession.adopt(cast.container, coming)
    assert await shown(cast, cast.bob, photo) != before


@pytest.mark.parametrize("moment", ["compare", "first write", "last write", "switch", "commit"])
async def test_killed_at_any_moment_one_whole_version_is_shown(cast, photo, monkeypatch, moment):
    class Killed(BaseException):
        pass

    coming = await arrive(cast, cast.bob, jpeg(CHELSEA), version_of=photo)
    write, count = cast.container.blobs.write, 0

    async def dying(*args, **kw):
        nonlocal count
        count += 1
        if (moment, count) in (("first write", 1), ("last write", 4)):
            raise Killed
        return await write(*args, **kw)

    async def die(*_):
        raise Killed

    switch = succession._switch

    async def die_after(*args):
        await switch(*args)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(type(cast.container.blobs), "write", lambda self, *args, **kw: dying(*args, **kw))
        if moment == "compare":
            patched.setattr(succession, "_compare", die)
        if moment in ("switch", "commit"):
            patched.setattr(succession, "_switch", die if moment == "switch" else die_after)
        with pytest.raises(Killed):
            await succession.adopt(cast.container, coming)
    assert (await row(cast, photo)).version == 1
    assert await original(cast, photo, 1) == jpeg(ASTRONAUT)
    assert len(await shown(cast, cast.rita, photo)) > 0
    # What the reconciler does then.
    cast.container.clock.turn(timedelta(minutes=1))
    async with cast.scope(system()) as scope:
        assert [(job, id_) for job, id_, _ in await upkeep.unfinished(scope)] == [(Job.adopt_version, coming)]
    await succession.adopt(cast.container, coming)
    assert (await row(cast, photo)).version == 2
    assert await take_as_original(cast, photo) == jpeg(CHELSEA)


async def take_as_original(cast, photo):
    return await original(cast, photo, (await row(cast, photo)).version)


async def test_a_picture_made_of_one_version_is_not_handed_over_under_the_verdict_of_another(cast, photo, monkeypatch):
    """Ben is on the first version only and allowed nothing; his picture must not leave because the second one is cleared."""
    await settled(cast, photo)
    await replaced(cast, photo, jpeg(ASTRONAUT, 40))
    make = type(cast.container.decoder).make

    async def slow(self, *args, **kw):
        made = await make(self, *args, **kw)
        async with cast.scope(cast.bob) as scope:
            await versions.restore(scope, photo, 1)
        return made

    monkeypatch.setattr(type(cast.container.decoder), "make", slow)
    with pytest.raises(Conflict):
        await take(cast, cast.bob, photo, preset="web")


async def test_earlier_versions_are_shown_to_who_works_on_the_photo_only(cast, photo):
    await settled(cast, photo)
    await replaced(cast, photo, jpeg(CHELSEA))
    async with cast.scope(cast.bob) as scope:
        earlier = await taken(await showing.show_version(scope, photo, 1, "thumb"))
        assert earlier != await taken(await showing.show_version(scope, photo, 2, "thumb"))
    await cast.grant(cast.charlie, cast.shared, "download")
    async with cast.scope(cast.charlie) as scope:
        assert [one.made_by for one in await versions.list_of(scope, photo)] == ["", ""]
        assert await versions.coming(scope, photo) == []
    for work in (
        lambda scope: showing.show_version(scope, photo, 1, "thumb"),
        lambda scope: versions.restore(scope, photo, 1),
        lambda scope: versions.forget(scope, photo, 1),
        lambda scope: incoming.begin(scope, "x.jpg", None, version_of=photo),
    ):
        with pytest.raises(Refused):
            async with cast.scope(cast.charlie) as scope:
                await work(scope)


async def test_a_forgotten_version_is_gone_and_the_way_leads_past_it(cast, photo):
    await replaced(cast, photo, jpeg(ASTRONAUT.crop((40, 0, 512, 472))))
    await replaced(cast, photo, jpeg(ASTRONAUT.crop((60, 20, 500, 460))))
    with pytest.raises(Refused):
        async with cast.scope(cast.bob) as scope:
            await versions.forget(scope, photo, 2)
    async with cast.scope(cast.alice) as scope:
        with pytest.raises(Conflict):
            await versions.forget(scope, photo, 3)
        await versions.forget(scope, photo, 2)
    async with cast.scope(system()) as scope:
        assert await upkeep.remove_versions(scope, photo) == 4
        rows = list((await scope.db.execute(select(AssetVersion).where(col(AssetVersion.asset_id) == photo))).scalars())
    assert [one.number for one in rows] == [1, 3]
    shift = versions.way(rows, 1, 3)
    assert shift.box([0.0, 0.0, 1.0, 1.0]) == pytest.approx([-60 / 440, -20 / 440, 512 / 440, 512 / 440], abs=0.01)
    with pytest.raises(NotFound):
        await original(cast, photo, 2)
    assert await original(cast, photo, 1) == jpeg(ASTRONAUT)


async def test_purging_removes_the_bytes_of_every_version(cast, photo):
    await replaced(cast, photo, jpeg(CHELSEA))
    async with cast.scope(cast.alice) as scope:
        await trash.trash(scope, photo)
    async with cast.scope(cast.alice) as scope:
        await trash.purge(scope, photo)
    async with cast.scope(system()) as scope:
        assert await upkeep.remove_blobs(scope, photo) == 8
        assert await scope.db.scalar(select(func.count()).select_from(AssetVersion)) == 0


async def test_the_key_and_hand_overs_of_what_became_a_version(cast, photo):
    other = await arrive(cast, cast.bob, jpeg(ASTRONAUT, 70), [HEAD])
    await settled(cast, other)
    await take(cast, cast.bob, other)
    async with cast.scope(cast.bob) as scope:
        await versions.replace(scope, photo, other)
    await succession.adopt(cast.container, other)
    async with cast.scope(system()) as scope:
        assert await scope.db.get(DataKey, ("asset", str(other))) is None
        assert (await scope.db.get(ShreddedKey, ("asset", str(other)))).reason == "became a version of another photo"
        assert (await scope.db.scalar(select(col(Download.asset_id)))) == photo
        assert await upkeep.remove_blobs(scope, other) == 4
    # What people had decided of the file that came is a decision about this very picture.
    assert [face.state for face in await faces_of(cast, photo)] == [FaceState.confirmed]


async def test_two_decisions_that_differ_are_asked_again(cast, photo):
    await settled(cast, photo)
    other = await arrive(cast, cast.bob, jpeg(ASTRONAUT, 70), [HEAD])
    ben = await add_person(cast.container, "Ben")
    (face,) = await faces_of(cast, other)
    async with cast.scope(cast.alice) as scope:
        await review.confirm(scope, [face.id], ben)
    async with cast.scope(cast.bob) as scope:
        await versions.replace(scope, photo, other)
    await succession.adopt(cast.container, other)
    assert [(one.state, one.person_id) for one in await faces_of(cast, photo)] == [(FaceState.unknown, None)]


async def test_what_takes_no_versions(cast, photo):
    with pytest.raises(Conflict):
        await arrive(cast, cast.bob, jpeg(ASTRONAUT), version_of=photo)
    other = await arrive(cast, cast.bob, jpeg(CHELSEA))
    async with cast.scope(cast.bob) as scope:
        with pytest.raises(Conflict):
            await versions.replace(scope, photo, photo)
        with pytest.raises(NotFound):
            await versions.restore(scope, photo, 2)
        with pytest.raises(Conflict):
            await versions.restore(scope, photo, 1)
    with pytest.raises(NotFound):
        async with cast.scope(cast.charlie) as scope:
            await versions.replace(scope, photo, other)
    await change_asset(cast.container, photo, state=AssetState.archived)
    async with cast.scope(cast.bob) as scope:
        with pytest.raises(Conflict):
            await versions.replace(scope, photo, other)


async def test_when_the_photo_goes_meanwhile_the_file_stays_a_photo_of_its_own(cast, photo):
    coming = await arrive(cast, cast.bob, jpeg(CHELSEA), version_of=photo)
    async with cast.scope(cast.bob) as scope:
        await trash.trash(scope, photo)
    await succession.adopt(cast.container, coming)
    async with cast.scope(cast.bob) as scope:
        assert (await assets.find(scope, coming)).state == AssetState.ready


async def test_what_cannot_be_decoded_is_no_version_and_goes_back_to_who_sent_it(cast, photo):
    broken = jpeg(CHELSEA)[:300] + bytes(4000)
    coming = await arrive(cast, cast.bob, broken, version_of=photo, looked=False)
    async with cast.scope(cast.bob) as scope:
        assert (await assets.find(scope, coming)).state == AssetState.rejected
    assert (await row(cast, photo)).version == 1


async def test_bytes_of_any_version_are_known_again(cast, photo):
    first = jpeg(ASTRONAUT)
    await replaced(cast, photo, jpeg(ASTRONAUT, 50))
    assert (
        await uploads.receive(cast.container, cast.bob, _stream(first), filename="a.jpg", on_duplicate=OnDuplicate.skip)
    ).asset.id == photo


async def _slowly(content, meanwhile):
    yield content[:1000]
    await meanwhile()
    yield content[1000:]


@pytest.mark.parametrize("right", ["view", None])
async def test_whose_right_is_withdrawn_while_sending_replaces_and_adds_nothing(cast, photo, right):
    async def meanwhile():
        async with cast.scope(cast.alice) as scope:
            (mine,) = [one for one in await folders.grants(scope, cast.shared) if one.principal == str(cast.bob.user_id)]
            await folders.take(scope, cast.shared, mine.id)
            if right:
                await folders.give(scope, cast.shared, "user", str(cast.bob.user_id), right)

    for of in (photo, None):
        await cast.grant(cast.bob, cast.shared, "edit")
        told = {"on_duplicate": OnDuplicate.version, "version_of": of} if of else {"folder_id": cast.shared}
        with pytest.raises((NotFound, Refused)):
            await uploads.receive(cast.container, cast.bob, _slowly(jpeg(CHELSEA), meanwhile), filename="late.jpg", **told)
    async with cast.scope(system()) as scope:
        assert (await scope.db.scalars(select(col(Asset.id)))).all() == [photo]


async def test_a_photo_moved_out_of_reach_while_a_version_is_sent_keeps_its_own(cast, photo):
    async def meanwhile():
        async with cast.scope(cast.alice) as scope:
            await assets.edit(scope, photo, folder_id=cast.closed)

    told = {"on_duplicate": OnDuplicate.version, "version_of": photo}
    with pytest.raises(NotFound):
        await uploads.receive(cast.container, cast.bob, _slowly(jpeg(CHELSEA), meanwhile), filename="late.jpg", **told)
    assert (await row(cast, photo)).versions == 1


async def test_a_photo_locked_by_hand_does_not_shed_the_lock_by_becoming_a_version(cast, photo):
    other = await arrive(cast, cast.bob, jpeg(CHELSEA))
    async with cast.scope(cast.bob) as scope:
        now = scope.now()
    await change_asset(cast.container, other, locked_at=now)
    with pytest.raises(Conflict):
        async with cast.scope(cast.bob) as scope:
            await versions.replace(scope, photo, other)


async def test_a_face_settled_by_what_another_version_said_keeps_no_template_without_a_basis(cast, photo):
    anna, face = await settled(cast, photo)
    blurred = ASTRONAUT.copy()
    blurred.paste(blurred.crop((160, 40, 290, 220)).filter(ImageFilter.GaussianBlur(14)), (160, 40))
    await replaced(cast, photo, jpeg(blurred))
    async with cast.scope(system()) as scope:
        scope.db.add(FaceTemplate(face_id=face, model="fake", vector_ct=b"sealed", created_at=scope.now()))
        scope.db.add(FaceSuggestion(face_id=face, person_id=anna, probability=0.9, score=0.5, model="fake"))
    async with cast.scope(cast.bob) as scope:
        await versions.restore(scope, photo, 1)
    (now,) = await faces_of(cast, photo)
    assert (now.id, now.state, now.person_id) == (face, FaceState.confirmed, anna)
    async with cast.scope(system()) as scope:
        assert (await scope.db.scalars(select(col(FaceTemplate.face_id)))).all() == []
        assert (await scope.db.scalars(select(col(FaceSuggestion.face_id)))).all() == []
    (gone,) = await audit_of(cast.container, "template:delete")
    assert gone.payload == {"faces": 1, "why": "settled"}

"""A selfie at an event: kept as a vector under the opt-in only, compared with that event's photos only, and shown to nobody."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select, update
from sqlmodel import col

from photobank.access import limits
from photobank.access.actor import ActorKind, system
from photobank.consents import asking, withdrawal
from photobank.kernel.clock import TurnableClock
from photobank.library import folders, foldertree, moving
from photobank.mail.sender import MemorySender
from photobank.messaging.queue import ArqQueue
from photobank.models.audit import AuditEvent
from photobank.models.consents import Consent
from photobank.models.people import Face, FaceSuggestion, Selfie, SelfieLikeness, SelfieVector
from photobank.people import doubles, face_models, groups, merging, persons, review, selfies, templates
from photobank.people.engines import Engines
from photobank.vision.engine import Detected, FaceEngine, Pixels, Vectors
from photobank.vision.fake import FakeEngine, paint
from tests.consents.asking import Phone, ask, catch_mail, code_in, link_in
from tests.factories import add_person
from tests.house import Cast, Door, audit_of
from tests.people.studio import LEFT, RIGHT, Studio, likely
from tests.people.test_by_picture import worker
from workers.faces import purge_templates

ME, SOMEBODY = 3, 5


@pytest.fixture
async def studio(cast: Cast, clock: TurnableClock) -> Studio:
    cast.container.queue = ArqQueue(cast.container.redis)
    return Studio(cast, clock)


def picture(*people: int, box: tuple[float, float, float, float] = LEFT) -> bytes:
    rgb = np.full((480, 640, 3), 70, dtype=np.uint8)
    for place, person in zip((box, RIGHT), people, strict=False):
        paint(rgb, place, person)
    out = io.BytesIO()
    Image.fromarray(rgb).save(out, "JPEG", quality=92)
    return out.getvalue()


class Guest:
    """Somebody at the event who scanned the code, signed, and is on their own page."""

    def __init__(self, cast: Cast, studio: Studio, person_id: UUID, phone: Phone) -> None:
        self.cast, self.studio, self.person_id, self.phone = cast, studio, person_id, phone

    async def take(self, content: bytes, token: str | None = None) -> httpx.Response:
        csrf = self.phone.page.split('name="csrf" value="')[1].split('"')[0] if token is None else token
        headers = {"X-Form-Token": csrf, "Accept": "*/*"}
        return await self.phone.client.post(f"{self.phone.link}selfie?lang=nl", content=content, headers=headers)

    async def rows(self) -> list[Selfie]:
        async with self.cast.container.sessions() as db:
            return list((await db.scalars(select(Selfie).where(col(Selfie.person_id) == self.person_id))).all())


async def guest(cast: Cast, studio: Studio, door: Door, *, opted_in: bool = True, name: str = "Anna", **more: Any) -> Guest:
    """`more` goes to the request; without it the event is in the shared folder."""
    mail: MemorySender = catch_mail(cast.container)
    person_id = await add_person(cast.container, name)
    address = f"{name.lower()}@post.example"
    async with cast.scope(cast.alice) as scope:
        await persons.change(scope, person_id, email=address)
    about = more or {"extent": "folder", "extent_ids": (cast.shared,)}
    request = await ask(cast, person_id, actor=cast.alice, starter="tourism_event", way="link", **about)
    async with cast.scope(cast.alice) as scope:
        link = await asking.link_of(scope, request.signers[0].id)
    phone = Phone(await door.client(), "/c/" + link.split("/c/")[1])
    await phone.open()
    assert " checked>" not in phone.page, "nothing is ticked for them"
    form: dict[str, Any] = {"biometric": "yes"} if opted_in else {}
    await phone.send(uses=["website"], months="12", typed=name, **form)
    await studio.work()
    await phone.send("code", code=code_in(mail.letters))
    assert "Getekend, bedankt" in phone.page, phone.page
    return Guest(cast, studio, person_id, phone)


async def suggested(cast: Cast, face_id: UUID) -> set[UUID]:
    async with cast.container.sessions() as db:
        return set((await db.scalars(select(col(FaceSuggestion.person_id)).where(col(FaceSuggestion.face_id) == face_id))).all())


async def test_photos_of_the_event_are_suggested_to_reviewers_and_shown_to_nobody_before_they_confirm(
    cast: Cast, studio: Studio, door: Door
) -> None:
    (before,), (other,) = await studio.photo(ME), await studio.photo(SOMEBODY)
    anna = await guest(cast, studio, door)
    assert "Selfie nemen" in anna.phone.page
    async with worker(cast, studio):
        answer = await anna.take(picture(ME))
    assert (answer.status_code, answer.content) == (204, b""), "not even how many are like it"
    await studio.work()
    (later,) = await studio.photo(ME)
    assert [likely(await studio.face(face)) for face in (before, later, other)] == [[anna.person_id], [anna.person_id], []]
    await anna.phone.open("me/")
    assert not any(str(face.asset_id) in anna.phone.page for face in (before, later))
    assert (await anna.phone.client.get(f"{anna.phone.link}photos/{before.asset_id}")).status_code == 404
    await studio.act(review.confirm, [before.id], anna.person_id)
    await anna.phone.open("me/")
    assert str(before.asset_id) in anna.phone.page
    assert str(later.asset_id) not in anna.phone.page
    assert "Nieuwe selfie" in anna.phone.page
    (event,) = await audit_of(cast.container, "selfie:keep")
    assert (event.actor_kind, event.person_id, event.payload["folders"]) == (ActorKind.subject, anna.person_id, 1)


async def test_nothing_of_the_picture_stays_but_the_sealed_vector(cast: Cast, studio: Studio, door: Door) -> None:
    anna = await guest(cast, studio, door)
    root = cast.container.settings.data_dir
    files = {path: path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file() and "postgres" not in path.parts}
    keys = set(await cast.container.redis.keys("*"))
    async with worker(cast, studio):
        assert (await anna.take(picture(ME))).status_code == 204
        assert (await anna.take(picture(ME))).status_code == 204, "another one takes its place"
    (row,) = await anna.rows()
    async with cast.scope(cast.petra) as scope:
        (counted,) = [one for one in await templates.report(scope) if one.why == "selfie"]
        assert (counted.templates, counted.people, counted.last_end is None) == (1, 1, False)
        assert (await templates.of_person(scope, anna.person_id)).templates == 1
    async with cast.scope(system()) as scope:
        opened = (await selfies.read(scope, [row.id], FakeEngine.tag))[row.id]
        (sealed,) = (await scope.db.scalars(select(col(SelfieVector.vector_ct)))).all()
    assert np.frombuffer(sealed, dtype=np.uint8).size > 16 * 4, "sealed"
    assert opened.vector.tobytes() not in sealed
    assert files == {path: path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file() and "postgres" not in path.parts}
    left = set(await cast.container.redis.keys("*")) - keys
    assert not [key for key in left if not any(word in key for word in (b"rates", b"taken", b"jobs", b"arq:"))]


async def test_only_under_the_opt_in_at_an_event_and_by_the_person(cast: Cast, studio: Studio, door: Door) -> None:
    without = await guest(cast, studio, door, opted_in=False)
    assert "Selfie nemen" not in without.phone.page
    assert (await without.take(picture(ME))).status_code == 404
    everywhere = await guest(cast, studio, door, name="Bea", extent="all")
    assert "Selfie nemen" not in everywhere.phone.page
    assert (await everywhere.take(picture(ME))).status_code == 404
    carla = await guest(cast, studio, door, name="Carla")
    assert (await carla.take(picture(ME), token="guess")).status_code == 403
    stranger = Guest(cast, studio, carla.person_id, Phone(await door.client(), carla.phone.link))
    await stranger.phone.open()
    assert (await stranger.take(picture(ME))).status_code == 404, "with the link, but not let in"
    async with cast.container.sessions() as db:
        assert (await db.scalars(select(Selfie))).all() == []


async def test_one_face_and_near_in_words_for_the_person(cast: Cast, studio: Studio, door: Door) -> None:
    anna = await guest(cast, studio, door)
    told = {
        picture(): "Wij zien geen gezicht.",
        picture(ME, SOMEBODY): "Wij zien meer dan één gezicht.",
        picture(ME, box=(0.4, 0.4, 0.08, 0.1)): "Uw gezicht is te klein.",
        b"no picture at all": "Dit bestand kunnen wij niet lezen.",
    }
    async with worker(cast, studio):
        for content, sentence in told.items():
            answer = await anna.take(content)
            assert answer.status_code == 422
            assert answer.text.startswith(sentence)
        assert await anna.rows() == []
        for _ in range(limits.SELFIE.item.amount - len(told)):
            await cast.container.rates.hit(limits.SELFIE, str(anna.person_id))
        assert (await anna.take(picture(ME))).status_code == 429
    assert (await anna.take(b"x" * (13 * 2**20))).status_code in (413, 429)
    async with cast.container.sessions() as db:
        events = (await db.scalars(select(AuditEvent))).all()
    assert not any(event.tag == "selfie:keep" for event in events if event.outcome == "done")


async def test_not_beyond_the_event(cast: Cast, studio: Studio, door: Door) -> None:
    """The same face in another folder says nothing; in a folder below the event's it does."""
    async with cast.scope(cast.alice) as scope:
        stage = await folders.create(scope, "Podium", cast.shared)
        elsewhere = await folders.create(scope, "Ander feest", None)
    anna = await guest(cast, studio, door, extent="folder", extent_ids=(stage.id,))
    (shared,) = await studio.photo(ME)
    async with worker(cast, studio):
        assert (await anna.take(picture(ME))).status_code == 204
    await studio.work()
    assert await suggested(cast, shared.id) == set()
    bea = await guest(cast, studio, door, name="Bea", extent="folder", extent_ids=(elsewhere.id,))
    async with worker(cast, studio):
        assert (await bea.take(picture(ME))).status_code == 204
    await studio.work()
    assert await suggested(cast, shared.id) == set()
    async with cast.scope(cast.alice) as scope:
        await foldertree.move(scope, cast.shared, elsewhere.id)
    carla = await guest(cast, studio, door, name="Carla", extent="folder", extent_ids=(elsewhere.id,))
    async with worker(cast, studio):
        assert (await carla.take(picture(ME))).status_code == 204
    await studio.work()
    assert await suggested(cast, shared.id) == {bea.person_id, carla.person_id}, "it lies in that event now"


async def test_who_reviews_a_folder_below_sees_whom_it_concerns_and_nothing_of_the_folders_beside(
    cast: Cast, studio: Studio, door: Door
) -> None:
    async with cast.scope(cast.alice) as scope:
        event = await folders.create(scope, "Zomerfeest", None)
        stage = await folders.create(scope, "Podium", event.id)
        await foldertree.move(scope, cast.shared, stage.id)
    anna = await guest(cast, studio, door, extent="folder", extent_ids=(event.id,))
    bea = await guest(cast, studio, door, name="Bea", extent="folder", extent_ids=(event.id,))
    async with worker(cast, studio):
        assert (await anna.take(picture(ME))).status_code == 204
        assert (await bea.take(picture(SOMEBODY))).status_code == 204
    async with cast.scope(cast.rita) as scope:
        assert (await persons.page(scope)).items == [], "nobody is looked for on photos of hers yet"
    (face,) = await studio.photo(ME)
    (other,) = await studio.photo(SOMEBODY)
    async with cast.scope(cast.alice) as scope:
        beside = await folders.create(scope, "Foyer", event.id)
        await moving.move(scope, [other.asset_id], beside.id)
    async with cast.scope(cast.rita) as scope:
        assert [row.name for row in (await persons.page(scope)).items] == ["Anna"], "Bea is suggested on a photo beside only"
        (group,) = (await groups.page(scope)).items
        assert [guess.person_id for guess in group.guesses] == [anna.person_id]
    assert likely(await studio.face(face)) == [anna.person_id]
    await studio.act(review.confirm, [face.id], anna.person_id)
    async with cast.scope(cast.rita) as scope:
        assert [row.photos for row in (await persons.page(scope)).items] == [1]


@pytest.mark.parametrize("way", ["withdrawn", "switched off", "deleted", "lapsed"])
async def test_it_goes_with_the_opt_in(cast: Cast, studio: Studio, door: Door, clock: TurnableClock, way: str) -> None:
    (face,) = await studio.photo(ME)
    anna = await guest(cast, studio, door)
    async with worker(cast, studio):
        assert (await anna.take(picture(ME))).status_code == 204
    await studio.work()
    assert likely(await studio.face(face)) == [anna.person_id]
    if way == "withdrawn":
        async with cast.scope(cast.alice) as scope:
            consent_id = await scope.db.scalar(select(col(Consent.id)).where(col(Consent.person_id) == anna.person_id))
            assert consent_id is not None
            await withdrawal.withdraw(scope, consent_id)
    elif way == "switched off":
        await anna.phone.send("withdraw", uses=["biometric"])
    elif way == "deleted":
        await anna.phone.send("selfie/forget")
        assert "Gewist" in anna.phone.page
    else:
        clock.turn(timedelta(days=400))
        async with cast.scope(system()) as scope:
            assert await selfies.in_force(scope, FakeEngine.tag) == {}, "before any job has run"
            await templates.purge_due(scope)
    await studio.work()
    assert await anna.rows() == []
    assert likely(await studio.face(face)) == []
    if way != "lapsed":
        (again,) = await studio.photo(ME)
        assert likely(again) == []
    assert len(await audit_of(cast.container, "selfie:forget")) == 1


async def test_what_reviewers_said_no_to_stays_no_and_a_merge_takes_it_along(cast: Cast, studio: Studio, door: Door) -> None:
    (face,) = await studio.photo(ME)
    anna = await guest(cast, studio, door)
    async with worker(cast, studio):
        assert (await anna.take(picture(ME))).status_code == 204
    await studio.work()
    await studio.act(review.reject, face.id, anna.person_id)
    (second,) = await studio.photo(ME)
    assert likely(await studio.face(face)) == []
    assert likely(await studio.face(second)) == [anna.person_id]
    known = await add_person(cast.container, "Anna de Vries")
    async with cast.scope(cast.alice) as scope:
        await merging.merge(scope, anna.person_id, known)
    await studio.work()
    (third,) = await studio.photo(ME)
    assert likely(await studio.face(third)) == [known]
    async with cast.container.sessions() as db:
        named = set(
            (await db.scalars(select(col(FaceSuggestion.person_id)).join(Face, col(Face.id) == col(FaceSuggestion.face_id)))).all()
        )
    assert anna.person_id not in named


class Second(FakeEngine):
    """The same faces in vectors of another space."""

    model = "other"
    tag = "fake/hue/2"

    def embed(self, rgb: Pixels, faces: Sequence[Detected]) -> Vectors:
        return np.ascontiguousarray(-super().embed(rgb, faces))


async def change_selfie(cast: Cast, **to: Any) -> None:
    async with cast.container.sessions() as db:
        await db.execute(update(Selfie).values(**to))
        await db.commit()


async def to_the_second_model(cast: Cast, studio: Studio, clock: TurnableClock) -> UUID:
    """Fill another model, switch to it, and let a day pass. Gives the id of the first."""
    async with cast.scope(cast.alice) as scope:
        filling = await face_models.fill(scope, "open")
    await studio.work()
    await studio.work()
    async with cast.scope(cast.alice) as scope:
        first = next(row for row in await face_models.listed(scope) if row.pack == "fake")
        await face_models.activate(scope, filling.id)
    await studio.work()
    await purge_templates({"container": cast.container})
    return first.id


async def test_a_change_of_model_keeps_what_was_suggested_and_asks_once_for_another(
    cast: Cast, studio: Studio, door: Door, clock: TurnableClock
) -> None:
    engines: dict[str, FaceEngine] = {"fake": FakeEngine(), "open": Second()}
    studio.engines = Engines(lambda pack: engines[pack])
    (before,), (refused,), (_, beside) = await studio.photo(ME), await studio.photo(ME), await studio.photo(SOMEBODY, ME)
    anna = await guest(cast, studio, door)
    async with worker(cast, studio):
        assert (await anna.take(picture(ME))).status_code == 204
    await studio.work()
    await studio.act(review.reject, refused.id, anna.person_id)
    first = await to_the_second_model(cast, studio, clock)
    mail = catch_mail(cast.container)
    (later,) = await studio.photo(ME)
    told = [likely(await studio.face(face)) for face in (before, refused, later, beside)]
    assert told == [[anna.person_id], [], [], [anna.person_id]], "what was found stays, a no too; a new photo cannot be compared"
    await anna.phone.open("me/")
    assert "niet meer met nieuwe foto’s vergeleken" in anna.phone.page
    await purge_templates({"container": cast.container})
    await studio.work()
    assert mail.letters == [], "a model that is switched back within a day asks nobody"
    clock.turn(timedelta(days=1))
    for _ in range(2):
        await purge_templates({"container": cast.container})
        await studio.work()
    (letter,) = mail.letters
    assert (letter.to, letter.subject) == ("anna@post.example", "Uw selfie wordt niet meer vergeleken")
    assert len(await audit_of(cast.container, "selfie:ask-anew")) == 1
    await change_selfie(cast, asked_anew_at=None, created_at=clock.now() - timedelta(days=93))
    await purge_templates({"container": cast.container})
    await studio.work()
    assert len(mail.letters) == 1, "nobody is written to about an event of long ago"
    async with cast.scope(cast.alice) as scope:
        await face_models.retire(scope, first)
    await studio.work()
    assert await anna.rows() == [], "a vector that nothing can be compared with is kept no longer than its model"
    assert likely(await studio.face(before)) == []
    assert len(mail.letters) == 1, "asked once"
    anna.phone.link = link_in(letter)
    await anna.phone.open()
    await anna.phone.send("knock")
    await studio.work()
    await anna.phone.send("enter", code=code_in(mail.letters))
    await anna.phone.open("me/")
    async with worker(cast, studio):
        assert (await anna.take(picture(ME))).status_code == 204
    await studio.work()
    assert [likely(await studio.face(face)) for face in (before, refused, later)] == [[anna.person_id], [], [anna.person_id]]


async def test_earlier_suggestions_go_with_the_opt_in_and_who_was_found_is_not_asked(
    cast: Cast, studio: Studio, door: Door, clock: TurnableClock
) -> None:
    engines: dict[str, FaceEngine] = {"fake": FakeEngine(), "open": Second()}
    studio.engines = Engines(lambda pack: engines[pack])
    (mine,), (bea_s,) = await studio.photo(ME), await studio.photo(SOMEBODY)
    anna, bea = await guest(cast, studio, door), await guest(cast, studio, door, name="Bea")
    async with worker(cast, studio):
        assert (await anna.take(picture(ME))).status_code == 204
        assert (await bea.take(picture(SOMEBODY))).status_code == 204
    await studio.work()
    await studio.act(review.confirm, [mine.id], anna.person_id)
    await to_the_second_model(cast, studio, clock)
    (later,) = await studio.photo(ME)
    assert likely(later) == [anna.person_id], "her confirmed photo does it, under the new model"
    assert likely(await studio.face(bea_s)) == [bea.person_id]
    await bea.phone.send("withdraw", uses=["biometric"])
    mail = catch_mail(cast.container)
    await studio.work()
    assert likely(await studio.face(bea_s)) == []
    clock.turn(timedelta(days=2))
    await purge_templates({"container": cast.container})
    await studio.work()
    assert mail.letters == []


async def test_a_model_that_is_being_filled_measures_it_too(cast: Cast, studio: Studio, door: Door, clock: TurnableClock) -> None:
    engines: dict[str, FaceEngine] = {"fake": FakeEngine(), "open": Second()}
    studio.engines = Engines(lambda pack: engines[pack])
    await studio.photo(SOMEBODY)
    anna = await guest(cast, studio, door)
    async with cast.scope(cast.alice) as scope:
        filling = await face_models.fill(scope, "open")
        first = next(row for row in await face_models.listed(scope) if row.pack == "fake")
    await studio.work()
    async with worker(cast, studio):
        assert (await anna.take(picture(ME))).status_code == 204
    async with cast.scope(cast.petra) as scope:
        assert {one.model for one in await templates.report(scope) if one.why == "selfie"} == {FakeEngine.tag, Second.tag}
    await studio.work()
    async with cast.scope(cast.alice) as scope:
        await face_models.activate(scope, filling.id)
    await studio.work()
    (later,) = await studio.photo(ME)
    assert likely(await studio.face(later)) == [anna.person_id], "a photo that only the new model has seen"
    await anna.phone.open("me/")
    assert "niet meer met nieuwe foto’s vergeleken" not in anna.phone.page
    mail = catch_mail(cast.container)
    clock.turn(timedelta(days=2))
    await purge_templates({"container": cast.container})
    async with cast.scope(cast.alice) as scope:
        await face_models.retire(scope, first.id)
    await studio.work()
    assert mail.letters == [], "nothing is asked of somebody whose selfie is of use still"
    async with cast.scope(system()) as scope:
        assert (await scope.db.scalars(select(col(SelfieVector.model)))).all() == [Second.tag]
    (latest,) = await studio.photo(ME)
    assert likely(await studio.face(latest)) == [anna.person_id]


async def test_a_selfie_like_somebody_confirmed_under_another_name_is_a_question_for_staff(
    cast: Cast, studio: Studio, door: Door
) -> None:
    known = await guest(cast, studio, door, name="Anna")
    (mine,), (other,) = await studio.photo(ME), await studio.photo(SOMEBODY)
    async with cast.scope(cast.alice) as scope:
        await review.confirm(scope, [mine.id], known.person_id)
    await studio.work()
    again = await guest(cast, studio, door, name="Annemiek")
    async with worker(cast, studio):
        assert (await again.take(picture(ME))).status_code == 204
    await studio.work()
    async with cast.scope(cast.alice) as scope:
        (pair,) = await doubles.listed(scope, known.person_id)
        assert (pair.later.id, pair.earlier.id, pair.same_address) == (again.person_id, known.person_id, False)
        assert pair.alike is not None
        assert pair.alike > 0.5
    await again.phone.open("me/")
    assert "Anna<" not in again.phone.page
    async with cast.scope(cast.alice) as scope:
        await review.unassign(scope, mine.id)
        await review.confirm(scope, [other.id], known.person_id)
    await studio.work()
    async with cast.scope(cast.alice) as scope:
        assert [one.later.id for one in await doubles.listed(scope)] == [again.person_id], "what was seen is for people to judge"
    await known.phone.send("withdraw", uses=["biometric"])
    await studio.work()
    async with cast.scope(cast.alice) as scope:
        assert await doubles.listed(scope) == [], "a likeness goes with the templates that it was seen by"
        assert (await scope.db.scalars(select(SelfieLikeness))).all() == []


async def test_what_a_selfie_is_like_goes_along_when_the_known_entry_is_merged_and_comes_back(
    cast: Cast, studio: Studio, door: Door
) -> None:
    known = await guest(cast, studio, door, name="Anna")
    ((mine,), (other,)) = await studio.photo(ME), await studio.photo(SOMEBODY)
    third = await guest(cast, studio, door, name="Trees")
    async with cast.scope(cast.alice) as scope:
        await review.confirm(scope, [mine.id], known.person_id)
        await review.confirm(scope, [other.id], third.person_id)
    await studio.work()
    again = await guest(cast, studio, door, name="Annemiek")
    async with worker(cast, studio):
        assert (await again.take(picture(ME))).status_code == 204
    await studio.work()

    async def alike() -> list[UUID]:
        async with cast.scope(cast.alice) as scope:
            return [one.earlier.id for one in await doubles.listed(scope, again.person_id)]

    assert await alike() == [known.person_id]
    async with cast.scope(cast.alice) as scope:
        await merging.merge(scope, known.person_id, third.person_id)
    assert await alike() == [third.person_id], "at once, before any job"
    async with cast.scope(cast.alice) as scope:
        (done,) = await merging.merged_in(scope, third.person_id)
        await merging.unmerge(scope, third.person_id, done.id)
    assert await alike() == []
    await studio.work()
    assert await alike() == [known.person_id], "and not Trees, who only had her photo for a while"

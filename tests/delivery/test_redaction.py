"""Photos with people made unrecognisable: whom, decided afresh at each request, what leaves, and what is written down of it."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image
from skimage import data
from sqlalchemy import select
from sqlmodel import col

from photobank.audit.tags import Tag
from photobank.consents import withdrawal
from photobank.delivery import redacted_view, redaction, release, streams, tracing
from photobank.imaging.crop import Box
from photobank.kernel.clock import TurnableClock
from photobank.kernel.errors import ClearanceRefused, Conflict, Invalid, NotFound, Refused
from photobank.library import assets
from photobank.models.people import Face, FaceState
from photobank.people import review
from tests.delivery.given import downloads, take, taken
from tests.delivery.noise import ANNA, BEN, CAS, Seen, group_photo, hides, shown
from tests.factories import add_consent, add_person, add_photo, change_asset
from tests.house import TODAY, Cast, audit_of


@pytest.fixture
async def people(cast: Cast) -> dict[str, UUID]:
    return {name: await add_person(cast.container, name) for name in ("Anna", "Ben", "Cas")}


@pytest.fixture
async def photo(cast: Cast, people: dict[str, UUID]) -> UUID:
    """Anna, Ben and Cas side by side; only Anna allowed social media."""
    await add_consent(cast.container, cast.alice, people["Anna"], "social")
    return await group_photo(cast, list(people.values()))


async def redacted(cast: Cast, photo: UUID, preset: str = "web", use: str = "social", **more: Any) -> Seen:
    return shown(await take(cast, cast.bob, photo, use, preset=preset, redacted=True, fmt="png", **more))


async def test_who_is_in_the_way_is_hidden_and_everybody_else_stays(cast: Cast, photo: UUID, people: dict[str, UUID]) -> None:
    with pytest.raises(ClearanceRefused):
        await take(cast, cast.bob, photo, "social", preset="web")
    async with cast.scope(cast.bob) as scope:
        released = await release.download(scope, photo, "web", "social", fmt="png", redacted=True)
    seen = shown(await taken(released))
    assert [hides(seen, box) for box in (ANNA, BEN, CAS)] == [False, True, True]
    assert (released.hidden, released.filename) == (2, "IMG_0000-redacted.png")
    (logged,) = await downloads(cast.container)
    assert len(logged.hidden_faces) == 2
    (event,) = await audit_of(cast.container, Tag.asset_downloaded, "done")
    assert (event.payload["redacted"], event.payload["hidden_faces"]) == (True, 2)
    assert event.payload["consents"]


async def test_it_stays_in_step_with_every_change(cast: Cast, photo: UUID, people: dict[str, UUID]) -> None:
    async def hidden() -> list[bool]:
        seen = await redacted(cast, photo)
        return [hides(seen, box) for box in (ANNA, BEN, CAS)]

    assert await hidden() == [False, True, True]
    ben = await add_consent(cast.container, cast.alice, people["Ben"], "social")
    assert await hidden() == [False, False, True]
    await add_consent(cast.container, cast.alice, people["Cas"], "social")
    assert await hidden() == [False, False, False]
    async with cast.scope(cast.rita) as scope:
        await withdrawal.withdraw(scope, ben.id)
    assert await hidden() == [False, True, False]


async def test_crops_sizes_and_formats_keep_it_hidden(cast: Cast, photo: UUID) -> None:
    for preset in ("instagram_square", "linkedin", "newsletter"):
        seen = await redacted(cast, photo, preset)
        height, width = seen.shape[:2]
        left, top = ((900 - 600) / 2, 0) if preset == "instagram_square" else (0, (600 - height * 900 / width) / 2)
        scale = 900 / width if width / height >= 1.5 else 600 / height
        # Ben is in the middle of every frame.
        middle = ((0.5 * 900 - left) / scale, (0.375 * 600 - top) / scale)
        core = seen[int(middle[1]) - 6 : int(middle[1]) + 6, int(middle[0]) - 6 : int(middle[0]) + 6]
        assert float(core.std(axis=(0, 1)).mean()) < 25, preset


async def test_an_original_is_never_redacted(cast: Cast, photo: UUID) -> None:
    with pytest.raises(Invalid) as refused:
        await take(cast, cast.bob, photo, "social", preset="original", redacted=True)
    assert refused.value.fields == {"preset": "redaction.error_original"}
    assert await downloads(cast.container) == []


@pytest.mark.parametrize(
    ("change", "code"), [({"hold_at": TODAY}, "held"), ({"locked_at": TODAY}, "locked"), ({"faces_done": False}, "faces_pending")]
)
async def test_what_is_about_the_photo_itself_is_not_helped(cast: Cast, photo: UUID, change: dict[str, Any], code: str) -> None:
    await change_asset(cast.container, photo, **change)
    with pytest.raises(ClearanceRefused) as refused:
        await redacted(cast, photo)
    assert [one["code"] for one in refused.value.reasons] == [code]
    async with cast.scope(cast.bob) as scope:
        assert await redaction.offers(scope, await assets.find(scope, photo), {"social"}) == {}
    assert len(await audit_of(cast.container, Tag.asset_downloaded, "refused")) == 1


async def test_a_face_that_nobody_can_place_is_not_hidden(cast: Cast, photo: UUID) -> None:
    async with cast.scope(cast.alice) as scope:
        (row,) = [one for one in (await scope.db.scalars(_faces(photo))).all() if one.box[0] == CAS[0]]
        row.box = [1.2, 0.3, 0.1, 0.1]
    with pytest.raises(ClearanceRefused) as refused:
        await redacted(cast, photo)
    assert [one["code"] for one in refused.value.reasons] == ["never_asked"]


def _faces(photo: UUID) -> Any:
    return select(Face).where(col(Face.asset_id) == photo)


async def test_what_stood_there_before_stays_in_no_memory(cast: Cast, photo: UUID, people: dict[str, UUID]) -> None:
    """The pixels of a moment ago save decoding, but only where the same faces are to be hidden in the same places."""
    await redacted(cast, photo)
    true, made = cast.container.decoder.make, []

    async def counted(*args: Any, **more: Any) -> Any:
        made.append(args[1].hidden)
        return await true(*args, **more)

    cast.container.decoder.make = counted  # type: ignore[method-assign]
    await redacted(cast, photo)
    assert made == []
    anna = await add_consent(cast.container, cast.alice, people["Ben"], "social")
    await redacted(cast, photo)
    async with cast.scope(cast.rita) as scope:
        await withdrawal.withdraw(scope, anna.id)
    seen = await redacted(cast, photo)
    assert made == [(Box(*CAS),)]
    assert hides(seen, BEN)


async def test_a_withdrawal_while_the_picture_is_made_counts(cast: Cast, photo: UUID, people: dict[str, UUID]) -> None:
    ben = await add_consent(cast.container, cast.alice, people["Ben"], "social")
    true = cast.container.decoder.make

    async def slowly(*args: Any, **more: Any) -> Any:
        async with cast.scope(cast.rita) as scope:
            await withdrawal.withdraw(scope, ben.id)
        return await true(*args, **more)

    cast.container.decoder.make = slowly  # type: ignore[method-assign]
    with pytest.raises(Conflict):
        await redacted(cast, photo)
    assert await downloads(cast.container) == []


async def test_a_withdrawal_during_a_long_transfer_ends_it(
    cast: Cast, photo: UUID, people: dict[str, UUID], clock: TurnableClock
) -> None:
    ben = await add_consent(cast.container, cast.alice, people["Ben"], "social")
    async with cast.scope(cast.bob) as scope:
        released, other = [await release.download(scope, photo, "web", "social", redacted=True) for _ in range(2)]
    await add_consent(cast.container, cast.alice, people["Cas"], "social")
    clock.turn(streams.CHECK_AGAIN_EVERY)
    assert await taken(other)  # it hides more than it would have to by now, and that is no leak
    async with cast.scope(cast.rita) as scope:
        await withdrawal.withdraw(scope, ben.id)
    clock.turn(timedelta(seconds=6))
    with pytest.raises(Conflict):
        await taken(released)


async def test_faces_that_were_drawn_anew_are_hidden_where_they_are_now(cast: Cast, photo: UUID) -> None:
    async with cast.scope(cast.alice) as scope:
        await review.draw(scope, photo, (0.62, 0.7, 0.08, 0.12), None)
    seen = await redacted(cast, photo)
    assert [hides(seen, box) for box in (ANNA, BEN, CAS, (0.62, 0.7, 0.08, 0.12))] == [False, True, True, True]


async def test_what_is_written_into_it_is_true_and_it_can_be_traced(cast: Cast, people: dict[str, UUID]) -> None:
    row = await add_consent(cast.container, cast.alice, people["Anna"], "website")
    out = io.BytesIO()
    Image.fromarray(data.astronaut()).resize((2000, 2000)).save(out, "JPEG", quality=92)
    named = {"title": "Anna en Ben", "filename": "Ben de Boer.jpg"}
    photo = await add_photo(cast.container, cast.shared, original=out.getvalue(), width=2000, height=2000, **named)
    async with cast.scope(cast.alice) as scope:
        await review.draw(scope, photo, (0.36, 0.14, 0.17, 0.23), people["Ben"])
        await review.draw(scope, photo, (0.7, 0.7, 0.1, 0.1), people["Anna"])
    async with cast.scope(cast.bob) as scope:
        released = await release.download(scope, photo, "web", "website", redacted=True)
    got = await taken(released)
    assert re.fullmatch(r"photo-[0-9a-f]{8}-redacted\.jpg", released.filename)
    assert b"Ben" not in got
    assert "Eén persoon erop is onherkenbaar gemaakt.".encode() in got
    assert f"PB-{row.number}".encode() in got
    assert got.count(b"\xff\xd8\xff") == 1
    async with cast.scope(cast.petra) as scope:
        found = await tracing.trace(scope, got)
    (logged,) = await downloads(cast.container)
    assert found is not None
    assert found.download_id == logged.id


async def test_the_offer_counts_people_and_says_nothing_to_who_may_not_take_it(
    cast: Cast, photo: UUID, people: dict[str, UUID]
) -> None:
    async with cast.scope(cast.alice) as scope:
        await review.draw(scope, photo, (0.3, 0.8, 0.05, 0.08), people["Cas"])  # in a mirror
        await review.draw(scope, photo, (0.5, 0.8, 0.05, 0.08), None)
    wanted = {"social", "press"}
    async with cast.scope(cast.bob) as scope:
        found = await redaction.offers(scope, await assets.find(scope, photo), wanted)
    assert {use: (one.people, len(one.hidden)) for use, one in found.items()} == {"social": (3, 4)}
    await cast.grant(cast.charlie, cast.shared, "view")
    async with cast.scope(cast.charlie) as scope:
        assert await redaction.offers(scope, await assets.find(scope, photo), wanted) == {}
    with pytest.raises(Refused):
        async with cast.scope(cast.charlie) as scope:
            await redacted_view.show(scope, photo, "social")


async def test_the_preview_is_decided_as_the_download_is(cast: Cast, photo: UUID, people: dict[str, UUID]) -> None:
    ben = await add_consent(cast.container, cast.alice, people["Ben"], "social")

    async def hidden() -> tuple[int | None, list[bool]]:
        async with cast.scope(cast.bob) as scope:
            released = await redacted_view.show(scope, photo, "social")
        seen = shown(await taken(released))
        return released.hidden, [hides(seen, box) for box in (ANNA, BEN, CAS)]

    assert await hidden() == (1, [False, False, True])
    async with cast.scope(cast.rita) as scope:
        await withdrawal.withdraw(scope, ben.id)
    assert await hidden() == (2, [False, True, True])
    await change_asset(cast.container, photo, hold_at=TODAY)
    with pytest.raises(ClearanceRefused):
        await hidden()
    async with cast.scope(cast.charlie) as scope:
        with pytest.raises(NotFound):
            await redacted_view.show(scope, photo, "social")
        with pytest.raises(NotFound):
            await redacted_view.show(scope, uuid4(), "social")


async def test_who_is_only_suggested_is_hidden_whatever_they_allow(cast: Cast, photo: UUID, people: dict[str, UUID]) -> None:
    async with cast.scope(cast.alice) as scope:
        face = await review.draw(scope, photo, (0.5, 0.75, 0.08, 0.12), None)
        row = next(one for one in (await scope.db.scalars(_faces(photo))).all() if one.id == face.id)
        row.state, row.person_id = FaceState.suggested, people["Anna"]
    assert hides(await redacted(cast, photo), (0.5, 0.75, 0.08, 0.12))

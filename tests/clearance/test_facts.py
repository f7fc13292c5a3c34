"""What is loaded for the policy is what lies in the database, in a fixed number of queries."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import event, update
from sqlmodel import col

from photobank.access.actor import system
from photobank.clearance import facts
from photobank.clearance.facts_types import AssetState, FaceState, Regime, ScopeKind
from photobank.consents import withdrawal
from photobank.library import folders
from photobank.models import people as tables
from photobank.models.assets import Asset
from photobank.scope import Container
from tests.factories import add_consent, add_person, add_photo, change_asset
from tests.house import TODAY, Cast


class Counter:
    """Counts the statements that reach the database."""

    def __init__(self, container: Container) -> None:
        self._engine = container.engine.sync_engine
        self.statements: list[str] = []

    def _note(self, conn: object, cursor: object, statement: str, *rest: object) -> None:
        self.statements.append(statement)

    def __enter__(self) -> list[str]:
        event.listen(self._engine, "before_cursor_execute", self._note)
        return self.statements

    def __exit__(self, *error: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._note)


async def test_everything_the_policy_asks_about(cast: Cast) -> None:
    async with cast.scope(cast.alice) as scope:
        below = await folders.create(scope, "Zaal 1", cast.shared)
    anna = await add_person(cast.container, "Anna", born=date(2011, 3, 1), guardians_needed=2, is_minor=True)
    photo = await add_photo(cast.container, below.id, [anna], unknown_faces=1, with_bytes=False)
    signed = TODAY - timedelta(days=3)
    row = await add_consent(
        cast.container,
        cast.alice,
        anna,
        "website",
        "social",
        extent="folder",
        extent_ids=(cast.shared,),
        territories=("NL", "BE"),
        guardians_signed=2,
        signed_at=signed,
        valid_until=TODAY + timedelta(days=9),
    )
    async with cast.scope(cast.alice) as scope:
        await withdrawal.withdraw(scope, row.id, ["social"])
    async with cast.container.scope(system()) as scope:
        known = (await facts.load(scope, [photo]))[photo]
    assert known.state is AssetState.READY
    assert known.faces_done
    assert set(known.folder_path) == {below.id, cast.shared}
    assert sorted((face.state, face.person_id) for face in known.faces) == [
        (FaceState.CONFIRMED, anna),
        (FaceState.UNKNOWN, None),
    ]
    fact = known.people[anna]  # type: ignore[index]
    assert (fact.birth_date, fact.minor, fact.guardians_needed) == (date(2011, 3, 1), True, 2)
    (grant,) = fact.grants
    assert grant.regime is Regime.CONSENT
    assert {use.use: use.withdrawn_at for use in grant.uses} == {"website": None, "social": TODAY}
    assert (grant.scope.kind, grant.scope.ids) == (ScopeKind.FOLDERS, {cast.shared})
    assert grant.territories == {"NL", "BE"}
    assert grant.guardians_signed == (signed, signed)
    assert (grant.signed_at, grant.valid_from, grant.valid_until) == (signed, signed, TODAY + timedelta(days=9))


async def test_what_blocks_is_told(cast: Cast) -> None:
    photo = await add_photo(cast.container, cast.shared, with_bytes=False)
    await change_asset(cast.container, photo, hold_at=TODAY, locked_at=TODAY, no_people_at=TODAY, faces_done=False)
    async with cast.container.scope(system()) as scope:
        known = (await facts.load(scope, [photo]))[photo]
    assert (known.hold, known.locked_by_hand, known.no_people_confirmed, known.faces_done) == (True, True, True, False)


async def test_the_papers_of_merged_entries_count_their_noes_above_all(cast: Cast) -> None:
    kept, double, triple = [await add_person(cast.container, name) for name in ("Anna", "A. de Vries", "Anna V.")]
    await add_consent(cast.container, cast.alice, kept, "website")
    said_no = await add_consent(cast.container, cast.alice, triple, "website")
    async with cast.scope(cast.alice) as scope:
        await withdrawal.withdraw(scope, said_no.id)
        for gone, into in ((triple, double), (double, kept)):
            await scope.db.execute(update(tables.Person).where(col(tables.Person.id) == gone).values(merged_into=into))
    photo = await add_photo(cast.container, cast.shared, [double], with_bytes=False)
    async with cast.container.scope(system()) as scope:
        known = (await facts.load(scope, [photo]))[photo]
        alone = await facts.person(scope, triple)
    assert [face.person_id for face in known.faces] == [kept]
    assert len(known.people[kept].grants) == 2  # type: ignore[index]
    assert alone == known.people[kept]  # type: ignore[index]


async def test_entries_merged_in_a_ring_grant_nothing(cast: Cast) -> None:
    one, other = await add_person(cast.container, "Een"), await add_person(cast.container, "Ander")
    await add_consent(cast.container, cast.alice, one, "website")
    async with cast.scope(cast.alice) as scope:
        for gone, into in ((one, other), (other, one)):
            await scope.db.execute(update(tables.Person).where(col(tables.Person.id) == gone).values(merged_into=into))
    photo = await add_photo(cast.container, cast.shared, [one], with_bytes=False)
    async with cast.container.scope(system()) as scope:
        known = (await facts.load(scope, [photo]))[photo]
    assert not known.people
    assert [face.person_id for face in known.faces] == [one]


async def test_two_hundred_photos_cost_as_many_queries_as_two(cast: Cast) -> None:
    people = [await add_person(cast.container, f"Persoon {n}") for n in range(5)]
    for person_id in people:
        await add_consent(cast.container, cast.alice, person_id, "website", "social")
    many = [await add_photo(cast.container, cast.shared, people[n % 5 :], seed=n, with_bytes=False) for n in range(200)]
    counts = []
    for ids in (many[:2], many):
        async with cast.container.scope(system()) as scope:
            with Counter(cast.container) as statements:
                found = await facts.load(scope, ids)
            counts.append(len(statements))
        assert set(found) == set(ids)
    assert counts[0] == counts[1] <= 8


async def test_what_is_not_there_is_left_out(cast: Cast) -> None:
    gone = Asset().id
    async with cast.container.scope(system()) as scope:
        assert await facts.load(scope, [gone]) == {}
        assert await facts.load(scope, []) == {}
        assert await facts.person(scope, gone) is None

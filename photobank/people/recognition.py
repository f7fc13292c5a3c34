"""What the vision worker knows of faces: vectors in memory, rebuilt from the database at start and kept in step before each use.

Vectors lie sealed in the database, tagged with their model; only this process opens them. Clusters and suggestions it derives are
written back for the screens. One worker at a time writes (an advisory lock), so that two do not found one cluster twice.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import numpy as np
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from photobank.db.among import among
from photobank.db.locks import one_at_a_time
from photobank.models.people import Cluster, Face, FaceLink, FaceRejection, FaceState, FaceSuggestion, FaceTemplate
from photobank.people import calibrating, doubles, selfies
from photobank.people.selfies import Reference
from photobank.people.support import Trial
from photobank.scope import Scope
from photobank.vision.calibration import Calibration
from photobank.vision.clusters import Clusters
from photobank.vision.engine import FaceEngine, Vectors
from photobank.vision.heaps import Face as Clustered
from photobank.vision.heaps import Limits
from photobank.vision.linked import joined
from photobank.vision.vectors import FaceIndex, Suggestion

_Result = TypeVar("_Result")

OPEN = (FaceState.unknown, FaceState.suggested)
OVERLAP = timedelta(seconds=30)  # transactions may commit later than the moment they wrote down
NEIGHBOURS = 100
MOST_ALIKE = 300
SUGGEST_FROM = 0.5  # a probability below this is kept for the reviewer's list, but does not make a face `suggested`
REGROUP_AFTER = 25
REGROUP_PART = 20  # with many open faces, regroup after this part (one in so many) has arrived
CALIBRATE_AFTER = 20
SUGGESTED_AT_ONCE = 500
AT_ONCE = 5000  # rows read at once


@dataclass(slots=True)
class _Memory:
    """What is in memory, and how far it is read. `stored`: the clusters as they were last written."""

    index: FaceIndex
    clusters: Clusters
    open: set[UUID] = field(default_factory=set)
    stored: dict[UUID, UUID] = field(default_factory=dict)
    selfies: dict[UUID, Reference] = field(default_factory=dict)
    seen: datetime | None = None
    since_regroup: int = 0
    since_calibrated: int = CALIBRATE_AFTER

    @classmethod
    def empty(cls, engine: FaceEngine) -> _Memory:
        """Nothing read yet."""
        return cls(FaceIndex(engine.tag, engine.dim), Clusters(Limits.of(engine.prior), engine.dim))


class Recognition:
    """One model's faces in memory. `leads`: it is the model in use, whose clusters and suggestions people see."""

    def __init__(self, engine: FaceEngine, *, leads: bool = True) -> None:
        self.engine = engine
        self.leads = leads
        self._calibration = Calibration.of_prior(engine.prior)
        self._memory = _Memory.empty(self.engine)
        self._turn = asyncio.Lock()

    async def run(self, work: Callable[..., _Result], *args: Any) -> _Result:
        """Work that takes a core, in a thread of its own; one at a time, since engines are not thread-safe."""
        async with self._turn:
            return await asyncio.to_thread(work, self.engine, *args)

    def seal(self, scope: Scope, face_id: UUID, vector: Vectors) -> bytes:
        """A vector as it is stored."""
        data = np.ascontiguousarray(vector, dtype="<f4").tobytes()
        return scope.vault.fields.seal("face_templates", f"vector_ct/{self.engine.tag}", face_id, data)

    async def arrived(self, scope: Scope, faces: Sequence[Face]) -> None:
        """New faces were stored: give each a cluster and suggestions."""
        await one_at_a_time(scope.db, "recognition")
        await self.catch_up(scope)
        ids = [face.id for face in faces]
        self._memory.since_regroup += len(ids)
        if self._memory.since_regroup >= max(REGROUP_AFTER, len(self._memory.open) // REGROUP_PART):
            await self._regroup(scope)
        await self._store_clusters(scope)
        near = [one for face in faces if face.state == FaceState.confirmed for one in self._near(face.id)]
        await self.suggest(scope, [*ids, *dict.fromkeys(near)])

    async def settled(self, scope: Scope, face_id: UUID) -> None:
        """People decided about a face: look again at the open faces near it."""
        await one_at_a_time(scope.db, "recognition")
        await self.catch_up(scope)
        await self._store_clusters(scope)
        self._memory.since_calibrated += 1
        await self._calibrate(scope)
        await self._note_doubles(scope, face_id)
        await self.suggest(scope, self._near(face_id))

    def _near(self, face_id: UUID) -> list[UUID]:
        """Open faces that look like this one."""
        vector = self._memory.index.vector(face_id)
        if vector is None:
            return []
        near = self._memory.index.search(vector, NEIGHBOURS)
        return [one.face_id for one in near if one.face_id in self._memory.open]

    async def catch_up(self, scope: Scope) -> None:
        """Read what changed since the last time, everything the first time, and forget whatever is not in the database any more."""
        since = self._memory.seen - OVERLAP if self._memory.seen else None
        now = scope.now()
        await self._read(scope, since)
        mine = col(FaceTemplate.model) == self.engine.tag
        if await scope.db.scalar(select(func.count()).where(mine)) != len(self._memory.index):
            stored = set((await scope.db.scalars(select(col(FaceTemplate.face_id)).where(mine))).all())
            self.forget(self._memory.index.faces - stored)
            lacking = stored - self._memory.index.faces
            if lacking:
                await self._read(scope, since, lacking)
        await self._read_selfies(scope)
        self._memory.seen = now
        await self._calibrate(scope)

    def forget(self, face_ids: Iterable[UUID]) -> int:
        """Drop vectors from memory at once: their templates were deleted. Gives how many there were."""
        gone = 0
        for face_id in face_ids:
            gone += self._memory.index.remove(face_id)
            self._memory.clusters.remove(face_id)
            self._memory.open.discard(face_id)
            self._memory.stored.pop(face_id, None)
            gone += self._memory.selfies.pop(face_id, None) is not None
        return gone

    def empty(self) -> None:
        """Forget everything; the next use reads it again."""
        self._memory = _Memory.empty(self.engine)

    async def suggest_all(self, scope: Scope) -> None:
        """This model leads now: its clusters and suggestions replace those of the one before."""
        await one_at_a_time(scope.db, "recognition")
        await self.catch_up(scope)
        await self._regroup(scope)
        await self._store_clusters(scope)
        faces = sorted(self._memory.open)
        for start in range(0, len(faces), SUGGESTED_AT_ONCE):
            await self.suggest(scope, faces[start : start + SUGGESTED_AT_ONCE])

    def __len__(self) -> int:
        """How many vectors are in memory."""
        return len(self._memory.index)

    async def suggest(self, scope: Scope, face_ids: Sequence[UUID]) -> None:
        """Write down who these open faces may be."""
        wanted = [face_id for face_id in face_ids if face_id in self._memory.open and face_id in self._memory.index]
        if not wanted:
            return
        faces = {face.id: face for face in await _left_alone(scope, wanted)}
        assets = {face.asset_id for face in faces.values()}
        beside = await self._confirmed_beside(scope, assets)
        held = await selfies.by_photo(scope, assets, self._memory.selfies.values())
        earlier = await selfies.earlier(scope, list(faces), self.engine.tag)
        await scope.db.execute(delete(FaceSuggestion).where(col(FaceSuggestion.face_id).in_(list(faces))))
        for face_id, face in faces.items():
            if face.state not in OPEN:
                continue
            vector = self._memory.index.vector(face_id)
            if vector is None:
                continue
            found = self._memory.index.suggest(vector, self._calibration, face_id=face_id, barred=beside[face.asset_id])
            if face.asset_id in held:
                barred = beside[face.asset_id] | self._memory.index.rejected(face_id)
                found = selfies.joined(found, vector, held[face.asset_id], self._calibration, barred, SUGGEST_FROM)
            for one in found:
                row = FaceSuggestion(
                    face_id=face_id, person_id=one.person_id, score=one.score, probability=one.probability, model=self.engine.tag
                )
                scope.db.add(row)
            named = beside[face.asset_id] | self._memory.index.rejected(face_id) | {one.person_id for one in found}
            kept = [row for row in earlier.get(face_id, ()) if row.person_id not in named]
            scope.db.add_all(
                FaceSuggestion(
                    face_id=face_id, person_id=row.person_id, score=row.score, probability=row.probability, model=row.model
                )
                for row in kept
            )
            likely = max([one.probability for one in found] + [row.probability for row in kept], default=0.0) >= SUGGEST_FROM
            face.state = FaceState.suggested if likely else FaceState.unknown
        await scope.db.flush()

    async def held_against(self, scope: Scope, selfie_id: UUID) -> None:
        """A selfie was kept: suggest its person for the open faces at the event that are like it."""
        await one_at_a_time(scope.db, "recognition")
        await self.catch_up(scope)
        reference = self._memory.selfies.get(selfie_id)
        if reference is None:
            return
        alike = []
        for face_id in await selfies.at_the_event(scope, reference, OPEN):
            vector = self._memory.index.vector(face_id)
            if vector is not None and self._calibration.probability(float(np.dot(vector, reference.vector))) >= SUGGEST_FROM:
                alike.append(face_id)
        for start in range(0, len(alike), SUGGESTED_AT_ONCE):
            await self.suggest(scope, alike[start : start + SUGGESTED_AT_ONCE])
        confirmed = await selfies.at_the_event(scope, reference, (FaceState.confirmed,))
        await doubles.note(scope, {selfie_id: reference}, self._memory.index, self._calibration, confirmed)

    async def _note_doubles(self, scope: Scope, face_id: UUID) -> None:
        """A face was confirmed as somebody: is it like a selfie at its event of somebody else?"""
        if not self._memory.selfies or face_id not in self._memory.index.confirmed:
            return
        asset_id = await scope.db.scalar(select(col(Face.asset_id)).where(col(Face.id) == face_id))
        here = (await selfies.by_photo(scope, [asset_id], self._memory.selfies.values())).get(asset_id, []) if asset_id else []
        held = {id_: one for id_, one in self._memory.selfies.items() if one in here}
        await doubles.note(scope, held, self._memory.index, self._calibration, [face_id])

    @property
    def calibration(self) -> Calibration:
        """What a score means at this moment."""
        return self._calibration

    def trials(self, rejections: set[tuple[UUID, UUID]], most: int) -> Iterator[Trial]:
        """Decisions replayed against what is in memory (calibrating.py)."""
        return calibrating.trials(self.engine, self._memory.index, rejections, most)

    def first_two(self, face_id: UUID, barred: Collection[UUID]) -> list[Suggestion]:
        """Who an open face may be by the faces that people confirmed, and who comes next; selfies have no say in it."""
        vector = self._memory.index.vector(face_id)
        if vector is None or face_id not in self._memory.open:
            return []
        return self._memory.index.suggest(vector, self._calibration, face_id=face_id, barred=barred, limit=2)

    def like(self, vector: Vectors, least: float) -> tuple[list[Suggestion], list[UUID]]:
        """Who may look like this and which faces do, each with a probability of `least`; for a picture that is not one of ours."""
        people = self._memory.index.suggest(vector, self._calibration, least=least)
        near = self._memory.index.search(vector, MOST_ALIKE)
        return people, [one.face_id for one in near if self._calibration.probability(one.score) >= least]

    async def _read_selfies(self, scope: Scope) -> None:
        """Selfies that may be used now; those that may not any more are forgotten first."""
        usable = await selfies.in_force(scope, self.engine.tag)
        known = {id_: one for id_, one in self._memory.selfies.items() if usable.get(id_) == one.person_id}
        self._memory.selfies = known | await selfies.read(scope, usable.keys() - known.keys(), self.engine.tag)

    async def _calibrate(self, scope: Scope) -> None:
        """Now and then: what scores mean in this organisation, from what it has decided (calibrating.py)."""
        if self._memory.since_calibrated < CALIBRATE_AFTER:
            return
        self._memory.since_calibrated = 0
        self._calibration = await calibrating.calibrate(scope, self.engine, self._memory.index)

    async def _read(self, scope: Scope, since: datetime | None, only: Collection[UUID] | None = None) -> None:
        found: list[UUID] = []
        members: list[Clustered] = []
        placed: dict[UUID, UUID] = {}
        late: list[Clustered] = []
        async for face in self._rows(scope, since, only):
            found.append(face.id)
            vector = self.unseal(scope, face.id, face.vector_ct)
            # What was confirmed by itself is no example for others until a person says so: no error may breed another.
            person = face.person_id if face.state == FaceState.confirmed and face.by_itself is None else None
            before = self._memory.index.vector(face.id)
            if before is not None and not np.allclose(before, vector, atol=1e-2):
                self._memory.clusters.remove(face.id)  # looked at again: it is placed by what it looks like now
            self._memory.index.add(face.id, vector, person)
            if face.state not in OPEN:
                self._memory.open.discard(face.id)
                self._memory.clusters.remove(face.id)
                continue
            self._memory.open.add(face.id)
            one = Clustered(face.id, face.asset_id, vector, face.quality)
            if face.cluster_id is None:
                if face.id not in self._memory.clusters:
                    late.append(one)
            elif since is None:
                members.append(one)
                placed[face.id] = face.cluster_id
            else:
                # Split or merged by people, or placed by another worker.
                self._memory.clusters.put(one, face.cluster_id)
                self._memory.stored[face.id] = face.cluster_id
        rejections = select(col(FaceRejection.face_id), col(FaceRejection.person_id))
        links = select(FaceLink)
        if since is not None:
            if len(found) <= AT_ONCE:
                rejections = rejections.where(col(FaceRejection.face_id).in_(found))
            links = links.where(col(FaceLink.said_at) >= since)
        refused: dict[UUID, set[UUID]] = {face_id: set() for face_id in found}
        for face_id, person_id in await scope.db.execute(rejections):
            refused.setdefault(face_id, set()).add(person_id)
        for face_id, people in refused.items():
            self._memory.index.reject_only(face_id, people)
        apart = [(link.one, link.other) for link in (await scope.db.execute(links)).scalars() if link.kind == "apart"]
        if since is None:
            self._memory.clusters.restore(members, placed, apart)
            self._memory.stored = dict(placed)
        else:
            for one_id, other_id in apart:
                self._memory.clusters.keep_apart(one_id, other_id)
        for one in late:
            self._memory.clusters.add(one)

    async def _rows(self, scope: Scope, since: datetime | None, only: Collection[UUID] | None) -> AsyncIterator[Any]:
        """Faces with their sealed vectors, by id, in batches: at start there may be a hundred thousand."""
        columns = (
            Face.id,
            Face.asset_id,
            Face.state,
            Face.person_id,
            Face.by_itself,
            Face.cluster_id,
            Face.quality,
            FaceTemplate.vector_ct,
        )
        query = (
            select(*(col(column) for column in columns))
            .join(FaceTemplate, col(FaceTemplate.face_id) == col(Face.id))
            .where(col(FaceTemplate.model) == self.engine.tag)
            .order_by(col(Face.id))
        )
        if only is None and since is not None:
            query = query.where(col(Face.changed_at) >= since)
        wanted = sorted(only) if only is not None else None
        after: UUID | None = None
        while wanted is None or wanted:
            batch = query if after is None or wanted is not None else query.where(col(Face.id) > after)
            if wanted is not None:
                batch, wanted = batch.where(col(Face.id).in_(wanted[:AT_ONCE])), wanted[AT_ONCE:]
            rows = (await scope.db.execute(batch.limit(AT_ONCE))).all()
            for row in rows:
                yield row
            if wanted is None and len(rows) < AT_ONCE:
                return
            after = rows[-1].id if rows else after

    async def _regroup(self, scope: Scope) -> None:
        query = select(FaceLink).order_by(col(FaceLink.said_at), col(FaceLink.one), col(FaceLink.other))
        pairs: dict[str, list[tuple[UUID, UUID]]] = {"together": [], "apart": []}
        for link in (await scope.db.execute(query)).scalars():
            pairs[link.kind].append((link.one, link.other))
        self._memory.clusters.regroup(joined(pairs["together"], pairs["apart"]))
        self._memory.since_regroup = 0

    async def _store_clusters(self, scope: Scope) -> None:
        """Write the clusters that differ from what was last written."""
        stored = self._memory.stored
        moved = {face_id: id_ for face_id, id_ in self._memory.clusters.moved().items() if stored.get(face_id) != id_}
        if moved:
            made = [{"id": id_, "model": self.engine.tag, "created_at": scope.now()} for id_ in sorted(set(moved.values()))]
            await scope.db.execute(insert(Cluster).values(made).on_conflict_do_nothing())
            faces = {face.id: face for face in await _left_alone(scope, list(moved))}
            for face_id, face in faces.items():
                if face.cluster_id == stored.get(face_id):  # else split or merged by people since it was read
                    face.cluster_id = moved[face_id]
                    face.changed_at = scope.now()
                    stored[face_id] = moved[face_id]
            await scope.db.flush()

    async def _confirmed_beside(self, scope: Scope, asset_ids: Collection[UUID]) -> dict[UUID, set[UUID]]:
        query = select(col(Face.asset_id), col(Face.person_id)).where(
            col(Face.asset_id).in_(set(asset_ids)),
            col(Face.state) == FaceState.confirmed,
            col(Face.person_id).is_not(None),
            col(Face.box).is_not(None),  # a face may yet be found of who is only tagged
        )
        beside: dict[UUID, set[UUID]] = defaultdict(set)
        for asset_id, person_id in await scope.db.execute(query):
            if person_id is not None:
                beside[asset_id].add(person_id)
        return beside

    def unseal(self, scope: Scope, face_id: UUID, sealed: bytes) -> Vectors:
        """A vector that was stored."""
        data = scope.vault.fields.open("face_templates", f"vector_ct/{self.engine.tag}", face_id, sealed)
        return np.frombuffer(data, dtype="<f4").astype(np.float32)


async def _left_alone(scope: Scope, face_ids: Collection[UUID]) -> Sequence[Face]:
    """These faces as they stand now, locked; without those that somebody is deciding about at this moment.

    What people say of a face must never be overwritten by what was read before they said it. Of each decision the worker hears, and
    looks again.
    """
    query = select(Face).where(among(col(Face.id), face_ids)).order_by(col(Face.id)).with_for_update(skip_locked=True)
    return (await scope.db.execute(query.execution_options(populate_existing=True))).scalars().all()

"""Live pages: which open page shows what, and how it is read again when a push says that something changed.

A page author registers a reader beside the state and joins in the page's on_load handler:

    @reader(lambda: PersonState, blank={"gone": True, "consents": []})
    async def read_person(scope, person_id: UUID) -> dict[str, Any]:
        person = await persons.get(scope, person_id)
        return {"gone": False, "consents": [row(one) for one in person.consents]}

    class PersonState(PhotobankState):
        @handler()
        async def load(self) -> None:
                key = UUID(self.person_id)
            await self._watch(read_person, f"person:{key}", person_id=key)

`_watch` reads once, assigns the vars, and joins the topics. From then on a push on one of the topics runs the reader again, as the
person whose page it is, and what it returns goes straight to the browser. When a read is refused or finds nothing, it gets `blank`.

The vars on the server stay as they were loaded: handlers must not build on a var that a reader feeds, they read what they need from
a service. After a reconnect on_load runs again, so a page is never older than its last connection.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from weakref import WeakSet

import reflex as rx

from photobank.access.actor import Actor


class Read(Protocol):
    """Reads what a page shows, through services, in the Scope of the person whose page it is."""

    def __call__(self, scope: Any, /, **params: Any) -> Awaitable[Mapping[str, Any]]:
        """Values of the state's vars."""
        ...


def per_person(someone: Actor) -> Hashable:
    """Each person's page is read for that person alone. Always right, and the default. Of two sessions of one person one may have
    locked folders open."""
    return (someone.user_id, someone.confirmed_until)


def per_role(someone: Actor) -> Hashable:
    """One read serves everybody of the same role. Only for what depends on nothing but the role, such as the audit feed."""
    return ("role", str(someone.role), someone.confirmed_until)


@dataclass(frozen=True, eq=False)
class Reader:
    """A registered way of reading part of a page."""

    name: str
    state: Callable[[], type[rx.State]]
    read: Read
    blank: Mapping[str, Any]
    same_for: Callable[[Actor], Hashable]


def reader(
    state: Callable[[], type[rx.State]], *, blank: Mapping[str, Any], same_for: Callable[[Actor], Hashable] = per_person
) -> Callable[[Callable[..., Awaitable[Mapping[str, Any]]]], Reader]:
    """Register a function as reader for vars of one state; `state` is a lambda, since the state is usually defined further down."""

    def register(read: Callable[..., Awaitable[Mapping[str, Any]]]) -> Reader:
        return Reader(f"{read.__module__}.{read.__qualname__}", state, read, blank, same_for)

    return register


@dataclass(frozen=True, eq=False)
class Watch:
    """One part of one open page: what it shows (`reader` with `params`) and which topics wake it. Each is itself: a page that joins
    again has another one."""

    sid: str
    reader: Reader
    params: tuple[tuple[str, Hashable], ...]
    topics: frozenset[str]

    async def read(self, scope: Any) -> Mapping[str, Any]:
        """Run the reader."""
        return await self.reader.read(scope, **dict(self.params))


class Watches:
    """Register of what the open pages of this process show. A page has one watch per reader; a new one takes its place."""

    def __init__(self) -> None:
        self._by_socket: dict[str, dict[str, Watch]] = {}
        self._by_topic: dict[str, set[Watch]] = defaultdict(set)
        self._blank: WeakSet[Watch] = WeakSet()

    def join(self, sid: str, which: Reader, topics: Iterable[str], params: Mapping[str, Hashable]) -> Watch:
        """From now on pushes on `topics` wake this page."""
        watch = Watch(sid, which, tuple(sorted(params.items())), frozenset(topics))
        mine = self._by_socket.setdefault(sid, {})
        self._drop(mine.get(which.name))
        mine[which.name] = watch
        for topic in watch.topics:
            self._by_topic[topic].add(watch)
        return watch

    def leave(self, sid: str) -> None:
        """The page was left, or its socket closed."""
        for watch in self._by_socket.pop(sid, {}).values():
            self._drop(watch)

    def current(self, watch: Watch) -> bool:
        """True while the page still shows this; reads take time, and people move on."""
        return self._by_socket.get(watch.sid, {}).get(watch.reader.name) is watch

    def is_news(self, watch: Watch, values: Mapping[str, Any]) -> bool:
        """Whether a page is to be told. What it may not see is blank once; that it changes behind the blank is nobody's to know."""
        if values is not watch.reader.blank:
            self._blank.discard(watch)
            return True
        known = watch in self._blank
        self._blank.add(watch)
        return not known

    def woken_by(self, topics: Iterable[str]) -> set[Watch]:
        """The watches that one of the topics wakes."""
        return {watch for topic in topics for watch in self._by_topic.get(topic, ())}

    def all(self) -> set[Watch]:
        """Every watch there is."""
        return {watch for mine in self._by_socket.values() for watch in mine.values()}

    def _drop(self, watch: Watch | None) -> None:
        if watch is None:
            return
        for topic in watch.topics:
            left = self._by_topic[topic]
            left.discard(watch)
            if not left:
                del self._by_topic[topic]


watches = Watches()
"""Those of this process."""

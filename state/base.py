"""The state that all pages share: who is signed in, language, toasts; and the helpers that their handlers use.

Helpers start with an underscore: every other method of a state can be called by any browser.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Hashable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, cast
from uuid import uuid4

import reflex as rx
from reflex.event import EventSpec

from photobank.access.actor import Actor, anonymous
from photobank.access.authorise import may
from photobank.access.permissions import Action
from photobank.accounts import organisation, users
from photobank.consents import alerts, uses
from photobank.i18n.translate import has_key
from photobank.kernel.errors import NotAuthenticated, PhotobankError
from photobank.people import groups
from photobank.scope import Scope
from photobank.web.house import house
from state.broadcaster import read_as
from state.caller import someone_on
from state.live import Reader, reader, watches
from state.rules import INTERNAL, PUBLIC, SIGNED_IN, Rule, handler
from state.sockets import sockets

MAX_TOASTS = 5


@dataclass
class Toast:
    """A message of the server to the person: a key of the catalogues and what fills it, never a sentence and never an exception."""

    id: str
    tone: str
    key: str
    params: dict[str, str]
    action: str = ""
    """What the page's handler gets when the message's button is pressed; empty: no button."""
    action_key: str = ""
    """The button's words; empty: Undo."""


@reader(lambda: PhotobankState, blank={"to_consents": ""})
async def read_alerts(scope: Scope) -> dict[str, Any]:
    """How many coming ends one was told of and has not looked at, for the bell and the rail."""
    count = await alerts.unseen(scope)
    return {"to_consents": str(count) if count else ""}


@reader(lambda: PhotobankState, blank={"to_review": ""})
async def read_badge(scope: Scope) -> dict[str, Any]:
    """How many faces wait for a reviewer, for the rail."""
    waiting = await groups.waiting(scope)
    return {"to_review": "" if not waiting else str(waiting) if waiting <= groups.COUNTED else f"{groups.COUNTED}+"}


class PhotobankState(rx.State):
    """Base of all page states."""

    access: ClassVar[Rule] = PUBLIC

    signed_in: bool = False
    my_name: str = ""
    my_initials: str = ""
    my_email: str = ""
    my_role: str = ""
    my_language: str = ""
    own_uses: list[tuple[str, str, str]] = []  # noqa: RUF012
    """Id, Dutch and English name of the uses that the catalogues do not know."""
    organisation: str = ""
    organisation_initials: str = ""
    to_review: str = ""
    """Faces that wait, for the rail: a number, with a plus where it was not counted further; fed by a reader."""
    to_consents: str = ""
    """Coming ends of consents that one has not looked at; fed by a reader."""
    toasts: list[Toast] = []  # noqa: RUF012  the framework copies defaults per session

    @handler()
    async def load_frame(self) -> None:
        """Fill the frame: who is signed in. Goes first in the on_load of every page."""
        someone = await self._someone()
        self.signed_in = someone is not None
        self.my_name = someone.name if someone else ""
        self.my_initials = _initials(self.my_name)
        self.my_role = str(someone.role or "") if someone else ""
        self.my_language = someone.language if someone else ""
        self.my_email = self.organisation = self.organisation_initials = ""
        if someone is not None:
            async with house().scope(someone) as scope:
                place = await organisation.place(scope)
                self.own_uses = [
                    (use.id, use.label_nl, use.label_en) for use in await uses.list_all(scope) if not has_key(f"use.{use.id}")
                ]
            self.my_email, self.organisation = place.email, place.organisation
            self.organisation_initials = _initials(self.organisation)
        self.to_review = self.to_consents = ""
        if someone is not None and may(someone, Action.consent_view):
            await self._watch(read_alerts, f"alerts:{someone.user_id}", "consents")
        if someone is not None and may(someone, Action.face_review):
            await self._watch(read_badge, "review", "library")

    @handler(SIGNED_IN)
    async def keep_language(self, language: str) -> None:
        """Keep the language chosen in the account menu for the account; the screen has switched by itself."""
        async with self._scope() as scope:
            await users.set_preferences(scope, language=language)
        self.my_language = language

    @handler()
    def dismiss_toast(self, toast_id: str) -> None:
        """The person has seen it, or its time is up."""
        self.toasts = [toast for toast in self.toasts if toast.id != toast_id]

    @handler(INTERNAL)
    def report(self, key: str, params: dict[str, str] | None = None, tone: str = "error") -> None:
        """Show a message. For the server: handlers return it or use `_toast`; browsers cannot call it."""
        self._toast(key, tone=tone, **(params or {}))

    async def _someone(self) -> Actor | None:
        """Who is asking, at this moment; None when nobody is signed in."""
        return await someone_on(self.router.session.session_id)

    async def _actor(self) -> Actor:
        """Who is asking; raises NotAuthenticated when nobody is signed in."""
        someone = await self._someone()
        if someone is None:
            raise NotAuthenticated("nobody is signed in")
        return someone

    @asynccontextmanager
    async def _scope(self) -> AsyncIterator[Scope]:
        """A Scope of the person who is asking: one transaction, committed when the block ends."""
        actor = await self._actor()
        async with house().scope(actor) as scope:
            yield scope

    @asynccontextmanager
    async def _public_scope(self) -> AsyncIterator[Scope]:
        """The same on pages that also serve people who are not signed in: then the actor is nobody, and services treat it so."""
        caller = sockets.caller(self.router.session.session_id)
        nobody = anonymous(caller.ip, caller.user_agent) if caller else anonymous()
        async with house().scope(await self._someone() or nobody) as scope:
            yield scope

    def _toast(self, key: str, *, tone: str = "info", action: str = "", action_key: str = "", **params: object) -> None:
        """Show a message of the catalogues, such as `_toast("people.merged", tone="success", count=3)`."""
        words = {name: str(value) for name, value in params.items()}
        toast = Toast(uuid4().hex, tone, key, words, action, action_key)
        self.toasts = [*self.toasts, toast][-MAX_TOASTS:]

    async def _watch(self, which: Reader, /, *topics: str, **params: Hashable) -> None:
        """Read this part of the page now, and again whenever one of the topics is pushed, for as long as the page is open."""
        actor = await self._actor()
        sid = self.router.session.session_id
        # Join first, read second: what changes in between is read twice rather than missed.
        watch = watches.join(sid, which, topics, params)
        values: Mapping[str, Any] = await read_as(house(), actor, which, watch.read)
        watches.is_news(watch, values)
        for name, value in values.items():
            setattr(self, name, value)


def problem_event(error: Exception) -> EventSpec:
    """The event that tells the person what went wrong, in a sentence of ours."""
    if isinstance(error, PhotobankError) and error.status < 500:
        params = {name: str(value) for name, value in error.params.items()}
        return cast(EventSpec, PhotobankState.report(error.message_key, params))
    return cast(EventSpec, PhotobankState.report("errors.internal"))


def _initials(name: str) -> str:
    words = [word for word in name.split() if word[:1].isalpha()]
    return "".join(word[0].upper() for word in (words[:1] + words[-1:] if len(words) > 1 else words))

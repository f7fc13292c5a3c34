"""A selfie on one's own page, to be found on the photos of an event: for who signed on that event's form and opted in to recognition.

The picture goes sealed to a vision worker's memory and is forgotten there (docs/adr/0032-a-picture-held-up.md); what stays is a vector
under the opt-in. Nobody is told how many faces are like it: photos come on the page when a reviewer has confirmed them, as ever.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import col

from photobank.access import limits
from photobank.access.actor import Actor
from photobank.consents import portal
from photobank.consents.records import Extent
from photobank.consents.signing import Link
from photobank.kernel.errors import Invalid, NotFound
from photobank.models.people import Selfie
from photobank.people import by_picture, selfies
from photobank.people.by_picture import OneFace
from photobank.scope import Container, Scope

LARGEST: Final = 12 * 2**20
FIELD: Final = "selfie"


@dataclass(frozen=True, slots=True)
class Offer:
    """One's own page offers to take a selfie. `taken_at`: when the one that is kept was taken; `current`: new photos are compared with it."""

    taken_at: datetime | None
    current: bool = True


async def offered(scope: Scope, token: str, signer_id: UUID) -> Offer | None:
    """What the page says about it; None where it is no matter of an event, or nobody opted in."""
    link = await portal.open_page(scope, token, signer_id)
    if not await _fits(scope, link):
        return None
    kept = await selfies.last(scope, link.person.id)
    return Offer(*kept) if kept else Offer(None)


async def take(container: Container, actor: Actor, token: str, signer_id: UUID, pieces: AsyncIterator[bytes]) -> None:
    """Take it: nothing is read of a picture from who may not send one. Invalid says what was wrong, in a word for the person."""
    async with container.scope(actor) as scope:
        link = await _find(scope, token, signer_id)
        await container.rates.hit(limits.SELFIE, str(link.person.id))
        await container.rates.hit(limits.SELFIE_EVENT, *sorted(link.request.targets))
    try:
        seen = await by_picture.the_one_face(container, await by_picture.read(pieces, LARGEST))
    except Invalid:
        raise Invalid("not a picture", fields={FIELD: "portal.selfie_unreadable"}) from None
    if fault := fault_in(seen):
        raise Invalid("not one face", fields={FIELD: fault})
    async with container.scope(actor) as scope:
        link = await _find(scope, token, signer_id, to_change=True)
        folders = [UUID(target) for target in link.request.targets]
        await selfies.keep(scope, link.person.id, link.request.id, folders, seen.vectors)


async def forget(scope: Scope, token: str, signer_id: UUID) -> None:
    """Take every selfie of this person back, at once; recognition may stay on."""
    link = await portal.open_page(scope, token, signer_id, to_change=True)
    await selfies.forget(scope, col(Selfie.person_id) == link.person.id, why="person")


def fault_in(seen: OneFace) -> str:
    """The key of what is wrong with a selfie; empty for nothing."""
    if seen.faces != 1:
        return "portal.selfie_nobody" if not seen.faces else "portal.selfie_several"
    return "" if seen.near else "portal.selfie_far"


async def _find(scope: Scope, token: str, signer_id: UUID, *, to_change: bool = False) -> Link:
    link = await portal.open_page(scope, token, signer_id, to_change=to_change)
    if not await _fits(scope, link):
        raise NotFound("no selfie is asked for here")
    return link


async def _fits(scope: Scope, link: Link) -> bool:
    """A guardian takes none of a child, and without folders there is no event."""
    at_an_event = link.signer.role == "subject" and link.request.scope == Extent.folder and bool(link.request.targets)
    return at_an_event and await selfies.may_be_kept(scope, link.person.id)

"""People without an account who come with a link: what they get, decided at every single request.

A guest acts as the sender of the share, narrowed to sharing (`access/actor.py`), so whatever the sender may no longer do ends here too.
Each request finds the share anew by the hash of its token; each photo is decided in `photobank/delivery`. Whatever stands in the way, the
guest learns only that it is over (`Gone`): reasons, names and numbers stay in the audit log.
"""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from photobank.access import limits
from photobank.access.actor import Actor, ActorKind
from photobank.access.authorise import require
from photobank.access.permissions import SHARE, Action
from photobank.accounts import passwords
from photobank.accounts.sessions import departments_of, hash_token, still_valid
from photobank.audit import refusals
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.clearance import uses
from photobank.delivery import outside, outsiders, watermarks
from photobank.delivery.deciding import Released
from photobank.delivery.outside import one_state
from photobank.delivery.watermarks import Drawn
from photobank.i18n.translate import Language
from photobank.kernel.errors import Conflict, Gone, Invalid, NotAuthenticated, NotFound, RateLimited, Refused, Spent, WrongNetwork
from photobank.kernel.ids import FaceId, new_id
from photobank.messaging.events import ShareChanged
from photobank.models.accounts import Organisation, Role, User
from photobank.models.assets import Asset
from photobank.models.shares import Share, ShareAsset, ShareKind, ShareVisit
from photobank.scope import Container, Scope
from photobank.sharing import counting, policy
from photobank.sharing.policy import Standing
from photobank.sharing.tokens import LONGEST, new_visit

SCOPES = {ShareKind.link: (SHARE,), ShareKind.embed: (SHARE,), ShareKind.request: (SHARE, "upload")}
"""What a guest may do at most, of all that the sender may."""
VISIT = timedelta(hours=1)
"""For how long a view lasts: looking again, on the same device, is no new one."""


@dataclass(frozen=True, slots=True)
class Guest:
    """A share that was found by its token, and the actor that it is looked at through. `share` is a copy: what counts is read again."""

    share: Share
    actor: Actor
    sender: str
    organisation: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A photo on the page, by its name outside. Its `look` is another one when others are made unrecognisable on it."""

    name: str
    look: str
    width: int
    height: int
    title: str
    credit: str
    placeholder: bytes | None


async def arrive(container: Container, token: str, kind: ShareKind, address: str, device: str) -> Guest:
    """Find the share of a token. Raises NotFound, Gone or WrongNetwork."""
    found = await _by_token(container, token, kind) if 0 < len(token) <= LONGEST else None
    if found is None:
        await container.rates.hit(limits.SHARE_UNKNOWN, limits.network_of(address))
        raise NotFound("no such share")
    guest, is_disabled = found
    guest = replace(guest, actor=replace(guest.actor, address=address, device=device))
    if is_disabled or policy.standing(guest.share, container.clock.now()) in (Standing.ended, Standing.expired):
        raise Gone("the share has ended")
    if not policy.within(guest.share, address):
        refused = WrongNetwork("not from this network", action=Tag.share_opened)
        await container.on_refusal(container, guest.actor, refused)
        raise refused
    return guest


def needs_opening(guest: Guest) -> bool:
    """Whether a view must be asked for by a button: it takes a password, or there are only so many and a mail scanner would use them."""
    return guest.share.password_hash is not None or guest.share.view_limit is not None


async def open_link(container: Container, guest: Guest, password: str = "") -> str:
    """Count one view, and give the token that lets this browser look. Whether there is anything to see is the caller's to find out first.

    Raises Invalid for a wrong password, RateLimited, Spent.
    """
    await _prove(container, guest, password)
    token, id_ = new_visit(), new_id()
    async with container.scope(guest.actor) as scope:
        now = scope.now()
        if not await counting.count_view(scope.db, guest.share.id, now):
            raise Spent("no views left")
        network = scope.vault.fields.seal_text("share_visits", "network_ct", id_, policy.coarse(guest.actor.address))
        visit = ShareVisit(id=id_, share_id=guest.share.id, token_hash=hash_token(token), opened_at=now, ends_at=now + VISIT)
        visit.network_ct, visit.device = network, policy.device(guest.actor.device)
        scope.db.add(visit)
        record(scope, Tag.share_opened, payload={"share": str(guest.share.id)})
        scope.announce(changed(guest))
    return token


async def visit_of(container: Container, guest: Guest, token: str | None) -> ShareVisit | None:
    """The view that a browser shows the token of, while it lasts."""
    if not token or len(token) > LONGEST:
        return None
    mine = col(ShareVisit.token_hash) == hash_token(token), col(ShareVisit.share_id) == guest.share.id
    async with container.sessions() as db:
        query = select(ShareVisit).where(*mine, col(ShareVisit.ends_at) > container.clock.now())
        return (await db.execute(query)).scalar_one_or_none()


async def photos(container: Container, guest: Guest) -> list[Shown]:
    """The photos that may be shown at this moment, in the sender's order. Of the others nothing is told, nor how many there are."""
    async with on_behalf(container, guest) as scope:
        query = select(ShareAsset).where(col(ShareAsset.share_id) == guest.share.id).order_by(col(ShareAsset.position))
        rows = list((await scope.db.execute(query)).scalars())
        allowed = await outside.may_leave(scope, [row.asset_id for row in rows], guest.share.use_id, redacted=guest.share.redacted)
        return [_shown(scope, row.name, *allowed[row.asset_id]) for row in rows if row.asset_id in allowed]


async def use_in_words(container: Container, guest: Guest, language: Language) -> str:
    """What the photos are for. Raises Gone when there is no such use any more."""
    async with on_behalf(container, guest) as scope:
        use = next((one for one in await uses.list_all(scope) if one.id == guest.share.use_id), None)
    if use is None:
        raise Gone("this use is no more")
    return use.label_nl if language == "nl" else use.label_en


async def show(container: Container, guest: Guest, name: str, size: str) -> Released:
    """A photo for the page, no larger than the share allows."""
    if size not in policy.screens(guest.share):
        raise NotFound("no such size")
    async with on_behalf(container, guest) as scope:
        asset_id = await named(scope, guest, name)
    mark = await mark_of(guest)
    async with ending(), container.scope(guest.actor) as scope:
        released = await outsiders.show(scope, asset_id, size, guest.share.use_id, mark, redacted=guest.share.redacted)
        await still_shared(scope)
        return released


async def mark_of(guest: Guest) -> Drawn | None:
    """The watermark that the share asks for: the organisation's name, where the folder has none of its own."""
    return await watermarks.of_words(guest.organisation) if guest.share.watermark else None


async def _prove(container: Container, guest: Guest, password: str) -> None:
    if guest.share.password_hash is None:
        return
    share, network = str(guest.share.id), limits.network_of(guest.actor.address)
    try:
        await container.rates.hit(limits.SHARE_PASSWORD, share, network)
        await container.rates.hit(limits.SHARE_PASSWORD_ALL, share)
    except RateLimited as refused:
        await container.on_refusal(container, guest.actor, refused)
        raise
    if not await passwords.matches(password, guest.share.password_hash):
        await refusals.keep(container, guest.actor, Tag.share_opened, {"share": share, "code": "wrong_password"})
        raise Invalid("wrong password", fields={"password": "errors.password_wrong"})
    await container.rates.forget(limits.SHARE_PASSWORD, share, network)


async def _by_token(container: Container, token: str, kind: ShareKind) -> tuple[Guest, bool] | None:
    async with container.sessions() as db:
        query = select(Share, User).join(User, col(User.id) == col(Share.user_id))
        query = query.where(col(Share.token_hash) == hash_token(token), col(Share.kind) == kind)
        found = (await db.execute(query)).first()
        if found is None:
            return None
        share, user = found
        house = await db.get(Organisation, 1)
        actor = Actor(
            kind=ActorKind.visitor,
            user_id=user.id,
            role=Role(user.role),
            language=user.language,
            share_id=share.id,
            key_scopes=frozenset(SCOPES[kind]),
            departments=await departments_of(db, user.id),
        )
    return Guest(share, actor, user.name, house.name if house else ""), user.disabled_at is not None


@asynccontextmanager
async def ending() -> AsyncIterator[None]:
    """Whatever the rules refuse: for a guest it is over."""
    try:
        yield
    except (RateLimited, WrongNetwork):
        raise
    except (Refused, NotAuthenticated, NotFound, Conflict) as error:
        raise Gone("not any more") from error


@asynccontextmanager
async def on_behalf(container: Container, guest: Guest) -> AsyncIterator[Scope]:
    """One committed state of the house, in which the share is open and the sender still who they were."""
    async with ending(), container.scope(guest.actor) as scope:
        await one_state(scope)
        scope.actor = await still_shared(scope)
        yield scope


async def still_shared(scope: Scope) -> Actor:
    """The actor as of now: the share is open, and its sender may share things still."""
    actor = await still_valid(scope)
    require(scope, Action.asset_share)
    return actor


async def named(scope: Scope, guest: Guest, name: str) -> UUID:
    """The photo of a share that goes by this name outside; raises NotFound."""
    query = select(col(ShareAsset.asset_id)).where(col(ShareAsset.share_id) == guest.share.id, col(ShareAsset.name) == name)
    asset_id = await scope.db.scalar(query)
    if asset_id is None:
        raise NotFound("no such photo")
    return asset_id


def _shown(scope: Scope, name: str, asset: Asset, hidden: frozenset[FaceId]) -> Shown:
    look, title, placeholder = name, asset.title, asset.placeholder
    if hidden:
        told = f"{name}|{sorted(hidden)}".encode()
        look = f"{name}.{hmac.digest(scope.vault.secret('embed'), told, 'sha256').hex()[:16]}"
        title, placeholder = "", None  # which may name, and was made from, who is hidden
    return Shown(name, look, asset.width or 0, asset.height or 0, title, asset.credit, placeholder)


def changed(guest: Guest) -> ShareChanged:
    """News for who shared it."""
    return ShareChanged(share_id=guest.share.id, user_id=guest.share.user_id)

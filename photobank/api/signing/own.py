"""The addresses of the signer's own page, behind a code: consents, photos, where these were used, and what one may ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from photobank.api import media
from photobank.api.signing.pages import Page, ThePage, one
from photobank.consents import portal, showing
from photobank.consents.signing import Link, Stage
from photobank.kernel.errors import Invalid, NotFound
from photobank.models.privacy import PrivacyKind
from photobank.privacy import desk, own_page, own_selfie
from photobank.privacy.own_page import OwnPhoto
from photobank.scope import Scope
from photobank.web import public

router = APIRouter(prefix="/c", include_in_schema=False, route_class=public.PublicRoute)

DONE = ("thanks", "withdrawn", "asked", "selfie", "selfie_gone", "not_me")
"""What the page may say was just done."""


@router.get("/{token}/me/")
async def me(page: ThePage, done: Annotated[str, Query(max_length=20)] = "") -> Response:
    """The signer's own page."""
    async with page.scope() as scope:
        signer_id = page.entered(scope.now())
        if signer_id is None:
            return page.back()
        link = await portal.open_page(scope, page.token, signer_id)
        return await _me(scope, page, link, done=done if done in DONE else "")


@router.get("/{token}/photos/")
async def photos(page: ThePage, after: Annotated[str | None, Query(max_length=200)] = None) -> Response:
    """Photos of the signer, all of them."""
    async with page.scope() as scope:
        signer_id = page.entered(scope.now())
        if signer_id is None:
            return page.back()
        found = await own_page.photos(scope, page.token, signer_id, after)
        name = await showing.organisation_name(scope)
        return page.draw("photos", photos=found, organisation=name, style=_shapes(found.items))


@router.get("/{token}/photos/{asset_id}")
async def photo(page: ThePage, asset_id: UUID) -> Response:
    """One photo of the signer, small, with everybody else beyond recognition."""
    async with page.scope() as scope:
        signer_id = page.entered(scope.now())
        if signer_id is None:
            return Response(status_code=404, headers=public.UNSEEN)
        found = await own_page.picture(scope, page.token, signer_id, asset_id)
    answer = media.shown(found)
    answer.headers.update(public.UNSEEN)
    return answer


@router.post("/{token}/photos/{asset_id}/not-me")
async def not_me(page: ThePage, asset_id: UUID) -> Response:
    """This photo is not of the signer."""
    await page.form()
    async with page.scope() as scope:
        signer_id = page.entered(scope.now())
        if signer_id is None:
            return page.back()
        await own_page.not_me(scope, page.token, signer_id, asset_id)
    return page.back("me/", done="not_me")


@router.get("/{token}/used/")
async def used(page: ThePage, after: Annotated[str | None, Query(max_length=200)] = None) -> Response:
    """Where photos of the signer were used."""
    async with page.scope() as scope:
        signer_id = page.entered(scope.now())
        if signer_id is None:
            return page.back()
        found = await own_page.used(scope, page.token, signer_id, page.language, after)
        return page.draw("used", used=found, organisation=await showing.organisation_name(scope))


@router.post("/{token}/ask")
async def ask(page: ThePage) -> Response:
    """Ask for access to what is kept, or to have it erased."""
    fields = await page.form()
    async with page.scope() as scope:
        signer_id = page.entered(scope.now())
        if signer_id is None:
            return page.back()
        await desk.ask(scope, page.token, signer_id, one(fields, "kind"))
    return page.back("me/", done="asked")


@router.post("/{token}/selfie")
async def selfie(page: ThePage) -> Response:
    """A picture of the signer as the body, with the form's token in a header: it is to be found on photos of the event, and kept nowhere."""
    await page.require_own(page.request.headers.get("x-form-token", ""))
    async with page.scope() as scope:
        signer_id = page.entered(scope.now())
    if signer_id is None:
        raise NotFound("nobody has entered")
    try:
        await own_selfie.take(page.house.container, page.actor, page.token, signer_id, page.request.stream())
    except Invalid as problem:
        said = public.translate_in(page.language, problem.fields[own_selfie.FIELD])
        return Response(said, 422, media_type="text/plain", headers=public.UNSEEN)
    return Response(status_code=204, headers=public.UNSEEN)


@router.post("/{token}/selfie/forget")
async def forget_selfie(page: ThePage) -> Response:
    """Take it back."""
    await page.form()
    async with page.scope() as scope:
        signer_id = page.entered(scope.now())
        if signer_id is None:
            return page.back()
        await own_selfie.forget(scope, page.token, signer_id)
    return page.back("me/", done="selfie_gone")


@router.post("/{token}/withdraw")
async def withdraw(page: ThePage) -> Response:
    """Take back what is ticked."""
    fields = await page.form()
    async with page.scope() as scope:
        signer_id = page.entered(scope.now())
        if signer_id is None:
            return page.back()
        chosen = set(fields.get("uses", []))
        if not chosen:
            link = await portal.open_page(scope, page.token, signer_id)
            return await _me(scope, page, link, remark="portal.choose_something")
        await portal.withdraw(scope, page.token, signer_id, chosen)
    return page.back("me/", done="withdrawn")


@router.post("/{token}/renew")
async def renew(page: ThePage) -> Response:
    """Choose anew, on a fresh form."""
    await page.form()
    async with page.scope() as scope:
        signer_id = page.entered(scope.now())
        if signer_id is None:
            return page.back()
        token = await portal.renew(scope, page.token, signer_id)
    return Page(page.request, page.house, token).back()


@router.post("/{token}/leave")
async def leave(page: ThePage) -> Response:
    """Close the signer's own page in this browser."""
    await page.form()
    return page.leave(page.back())


@router.get("/{token}/proof/{consent_id}")
async def proof(page: ThePage, consent_id: UUID) -> Response:
    """The sealed proof of one record."""
    async with page.scope() as scope:
        signer_id = page.entered(scope.now())
        if signer_id is None:
            return page.back()
        found = await portal.proof(scope, page.token, signer_id, consent_id)
    headers = {"content-disposition": f'attachment; filename="consent-{found.number}.pdf"', **public.UNSEEN}
    return Response(found.content, media_type=found.media_type, headers=headers)


async def _me(scope: Scope, page: Page, link: Link, *, done: str = "", remark: str = "") -> Response:
    found = await portal.overview(scope, link, page.language)
    mine = await own_page.first(scope, page.token, link.signer.id, page.language)
    asked = await desk.own(scope, page.token, link.signer.id)
    offer = await own_selfie.offered(scope, page.token, link.signer.id)
    state = "waiting" if link.stage is Stage.waiting else done
    return page.draw(
        "me",
        422 if remark else 200,
        o=found,
        mine=mine,
        asked=asked,
        selfie=offer,
        kinds=[kind for kind in PrivacyKind if not any(one.kind is kind and one.outcome is None for one in asked)],
        organisation=found.organisation,
        state=state,
        remark=remark,
        style=_shapes(mine.photos.items),
    )


def _shapes(photos: Sequence[OwnPhoto]) -> str:
    return "".join(f".p{place}{{--ar:{one.ratio:.3f}}}" for place, one in enumerate(photos))

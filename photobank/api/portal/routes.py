"""The addresses under /c/: sign, decline, confirm with a code; and behind a code the signer's own page."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from photobank.access.actor import Actor
from photobank.api.deps import TheHouse
from photobank.api.portal.pages import Page, language_of, one
from photobank.consents import portal, requests, showing, signing, strokes
from photobank.consents.signing import Answer, Link, Stage
from photobank.consents.wording import Shown
from photobank.kernel.errors import Conflict, Invalid, NotFound, PhotobankError, RateLimited, Refused
from photobank.scope import Scope
from photobank.web.client import client_ip
from photobank.web.faults import trace

log = logging.getLogger(__name__)

router = APIRouter(prefix="/c", include_in_schema=False)

Token = Annotated[str, Path(min_length=16, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]


async def the_page(request: Request, house: TheHouse, token: Token, lang: Annotated[str, Query(max_length=5)] = "") -> Page:
    """The page that is asked for."""
    return Page(request, house, token, language_of(request, lang))


ThePage = Annotated[Page, Depends(the_page)]


def _actor(page: Page) -> Actor:
    ip = client_ip(page.request.scope, page.house.settings.trusted_proxies)
    return signing.signer_actor(ip, page.request.headers.get("user-agent", "")[:300], page.language)


def _scope(page: Page) -> Any:
    return page.house.scope(_actor(page))


async def _answered(page: Page, work: Callable[[], Awaitable[Response]]) -> Response:
    """Run it; what goes wrong becomes a page that says what to do, and nothing about anybody."""
    try:
        return await work()
    except NotFound:
        return page.draw("message", 404, title="portal.nowhere_title", text="portal.nowhere_text")
    except RateLimited:
        return page.draw("message", 429, title="portal.slow_title", text="portal.slow_text")
    except Refused as refused:
        if refused.action == "csrf:check":  # raised before a Scope was open that would keep it
            await page.house.on_refusal(_actor(page), refused)
        return page.draw("message", 403, title="portal.refused_title", text="portal.refused_text")
    except Conflict:
        return page.draw("message", 409, title="portal.changed_title", text="portal.changed_text", again=True)
    except Invalid:
        return page.draw("message", 422, title="portal.refused_title", text="portal.refused_text")
    except PhotobankError as error:
        log.error("page failed: %s\n%s", error.code, trace(error))
        return page.draw("message", error.status, title="portal.fault_title", text="portal.fault_text")


@router.get("/{token}/")
async def look(page: ThePage) -> Response:
    """Where the holder of the link is: the form, the code, or the door of their own page."""

    async def work() -> Response:
        async with _scope(page) as scope:
            link = await signing.look(scope, page.token)
            if page.entered(scope.now()) == link.signer.id and link.stage in (Stage.door, Stage.waiting):
                return page.back("me/")
            if link.stage is Stage.form:
                return await _form(scope, page, link)
            return await _after(scope, page, link)

    return await _answered(page, work)


@router.post("/{token}/")
async def sign(page: ThePage) -> Response:
    """A filled-in form."""

    async def work() -> Response:
        fields = await page.form()
        try:
            async with _scope(page) as scope:
                link = await signing.follow(scope, page.token)
                if link.stage is not Stage.form:
                    return page.back()
                given = _read(fields, page, requests.name_of(scope, link.signer))
                await signing.answer(scope, page.token, given)
                return page.back()
        except Invalid as problem:
            remarks = dict(problem.fields)
        except Conflict:
            remarks = {"text": "signing.text_changed"}
        async with _scope(page) as scope:
            return await _form(scope, page, await signing.follow(scope, page.token), fields, remarks)

    return await _answered(page, work)


@router.post("/{token}/decline")
async def decline(page: ThePage) -> Response:
    """No."""

    async def work() -> Response:
        await page.form()
        async with _scope(page) as scope:
            await signing.decline(scope, page.token)
            name = await showing.organisation_name(scope)
            return page.draw("message", title="signing.declined_title", text="signing.declined_text", organisation=name, tone="ok")

    return await _answered(page, work)


@router.post("/{token}/code")
async def confirm(page: ThePage) -> Response:
    """The code that confirms the signature."""

    async def work() -> Response:
        fields = await page.form()
        async with _scope(page) as scope:
            if (await signing.follow(scope, page.token)).stage is not Stage.code:
                return page.back()
            link, wrong = await signing.confirm(scope, page.token, one(fields, "code"))
            if wrong:
                return await _code(scope, page, link, wrong)
            answer = page.back("me/")
            return page.enter(answer, link.signer.id, scope.now())

    return await _answered(page, work)


@router.post("/{token}/again")
async def again(page: ThePage) -> Response:
    """Another code."""

    async def work() -> Response:
        await page.form()
        async with _scope(page) as scope:
            link = await signing.follow(scope, page.token, to_change=True)
            if link.stage is Stage.code:
                await signing.send_code(scope, link)
        return page.back()

    return await _answered(page, work)


@router.post("/{token}/back")
async def back(page: ThePage) -> Response:
    """Back from the code to the form."""

    async def work() -> Response:
        await page.form()
        async with _scope(page) as scope:
            await signing.reconsider(scope, page.token)
        return page.back()

    return await _answered(page, work)


@router.post("/{token}/knock")
async def knock(page: ThePage) -> Response:
    """Mail a code to the signer, so that they can enter."""

    async def work() -> Response:
        await page.form()
        async with _scope(page) as scope:
            await portal.knock(scope, page.token)
            return page.draw("door", sent=True, wrong="", organisation="")

    return await _answered(page, work)


@router.post("/{token}/enter")
async def enter(page: ThePage) -> Response:
    """The code that opens the signer's own page."""

    async def work() -> Response:
        fields = await page.form()
        async with _scope(page) as scope:
            link, wrong = await portal.enter(scope, page.token, one(fields, "code"))
            if wrong:
                return page.draw("door", 422, sent=True, wrong=wrong, organisation="")
            return page.enter(page.back("me/"), link.signer.id, scope.now())

    return await _answered(page, work)


@router.get("/{token}/me/")
async def me(page: ThePage, done: Annotated[str, Query(max_length=20)] = "") -> Response:
    """The signer's own page."""

    async def work() -> Response:
        async with _scope(page) as scope:
            signer_id = page.entered(scope.now())
            if signer_id is None:
                return page.back()
            link = await portal.open_page(scope, page.token, signer_id)
            return await _me(scope, page, link, done="withdrawn" if done == "withdrawn" else "")

    return await _answered(page, work)


@router.post("/{token}/withdraw")
async def withdraw(page: ThePage) -> Response:
    """Take back what is ticked."""

    async def work() -> Response:
        fields = await page.form()
        async with _scope(page) as scope:
            signer_id = page.entered(scope.now())
            if signer_id is None:
                return page.back()
            try:
                await portal.withdraw(scope, page.token, signer_id, set(fields.get("uses", [])))
            except Invalid as problem:
                link = await portal.open_page(scope, page.token, signer_id)
                return await _me(scope, page, link, remarks=dict(problem.fields), status=422)
            answer = page.back("me/")
            answer.headers["location"] += "&done=withdrawn"
            return answer

    return await _answered(page, work)


@router.post("/{token}/renew")
async def renew(page: ThePage) -> Response:
    """Choose anew, on a fresh form."""

    async def work() -> Response:
        await page.form()
        async with _scope(page) as scope:
            signer_id = page.entered(scope.now())
            if signer_id is None:
                return page.back()
            token = await portal.renew(scope, page.token, signer_id)
        return Page(page.request, page.house, token, page.language).back()

    return await _answered(page, work)


@router.post("/{token}/leave")
async def leave(page: ThePage) -> Response:
    """Close the signer's own page in this browser."""

    async def work() -> Response:
        await page.form()
        return page.leave(page.back())

    return await _answered(page, work)


@router.get("/{token}/proof/{consent_id}")
async def proof(page: ThePage, consent_id: UUID) -> Response:
    """The sealed proof of one record."""

    async def work() -> Response:
        async with _scope(page) as scope:
            signer_id = page.entered(scope.now())
            if signer_id is None:
                return page.back()
            found = await portal.proof(scope, page.token, signer_id, consent_id)
            headers = {
                "content-disposition": f'attachment; filename="consent-{found.number}.pdf"',
                "cache-control": "private, no-store",
            }
            return Response(found.content, media_type=found.media_type, headers=headers)

    return await _answered(page, work)


async def _form(
    scope: Scope, page: Page, link: Link, fields: dict[str, list[str]] | None = None, remarks: dict[str, str] | None = None
) -> Response:
    asked = page.request.query_params.get("lang", "")
    own = page if asked else Page(page.request, page.house, page.token, link.language)
    shown: Shown = await signing.form(scope, link, own.language)
    email = requests.email_of(scope, link.signer)
    sent = fields or {}
    return own.draw(
        "form",
        422 if remarks else 200,
        shown=shown,
        digest=shown.digest,
        organisation=shown.organisation,
        chosen=set(sent.get("uses", [])),
        months=one(sent, "months"),
        biometric=bool(one(sent, "biometric")),
        typed=one(sent, "typed"),
        remarks=remarks or {},
        address=_masked(email),
        today=scope.now(),
        pad=(strokes.WIDTH, strokes.HEIGHT),
        step=1,
    )


async def _after(scope: Scope, page: Page, link: Link) -> Response:
    if link.stage is Stage.code:
        return await _code(scope, page, link, "")
    if link.signer.email_ct is None:
        done = "signing.done_here" if link.signer.signed_at else "portal.nowhere"
        tone = "ok" if link.signer.signed_at else ""
        return page.draw("message", title=f"{done}_title", text=f"{done}_text", tone=tone)
    return page.draw("door", sent=False, wrong="", organisation="")


async def _code(scope: Scope, page: Page, link: Link, wrong: str) -> Response:
    address = _masked(requests.email_of(scope, link.signer))
    return page.draw(
        "code", 422 if wrong else 200, address=address, wrong=wrong, organisation=await showing.organisation_name(scope), step=2
    )


async def _me(
    scope: Scope, page: Page, link: Link, *, done: str = "", remarks: dict[str, str] | None = None, status: int = 200
) -> Response:
    found = await portal.overview(scope, link, page.language)
    waiting = link.stage is Stage.waiting
    fresh = link.request.consent_id is not None and not done
    return page.draw(
        "me",
        status,
        o=found,
        organisation=found.organisation,
        done=done,
        fresh=fresh,
        waiting=waiting,
        remarks=remarks or {},
        step=0,
    )


def _read(fields: dict[str, list[str]], page: Page, name: str) -> Answer:
    """The form as an answer; what is not a number is no period."""
    drawn = one(fields, "drawn")
    months = one(fields, "months")
    return Answer(
        language=page.language,
        digest=one(fields, "digest"),
        uses=tuple(fields.get("uses", [])),
        biometric=one(fields, "biometric") == "yes",
        months=int(months) if months.isascii() and months.isdecimal() and len(months) < 4 else None,
        signature=strokes.read(name if drawn.strip() else one(fields, "typed"), drawn),
    )


def _masked(email: str) -> str:
    """An address that its owner recognises and nobody else reads."""
    name, at, host = email.partition("@")
    return f"{name[:1]}•••{name[-1:] if len(name) > 3 else ''}{at}{host}" if email else ""

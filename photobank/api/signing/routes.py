"""The addresses under /c/: sign, decline, confirm with a code, and the door of the signer's own page (own.py)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from photobank.api.signing.pages import Page, ThePage, one
from photobank.consents import portal, requests, showing, signing, strokes
from photobank.consents.progress import Way
from photobank.consents.signing import Answer, Link, Stage
from photobank.kernel.errors import Conflict, Invalid
from photobank.scope import Scope
from photobank.web import public

HERE = "here"
"""What was signed on a tablet was done just now: the next page says so, and is no door to anything."""

router = APIRouter(prefix="/c", include_in_schema=False, route_class=public.PublicRoute)


@router.get("/{token}/")
async def look(page: ThePage, done: Annotated[str, Query(max_length=20)] = "") -> Response:
    """Where the holder of the link is: the form, the code, or the door of their own page."""
    async with page.scope() as scope:
        link = await signing.look(scope, page.token)
        if link.stage is Stage.form:
            return await _form(scope, page, link)
        if link.stage is Stage.code:
            return await _code(scope, page, link)
        if page.entered(scope.now()) == link.signer.id:
            return page.back("me/")
        if link.signer.email_ct is None or (done == HERE and link.request.way == Way.kiosk):
            return page.draw("message", title="signing.here_title", text="signing.here_text", door=False)
        return page.draw("door", sent=False, wrong="")


@router.post("/{token}/")
async def sign(page: ThePage) -> Response:
    """A filled-in form."""
    fields = await page.form()
    try:
        async with page.scope() as scope:
            link = await signing.follow(scope, page.token)
            if link.stage is Stage.form:
                await signing.answer(scope, page.token, _read(fields, page, requests.name_of(scope, link.signer)))
        return page.back(done=HERE if link.request.way == Way.kiosk else "")
    except Invalid as problem:
        remarks = dict(problem.fields)
    except Conflict:
        remarks = {"text": "signing.text_changed"}
    async with page.scope() as scope:
        link = await signing.follow(scope, page.token)
        return await _form(scope, page, link, fields, remarks)


@router.post("/{token}/decline")
async def decline(page: ThePage) -> Response:
    """No."""
    await page.form()
    async with page.scope() as scope:
        link = await signing.decline(scope, page.token)
        name = await showing.organisation_name(scope)
    renewing = link.request.renews is not None
    text = "signing.declined_renewal_text" if renewing else "signing.declined_text"
    return page.draw("message", title="signing.declined_title", text=text, organisation=name, door=renewing)


@router.post("/{token}/code")
async def confirm(page: ThePage) -> Response:
    """The code that confirms the signature."""
    fields = await page.form()
    async with page.scope() as scope:
        if (await signing.follow(scope, page.token)).stage is not Stage.code:
            return page.back()
        link, wrong = await signing.confirm(scope, page.token, one(fields, "code"))
        if wrong:
            return await _code(scope, page, link, wrong)
        return page.enter(page.back("me/", done="thanks" if link.request.consent_id else ""), link.signer.id, scope.now())


@router.post("/{token}/again")
async def again(page: ThePage) -> Response:
    """Another code."""
    await page.form()
    async with page.scope() as scope:
        link = await signing.follow(scope, page.token, to_change=True)
        if link.stage is Stage.code:
            await signing.send_code(scope, link)
    return page.back()


@router.post("/{token}/back")
async def back(page: ThePage) -> Response:
    """Back from the code to the form."""
    await page.form()
    async with page.scope() as scope:
        await signing.reconsider(scope, page.token)
    return page.back()


@router.post("/{token}/knock")
async def knock(page: ThePage) -> Response:
    """Mail a code to the signer, so that they can enter."""
    await page.form()
    async with page.scope() as scope:
        await portal.knock(scope, page.token)
    return page.draw("door", sent=True, wrong="")


@router.post("/{token}/enter")
async def enter(page: ThePage) -> Response:
    """The code that opens the signer's own page."""
    fields = await page.form()
    async with page.scope() as scope:
        link, wrong = await portal.enter(scope, page.token, one(fields, "code"))
        if wrong:
            return page.draw("door", 422, sent=True, wrong=wrong)
        return page.enter(page.back("me/"), link.signer.id, scope.now())


async def _form(
    scope: Scope, page: Page, link: Link, fields: dict[str, list[str]] | None = None, remarks: dict[str, str] | None = None
) -> Response:
    shown = await signing.form(scope, link, page.language)
    sent = fields or {}
    if remarks and "text" not in remarks:  # everything at once, also what comes before a signature that is missing
        remarks = signing.faults_in(shown, sent.get("uses", []), _months(sent)) | remarks
    return page.draw(
        "form",
        422 if remarks else 200,
        shown=shown,
        digest=shown.digest,
        organisation=shown.organisation,
        chosen=set(sent.get("uses", [])),
        months=one(sent, "months"),
        biometric=bool(one(sent, "biometric")),
        typed=one(sent, "typed"),
        drawn="" if "drawn" in (remarks or {}) else one(sent, "drawn"),
        remarks=remarks or {},
        address="" if link.request.way == Way.kiosk else _masked(requests.email_of(scope, link.signer)),
        kiosk=link.request.way == Way.kiosk,
        today=scope.now(),
        pad=(strokes.WIDTH, strokes.HEIGHT),
        step=1,
    )


async def _code(scope: Scope, page: Page, link: Link, wrong: str = "") -> Response:
    address = _masked(requests.email_of(scope, link.signer))
    name = await showing.organisation_name(scope)
    return page.draw("code", 422 if wrong else 200, address=address, wrong=wrong, organisation=name, step=2)


def _read(fields: dict[str, list[str]], page: Page, name: str) -> Answer:
    """The form as an answer; what is not a number is no period."""
    drawn = one(fields, "drawn")
    return Answer(
        language=page.language,
        digest=one(fields, "digest"),
        uses=tuple(fields.get("uses", [])),
        biometric=one(fields, "biometric") == "yes",
        months=_months(fields),
        signature=strokes.read(name if drawn.strip() else one(fields, "typed"), drawn),
    )


def _months(fields: dict[str, list[str]]) -> int | None:
    months = one(fields, "months")
    return int(months) if months.isascii() and months.isdecimal() and len(months) < 4 else None


def _masked(email: str) -> str:
    """An address that its owner recognises and nobody else reads."""
    name, at, host = email.partition("@")
    return f"{name[:1]}•••{name[-1:] if len(name) > 3 else ''}{at}{host}" if email else ""

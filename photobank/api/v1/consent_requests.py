"""Asking people to sign: one, or everybody on a selection who lacks a use; sent again, taken back, shown as a link; the proof."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import Field

from photobank.api.deps import InScope
from photobank.api.problems import RESPONSES
from photobank.api.v1.common import RAW_BODY, Body, Cursor, Limit, Listed, Out, read_raw
from photobank.clearance import lacking
from photobank.consents import asking, bounces, evidence, lost_links, renewing, requests
from photobank.consents.asking import Guardian, NewRequest
from photobank.consents.progress import Progress, Way
from photobank.consents.records import Extent
from photobank.consents.requests import RequestRow
from photobank.integrations import request_lists
from photobank.integrations.request_lists import Fate
from photobank.models.consents import Regime
from photobank.people import persons

router = APIRouter(tags=["consents"], responses=RESPONSES)


class GuardianIn(Body):
    """Somebody with parental authority."""

    name: str = Field(min_length=1, max_length=200)
    email: str = Field("", max_length=254)


class RequestIn(Body):
    """Whom to ask, on which form. Minors are asked through their guardians, as many as they need."""

    person_id: UUID
    template_id: UUID
    way: Way = Way.email
    language: Literal["", "nl", "en"] = ""
    scope: Extent = Extent.all
    scope_ids: list[UUID] = Field(default_factory=list, max_length=10_000)
    territories: list[str] = Field(default_factory=list, max_length=60)
    guardians: list[GuardianIn] = Field(default_factory=list, max_length=2)


UseId = Annotated[str, Field(min_length=1, max_length=50)]


class SelectionIn(Body):
    """Everybody on these photos whose consents do not cover all of `uses`, to be asked on that form."""

    asset_ids: list[UUID] = Field(min_length=1, max_length=2000)
    uses: list[UseId] = Field(min_length=1, max_length=50)
    template_id: UUID | None = None


class ManyIn(SelectionIn):
    """The same, but for `leave_out`: those whom one would rather not ask."""

    template_id: UUID
    language: Literal["", "nl", "en"] = ""
    leave_out: list[UUID] = Field(default_factory=list, max_length=10_000)


class AddressIn(Body):
    """Where somebody can be reached after all."""

    email: str = Field(min_length=3, max_length=254)


class RenewalIn(Body):
    """How to ask for a record anew."""

    way: Way = Way.email
    guardians: list[GuardianIn] = Field(default_factory=list, max_length=2)


class SignerOut(Out):
    """One who has to sign. Name and address only for those who deal with people."""

    id: UUID
    role: str
    name: str
    email: str
    sent_at: datetime | None
    opened_at: datetime | None
    bounced_at: datetime | None
    signed_at: datetime | None
    declined_at: datetime | None


class RequestOut(Out):
    """A request to sign."""

    id: UUID
    person_id: UUID
    person_name: str
    template_id: UUID
    version: int
    regime: Regime
    uses: list[str]
    way: Way
    language: str
    progress: Progress
    signers: list[SignerOut]
    created_at: datetime
    expires_at: datetime
    finished_at: datetime | None
    consent_id: UUID | None
    renews: UUID | None
    reminders: int


class ManyOut(Out):
    """What became of it: requests made, and people left out, by reason."""

    made: list[UUID]
    without_address: list[UUID]
    minors: list[UUID]
    waiting: list[UUID]


class OnPhotosOut(Out):
    """Somebody on the selection. `way`: ask, said_no (would be asked again), or why not: waiting, minor, no_address, covered."""

    person_id: UUID
    name: str
    photos: int
    lacks: list[str]
    way: lacking.Way


class PreviewOut(Out):
    """Everybody on the selection, by name."""

    items: list[OnPhotosOut]


class FaultOut(Out):
    """A line that was left out. `fault` is the key of a sentence."""

    line: int
    name: str
    fault: str


class ListOut(Out):
    """What became of a list: how many were asked, how many wait already, how many are not known yet, and the lines left out."""

    asked: int
    waiting: int
    fresh: int
    faults: list[FaultOut]


class LinkOut(Out):
    """A link to show."""

    url: str


@router.get("/consent-requests")
async def list_requests(
    scope: InScope,
    person_id: UUID | None = None,
    waiting: Annotated[bool | None, Query(description="Only those that wait, or only those that are over")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listed[RequestOut]:
    """Requests to people in sight, newest first."""
    page = await requests.page(scope, person_id=person_id, waiting=waiting, cursor=cursor, limit=limit)
    return Listed(items=[_out(row) for row in page.items], next_cursor=page.next_cursor)


@router.post("/consent-requests", status_code=201)
async def ask(body: RequestIn, scope: InScope) -> RequestOut:
    """Ask somebody. The mail goes out after the answer."""
    new = NewRequest(
        person_id=body.person_id,
        template_id=body.template_id,
        way=body.way,
        language=body.language,
        extent=body.scope,
        extent_ids=tuple(body.scope_ids),
        territories=tuple(body.territories),
        guardians=_guardians(body.guardians),
    )
    return _out(await asking.ask(scope, new))


@router.post("/consent-requests/many")
async def ask_many(body: ManyIn, scope: InScope) -> ManyOut:
    """Ask everybody on a selection who lacks a use, by mail."""
    people = (await lacking.people(scope, body.asset_ids, body.uses)).keys() - set(body.leave_out)
    return ManyOut.model_validate(await asking.ask_many(scope, sorted(people), body.template_id, body.language))


@router.post("/consent-requests/many/preview")
async def preview_many(body: SelectionIn, scope: InScope) -> PreviewOut:
    """Whom that would ask, and whom not and why. Changes nothing."""
    found = await lacking.preview(scope, body.asset_ids, body.uses, body.template_id)
    return PreviewOut(items=[OnPhotosOut.model_validate(one) for one in found])


@router.post("/consent-requests/list", openapi_extra=RAW_BODY)
async def ask_from_a_list(
    request: Request,
    scope: InScope,
    template_id: UUID,
    language: Literal["", "nl", "en"] = "",
    check: Annotated[bool, Query(description="Only say what would become of each line")] = False,
) -> ListOut:
    """Ask everybody on a CSV list by mail: columns `name`, `email`, and for minors `birth_date`, `guardian`, `guardian_email`,
    `guardian2`, `guardian2_email`. Comma, semicolon or tab; UTF-8 or Windows. Lines with a fault are left out and named."""
    data = await read_raw(request, request_lists.LARGEST)
    told = await request_lists.ask_from(scope, template_id, data, language, check=check)
    return ListOut(
        asked=told.count(Fate.asked),
        waiting=told.count(Fate.waiting),
        fresh=sum(line.fate is Fate.asked and not line.known for line in told.lines) if check else 0,
        faults=[FaultOut(line=line.number, name=line.name, fault=line.fault) for line in told.lines if line.fault],
    )


@router.get("/consent-requests/{request_id}")
async def get_request(request_id: UUID, scope: InScope) -> RequestOut:
    """One request."""
    return _out(await requests.get(scope, request_id))


@router.post("/consent-requests/{request_id}/send")
async def send_again(request_id: UUID, scope: InScope) -> RequestOut:
    """Send it again, with a fresh link; earlier ones end."""
    return _out(await asking.send_again(scope, request_id))


@router.post("/consent-requests/{request_id}/cancel")
async def cancel(request_id: UUID, scope: InScope) -> RequestOut:
    """Take it back; its links end."""
    return _out(await asking.cancel(scope, request_id))


@router.post("/consent-requests/signers/{signer_id}/address")
async def correct_address(signer_id: UUID, body: AddressIn, scope: InScope) -> RequestOut:
    """Correct an address that bounced, there and where it is known of the person, and send again with a fresh link."""
    row, person_id = await bounces.correct(scope, signer_id, body.email)
    if person_id is not None:
        await persons.change(scope, person_id, email=body.email.strip())
    return _out(row)


@router.post("/consent-requests/signers/{signer_id}/link")
async def show_link(signer_id: UUID, scope: InScope) -> LinkOut:
    """The link of one signer, to show as a code or to open on a tablet. That it was shown is recorded."""
    return LinkOut(url=await asking.link_of(scope, signer_id))


@router.post("/people/{person_id}/own-page", status_code=204)
async def send_own_page(person_id: UUID, scope: InScope) -> None:
    """Mail the person a fresh link to their own page, at the address they have now. Earlier links end."""
    await lost_links.send(scope, person_id)


@router.post("/consents/{consent_id}/send", status_code=201)
async def ask_anew(consent_id: UUID, scope: InScope, body: RenewalIn | None = None) -> RequestOut:
    """Ask the person to renew a record."""
    wanted = body or RenewalIn()
    return _out(await renewing.ask(scope, consent_id, wanted.way, _guardians(wanted.guardians)))


@router.get(
    "/consents/{consent_id}/evidence",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}, "application/json": {}}}},
)
async def get_evidence(consent_id: UUID, request: Request, scope: InScope) -> Response:
    """The sealed proof as PDF; the canonical record itself with `Accept: application/json`. 409 until the seal is set."""
    form = "json" if "application/json" in request.headers.get("accept", "") else "pdf"
    found = await evidence.fetch(scope, consent_id, form)
    name = f'attachment; filename="consent-{found.number}.{form}"'
    return Response(found.content, media_type=found.media_type, headers={"Content-Disposition": name})


def _out(row: RequestRow) -> RequestOut:
    return RequestOut.model_validate(row)


def _guardians(given: list[GuardianIn]) -> tuple[Guardian, ...]:
    return tuple(Guardian(one.name, one.email) for one in given)
